"""The names of coordinate systems."""

from __future__ import annotations

import pytest

from wfs_proxy.decode.esri_json.spatial_reference import crs_name
from wfs_proxy.geo.crs.srs_name import parse_srs_name

RD_WKT = (
    'PROJCS["RD_New",GEOGCS["GCS_Amersfoort",DATUM["D_Amersfoort",SPHEROID["Bessel_1841",6377397.155,299.1528128]],'
    'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Double_Stereographic"],UNIT["Meter",1.0]'
)


@pytest.mark.parametrize(
    ("reference", "name", "crs"),
    [
        ({"wkid": 28992}, "EPSG:28992", "EPSG:28992"),
        ({"wkid": 28992, "latestWkid": 28992, "vcsWkid": 5709}, "EPSG:28992", "EPSG:28992"),
        ({"wkid": "28992"}, "EPSG:28992", "EPSG:28992"),
        ({"wkid": 102100, "latestWkid": 3857}, "EPSG:3857", "EPSG:3857"),
        ({"wkid": 102100}, "EPSG:3857", "EPSG:3857"),
        ({"wkid": 102113, "latestWkid": 3785}, "EPSG:3857", "EPSG:3857"),
        ({"wkid": 4326}, "EPSG:4326", "EPSG:4326"),
        ({"wkid": 102110, "latestWkid": 2154}, "EPSG:2154", "EPSG:2154"),
        ({"wkid": 102001}, "ESRI:102001", "ESRI:102001"),
        ({"wkid": 0, "latestWkid": 28992}, "EPSG:28992", "EPSG:28992"),
        ({"wkt": RD_WKT + ',AUTHORITY["EPSG","28992"]]'}, "EPSG:28992", "EPSG:28992"),
        ({"wkt2": RD_WKT + ',ID["EPSG",28992]] ', "wkt": "x"}, "EPSG:28992", "EPSG:28992"),
    ],
)
def test_code_becomes_the_name(reference, name, crs):
    assert crs_name(reference) == name
    assert parse_srs_name(name).crs == crs


@pytest.mark.parametrize("reference", [None, {}, {"wkid": 0}, {"wkid": -1}, {"wkid": None}, {"wkt": " "}, 28992, "RD"])
def test_nothing_known_is_no_name(reference):
    assert crs_name(reference) is None


def test_text_without_a_code_is_the_name_itself():
    assert crs_name({"wkt": f" {RD_WKT}]"}) == f"{RD_WKT}]"
