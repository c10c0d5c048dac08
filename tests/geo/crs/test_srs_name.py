"""srsNames in every spelling that is known from real servers."""

from __future__ import annotations

import pyproj
import pytest
from hypothesis import given
from hypothesis import strategies as st
from owslib.crs import Crs

from wfs_proxy.errors import UnknownCrs
from wfs_proxy.geo.crs.srs_name import SrsNameForm, parse_srs_name, srs_name_of

COMPOUND_URI = (
    "http://www.opengis.net/def/crs-compound?1=http://www.opengis.net/def/crs/EPSG/0/28992"
    "&2=http://www.opengis.net/def/crs/EPSG/0/5709"
)


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
def test_unknown_srs_name_is_refused(text):
    with pytest.raises(UnknownCrs):
        parse_srs_name(text)


@pytest.mark.parametrize(
    "text",
    [
        "EPSG:404000",
        "urn:ogc:def:crs:EPSG::404000",
        "urn:x-ogc:def:crs:EPSG:404000",
        "http://www.opengis.net/gml/srs/epsg.xml#404000",
        "http://www.opengis.net/def/crs/EPSG/0/404000",
        "EPSG:404001",
        "EPSG:0",
        "urn:ogc:def:crs:EPSG::0",
        "EPSG:-1",
        "urn:ogc:def:crs:EPSG::-1",
        "EPSG:null",
    ],
)
def test_refusal_of_a_placeholder_says_what_to_set(text):
    with pytest.raises(UnknownCrs, match=r"placeholder.*Set `srs_name` in the layer's source .* EPSG:28992"):
        parse_srs_name(text)


@pytest.mark.parametrize(
    "text",
    [
        'PROJCS["RD_New",GEOGCS["GCS_Amersfoort"]]',
        ' PROJCRS [ "RD_New", BASEGEOGCRS["Amersfoort"]]',
        'PROJCS["RD_New",' + "x" * 1000,
    ],
)
def test_refusal_of_a_description_says_what_to_set(text):
    with pytest.raises(UnknownCrs, match=r"^srsName 'RD_New' is only described as well-known text .*`srs_name`"):
        parse_srs_name(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("EPSG:28992", "EPSG:28992"),
        (pyproj.CRS("EPSG:28992").to_wkt("WKT1_ESRI"), "EPSG:28992"),
        (pyproj.CRS("EPSG:4326").to_wkt("WKT1_ESRI"), "EPSG:4326"),
        (pyproj.CRS("EPSG:28992").to_wkt(), "EPSG:28992"),
        (pyproj.CRS("+proj=tmerc +lat_0=1 +lon_0=2 +ellps=GRS80").to_wkt(), None),
        ("nonsense", None),
        ("EPSG:0", None),
        ("", None),
    ],
)
def test_crs_that_a_file_declares_has_the_name_of_the_register(text, expected):
    assert srs_name_of(text) == expected


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
