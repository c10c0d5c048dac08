"""Geometry elements of every kind in all three versions of GML, and the geometries that they are."""

from __future__ import annotations

import pytest
import shapely
from shapely import wkt

from wfs_proxy.decode.dispatch import decode
from wfs_proxy.features import Payload

GML2 = "http://www.opengis.net/gml"
GML32 = "http://www.opengis.net/gml/3.2"

SQUARE = "0 0 4 0 4 4 0 4 0 0"
HOLE = "1 1 2 1 2 2 1 2 1 1"


def ring(text: str) -> str:
    return f"<g:LinearRing><g:posList>{text}</g:posList></g:LinearRing>"


def polygon(*rings: str, name: str = "Polygon") -> str:
    holes = "".join(f"<g:interior>{ring(hole)}</g:interior>" for hole in rings[1:])
    return f"<g:{name}><g:exterior>{ring(rings[0])}</g:exterior>{holes}</g:{name}>"


def line(text: str) -> str:
    return f"<g:LineString><g:posList>{text}</g:posList></g:LineString>"


def curve(*segments: str) -> str:
    return f"<g:Curve><g:segments>{''.join(segments)}</g:segments></g:Curve>"


def segment(text: str, name: str = "LineStringSegment") -> str:
    return f"<g:{name}><g:posList>{text}</g:posList></g:{name}>"


def point(text: str) -> str:
    return f"<g:Point><g:pos>{text}</g:pos></g:Point>"


def member(*geometries: str, name: str) -> str:
    return "".join(f"<g:{name}>{geometry}</g:{name}>" for geometry in geometries)


def edge(text: str) -> str:
    return f"<g:curveProperty>{curve(segment(text))}</g:curveProperty>"


def directed(name: str, content: str) -> str:
    return f"<g:directed{name}><g:{name}>{content}</g:{name}></g:directed{name}>" * 2


BY_REFERENCE = 'xmlns:x="http://www.w3.org/1999/xlink" x:href="#p"'
NOT_WHOLE = "a part of the geometry is in an element that is not supported"

