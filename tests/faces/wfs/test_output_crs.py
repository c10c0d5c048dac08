from __future__ import annotations

import numpy as np
import pytest

from wfs_proxy.errors import WfsRequestError
from wfs_proxy.faces.wfs.output_crs import OTHER_SRS_NAMES, read_output_crs
from wfs_proxy.filters import area_crs

PLACE = np.array([[4.3123457, 52.0654321]])


@pytest.mark.parametrize(
    ("srs_name", "expected", "first"),
    [
        ("EPSG:4326", "EPSG:4326", "4.3123457"),
        ("epsg:4326", "EPSG:4326", "4.3123457"),
        ("urn:ogc:def:crs:EPSG::4326", "urn:ogc:def:crs:EPSG::4326", "52.0654321"),
        ("urn:x-ogc:def:crs:EPSG:6.9:4326", "urn:ogc:def:crs:EPSG::4326", "52.0654321"),
        ("http://www.opengis.net/def/crs/EPSG/0/4326", "http://www.opengis.net/def/crs/EPSG/0/4326", "52.0654321"),
        ("http://www.opengis.net/gml/srs/epsg.xml#4326", "http://www.opengis.net/gml/srs/epsg.xml#4326", "4.3123457"),
        ("urn:ogc:def:crs:OGC:1.3:CRS84", "urn:ogc:def:crs:OGC:1.3:CRS84", "4.3123457"),
        ("CRS84", "urn:ogc:def:crs:OGC:1.3:CRS84", "4.3123457"),
        ("CRS:84", "urn:ogc:def:crs:OGC:1.3:CRS84", "4.3123457"),
        ("EPSG:4258", "EPSG:4258", "4.3123457"),
        ("urn:ogc:def:crs:EPSG::4258", "urn:ogc:def:crs:EPSG::4258", "52.0654321"),
        ("EPSG:28992", "EPSG:28992", None),
        ("urn:ogc:def:crs:EPSG::28992", "urn:ogc:def:crs:EPSG::28992", None),
        ("EPSG:900913", "EPSG:3857", "480048.127"),
        ("urn:ogc:def:crs:EPSG::3857", "urn:ogc:def:crs:EPSG::3857", "480048.127"),
        ("{EPSG:4326}", "EPSG:4326", "4.3123457"),
    ],
)
def test_the_spelling_decides_the_order(srs_name, expected, first):
    crs = read_output_crs(srs_name, "2.0.0")
    (text,) = crs.coordinates(PLACE)
    text = text.decode()

    assert crs.srs_name == expected
    if first is not None:
        assert text.split()[0] == first


def test_rd_is_within_a_millimetre_and_in_three_decimals():
    (text,) = read_output_crs("EPSG:28992", "2.0.0").coordinates(np.array([[5.387206, 52.155174]]))
    text = text.decode()
    x, y = map(float, text.split())

    # the centre of RD, Amersfoort, has 155000 463000 on Bessel
    assert abs(x - 155000) < 100
    assert abs(y - 463000) < 100
    assert all(len(number.partition(".")[2]) <= 3 for number in text.split())


@pytest.mark.parametrize(
    ("version", "first"), [("1.0.0", "4.3123457"), ("1.1.0", "52.0654321"), ("2.0.0", "52.0654321")]
)
def test_the_version_decides_without_a_name(version, first):
    assert read_output_crs(None, version).coordinates(PLACE)[0].split()[0].decode() == first


@pytest.mark.parametrize(
    "srs_name", ["EPSG:31370", "EPSG:99999999", "nonsense", "urn:ogc:def:crs:EPSG::27700", "x" * 1000]
)
def test_another_system_is_refused_with_those_that_there_are(srs_name):
    with pytest.raises(WfsRequestError, match="EPSG:28992") as refused:
        read_output_crs(srs_name, "2.0.0")

    assert refused.value.locator == "srsName"


@pytest.mark.parametrize("version", OTHER_SRS_NAMES)
def test_every_system_that_is_understood_is_listed(version):
    listed = {area_crs(name).crs for name in OTHER_SRS_NAMES[version]} | {"EPSG:4326", "OGC:CRS84"}

    assert listed == {"OGC:CRS84", *(f"EPSG:{code}" for code in (4326, 4258, 9067, 28992, 3857))}
    for code in (4258, 9067, 28992, 3857):
        with pytest.raises(WfsRequestError, match=f"EPSG:{code}"):
            read_output_crs("EPSG:31370", version)


@pytest.mark.parametrize("version", OTHER_SRS_NAMES)
def test_declared_systems_can_be_asked_for(version):
    assert [read_output_crs(name, version).srs_name for name in OTHER_SRS_NAMES[version]] == list(
        OTHER_SRS_NAMES[version]
    )


def test_the_corners_are_around_all_points():
    points = np.array([[4.3, 52.0], [4.4, 51.9], [4.2, 52.1]])

    assert read_output_crs("EPSG:4326", "1.0.0").corners(points, b",") == [b"4.2,51.9", b"4.4,52.1"]
    assert read_output_crs("urn:ogc:def:crs:EPSG::4326", "2.0.0").corners(points) == [b"51.9 4.2", b"52.1 4.4"]
    assert read_output_crs("EPSG:4326", "1.0.0").corners(points[:0]) == []
