"""Columns that are coordinates, by the names that municipalities give them."""

from __future__ import annotations

import pytest

from wfs_proxy.sources.file.coordinate_columns import coordinate_pairs

RD, DEGREES = "EPSG:28992", "OGC:CRS84"


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ("x;y", [("x", "y", None)]),
        ("Y;X", [("X", "Y", None)]),
        ("X-coördinaat;Y-coördinaat", [("X-coördinaat", "Y-coördinaat", None)]),
        ("XCOORD;YCOORD", [("XCOORD", "YCOORD", None)]),
        ("x_coordinate;y_coordinate", [("x_coordinate", "y_coordinate", None)]),
        ("RD X;RD Y", [("RD X", "RD Y", RD)]),
        ("x_rd;y_rd", [("x_rd", "y_rd", RD)]),
        ("RD_X_coordinaat;RD_Y_coordinaat", [("RD_X_coordinaat", "RD_Y_coordinaat", RD)]),
        ("X (RD New);Y (RD New)", [("X (RD New)", "Y (RD New)", RD)]),
        ("lat;lon", [("lon", "lat", DEGREES)]),
        ("Latitude;Longitude", [("Longitude", "Latitude", DEGREES)]),
        ("lat;lng", [("lng", "lat", DEGREES)]),
        ("lat;long", [("long", "lat", DEGREES)]),
        ("GPS Breedtegraad;GPS Lengtegraad", [("GPS Lengtegraad", "GPS Breedtegraad", DEGREES)]),
        ("x_wgs84;y_wgs84", [("x_wgs84", "y_wgs84", DEGREES)]),
        ("easting;northing", [("easting", "northing", None)]),
        ("lon;lat;x;y;rdx;rdy", [("rdx", "rdy", RD), ("lon", "lat", DEGREES), ("x", "y", None)]),
        ("x;lat", []),
        ("x_rd;y_wgs84", []),
        ("nummer;lengte;hoogte", []),
        ("max;may", []),
        ("x;Y;y", [("x", "Y", None)]),
        ("", []),
    ],
)
def test_pairs_by_name(names, expected):
    assert coordinate_pairs(names.split(";")) == expected
