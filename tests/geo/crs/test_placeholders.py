"""Which positions are placeholders: each rule on both of its sides, in the numbers that real servers write."""

from __future__ import annotations

import numpy as np
import pyproj
import pytest
import shapely

from wfs_proxy.geo.crs.placeholders import at_origin_of_grid, at_zero

RD, CRS84 = "EPSG:28992", "OGC:CRS84"

RD_WITHOUT_GRID = (
    "+proj=sterea +lat_0=52.1561605555556 +lon_0=5.38763888888889 +k=0.9999079 +x_0=155000 +y_0=463000 +ellps=bessel "
    "+towgs84=565.417,50.3319,465.552,-0.398957,0.343988,-1.8774,4.0725 +units=m"
)
"""RD as servers without the grid define it."""

RD_WITHOUT_DATUM = RD_WITHOUT_GRID.replace("+towgs84=565.417,50.3319,465.552,-0.398957,0.343988,-1.8774,4.0725 ", "")
"""RD as old servers define it: a hundred metres off."""


def bounds(*geometries: shapely.Geometry | tuple[float, float]) -> np.ndarray:
    return shapely.bounds([shapely.Point(each) if isinstance(each, tuple) else each for each in geometries])


def origin_of_rd_in_degrees(definition: str) -> tuple[float, float]:
    """Return the longitude and latitude that a server writes for RD 0,0."""
    return pyproj.Transformer.from_crs(definition, "EPSG:4326", always_xy=True).transform(0.0, 0.0)


@pytest.mark.parametrize(
    ("wkt", "expected"),
    [
        ("POINT (0 0)", True),
        ("POINT (-0.0 7e-10)", True),
        ("MULTIPOINT ((0 0), (0 0))", True),
        ("LINESTRING (0 0, 0 0)", True),
        ("POLYGON ((0 0, 0 0, 0 0, 0 0))", True),
        ("POINT (0 463000)", False),
        ("POINT (155000 0)", False),
        ("POINT (0.0001 0.0001)", False),
        ("LINESTRING (0 0, 1 1)", False),
        ("POLYGON ((-5 -5, 5 -5, 5 5, -5 5, -5 -5))", False),
        ("POINT EMPTY", False),
    ],
)
def test_only_geometries_entirely_at_zero_are_placeholders(wkt, expected):
    assert at_zero(shapely.bounds([shapely.from_wkt(wkt)])).tolist() == [expected]


def test_absent_geometry_is_no_placeholder():
    assert at_zero(shapely.bounds(np.array([None], dtype=object))).tolist() == [False]


@pytest.mark.parametrize("definition", [RD, RD_WITHOUT_GRID, RD_WITHOUT_DATUM])
@pytest.mark.parametrize("lat_first", [False, True])
@pytest.mark.parametrize("digits", [6, 15])
def test_rd_zero_that_a_server_reprojected_to_degrees_is_a_placeholder(definition, lat_first, digits):
    origin = tuple(round(degrees, digits) for degrees in origin_of_rd_in_degrees(definition))
    places = [(6.56, 53.22), origin, origin]
    written = [place[::-1] for place in places] if lat_first else places

    assert at_origin_of_grid(bounds(*written), (CRS84, RD)).tolist() == [False, True, True]


@pytest.mark.parametrize("crs", ["EPSG:25831", "EPSG:25832", RD])
def test_zero_degrees_that_a_server_reprojected_to_a_grid_are_a_placeholder(crs):
    to_grid = pyproj.Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    places = [to_grid.transform(6.56, 53.22), *[to_grid.transform(0.0, 0.0)] * 9]

    assert at_origin_of_grid(bounds(*places), (crs, CRS84)).tolist() == [False, *[True] * 9]


@pytest.mark.parametrize(
    ("crs", "origin", "elsewhere"),
    [
        (RD, (155_000.0, 463_000.0), (233_900.0, 582_100.0)),
        ("EPSG:25831", (500_000.0, 0.0), (664_000.0, 5_781_000.0)),
        ("EPSG:27700", (400_000.0, -100_000.0), (447_300.0, 91_200.0)),
        ("EPSG:3812", (649_328.0, 665_262.0), (700_000.0, 560_000.0)),
    ],
)
def test_false_easting_and_northing_are_a_placeholder_far_from_everything_else(crs, origin, elsewhere):
    assert at_origin_of_grid(bounds(elsewhere, origin, origin), (crs,)).tolist() == [False, True, True]


AMERSFOORT = (155_000.0, 463_000.0)


@pytest.mark.parametrize(
    "others",
    [
        [],
        [(233_900.0, 582_100.0)],
        [AMERSFOORT, AMERSFOORT],
        [AMERSFOORT, (156_999.0, 463_000.0), (233_900.0, 582_100.0)],
        [AMERSFOORT, (9e9, -9e9)],
        [(155_000.5, 463_000.0), (233_900.0, 582_100.0)],
        [AMERSFOORT, shapely.box(100_000, 400_000, 200_000, 500_000)],
    ],
    ids=["alone", "one", "nothing elsewhere", "neighbour", "impossible elsewhere", "near", "area around it"],
)
def test_object_in_amersfoort_is_never_set_aside(others):
    """155000,463000 is a church there; only several objects at it, far from all others, are placeholders."""
    assert not at_origin_of_grid(bounds(AMERSFOORT, *others), (RD, CRS84)).any()


def test_neighbourhood_is_two_kilometres():
    places = bounds(AMERSFOORT, AMERSFOORT, (157_001.0, 463_000.0))
    assert at_origin_of_grid(places, (RD,)).tolist() == [True, True, False]


def test_object_in_france_is_never_set_aside_where_others_are_near():
    """RD 0,0 is a field in the Yonne."""
    field = origin_of_rd_in_degrees(RD)
    places = bounds(field, field, (field[0] + 0.015, field[1]), (2.35, 48.86))
    assert not at_origin_of_grid(places, (CRS84, RD)).any()