READABLE = {
    "point": ("<g:Point><g:pos>1 2</g:pos></g:Point>", "POINT (1 2)"),
    "point 3D": ("<g:Point><g:pos>1 2 3</g:pos></g:Point>", "POINT (1 2)"),
    "point as a list": ("<g:Point><g:posList>1 2</g:posList></g:Point>", "POINT (1 2)"),
    "point GML 2": ("<g:Point><g:coordinates>1,2</g:coordinates></g:Point>", "POINT (1 2)"),
    "point coord": ("<g:Point><g:coord><g:X>1</g:X><g:Y>2</g:Y><g:Z>3</g:Z></g:coord></g:Point>", "POINT (1 2)"),
    "numbers that are not JSON": ("<g:Point><g:pos> +01.  -.5e1\n</g:pos></g:Point>", "POINT (1 -5)"),
    "multipoint": (
        (
            f"<g:MultiPoint>{member('<g:Point><g:pos>1 2</g:pos></g:Point>', name='pointMember')}"
            f"<g:pointMembers>{point('3 4')}{point('5 6')}</g:pointMembers>"
            "</g:MultiPoint>"
        ),
        "MULTIPOINT (1 2, 3 4, 5 6)",
    ),
    "line": (line("0 0 1 1"), "LINESTRING (0 0, 1 1)"),
    "line over several lines of text": (line("\n  0 0\n  1 1\n"), "LINESTRING (0 0, 1 1)"),
    "line srsDimension 3": (
        '<g:LineString srsDimension="3"><g:posList>0 0 9 1 1 9</g:posList></g:LineString>',
        "LINESTRING (0 0, 1 1)",
    ),
    "line srsDimension on the list": (
        '<g:LineString><g:posList srsDimension="3">0 0 9 1 1 9</g:posList></g:LineString>',
        "LINESTRING (0 0, 1 1)",
    ),
    "line of an odd number of ordinates": (line("0 0 9 1 1 9 2 2 9"), "LINESTRING (0 0, 1 1, 2 2)"),
    "line of positions": (
        "<g:LineString><g:pos>0 0</g:pos><g:pos>1 1 5</g:pos></g:LineString>",
        "LINESTRING (0 0, 1 1)",
    ),
    "line of points": (
        (
            "<g:LineString><g:pointProperty><g:Point><g:pos>0 0</g:pos></g:Point></g:pointProperty>"
            "<g:pointRep><g:Point><g:pos>1 1</g:pos></g:Point></g:pointRep></g:LineString>"
        ),
        "LINESTRING (0 0, 1 1)",
    ),
    "line GML 2 in 3D": (
        "<g:LineString><g:coordinates>0,0,9 1,1,9 </g:coordinates></g:LineString>",
        "LINESTRING (0 0, 1 1)",
    ),
    "line with separators of its own": (
        '<g:LineString><g:coordinates decimal="#" cs="$" ts="_">0#5$1_2$3#25_</g:coordinates></g:LineString>',
        "LINESTRING (0.5 1, 2 3.25)",
    ),
    "line with a decimal comma": (
        '<g:LineString><g:coordinates decimal="," cs=" " ts=";">0,5 1; 2 3,25</g:coordinates></g:LineString>',
        "LINESTRING (0.5 1, 2 3.25)",
    ),
    "curve": (curve(segment("0 0 1 1")), "LINESTRING (0 0, 1 1)"),
    "curve of two segments": (curve(segment("0 0 1 1"), segment("1 1 2 0")), "LINESTRING (0 0, 1 1, 2 0)"),
    "curve with a geodesic": (curve(segment("0 0 1 1", "GeodesicString")), "LINESTRING (0 0, 1 1)"),
    "straight arc": (curve(segment("0 0 1 1 2 2", "Arc")), "LINESTRING (0 0, 1 1, 2 2)"),
    "composite curve": (
        f"<g:CompositeCurve>{member(line('0 0 1 1'), line('1 1 2 0'), name='curveMember')}</g:CompositeCurve>",
        "LINESTRING (0 0, 1 1, 2 0)",
    ),
    "orientable curve": (
        f"<g:OrientableCurve orientation='-'>{member(line('0 0 1 1'), name='baseCurve')}</g:OrientableCurve>",
        "LINESTRING (1 1, 0 0)",
    ),
    "multicurve": (
        f"<g:MultiCurve>{member(line('0 0 1 1'), curve(segment('2 2 3 3')), name='curveMember')}</g:MultiCurve>",
        "MULTILINESTRING ((0 0, 1 1), (2 2, 3 3))",
    ),
    "multilinestring": (
        f"<g:MultiLineString>{member(line('0 0 1 1'), name='lineStringMember')}</g:MultiLineString>",
        "MULTILINESTRING ((0 0, 1 1))",
    ),
    "polygon": (polygon(SQUARE), "POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0))"),
    "polygon with a hole": (polygon(SQUARE, HOLE), "POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0), (1 1, 2 1, 2 2, 1 2, 1 1))"),
    "polygon GML 2": (
        (
            "<g:Polygon><g:outerBoundaryIs><g:LinearRing><g:coordinates>0,0 4,0 4,4 0,0</g:coordinates></g:LinearRing>"
            "</g:outerBoundaryIs><g:innerBoundaryIs><g:LinearRing><g:coordinates>2,1 3,1 3,2 2,1</g:coordinates>"
            "</g:LinearRing></g:innerBoundaryIs></g:Polygon>"
        ),
        "POLYGON ((0 0, 4 0, 4 4, 0 0), (2 1, 3 1, 3 2, 2 1))",
    ),
    "polygon that is not closed": (polygon("0 0 4 0 4 4"), "POLYGON ((0 0, 4 0, 4 4, 0 0))"),
    "polygon in space that does not say so": (
        polygon("0 0 7 4 0 7 4 4 8 0 0 7"),
        "POLYGON ((0 0, 4 0, 4 4, 0 0))",
    ),
    "polygon of six ordinates twice": (polygon("0 0 4 0 4 4 1 4 0 3 0 0"), "POLYGON ((0 0, 4 0, 4 4, 1 4, 0 3, 0 0))"),
    "ring of curves": (
        (
            "<g:Polygon><g:exterior><g:Ring>"
            f"{member(line('0 0 4 0 4 4'), curve(segment('4 4 0 0')), name='curveMember')}"
            "</g:Ring></g:exterior></g:Polygon>"
        ),
        "POLYGON ((0 0, 4 0, 4 4, 0 0))",
    ),
    "surface": (
        f"<g:Surface><g:patches>{polygon(SQUARE, name='PolygonPatch')}</g:patches></g:Surface>",
        "POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0))",
    ),
    "surface of two patches": (
        (
            f"<g:Surface><g:patches>{polygon(SQUARE, name='PolygonPatch')}{polygon('4 0 5 0 5 1 4 0', name='Triangle')}"
            "</g:patches></g:Surface>"
        ),
        "MULTIPOLYGON (((0 0, 4 0, 4 4, 0 4, 0 0)), ((4 0, 5 0, 5 1, 4 0)))",
    ),
    "composite surface": (
        f"<g:CompositeSurface>{member(polygon(SQUARE), name='surfaceMember')}</g:CompositeSurface>",
        "POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0))",
    ),
    "multisurface": (
        (
            f"<g:MultiSurface>{member(polygon(SQUARE), name='surfaceMember')}<g:surfaceMembers>"
            f"{polygon('5 5 6 5 6 6 5 5')}<g:Surface><g:patches>{polygon('8 8 9 8 9 9 8 8', name='PolygonPatch')}"
            "</g:patches></g:Surface></g:surfaceMembers></g:MultiSurface>"
        ),
        "MULTIPOLYGON (((0 0, 4 0, 4 4, 0 4, 0 0)), ((5 5, 6 5, 6 6, 5 5)), ((8 8, 9 8, 9 9, 8 8)))",
    ),
    "multipolygon": (
        f"<g:MultiPolygon>{member(polygon(SQUARE, HOLE), name='polygonMember')}</g:MultiPolygon>",
        "MULTIPOLYGON (((0 0, 4 0, 4 4, 0 4, 0 0), (1 1, 2 1, 2 2, 1 2, 1 1)))",
    ),
    "polygon with a box around it": (
        (
            "<g:Polygon><g:boundedBy><g:Envelope><g:pos>0 0</g:pos><g:pos>4 4</g:pos></g:Envelope></g:boundedBy>"
            f"<g:exterior>{ring(SQUARE)}</g:exterior></g:Polygon>"
        ),
        "POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0))",
    ),
    "tin with control points": (
        (
            f"<g:Tin><g:trianglePatches>{polygon('0 0 5 0 5 1 0 0', name='Triangle')}</g:trianglePatches>"
            "<g:controlPoint><g:posList>0 0 5 0 5 1</g:posList></g:controlPoint></g:Tin>"
        ),
        "POLYGON ((0 0, 5 0, 5 1, 0 0))",
    ),
    "polyhedral surface": (
        (
            f"<g:PolyhedralSurface><g:polygonPatches>{polygon(SQUARE, name='PolygonPatch')}</g:polygonPatches>"
            "</g:PolyhedralSurface>"
        ),
        "POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0))",
    ),
    "orientable surface": (
        f"<g:OrientableSurface orientation='-'>{member(polygon(SQUARE), name='baseSurface')}</g:OrientableSurface>",
        "POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0))",
    ),
    "multiline with an empty member": (
        (
            f"<g:MultiLineString><g:lineStringMember/>{member(line('0 0 1 1'), name='lineStringMember')}"
            "</g:MultiLineString>"
        ),
        "MULTILINESTRING ((0 0, 1 1))",
    ),
    "multigeometry": (
        (
            f"<g:MultiGeometry>{member(polygon(SQUARE), line('0 0 1 1'), name='geometryMember')}<g:geometryMembers>"
            "<g:Point><g:pos>1 2</g:pos></g:Point></g:geometryMembers></g:MultiGeometry>"
        ),
        "GEOMETRYCOLLECTION (POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0)), LINESTRING (0 0, 1 1), POINT (1 2))",
    ),
}

