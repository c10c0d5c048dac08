from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyproj
import pytest
from hypothesis import given
from hypothesis import strategies as st
from owslib.crs import Crs
from pyproj.aoi import AreaOfInterest
from pyproj.enums import PJType

from wfs_proxy.errors import UnknownCrs
from wfs_proxy.geo.crs.srs_name import (
    CRS84,
    RD_NEW,
    AxisOrder,
    SrsNameForm,
    area_of_use,
    is_geographic,
    official_order,
    parse_srs_name,
    to_crs84,
)

PROJECTED = sorted(pyproj.get_codes("EPSG", PJType.PROJECTED_CRS))
COMPOUND_URI = (
    "http://www.opengis.net/def/crs-compound?1=http://www.opengis.net/def/crs/EPSG/0/28992"
    "&2=http://www.opengis.net/def/crs/EPSG/0/5709"
)
SAMPLE = PROJECTED[:: len(PROJECTED) // 15]
"""A few of the thousands of projected systems that PROJ knows; it takes seconds over some."""


@pytest.mark.parametrize(
    ("text", "crs", "spelling"),
    [
        ("EPSG:28992", "EPSG:28992", SrsNameForm.SHORT),
        ("epsg:28992", "EPSG:28992", SrsNameForm.SHORT),
        (" EPSG:28992\n", "EPSG:28992", SrsNameForm.SHORT),
        ("EPSG::28992", "EPSG:28992", SrsNameForm.SHORT),
        ("28992", "EPSG:28992", SrsNameForm.SHORT),
        ("EPSG:28992+5709", "EPSG:28992", SrsNameForm.SHORT),
        ("EPSG:7415", "EPSG:28992", SrsNameForm.SHORT),
        ("http://www.opengis.net/gml/srs/epsg.xml#28992", "EPSG:28992", SrsNameForm.GML_XML),
        ("urn:ogc:def:crs:EPSG::28992", "EPSG:28992", SrsNameForm.URN),
        ("URN:OGC:DEF:CRS:EPSG::28992", "EPSG:28992", SrsNameForm.URN),
        ("urn:ogc:def:crs:EPSG:28992", "EPSG:28992", SrsNameForm.URN),
        ("urn:ogc:crs:epsg:28992", "EPSG:28992", SrsNameForm.URN),
        ("urn:ogc:def:crs:EPSG:6.9:28992", "EPSG:28992", SrsNameForm.URN),
        ("urn:x-ogc:def:crs:EPSG:28992", "EPSG:28992", SrsNameForm.URN),
        ("urn:x-ogc:def:crs:EPSG:6.11.2:4326", "EPSG:4326", SrsNameForm.URN),
        ("urn:EPSG:geographicCRS:4326", "EPSG:4326", SrsNameForm.URN),
        ("urn:ogc:def:crs,crs:EPSG::28992,crs:EPSG::5709", "EPSG:28992", SrsNameForm.URN),
        ("urn:adv:crs:ETRS89_UTM32", "EPSG:25832", SrsNameForm.URN),
        ("urn:adv:crs:ETRS89_UTM32*DE_DHHN92_NH", "EPSG:25832", SrsNameForm.URN),
        ("http://www.opengis.net/def/crs/EPSG/0/28992", "EPSG:28992", SrsNameForm.URI),
        ("https://www.opengis.net/def/crs/EPSG/9.9.1/28992/", "EPSG:28992", SrsNameForm.URI),
        ("http://www.opengis.net/def/crs/OGC/1.3/CRS84", "OGC:CRS84", SrsNameForm.URI),
        (COMPOUND_URI, "EPSG:28992", SrsNameForm.URI),
        ("urn:ogc:def:crs:OGC:1.3:CRS84", "OGC:CRS84", SrsNameForm.URN),
        ("urn:ogc:def:crs:OGC::CRS84", "OGC:CRS84", SrsNameForm.URN),
        ("OGC:CRS84", "OGC:CRS84", SrsNameForm.SHORT),
        ("CRS:84", "OGC:CRS84", SrsNameForm.SHORT),
        ("CRS84", "OGC:CRS84", SrsNameForm.NAME),
        ("[EPSG:28992]", "EPSG:28992", SrsNameForm.SAFE_CURIE),
        ("http://spatialreference.org/ref/epsg/28992/proj4/", "EPSG:28992", SrsNameForm.SHORT),
        ("https://epsg.io/28992", "EPSG:28992", SrsNameForm.SHORT),
        ("osgb:BNG", "EPSG:27700", SrsNameForm.SHORT),
        ("SDO:90112", "EPSG:28992", SrsNameForm.SHORT),
        ("EPSG:900913", "EPSG:3857", SrsNameForm.SHORT),
        ("urn:ogc:def:crs:EPSG::102067", "ESRI:102067", SrsNameForm.URN),
        ("IGNF:LAMB93", "IGNF:LAMB93", SrsNameForm.SHORT),
        ("Amersfoort / RD New", "EPSG:28992", SrsNameForm.NAME),
        ("RD_New", "EPSG:28992", SrsNameForm.NAME),
        ("RD New", "EPSG:28992", SrsNameForm.NAME),
        ("WGS84", "EPSG:4326", SrsNameForm.NAME),
        ("ETRS89 / UTM zone 31N", "EPSG:25831", SrsNameForm.NAME),
    ],
)
def test_srs_name_in_every_spelling(text, crs, spelling):
    name = parse_srs_name(text)
    assert (name.crs, name.spelling) == (crs, spelling)


@pytest.mark.parametrize(
    "text",
    [
        "EPSG:4258",
        "urn:ogc:def:crs:EPSG::28992",
        "urn:x-ogc:def:crs:EPSG:2154",
        "http://www.opengis.net/gml/srs/epsg.xml#4326",
        "http://www.opengis.net/def/crs/EPSG/0/25832",
    ],
)
def test_srs_name_means_what_owslib_reads(text):
    assert parse_srs_name(text).code == str(Crs(text).code)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "EPSG:99999",
        "urn:ogc:def:crs:EPSG::313700",
        "urn:ogc:def:crs:EPSG::",
        "somewhere",
        "+proj=longlat",
        'GEOGCS["WGS 84"]',
        "../../etc/passwd",
        "/etc/passwd",
        "http://example.org/crs/28992",
        "EPSG:" + "9" * 5000,
    ],
)
def test_srs_name_that_nobody_knows_is_refused(text):
    with pytest.raises(UnknownCrs):
        parse_srs_name(text)


