"""Arcs and circles: every vertex is where the definition puts it, and the ends are the positions as written."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pyproj import Geod

from wfs_proxy.decode.dispatch import decode
from wfs_proxy.decode.gml.arcs import arc_by_bulge, arc_by_center, arc_string, circle
from wfs_proxy.errors import UnsupportedGeometry
from wfs_proxy.features import Payload

POSITION = st.tuples(st.floats(-1000, 1000), st.floats(-1000, 1000))


def distances(line: np.ndarray, center: tuple[float, float]) -> np.ndarray:
    return np.hypot(*(line - center).T)


@given(st.floats(-math.pi, math.pi), st.floats(0.2, 3), st.floats(0.2, 3), st.sampled_from([-1, 1]), POSITION)
def test_arc_stays_on_its_circle_from_its_first_position_to_its_last(start, one, other, direction, center):
    angles = start + direction * np.array([0, one, one + other])
    points = center + 10 * np.column_stack([np.cos(angles), np.sin(angles)])

    line = arc_string(points)

    assert np.allclose(distances(line, center), 10, atol=1e-6)
    assert (line[0] == points[0]).all()
    assert (line[-1] == points[-1]).all()
    length = np.hypot(*np.diff(line, axis=0).T).sum()
    assert math.isclose(length, 10 * (one + other), rel_tol=1e-3)


@pytest.mark.parametrize(
    ("points", "length"),
    [
        ([(-1, 0), (0, 1), (1, 0)], math.pi),
        ([(-1, 0), (0, -1), (1, 0)], math.pi),
        ([(1, 0), (-1, 0), (1, 0)], math.tau),
        ([(0, 0), (1, 1), (2, 2)], math.sqrt(8)),
        ([(-1, 0), (0, 1), (1, 0), (2, -1), (3, 0)], math.tau),
    ],
    ids=["over the top", "underneath", "full circle", "straight", "two arcs"],
)
def test_arc_is_as_long_as_the_definition_says(points, length):
    line = arc_string(np.array(points, dtype=float))

    assert math.isclose(np.hypot(*np.diff(line, axis=0).T).sum(), length, rel_tol=1e-3)


@given(POSITION, POSITION, POSITION)
def test_circle_goes_through_its_three_positions(a, b, c):
    points = np.array([a, b, c])
    sides = [math.dist(*pair) for pair in ((a, b), (b, c), (c, a))]
    area = abs(np.cross(np.append(points[1] - points[0], 0), np.append(points[2] - points[0], 0))[2])
    assume(min(sides) > 1)
    assume(area > 0.05 * max(sides) ** 2)

    line = circle(points)

    assert (line[0] == line[-1]).all()
    steps = np.hypot(*np.diff(line, axis=0).T)
    for point in points:
        assert distances(line, tuple(point)).min() <= steps.max()


def test_circle_of_a_large_radius_is_not_taken_for_a_line():
    line = circle(np.array([[0.0, 0.0], [1.0, 1e-4], [2.0, 0.0]]))

    radius = (1 + 1e-8) / 2e-4
    assert np.allclose(distances(line, (1, 1e-4 - radius)), radius, rtol=1e-6)


def test_positions_on_one_line_within_rounding_are_a_straight_line():
    points = np.array([[0.0, 0.0], [0.1, 0.3], [0.7, 2.1]])

    assert np.array_equal(arc_string(points), points)


@pytest.mark.parametrize(
    ("bulge", "normal", "middle"), [(2.0, [1.0], (0, 2)), (2.0, [-1.0], (0, -2)), (1.0, [0.0, 3.0], (0, 3))]
)
def test_arc_by_bulge_goes_through_the_middle_that_the_bulge_puts(bulge, normal, middle):
    line = arc_by_bulge(np.array([[-1.0, 0.0], [1.0, 0.0]]), [bulge], [np.array(normal)])

    assert distances(line, middle).min() < 0.05
    assert line[0].tolist() == [-1, 0]
    assert line[-1].tolist() == [1, 0]


@pytest.mark.parametrize(("start", "end", "last"), [(0, 90, (0, 2)), (90, 0, (2, 0)), (0, -90, (0, -2))])
def test_arc_by_center_goes_from_angle_to_angle(start, end, last):
    line = arc_by_center(np.zeros(2), np.array([2.0, 2.0]), start, end)

    assert np.allclose(distances(line, (0, 0)), 2)
    assert np.allclose(line[-1], last, atol=1e-12)


def test_arc_of_more_than_a_full_turn_is_one_turn():
    assert len(arc_by_center(np.zeros(2), np.ones(2), 0, 1e12)) == len(arc_by_center(np.zeros(2), np.ones(2), 0, 360))


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda: arc_string(np.zeros((2, 2))), "an arc needs three positions"),
        (lambda: arc_string(np.zeros((4, 2))), "an arc needs three positions"),
        (lambda: circle(np.zeros((3, 2))), "a circle needs three positions"),
        (lambda: circle(np.array([[0.0, 0.0], [1.0, 1.0]])), "a circle needs three positions"),
        (lambda: arc_by_bulge(np.zeros((2, 2)), [], []), "an arc by bulge needs a bulge and a normal"),
        (lambda: arc_by_bulge(np.zeros((1, 2)), [], []), "an arc by bulge needs a bulge and a normal"),
    ],
    ids=["two positions", "four positions", "one point three times", "two points", "no bulge", "no chord"],
)
def test_arc_that_is_not_defined_is_refused(make, reason):
    with pytest.raises(UnsupportedGeometry, match=reason):
        make()


def curve(segment: str, srs: str = "") -> np.ndarray:
    head = f'<g:Curve xmlns:g="http://www.opengis.net/gml/3.2" srsName="{srs}">'
    body = f"{head}<g:segments>{segment}</g:segments></g:Curve>"
    (geometry,) = decode(Payload(body=body.encode())).geometry
    return np.array(geometry.coords)


def test_segments_of_a_curve_meet():
    line = curve(
        "<g:LineStringSegment><g:posList>-2 0 -1 0</g:posList></g:LineStringSegment>"
        "<g:Arc><g:posList>-1 0 0 1 1 0</g:posList></g:Arc>"
        "<g:ArcStringByBulge><g:posList>1 0 3 0 5 0</g:posList><g:bulge>1</g:bulge><g:bulge>1</g:bulge>"
        "<g:normal>1</g:normal><g:normal>-1</g:normal></g:ArcStringByBulge>"
    )

    assert len(np.unique(line, axis=0)) == len(line)
    assert math.isclose(np.hypot(*np.diff(line, axis=0).T).sum(), 1 + 3 * math.pi, rel_tol=1e-3)


@pytest.mark.parametrize(
    ("segment", "length"),
    [
        ("<g:Circle><g:posList>-1 0 0 1 1 0</g:posList></g:Circle>", math.tau),
        ("<g:CircleByCenterPoint><g:pos>5 5</g:pos><g:radius>1</g:radius></g:CircleByCenterPoint>", math.tau),
        (
            (
                "<g:ArcByCenterPoint numArc='1'><g:pos>5 5</g:pos><g:radius uom=''>1</g:radius><g:startAngle>30"
                "</g:startAngle><g:endAngle>60</g:endAngle></g:ArcByCenterPoint>"
            ),
            math.pi / 6,
        ),
        (
            (
                "<g:ArcByCenterPoint><g:pos>150000 450000</g:pos><g:radius uom='m'>1</g:radius><g:startAngle>0"
                "</g:startAngle><g:endAngle>180</g:endAngle></g:ArcByCenterPoint>"
            ),
            math.pi,
        ),
        ("<g:CircleByCenterPoint><g:pos>181 5</g:pos><g:radius uom='m'>1</g:radius></g:CircleByCenterPoint>", math.tau),
        (
            (
                "<g:CircleByCenterPoint><g:pos>150000 450000</g:pos><g:radius uom='urn:ogc:def:uom::km'>1</g:radius>"
                "</g:CircleByCenterPoint>"
            ),
            1000 * math.tau,
        ),
    ],
)
def test_circle_and_arc_by_center_are_read(segment, length):
    line = curve(segment)

    assert math.isclose(np.hypot(*np.diff(line, axis=0).T).sum(), length, rel_tol=1e-3)


@pytest.mark.parametrize(("srs", "order"), [("urn:ogc:def:crs:EPSG::4326", (0, 1)), ("EPSG:4326", (1, 0))])
@pytest.mark.parametrize(("uom", "metres"), [("m", 1.0), ("NM", 1852.0), ("[nmi_i]", 1852.0), ("ft", 0.3048)])
@pytest.mark.parametrize("center", [[52.0, 5.0], [-33.0, 180.0]], ids=["Utrecht", "the antimeridian"])
def test_radius_in_a_length_around_a_center_in_degrees_is_that_far(srs, order, uom, metres, center):
    """Compared with the geodesic on WGS 84: the approximation may be off by half a per cent."""
    written = " ".join(str(center[axis]) for axis in order)

    line = curve(
        f"<g:CircleByCenterPoint><g:pos>{written}</g:pos><g:radius uom='{uom}'>10</g:radius></g:CircleByCenterPoint>",
        srs,
    )

    latitude, longitude = line[:, order[0]], line[:, order[1]]
    _, _, found = Geod(ellps="WGS84").inv(
        np.full(len(line), center[1]), np.full(len(line), center[0]), longitude, latitude
    )
    assert np.allclose(found, 10 * metres, rtol=5e-3)


@pytest.mark.parametrize(
    ("segment", "reason"),
    [
        ("<g:CircleByCenterPoint><g:pos>5 5</g:pos></g:CircleByCenterPoint>", "one center and a radius"),
        ("<g:CircleByCenterPoint><g:pos>5 5</g:pos><g:radius>far</g:radius></g:CircleByCenterPoint>", "radius is not"),
        ("<g:CircleByCenterPoint><g:pos>5 5</g:pos><g:radius>1 2</g:radius></g:CircleByCenterPoint>", "radius is not"),
        ("<g:ArcByBulge><g:posList>0 0 1 1</g:posList></g:ArcByBulge>", "a bulge and a normal"),
        ("<g:Bezier><g:posList>0 0 1 1</g:posList></g:Bezier>", "Bezier is not supported"),
    ],
)
def test_invalid_segment_is_counted(segment, reason):
    body = f'<g:Curve xmlns:g="http://www.opengis.net/gml/3.2"><g:segments>{segment}</g:segments></g:Curve>'

    batch = decode(Payload(body=body.encode()))

    assert list(batch.geometry) == [None]
    assert [reason in found for found in batch.skipped] == [True]


METRES = [
    *("m", "M", "metre", "meter", "#m", " m ", "urn:ogc:def:uom:UCUM::m", "urn:ogc:def:uom:OGC:1.0:metre"),
    *("urn:ogc:def:uom:EPSG::9001", "urn:x-ogc:def:uom:EPSG:9001", "urn:ogc:def:uom:EPSG:6.11.2:9001", "EPSG:9001"),
    *("http://www.opengis.net/def/uom/EPSG/0/9001", "http://www.opengis.net/def/uom/UCUM/0/m"),
    "http://www.isotc211.org/2005/resources/uom/gmxUom.xml#m",
]
OTHERS = {
    "km": 1000.0, "urn:ogc:def:uom:EPSG::9036": 1000.0, "cm": 0.01, "EPSG:9002 foot": 0.3048, "ft": 0.3048,
    "http://www.opengis.net/def/uom/EPSG/0/9003": 1200 / 3937, "EPSG:9030": 1852.0, "nautical mile": 1852.0,
}  # fmt: skip
CENTER_ELEMENTS = ("CircleByCenterPoint", "ArcByCenterPoint")


def around(center: str, radius: str, uom: str | None, element: str = "CircleByCenterPoint") -> str:
    unit = "" if uom is None else f' uom="{uom}"'
    return f"<g:{element}><g:pos>{center}</g:pos><g:radius{unit}>{radius}</g:radius></g:{element}>"


@pytest.mark.parametrize("element", CENTER_ELEMENTS)
@pytest.mark.parametrize(("uom", "metres"), [*((uom, 1.0) for uom in METRES), *OTHERS.items()])
def test_unit_of_a_radius_is_known_in_every_spelling(uom, metres, element):
    in_degrees = curve(around("53.2197 6.5686", "5", uom, element), "urn:ogc:def:crs:EPSG::4326")
    in_metres = curve(around("233900 582100", "5", uom, element), "EPSG:28992")

    _, _, found = Geod(ellps="WGS84").inv(
        np.full(len(in_degrees), 6.5686), np.full(len(in_degrees), 53.2197), in_degrees[:, 1], in_degrees[:, 0]
    )
    assert np.allclose(found, 5 * metres, rtol=6e-3)
    assert np.allclose(distances(in_metres, (233900, 582100)), 5 * metres)


def test_radius_is_in_the_unit_of_a_system_in_feet():
    """EPSG:2263 is in US survey feet."""
    line = curve(around("980000 200000", "12", "m"), "EPSG:2263")

    assert np.allclose(distances(line, (980000, 200000)), 12 * 3937 / 1200)


@pytest.mark.parametrize(
    ("uom", "radius"),
    [
        ("deg", "0.0005"), ("degree", "0.0005"), ("urn:ogc:def:uom:EPSG::9102", "0.0005"), ("EPSG:9122", "0.0005"),
        ("rad", str(math.radians(0.0005))), ("urn:ogc:def:uom:EPSG::9101", str(math.radians(0.0005))),
        (None, "0.0005"), ("", "0.0005"),
    ],
)  # fmt: skip
def test_radius_may_be_an_angle_around_a_center_in_degrees(uom, radius):
    line = curve(around("53.2197 6.5686", radius, uom), "urn:ogc:def:crs:EPSG::4326")

    assert np.allclose(distances(line, (53.2197, 6.5686)), 0.0005)


@pytest.mark.parametrize(
    ("uom", "quarter"),
    [("deg", "90"), ("", "90"), ("urn:ogc:def:uom:EPSG::9102", "90"), ("rad", "1.5707963267948966"),
     ("http://www.opengis.net/def/uom/EPSG/0/9101", "1.5707963267948966"), ("EPSG:9105", "100"), ("gon", "100")],
)  # fmt: skip
def test_angle_is_in_its_unit(uom, quarter):
    line = curve(
        "<g:ArcByCenterPoint><g:pos>1000 2000</g:pos><g:radius uom='m'>10</g:radius>"
        f"<g:startAngle uom='{uom}'>0</g:startAngle><g:endAngle uom='{uom}'>{quarter}</g:endAngle></g:ArcByCenterPoint>"
    )

    assert np.allclose(line[[0, -1]], [(1010, 2000), (1000, 2010)])


UNKNOWN = "the unit of a radius or an angle is not known"


@pytest.mark.parametrize("element", CENTER_ELEMENTS)
@pytest.mark.parametrize(
    ("center", "uom", "reason"),
    [
        *((center, uom, UNKNOWN) for center in ("53.2197 6.5686", "233900 582100") for uom in
          ("roede", "EPSG:9999", "urn:ogc:def:uom:EPSG::4326", "#", "kg", "urn:ogc:def:uom:EPSG::9110", "1")),
        ("233900 582100", "deg", UNKNOWN),
        ("233900 582100", "rad", UNKNOWN),
        ("53.2197 6.5686", None, "a radius in an arc in degrees has no unit"),
        ("53.2197 6.5686", "", "a radius in an arc in degrees has no unit"),
    ],
)  # fmt: skip
def test_radius_in_an_unknown_unit_is_counted(element, center, uom, reason):
    head = '<g:Curve xmlns:g="http://www.opengis.net/gml/3.2" srsName="EPSG:4326">'
    body = f"{head}<g:segments>{around(center, '50', uom, element)}</g:segments></g:Curve>"

    batch = decode(Payload(body=body.encode()))

    assert list(batch.geometry) == [None]
    assert batch.skipped == {reason: 1}