EMPTY = {
    "point": "<g:Point/>",
    "polygon": "<g:Polygon><g:name>nothing</g:name></g:Polygon>",
    "multisurface": "<g:MultiSurface><g:name>nothing</g:name></g:MultiSurface>",
    "multigeometry": "<g:MultiGeometry><g:name>nothing</g:name></g:MultiGeometry>",
}

UNREADABLE = {
    "words": ("<g:Point><g:pos>here there</g:pos></g:Point>", "coordinates are not numbers"),
    "NaN": ("<g:Point><g:pos>NaN NaN</g:pos></g:Point>", "coordinates are not numbers"),
    "infinite": (line("0 0 1e999 1"), "coordinates are not numbers"),
    "JSON that is no number": (line("0 0 true 1"), "coordinates are not numbers"),
    "JSON that is a list": (line("0 0 ] [ 1"), "coordinates are not numbers"),
    "commas in a list": (line("0,0 1,1"), "coordinates are not numbers"),
    "one ordinate": ("<g:Point><g:pos>1</g:pos></g:Point>", "the number of coordinates does not fit their dimension"),
    "dimension that does not fit": (
        '<g:LineString srsDimension="3"><g:posList>0 0 1 1</g:posList></g:LineString>',
        "the number of coordinates does not fit their dimension",
    ),
    "position of many ordinates": (
        f"<g:Point><g:pos>{'1 ' * 50}</g:pos></g:Point>",
        "the number of coordinates does not fit their dimension",
    ),
    "uneven tuples": (
        "<g:LineString><g:coordinates>0,0,1 2</g:coordinates></g:LineString>",
        "the number of coordinates does not fit their dimension",
    ),
    "two points in one": ("<g:Point><g:posList>1 2 3 4</g:posList></g:Point>", "too few positions"),
    "line of one position": (line("1 2"), "too few positions"),
    "polygon of two positions": (polygon("0 0 1 1"), "too few positions"),
    "polygon of two positions and the first": (polygon("0 0 1 1 0 0"), "too few positions"),
    "hole of one position": (polygon(SQUARE, "1 1"), "too few positions"),
    "spline": (curve(segment("0 0 1 1 2 0", "CubicSpline")), "CubicSpline is not supported"),
    "clothoid": (curve("<g:Clothoid/>"), "Clothoid is not supported"),
    "solid": ("<g:Solid><g:exterior/></g:Solid>", "Solid is not supported"),
    "line as a ring": (
        f"<g:Polygon><g:exterior>{line(SQUARE)}</g:exterior></g:Polygon>",
        "LineString is not supported as a ring",
    ),
    "hole without an area": (
        f"<g:Polygon><g:interior>{ring(HOLE)}</g:interior></g:Polygon>",
        "an area without exactly one outer ring",
    ),
    "line among areas": (
        f"<g:MultiSurface>{member(line('0 0 1 1'), name='surfaceMember')}</g:MultiSurface>",
        "LineString inside MultiSurface",
    ),
    "area by reference": (
        '<g:MultiSurface><g:surfaceMember xmlns:x="http://www.w3.org/1999/xlink" x:href="#p"/></g:MultiSurface>',
        "a part is only referred to (xlink:href)",
    ),
    "arc of two positions": (curve(segment("0 0 1 1", "Arc")), "an arc needs three positions"),
    "one bad member": (
        f"<g:MultiGeometry>{member(line('0 0 1 1'), line('0 0'), name='geometryMember')}</g:MultiGeometry>",
        "too few positions",
    ),
    **{
        f"{name} of edges": (gml, f"{name} is not supported")
        for name, gml in {
            "TopoSurface": f"<g:TopoSurface>{directed('Face', directed('Edge', edge('0 0 4 0')))}</g:TopoSurface>",
            "TopoCurve": f"<g:TopoCurve>{directed('Edge', edge('0 0 4 0'))}</g:TopoCurve>",
            "TopoPoint": f"<g:TopoPoint>{directed('Node', edge('0 0 4 0'))}</g:TopoPoint>",
            "Edge": f"<g:Edge>{edge('0 0 4 0')}</g:Edge>",
            "Face": f"<g:Face>{directed('Edge', edge('0 0 4 0'))}</g:Face>",
        }.items()
    },
    "solid of surfaces": (
        (
            f"<g:Solid><g:exterior><g:Shell>{member(polygon(SQUARE), name='surfaceMember')}</g:Shell></g:exterior>"
            "</g:Solid>"
        ),
        "Solid is not supported",
    ),
    "multisolid": (
        (
            f"<g:MultiSolid><g:solidMember><g:Solid><g:exterior>{polygon(SQUARE)}</g:exterior></g:Solid></g:solidMember>"
            "</g:MultiSolid>"
        ),
        "MultiSolid is not supported",
    ),
    "composite solid": (f"<g:CompositeSolid>{point('1 2')}</g:CompositeSolid>", "CompositeSolid is not supported"),
    "grid": (
        f"<g:RectifiedGrid><g:origin>{point('1 2')}</g:origin></g:RectifiedGrid>",
        "RectifiedGrid is not supported",
    ),
    "geometry of a later standard": (f"<g:Cloud><g:dot>{point('1 2')}</g:dot></g:Cloud>", "Cloud is not supported"),
    "compact polygon": (
        "<g:SimplePolygon><g:posList>0 0 1 0 1 1</g:posList></g:SimplePolygon>",
        "SimplePolygon is not supported",
    ),
    "solid in a collection": (
        f"<g:MultiGeometry>{member(point('1 2'), '<g:Solid/>', name='geometryMember')}</g:MultiGeometry>",
        "Solid is not supported",
    ),
    "vendor's own geometry in a collection": (
        f"<g:MultiGeometry>{member(point('1 2'), '<Cone/>', name='geometryMember')}</g:MultiGeometry>",
        "Cone is not supported",
    ),
    "vendor's own member": (
        f"<g:MultiCurve>{member(line('0 0 1 1'), name='curveMember')}<part>{line('2 2 3 3')}</part></g:MultiCurve>",
        NOT_WHOLE,
    ),
    "vendor's own ring": (
        f"<g:Polygon><g:exterior>{ring(SQUARE)}</g:exterior><hole>{ring(HOLE)}</hole></g:Polygon>",
        NOT_WHOLE,
    ),
    "list beside the rings": (
        f"<g:Polygon><g:exterior>{ring(SQUARE)}</g:exterior><g:posList>{HOLE}</g:posList></g:Polygon>",
        NOT_WHOLE,
    ),
    "hole by reference": (
        f"<g:Polygon><g:exterior>{ring(SQUARE)}</g:exterior><g:interior {BY_REFERENCE}/></g:Polygon>",
        "a part is only referred to (xlink:href)",
    ),
    "outer ring by reference": (
        f"<g:Polygon><g:exterior {BY_REFERENCE}/></g:Polygon>",
        "a part is only referred to (xlink:href)",
    ),
    "patches by reference": (
        f"<g:Surface><g:patches {BY_REFERENCE}/></g:Surface>",
        "a part is only referred to (xlink:href)",
    ),
    "two coordinate systems": (
        (
            '<g:MultiPoint><g:pointMember><g:Point srsName="EPSG:1"><g:pos>1 2</g:pos></g:Point></g:pointMember>'
            '<g:pointMember><g:Point srsName="EPSG:2"><g:pos>1 2</g:pos></g:Point></g:pointMember></g:MultiPoint>'
        ),
        "several srsNames in one geometry",
    ),
}