def test_refusal_names_the_code():
    with pytest.raises(UnknownCrs, match="PROJ does not know EPSG:313700"):
        parse_srs_name("urn:ogc:def:crs:EPSG::313700")


@given(st.text(max_size=40))
def test_srs_name_of_any_text_is_understood_or_refused(text):
    try:
        name = parse_srs_name(text)
    except UnknownCrs:
        return
    assert parse_srs_name(name.crs).crs == name.crs


@pytest.mark.parametrize("code", SAMPLE)
def test_official_order_is_the_one_that_proj_transforms_in(code):
    crs = parse_srs_name(f"EPSG:{code}").crs
    west, south, east, north = area_of_use(crs)
    area = AreaOfInterest(west, south, east, north)
    middle = ((west + east) / 2, (south + north) / 2)
    by_authority = pyproj.Transformer.from_crs("OGC:CRS84", crs, area_of_interest=area).transform(*middle)
    x_first = pyproj.Transformer.from_crs("OGC:CRS84", crs, area_of_interest=area, always_xy=True).transform(*middle)
    expected = AxisOrder.XY if by_authority == x_first else AxisOrder.YX
    assert official_order(crs) is expected


@pytest.mark.parametrize("code", SAMPLE)
def test_every_system_of_proj_has_a_way_to_degrees(code):
    crs = parse_srs_name(f"urn:ogc:def:crs:EPSG::{code}").crs
    west, south, east, north = area_of_use(crs)
    place = np.array([[(west + east) / 2, (south + north) / 2]])
    forward = pyproj.Transformer.from_crs("OGC:CRS84", crs, always_xy=True).transform(place[:, 0], place[:, 1])
    assert to_crs84(np.column_stack(forward), crs) == pytest.approx(place, abs=0.01)


@pytest.mark.parametrize(
    ("crs", "order", "degrees"),
    [
        ("EPSG:4326", AxisOrder.YX, True),
        ("EPSG:4258", AxisOrder.YX, True),
        (CRS84, AxisOrder.XY, True),
        (RD_NEW, AxisOrder.XY, False),
        ("EPSG:31370", AxisOrder.XY, False),
        ("EPSG:3035", AxisOrder.YX, False),
        ("EPSG:3031", AxisOrder.XY, False),
        ("EPSG:32661", AxisOrder.YX, False),
    ],
)
def test_axis_order_and_unit_of_known_systems(crs, order, degrees):
    assert (official_order(crs), is_geographic(crs)) == (order, degrees)


@pytest.mark.parametrize("crs", ["EPSG:4326", CRS84])
def test_degrees_are_left_as_they_are(crs):
    lonlat = np.array([[4.123456789012345, 52.987654321098765]])
    assert np.array_equal(to_crs84(lonlat, crs), lonlat)


@given(st.floats(-2e7, 2e7), st.floats(-2e7, 2e7))
def test_web_mercator_is_its_formula(x, y):
    """Pseudo-Mercator on the sphere of radius a (EPSG:1024), inverted."""
    radius = 6378137.0
    expected = np.degrees([x / radius, np.arctan(np.sinh(y / radius))])
    assert to_crs84(np.array([[x, y]]), "EPSG:3857")[0] == pytest.approx(expected, abs=1e-9)


def test_system_of_another_planet_is_refused():
    with pytest.raises(UnknownCrs, match="no way from IAU:49900"):
        to_crs84(np.array([[0.0, 0.0]]), parse_srs_name("IAU:49900").crs)


def test_transformations_in_threads_give_the_same_digits():
    xy = np.random.default_rng(1).uniform((400_000, 5_600_000), (700_000, 5_900_000), (500, 2))
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _: to_crs84(xy, "EPSG:25831"), range(8)))
    assert all(np.array_equal(answer, answers[0]) for answer in answers)
