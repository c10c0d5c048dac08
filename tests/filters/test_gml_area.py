"""GML geometries in filters, in every version of GML."""

from __future__ import annotations

import pytest

from wfs_proxy.bbox import BBox
from wfs_proxy.errors import BadRequest
from wfs_proxy.filters.expression import Area, Intersects
from wfs_proxy.filters.fes import read_fes

RING = "4 52 5 52 5 53 4 53 4 52"
SQUARE = ((4.0, 52.0), (5.0, 52.0), (5.0, 53.0), (4.0, 53.0), (4.0, 52.0))
HOLE = ((4.4, 52.4), (4.6, 52.4), (4.6, 52.6), (4.4, 52.4))
COORDINATES = "<coordinates>4,52 5,52 5,53 4,53 4,52</coordinates>"


def read(geometry: str):
    return read_fes(f"<Filter><Intersects><PropertyName>geom</PropertyName>{geometry}</Intersects></Filter>")


@pytest.mark.parametrize(
    "box",
    [
        "<gml:Box><gml:coordinates>4,52 5,53</gml:coordinates></gml:Box>",
        "<gml:Box><gml:coordinates>\n 4,52\n 5,53 </gml:coordinates></gml:Box>",
        '<gml:Box><gml:coordinates decimal="," cs=";" ts="|">4,0;52,0|5,0;53,0</gml:coordinates></gml:Box>',
        '<gml:Box><gml:coordinates cs=" " ts=",">4 52,5 53</gml:coordinates></gml:Box>',
        "<Box><coord><X>4</X><Y>52</Y></coord><coord><X>5</X><Y>53</Y></coord></Box>",
        "<Envelope><lowerCorner>4 52</lowerCorner><upperCorner>5 53</upperCorner></Envelope>",
        "<Envelope><lowerCorner>4 52 0</lowerCorner><upperCorner>5 53 10</upperCorner></Envelope>",
        (
            '<Envelope><lowerCorner srsName="urn:ogc:def:crs:EPSG::4326">52 4</lowerCorner><upperCorner>53 5'
            "</upperCorner>"
            "</Envelope>"
        ),
        "<Envelope><pos>4 52</pos><pos>5 53</pos></Envelope>",
        "<Envelope><coordinates>4,52 5,53</coordinates></Envelope>",
        "<Envelope><lowerCorner>5e0 +52.0</lowerCorner><upperCorner>4 53</upperCorner></Envelope>",
    ],
)
def test_boxes(box: str):
    assert read(box) == Intersects(BBox(4, 52, 5, 53), swappable=True)


@pytest.mark.parametrize(
    "polygon",
    [
        f"<Polygon><outerBoundaryIs><LinearRing>{COORDINATES}</LinearRing></outerBoundaryIs></Polygon>",
        f"<Polygon><exterior><LinearRing><posList>{RING}</posList></LinearRing></exterior></Polygon>",
        "<Polygon><exterior><LinearRing><posList>4 52 5 52 5 53 4 53</posList></LinearRing></exterior></Polygon>",
        (
            '<Polygon srsDimension="3"><exterior><LinearRing><posList>4 52 0 5 52 0 5 53 0 4 53 0 4 52 0</posList>'
            "</LinearRing></exterior></Polygon>"
        ),
        (
            "<Polygon><exterior><LinearRing><pos>4 52</pos><pos>5 52</pos><pos>5 53</pos><pos>4 53</pos><pos>4 52</pos>"
            "</LinearRing></exterior></Polygon>"
        ),
        (
            f"<Surface><patches><PolygonPatch><exterior><LinearRing><posList>{RING}</posList></LinearRing></exterior>"
            "</PolygonPatch></patches></Surface>"
        ),
        (
            f"<MultiSurface><surfaceMember><Polygon><exterior><LinearRing><posList>{RING}</posList></LinearRing>"
            f"</exterior>"
            "</Polygon></surfaceMember></MultiSurface>"
        ),
        (
            '<Polygon srsName="urn:ogc:def:crs:EPSG::4326"><exterior><LinearRing>'
            "<posList>52 4 52 5 53 5 53 4 52 4</posList>"
            "</LinearRing></exterior></Polygon>"
        ),
    ],
)
def test_polygons(polygon: str):
    assert read(polygon) == Intersects(Area(((SQUARE,),)), swappable=True)


def test_holes_follow_the_outer_ring_wherever_they_are_written():
    hole = "<interior><LinearRing><posList>4.4 52.4 4.6 52.4 4.6 52.6 4.4 52.4</posList></LinearRing></interior>"
    outer = f"<exterior><LinearRing><posList>{RING}</posList></LinearRing></exterior>"
    expected = Intersects(Area(((SQUARE, HOLE),)), swappable=True)

    assert read(f"<Polygon>{outer}{hole}</Polygon>") == expected
    assert read(f"<Polygon>{hole}{outer}</Polygon>") == expected


def test_several_polygons():
    polygon = f"<Polygon><exterior><LinearRing><posList>{RING}</posList></LinearRing></exterior></Polygon>"
    members = f"<polygonMember>{polygon}</polygonMember>" * 2

    assert read(f"<MultiPolygon>{members}</MultiPolygon>") == Intersects(Area(((SQUARE,), (SQUARE,))), swappable=True)


def test_points():
    assert read("<Point><pos>4 52</pos></Point>") == Intersects(BBox(4, 52, 4, 52), swappable=True)
    assert read("<Point><coordinates>4,52</coordinates></Point>") == Intersects(BBox(4, 52, 4, 52), swappable=True)


@pytest.mark.parametrize(
    ("geometry", "words"),
    [
        ("<Envelope/>", "two corners"),
        ("<Box><coordinates>4,52 5,53 6,54</coordinates></Box>", "two corners"),
        ("<Envelope><lowerCorner>4</lowerCorner><upperCorner>5 53</upperCorner></Envelope>", "two numbers"),
        ("<Envelope><lowerCorner>{west} {south}</lowerCorner><upperCorner>5 53</upperCorner></Envelope>", "west"),
        ("<Envelope><lowerCorner>nan 52</lowerCorner><upperCorner>5 53</upperCorner></Envelope>", "nan"),
        ("<Envelope><lowerCorner>1_0 52</lowerCorner><upperCorner>5 53</upperCorner></Envelope>", "1_0"),
        ("<Envelope><lowerCorner>80000 455000</lowerCorner><upperCorner>5 53</upperCorner></Envelope>", "EPSG:28992"),
        ('<Envelope srsName="EPSG:31370"><pos>4 52</pos><pos>5 53</pos></Envelope>', "EPSG:31370"),
        ("<Polygon/>", "outer ring"),
        ("<Polygon><exterior><LinearRing><posList>4 52 5 52 5</posList></LinearRing></exterior></Polygon>", "multiple"),
        ("<Polygon><exterior><LinearRing><posList>4 52 5 52</posList></LinearRing></exterior></Polygon>", "three"),
        ("<Polygon><exterior><Ring><curveMember/></Ring></exterior></Polygon>", "LinearRing"),
        ("<Point/>", "one position"),
        ("<MultiSurface/>", "outer ring"),
    ],
)
def test_geometries_that_cannot_be_read(geometry: str, words: str):
    with pytest.raises(BadRequest, match=words):
        read(geometry)