def collection(*geometries: str, namespace: str = GML32) -> Payload:
    """A WFS answer with a feature around each geometry."""
    features = "".join(f"<w:member><f><shape>{geometry}</shape></f></w:member>" for geometry in geometries)
    text = f'<w:FeatureCollection xmlns:w="http://www.opengis.net/wfs/2.0" xmlns:g="{namespace}">{features}'
    return Payload(body=f"{text}</w:FeatureCollection>".encode())


@pytest.mark.parametrize("namespace", [GML2, GML32, "http://www.opengis.net/gml/3.3", "urn:unheard-of"])
@pytest.mark.parametrize(("gml", "expected"), READABLE.values(), ids=READABLE)
def test_geometry_is_read(gml, expected, namespace):
    batch = decode(collection(gml, namespace=namespace))

    assert shapely.to_wkt(wkt.loads(expected), trim=True) == shapely.to_wkt(batch.geometry[0], trim=True)
    assert batch.skipped == {}
    assert list(batch.columns) == []


@pytest.mark.parametrize(("gml", "expected"), READABLE.values(), ids=READABLE)
def test_geometry_with_a_description_is_the_same(gml, expected):
    """A geometry in a single list has a fast reader; with a description it needs the general one."""
    tag, _, rest = gml.partition(">")

    batch = decode(collection(f"{tag}><g:description>d</g:description>{rest}"))

    assert shapely.to_wkt(batch.geometry[0], trim=True) == shapely.to_wkt(wkt.loads(expected), trim=True)


