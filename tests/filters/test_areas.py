"""Boxes and polygons of every srsName, as areas of longitude and latitude."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from wfs_proxy.bbox import BBox
from wfs_proxy.errors import BadRequest
from wfs_proxy.filters.areas import DEGREES, area_crs, read_box, read_point, read_polygons
from wfs_proxy.filters.expression import NOTHING, Area, Intersects
from wfs_proxy.geo import from_crs84, to_crs84

LON_LAT = [(4.3, 52.0), (4.4, 52.1)]
LAT_LON = [(52.0, 4.3), (52.1, 4.4)]
THE_HAGUE = BBox(4.3, 52.0, 4.4, 52.1)


def boxes(corners, srs_name) -> Intersects:
    found = read_box(corners, area_crs(srs_name), swappable=True)
    assert isinstance(found, Intersects)
    return found


@pytest.mark.parametrize(
    ("srs_name", "corners"),
    [
        (None, LON_LAT),
        ("", LON_LAT),
        ("EPSG:4326", LON_LAT),
        ("epsg:4326", LON_LAT),
        ("{EPSG:4326}", LON_LAT),
        ("4326", LON_LAT),
        ("http://www.opengis.net/gml/srs/epsg.xml#4326", LON_LAT),
        ("CRS:84", LON_LAT),
        ("OGC:CRS84", LON_LAT),
        ("urn:ogc:def:crs:OGC:1.3:CRS84", LON_LAT),
        ("http://www.opengis.net/def/crs/OGC/1.3/CRS84", LON_LAT),
        ("EPSG:4258", LON_LAT),
        ("urn:ogc:def:crs:EPSG::4326", LAT_LON),
        ("urn:x-ogc:def:crs:EPSG:6.9:4326", LAT_LON),
        ("http://www.opengis.net/def/crs/EPSG/0/4326", LAT_LON),
        ("[EPSG:4326]", LAT_LON),
        ("urn:ogc:def:crs:EPSG::4258", LAT_LON),
        ("urn:ogc:def:crs:EPSG::9067", LAT_LON),
    ],
)
def test_a_box_of_degrees_has_the_axis_order_of_its_srs_name(srs_name, corners):
    assert boxes(corners, srs_name) == Intersects(THE_HAGUE, swappable=True)


def test_corners_may_be_any_two_opposite_ones():
    assert boxes([(4.4, 52.0), (4.3, 52.1)], "EPSG:4326").area == THE_HAGUE
    assert boxes(LON_LAT[::-1], "EPSG:4326").area == THE_HAGUE


def test_degrees_that_are_only_possible_in_the_other_order_are_swapped():
    assert boxes([(-33.9, 151.0), (-33.8, 151.2)], "EPSG:4326").area == BBox(151.0, -33.9, 151.2, -33.8)


@pytest.mark.parametrize("srs_name", ["EPSG:28992", "urn:ogc:def:crs:EPSG::28992", "RD New", "28992"])
def test_a_box_in_rd_is_the_area_that_it_is_in_rd(srs_name):
    box = boxes([(0.0, 300_000.0), (280_000.0, 620_000.0)], srs_name)

    assert isinstance(box.area, Area)
    assert not box.swappable
    # points a few centimetres on both sides of the edges
    along = np.linspace(1.0, 279_999.0, 500)
    for shift in (-0.03, 0.03):
        edge = np.column_stack([along, np.full_like(along, 300_000.0 + shift)])
        inside = shapely.intersects_xy(shapely.Polygon(box.area.polygons[0][0]), to_crs84(edge, "EPSG:28992"))
        assert (inside == (shift > 0)).all()


def test_a_small_box_in_rd_has_four_corners():
    box = boxes([(80_000.0, 455_000.0), (80_100.0, 455_100.0)], "EPSG:28992")

    assert isinstance(box.area, Area)
    assert len(box.area.polygons[0][0]) == 5


def test_a_box_in_rd_beyond_the_country_is_cut_off():
    everywhere = boxes([(-1e9, -1e9), (1e9, 1e9)], "EPSG:28992")
    elsewhere = read_box([(2e6, 2e6), (3e6, 3e6)], area_crs("EPSG:28992"), swappable=True)

    assert everywhere.box.meets(BBox(3.2, 50.7, 7.3, 53.6))
    assert elsewhere == NOTHING


@pytest.mark.parametrize("srs_name", ["EPSG:3857", "EPSG:900913", "urn:ogc:def:crs:EPSG::3857"])
def test_a_box_in_web_mercator_remains_a_box(srs_name):
    low, high = from_crs84(np.array(LON_LAT), "EPSG:3857").tolist()

    assert boxes([low, high], srs_name).area == pytest.approx(THE_HAGUE, abs=1e-9)


def test_a_polygon_in_rd_has_rings_in_degrees():
    square = [(80_000.0, 455_000.0), (81_000.0, 455_000.0), (81_000.0, 456_000.0), (80_000.0, 456_000.0)]
    found = read_polygons([[square]], area_crs("EPSG:28992"), swappable=True)

    assert isinstance(found, Intersects)
    ring = found.area.polygons[0][0]
    assert ring[0] == ring[-1]
    assert ring[0] == pytest.approx(to_crs84(np.array(square[:1]), "EPSG:28992")[0])


def test_a_point_is_a_box_without_size():
    assert read_point((52.1, 4.3), area_crs("urn:ogc:def:crs:EPSG::4326"), swappable=False) == Intersects(
        BBox(4.3, 52.1, 4.3, 52.1)
    )


@pytest.mark.parametrize(
    ("srs_name", "named"),
    [("EPSG:31370", "EPSG:31370"), ("nonsense", "nonsense"), ("EPSG:99999", "EPSG:28992"), ("x" * 70_000, "EPSG:3857")],
)
def test_another_system_is_refused_with_those_that_are_possible(srs_name, named):
    with pytest.raises(BadRequest, match=named) as caught:
        area_crs(srs_name)

    assert "EPSG:28992" in str(caught.value)
    assert len(str(caught.value)) < 400


def test_numbers_that_are_no_degrees_are_refused():
    with pytest.raises(BadRequest, match="name EPSG:28992: as srsName in FES"):
        boxes([(80_000.0, 455_000.0), (80_100.0, 455_100.0)], None)
    with pytest.raises(BadRequest, match="not degrees"):
        read_point((4.3, 91.0), DEGREES, swappable=False)
    with pytest.raises(BadRequest, match="finite"):
        boxes([(float("nan"), 52.0), (4.3, 52.1)], None)


@pytest.mark.parametrize("rings", [[], [[]], [[(4.0, 52.0)]], [[(4.0, 52.0), (5.0, 52.0), (4.0, 52.0)]]])
def test_a_ring_without_an_area_is_refused(rings):
    with pytest.raises(BadRequest, match=r"ring|vert"):
        read_polygons([rings], DEGREES, swappable=False)


def test_edges_that_cross_the_country_very_often_are_refused():
    zigzag = [(0.0 if number % 2 else 280_000.0, 300_000.0 + 80 * number) for number in range(4_000)]

    with pytest.raises(BadRequest, match="too large"):
        read_polygons([[zigzag]], area_crs("EPSG:28992"), swappable=False)
    with pytest.raises(BadRequest, match="too large"):
        read_polygons([[[(4.0, 52.0)] * 30_000]], DEGREES, swappable=False)


@pytest.mark.parametrize(
    ("read", "words"),
    [
        (lambda: area_crs("EPSG:31370"), "The coordinate reference system 'EPSG:31370' is not supported."),
        (lambda: read_box([(80_000, 455_000), (81_000, 456_000)], DEGREES, swappable=True), "The coordinates 80000.0"),
        (lambda: read_box([(float("nan"), 1), (2, 3)], DEGREES, swappable=True), "coordinates that are not finite"),
    ],
)
def test_what_is_wrong_with_numbers_is_not_said_to_be_in_a_filter(read, words):
    """They may be in a parameter such as bbox=."""
    with pytest.raises(BadRequest) as refused:
        read()

    assert words in str(refused.value)
    assert "The filter" not in str(refused.value)