def test_dimension_that_is_not_a_number_is_ignored():
    gml = f'<g:LineString srsDimension="{"9" * 50}"><g:posList srsDimension="many">1 2 3 4</g:posList></g:LineString>'

    assert decode(collection(gml)).geometry[0].wkt == "LINESTRING (1 2, 3 4)"


@pytest.mark.parametrize("attributes", ['srsDimension="3"', 'srsDimension=" 3 "'])
@pytest.mark.parametrize("description", ["", "<g:description>d</g:description>"])
def test_dimension_is_inherited(attributes, description):
    gml = f"<g:LineString {attributes}>{description}<g:posList>1 2 3 4 5 6</g:posList></g:LineString>"

    assert decode(collection(gml)).geometry[0].wkt == "LINESTRING (1 2, 4 5)"


def test_geometries_of_all_kinds_in_one_answer_stay_in_their_rows():
    gml = [*(gml for gml, _ in READABLE.values()), *EMPTY.values(), *(gml for gml, _ in UNREADABLE.values())]
    alone = [decode(collection(each)).geometry[0] for each in gml]

    together = decode(collection(*gml)).geometry

    assert [each and each.wkt for each in alone] == [each and each.wkt for each in together]


@pytest.mark.parametrize("gml", EMPTY.values(), ids=EMPTY)
def test_geometry_without_positions_is_none_and_not_counted(gml):
    batch = decode(collection(gml))

    assert list(batch.geometry) == [None]
    assert batch.skipped == {}


@pytest.mark.parametrize(("gml", "reason"), UNREADABLE.values(), ids=UNREADABLE)
def test_unreadable_geometry_is_counted_and_affects_no_other(gml, reason):
    good = "<g:Point><g:pos>1 2</g:pos></g:Point>"

    batch = decode(collection(good, gml, good))

    assert [each and each.wkt for each in batch.geometry] == ["POINT (1 2)", None, "POINT (1 2)"]
    assert {reason: 1} == batch.skipped


def test_geometry_nested_as_deep_as_the_parser_allows_is_read():
    depth = 120
    gml = "<g:MultiGeometry><g:geometryMember>" * depth + "<g:Point><g:pos>1 2</g:pos></g:Point>"
    gml += "</g:geometryMember></g:MultiGeometry>" * depth

    assert decode(collection(gml)).geometry[0].wkt == "GEOMETRYCOLLECTION (POINT (1 2))"


@pytest.mark.parametrize(
    ("gml", "kind"),
    [
        ("<g:pos>1 2</g:pos>", "Point"),
        ("<g:posList>1 2 3 4</g:posList>", "LineString"),
        (f"<g:exterior>{ring(SQUARE)}</g:exterior>", "Polygon"),
        (f"<g:patches>{polygon(SQUARE, name='PolygonPatch')}</g:patches>", "Polygon"),
        (f"<g:segments>{segment('1 2 3 4')}</g:segments>", "LineString"),
        (f"<g:surfaceMember>{polygon(SQUARE)}</g:surfaceMember>", "MultiPolygon"),
    ],
)
def test_property_with_the_type_of_a_geometry_is_a_geometry(gml, kind):
    assert kind == decode(collection(gml)).geometry[0].geom_type


@pytest.mark.parametrize(
    "content",
    [
        "<g:coordinates>0,0 2,0 4,0</g:coordinates>",
        "<g:coordinates>0,0,9 2,0,9 4,0,9</g:coordinates>",
        '<g:coordinates cs=" " ts=";">0 0;2 0;4 0;</g:coordinates>',
        "<g:pos>0 0</g:pos><g:pos>2 0</g:pos><g:pos>4 0</g:pos>",
        "<g:pos>0 0 9</g:pos><g:pos>2 0 9</g:pos><g:pos>4 0 9</g:pos>",
        "<g:coord><g:X>0</g:X><g:Y>0</g:Y></g:coord><g:coord><g:X>4</g:X><g:Y>0</g:Y></g:coord>",
        "".join(f"<g:pointProperty>{point(text)}</g:pointProperty>" for text in ("0 0", "2 0", "4 0")),
        "".join(f"<g:pointRep>{point(text)}</g:pointRep>" for text in ("0 0", "2 0", "4 0")),
        "<g:posList>0 0 2 0 4 0</g:posList>",
        f"<g:segments>{segment('0 0 4 0')}</g:segments>",
        f"<g:baseCurve>{line('0 0 4 0')}</g:baseCurve>",
        f"<g:curveMember>{line('0 0 4 0')}</g:curveMember>",
    ],
)
@pytest.mark.parametrize("namespace", [GML2, GML32])
def test_property_with_the_type_of_a_line_is_a_line(content, namespace):
    batch = decode(collection(content, namespace=namespace))

    assert batch.skipped == {}
    assert (batch.geometry[0].length, batch.geometry[0].bounds) == (4, (0, 0, 4, 0))
    assert list(batch.columns) == []


@pytest.mark.parametrize(
    "content",
    [
        "<g:pos>1 2</g:pos>",
        "<g:coordinates> 1,2 </g:coordinates>",
        "<g:coord><g:X>1</g:X><g:Y>2</g:Y></g:coord>",
        f"<g:pointProperty>{point('1 2')}</g:pointProperty>",
    ],
)
def test_property_with_one_position_is_a_point(content):
    assert decode(collection(content)).geometry[0].wkt == "POINT (1 2)"


@pytest.mark.parametrize(
    "gml",
    [
        line("0 0 4 0"),
        f"<g:lineStringProperty>{line('0 0 4 0')}</g:lineStringProperty>",
        f"<g:LineStringProperty>{line('0 0 4 0')}</g:LineStringProperty>",
        f"<g:centerLineOf>{line('0 0 4 0')}</g:centerLineOf>",
        f"<g:edgeOf>{line('0 0 4 0')}</g:edgeOf>",
    ],
)
def test_geometry_of_a_standard_property_or_of_none_is_read(gml):
    text = f'<w:FeatureCollection xmlns:w="http://www.opengis.net/wfs/2.0" xmlns:g="{GML32}"><w:member><f>{gml}</f>'

    batch = decode(Payload(body=f"{text}</w:member></w:FeatureCollection>".encode()))

    assert [each.wkt for each in batch.geometry] == ["LINESTRING (0 0, 4 0)"]


@pytest.mark.parametrize("name", ["Face", "Edge", "Node", "TopoSolid"])
def test_property_with_the_type_of_a_topology_is_counted(name):
    batch = decode(collection(directed(name, edge("0 0 4 0"))))

    assert list(batch.geometry) == [None]
    assert sum(batch.skipped.values()) == 1


def test_geometry_that_can_be_read_is_preferred_to_one_that_cannot():
    topology = f"<g:TopoCurve>{directed('Edge', edge('0 0 4 0'))}</g:TopoCurve>"
    payload = collection(f"{point('1 2')}</shape><topology>{topology}</topology><shape>")
    body = payload.body.replace(b"<shape></shape>", b"")

    assert [each and each.wkt for each in decode(Payload(body=body)).geometry] == ["POINT (1 2)"]
    named = decode(Payload(body=body), geometry="topology")
    assert named.skipped == {"TopoCurve is not supported": 1}


@pytest.mark.parametrize("name", ["TimePeriod", "FeatureCollection", "MultiPointCoverage", "Bag"])
def test_object_of_gml_that_is_no_geometry_may_contain_one(name):
    batch = decode(collection(f"<g:{name}><g:inside>{point('1 2')}</g:inside></g:{name}>"))

    assert [each and each.wkt for each in batch.geometry] == ["POINT (1 2)"]


def test_vendors_own_element_with_the_name_of_a_geometry_is_an_attribute():
    batch = decode(collection("<Surface><material>asphalt</material></Surface>"))

    assert list(batch.geometry) == [None]
    assert {name: list(values) for name, values in batch.columns.items()} == {"material": ["asphalt"]}


def test_document_of_one_geometry_is_read():
    batch = decode(Payload(body=polygon(SQUARE).replace("<g:Polygon>", f'<g:Polygon xmlns:g="{GML32}">', 1).encode()))

    assert [each.wkt for each in batch.geometry] == ["POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0))"]
    assert list(batch.type_names) == [""]
