import warnings

import geojson
import geometry_zoo as zoo
import numpy as np
import pytest
import shapely
from arrays import column
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from pyproj import Geod, Transformer

from wfs_proxy.config.layer import PointRule
from wfs_proxy.geo.points.footprint import footprints
from wfs_proxy.geo.points.lines import degree_lengths
from wfs_proxy.geo.points.to_points import to_points

RULES = ("inside", "centroid", "start", "middle")
INSIDE = PointRule(rule="inside")
RD_TO_DEGREES = Transformer.from_crs("EPSG:28992", "EPSG:4258", always_xy=True)


def array(*geometries):
    return column(geometries)


def point_of(geometry, rule="inside", *, geographic=False):
    located = to_points(array(geometry), rule, geographic=geographic)
    assert located.ok.all(), located.skipped
    return shapely.Point(located.xy[0])


def degrees(geometry):
    return shapely.transform(geometry, lambda xy: np.stack(RD_TO_DEGREES.transform(*xy.T), axis=1))


def large_areas(geometry):
    """The part with the largest area after shapely's own functions; several where they are equally large."""
    sound = geometry if shapely.is_valid(geometry) else shapely.make_valid(geometry)
    parts = shapely.get_parts(shapely.get_parts(shapely.get_parts(sound)))
    area = shapely.area(parts)
    return parts[area >= area.max() * (1 - 1e-9)]


def metres_between(one, other):
    step = (np.array(one.coords[0]) - other.coords[0]) * degree_lengths(np.array(one.y))
    return float(np.hypot(*step))


# --- every kind of geometry with every rule


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("name", zoo.SOMEWHERE)
def test_every_geometry_has_a_point_under_every_rule(name, rule):
    geometry = zoo.SOMEWHERE[name]

    point = point_of(geometry, rule)

    assert shapely.box(*geometry.bounds).buffer(1e-9).covers(point)


@pytest.mark.parametrize("geographic", [False, True], ids=["planar", "geographic"])
@pytest.mark.parametrize("name", zoo.NOWHERE)
def test_geometry_without_a_place_is_skipped_with_its_reason(name, geographic):
    geometry, reason = zoo.NOWHERE[name]

    located = to_points(array(geometry), INSIDE, geographic=geographic)

    assert not located.ok[0]
    assert np.isnan(located.xy).all()
    assert located.skipped == {reason: 1}


def test_rows_keep_their_place_around_skipped_ones():
    rows = [
        None,
        zoo.POINTS["point"],
        shapely.Point(),
        zoo.LINES["two-points"],
        zoo.NOWHERE["nan-line"][0],
        zoo.C_SHAPE,
    ]

    located = to_points(array(*rows), INSIDE, geographic=False)

    assert located.ok.tolist() == [False, True, False, True, False, True]
    assert located.skipped == {"no geometry": 2, "coordinates are not numbers": 1}
    assert located.xy[3].tolist() == [80_005, 455_002.5]
    assert zoo.C_SHAPE.covers(shapely.Point(located.xy[5]))


def test_no_objects_have_no_points():
    located = to_points(array(), INSIDE, geographic=False)

    assert located.xy.shape == (0, 2)
    assert located.skipped == {}


def test_a_point_does_not_depend_on_the_rows_around_it():
    geometries = list(zoo.SOMEWHERE.values())
    together = to_points(array(*geometries), INSIDE, geographic=False).xy

    alone = np.concatenate([to_points(array(geometry), INSIDE, geographic=False).xy for geometry in geometries])

    np.testing.assert_array_equal(together, alone)


def test_geometry_that_geos_refuses_costs_only_itself(monkeypatch):
    def stubborn(geometry):
        if (np.asarray(geometry) == shapely.normalize(zoo.BOW_TIE)).any():
            raise shapely.errors.GEOSException("TopologyException")
        return make_valid(geometry)

    make_valid = shapely.make_valid
    monkeypatch.setattr(shapely, "make_valid", stubborn)

    located = to_points(array(zoo.BOW_TIE, zoo.SPIKE, zoo.C_SHAPE), INSIDE, geographic=False)

    assert located.ok.tolist() == [False, True, True]
    assert located.skipped == {"geometry beyond repair": 1}


# --- areas


@pytest.mark.parametrize("rule", ["inside", "start", "middle"])
@pytest.mark.parametrize("name", zoo.AREAS)
def test_area_has_its_point_in_its_largest_part(name, rule):
    assert shapely.covers(large_areas(zoo.AREAS[name]), point_of(zoo.AREAS[name], rule)).any()


@pytest.mark.parametrize("name", zoo.AREAS)
def test_area_in_degrees_has_its_point_in_its_largest_part(name):
    geometry = degrees(zoo.AREAS[name])
    with np.errstate(all="ignore"):
        large = large_areas(geometry)
    assert shapely.covers(large, point_of(geometry, geographic=True)).any()


@pytest.mark.parametrize("name", zoo.FLAT)
def test_flat_area_has_a_point_on_its_line(name):
    assert shapely.boundary(zoo.FLAT[name]).distance(point_of(zoo.FLAT[name])) < 1e-9


def test_point_of_a_square_is_its_middle():
    assert point_of(zoo.AREAS["square"]).coords[0] == (80_005, 455_005)


def test_equal_parts_are_ordered_by_place():
    assert zoo.AREAS["equal-parts"].geoms[1].covers(point_of(zoo.AREAS["equal-parts"]))


def test_equal_legs_of_a_u_do_not_flip_when_drawn_from_elsewhere():
    """Two pieces of the scan line are equally wide: the western one is taken."""
    turn = np.array([[np.cos(0.3), 0], [-np.sin(0.3), 1]])
    corners = np.array(zoo.U_SHAPE.exterior.coords[:-1]) @ turn.T
    drawings = [np.roll(corners, n, axis=0)[::way] for n in range(8) for way in (1, -1)]

    assert len({point_of(shapely.Polygon(corners)).coords[0] for corners in drawings}) == 1


@pytest.mark.parametrize(("wider", "east"), [(5e-10, False), (2e-9, True)])
def test_areas_that_differ_by_less_than_a_billionth_are_equal(wider, east):
    """Of equal areas the one with the lowest bounds is taken: here the western one."""
    parts = [shapely.box(20, 0, 30, 10 * (1 + wider)), shapely.box(0, 0, 10, 10)]

    assert (point_of(shapely.MultiPolygon(parts)).x > 15) is east


@pytest.mark.parametrize(("wider", "east"), [(5e-7, False), (2e-6, True)])
def test_pieces_of_a_scan_line_that_differ_by_less_than_a_millionth_are_equal(wider, east):
    """Of equally wide pieces the western one is taken."""
    u_shape = [(0, 0), (12, 0), (12, 9), (8 - 4 * wider, 9), (8 - 4 * wider, 3), (4, 3), (4, 9), (0, 9)]

    assert (point_of(shapely.Polygon(u_shape)).x > 6) is east


def test_centroid_of_a_c_shape_is_its_centre_of_mass():
    point = point_of(zoo.C_SHAPE, "centroid")

    assert point.equals_exact(zoo.C_SHAPE.centroid, 1e-9)
    assert not zoo.C_SHAPE.covers(point)


def test_sliver_without_a_float_inside_has_one_of_its_vertices():
    """A valid triangle of 291 m by some 0.03 nanometre, of which float64 cannot write the middle."""
    tip, end = (84790.51298140833, 81597.38914637078), (84959.24292537778, 81837.42353467364)
    sliver = shapely.Polygon([tip, end, (84959.24292537782, 81837.42353467368)])

    point = point_of(sliver)

    assert sliver.covers(point)
    assert point.coords[0] in sliver.exterior.coords


# --- lines and points


@pytest.mark.parametrize("name", ["line", "two-points", "closed-line", "repeated-vertices", "line-with-height"])
@pytest.mark.parametrize("rule", ["inside", "centroid", "middle"])
def test_line_has_the_middle_of_its_length(name, rule):
    line = zoo.LINES[name]

    assert point_of(line, rule).distance(line.interpolate(0.5, normalized=True)) < 1e-9


def test_multiline_has_the_middle_of_its_longest_part():
    line = zoo.LINES["multiline"]

    assert point_of(line).distance(line.geoms[1].interpolate(0.5, normalized=True)) < 1e-9


def test_equally_long_lines_are_ordered_by_place():
    line = zoo.LINES["equal-lines"]
    several = [shapely.MultiLineString([line.geoms[i] for i in order]) for order in ((0, 1, 2), (2, 0, 1), (1, 2, 0))]

    assert {point_of(one).coords[0] for one in several} == {(80_003, 455_006)}


@pytest.mark.parametrize(("longer", "east"), [(5e-7, False), (2e-6, True)])
def test_lines_that_differ_by_less_than_a_millionth_are_equally_long(longer, east):
    """Of equally long lines the one with the western middle is taken."""
    lines = shapely.MultiLineString([[(20, 0), (20, 10 * (1 + longer))], [(0, 0), (0, 10)]])

    assert (point_of(lines).x > 10) is east


@pytest.mark.parametrize(("farther", "east"), [(5e-7, False), (2e-6, True)])
def test_points_that_differ_by_less_than_a_millionth_are_equally_near_the_middle(farther, east):
    """Of equally near points the western one is taken; the middle of these four is 0, 0."""
    points = shapely.MultiPoint([(1, 0), (-1 - farther, 0), (farther / 2, 9), (farther / 2, -9)])

    assert (point_of(points).x > 0) is east


@pytest.mark.parametrize("name", zoo.LINES)
@pytest.mark.parametrize("geographic", [False, True], ids=["planar", "geographic"])
def test_reversed_line_has_the_same_middle(name, geographic):
    line = degrees(zoo.LINES[name]) if geographic else zoo.LINES[name]

    assert point_of(line, geographic=geographic) == point_of(shapely.reverse(line), geographic=geographic)


def test_start_of_a_line_is_its_first_vertex():
    assert point_of(zoo.LINES["line"], "start").coords[0] == (80_000, 455_000)


def test_point_stays_where_it_is():
    assert point_of(shapely.Point(4.123456789012345, 52.1), geographic=True).coords[0] == (4.123456789012345, 52.1)


@pytest.mark.parametrize("geographic", [False, True], ids=["planar", "geographic"])
def test_multipoint_has_its_most_central_point(geographic):
    points = degrees(zoo.POINTS["multipoint"]) if geographic else zoo.POINTS["multipoint"]

    assert point_of(points, geographic=geographic) == points.geoms[1]


def test_area_beats_line_beats_point():
    point, line, area = shapely.Point(0, 0), shapely.LineString([(9, 9), (10, 9)]), shapely.box(5, 5, 6, 6)

    assert point_of(shapely.GeometryCollection([point, line, area])).coords[0] == (5.5, 5.5)
    assert point_of(shapely.GeometryCollection([point, line])).coords[0] == (9.5, 9)


# --- the same layer in RD and in degrees

places = st.tuples(st.floats(70_000, 250_000), st.floats(370_000, 600_000))
steps = st.lists(st.tuples(st.floats(-700, 700), st.floats(-700, 700)), min_size=1, max_size=8)


@given(places, steps)
@settings(max_examples=200)
def test_middle_of_a_line_agrees_within_a_centimetre_in_rd_and_in_degrees(place, walk):
    line = shapely.LineString(np.cumsum([place, *walk], axis=0))
    assume(line.length > 0.1)

    in_rd, in_degrees = point_of(line), point_of(degrees(line), geographic=True)

    assert metres_between(degrees(in_rd), in_degrees) < 0.01


@given(places, steps)
@settings(max_examples=50)
def test_multipoint_agrees_within_a_centimetre_in_rd_and_in_degrees(place, walk):
    offsets = np.unique(np.round(walk, 1), axis=0)
    centre = offsets.mean(axis=0)
    distances = np.sort(np.hypot(*(offsets - centre).T))
    assume(len(offsets) == 1 or distances[1] - distances[0] > 0.1)
    points = shapely.MultiPoint(offsets + place)

    in_rd, in_degrees = point_of(points), point_of(degrees(points), geographic=True)

    assert metres_between(degrees(in_rd), in_degrees) < 0.01


def test_degree_lengths_are_those_of_the_ellipsoid():
    geod = Geod(ellps="GRS80")
    east = geod.inv(5 - 5e-4, 52, 5 + 5e-4, 52)[2] * 1000
    north = geod.inv(5, 52 - 5e-4, 5, 52 + 5e-4)[2] * 1000

    assert degree_lengths(np.array(52.0)) == pytest.approx([east, north], abs=0.01)


# --- laws

coordinates = st.tuples(st.integers(0, 12), st.integers(0, 12))
rings = st.lists(coordinates, min_size=3, max_size=9)
fine_rings = st.lists(st.tuples(st.floats(0, 50), st.floats(0, 50)), min_size=3, max_size=12)


@st.composite
def stars(draw):
    """A valid polygon of any size between a hair and a district, somewhere in RD."""
    radii = draw(st.lists(st.floats(0.01, 1), min_size=3, max_size=24))
    size = draw(st.floats(1e-4, 2e3))
    turn = np.linspace(0, 2 * np.pi, len(radii), endpoint=False)
    return shapely.Polygon(
        np.stack([np.cos(turn), np.sin(turn)], axis=1) * np.array(radii)[:, None] * size + draw(places)
    )


@st.composite
def slivers(draw):
    """A triangle or quadrangle so thin that few floats lie inside."""
    place, far = np.array(draw(places)), np.array(draw(st.tuples(st.floats(1, 500), st.floats(1, 500))))
    width = draw(st.floats(1e-10, 1e-6))
    polygon = shapely.Polygon(
        [place, place + far, place + far + np.array([0, width]), place + np.array([0, draw(st.floats(0, 1e-6))])]
    )
    assume(polygon.is_valid and polygon.area > 0)
    return polygon


def drawn_otherwise(ring, data):
    """The same ring from another vertex, perhaps the other way round, with vertices repeated."""
    start = data.draw(st.integers(0, len(ring) - 1))
    turned = [*ring[start:], *ring[:start]]
    if data.draw(st.booleans()):
        turned.reverse()
    return [vertex for vertex in turned for _ in range(data.draw(st.integers(1, 3)))]


@given(st.one_of(stars(), slivers()))
@settings(max_examples=300, suppress_health_check=[HealthCheck.filter_too_much])
def test_valid_area_covers_its_point(polygon):
    assume(polygon.is_valid)

    assert polygon.covers(point_of(polygon))


@given(st.one_of(rings, fine_rings))
@settings(max_examples=300)
def test_scribbled_area_has_its_point_in_the_largest_repaired_part(ring):
    polygon = shapely.Polygon(ring)
    with np.errstate(all="ignore"):
        large = large_areas(polygon)
        assume(large[0].area > 1e-9)

        assert shapely.distance(large, point_of(polygon)).min() < 1e-9


@given(st.one_of(rings, fine_rings), st.data())
@settings(max_examples=300)
def test_point_does_not_depend_on_how_a_ring_was_drawn(ring, data):
    other = drawn_otherwise(ring, data)

    assert point_of(shapely.Polygon(other)) == point_of(shapely.Polygon(ring))


@given(st.lists(st.tuples(coordinates, st.integers(1, 4)), min_size=1, max_size=5), st.randoms())
def test_point_does_not_depend_on_the_order_of_parts(squares, random):
    parts = [shapely.box(x, y, x + size, y + size) for (x, y), size in squares]
    shuffled = random.sample(parts, len(parts))

    assert point_of(shapely.MultiPolygon(parts)) == point_of(shapely.MultiPolygon(shuffled))


@given(
    st.lists(
        st.tuples(st.floats(allow_nan=True, allow_infinity=True), st.floats(allow_nan=True, allow_infinity=True)),
        min_size=3,
        max_size=6,
    ),
    st.sampled_from([shapely.Polygon, shapely.LineString, shapely.MultiPoint]),
    st.sampled_from(RULES),
    st.booleans(),
)
@example([(1e174, 0.0), (0.0, 1e134), (0.0, 0.0), (1.0, 0.0), (0.0, 1.0)], shapely.Polygon, "inside", False)
@example([(float("nan"), 0.0), (0.0, 0.0), (0.0, 0.0)], shapely.Polygon, "inside", False)
def test_no_coordinates_make_it_raise(vertices, make, rule, geographic):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        try:
            geometry = make(vertices)
        except shapely.errors.GEOSException:  # a ring whose first vertex is NaN cannot be closed
            geometry = shapely.LineString(vertices)

    located = to_points(array(geometry), rule, geographic=geographic)

    assert located.ok.sum() + sum(located.skipped.values()) == 1
    assert np.isfinite(located.xy[located.ok]).all()


# --- footprints


def to_degrees(xy):
    return np.stack(RD_TO_DEGREES.transform(*xy.T), axis=1)


@pytest.mark.parametrize("name", ["square", "clockwise", "c-shape", "ring", "bow-tie", "multipolygon", "with-height"])
def test_footprint_is_the_area_in_geojson(name):
    geometry = zoo.AREAS[name]

    footprint = footprints(array(geometry), to_degrees, geographic=False)[0]

    assert geojson.loads(geojson.dumps(footprint)).is_valid
    drawn = shapely.from_geojson(geojson.dumps(footprint))
    assert drawn.is_valid
    with np.errstate(all="ignore"):
        assert drawn.hausdorff_distance(degrees(shapely.make_valid(geometry))) < 5e-6
    assert all(part.exterior.is_ccw for part in getattr(drawn, "geoms", [drawn]))


def test_footprint_has_seven_decimals_and_two_dimensions():
    footprint = footprints(array(zoo.AREAS["with-height"]), to_degrees, geographic=False)[0]

    assert all(vertex == [round(number, 7) for number in vertex[:2]] for vertex in footprint["coordinates"][0])


@pytest.mark.parametrize("geographic", [False, True], ids=["planar", "geographic"])
def test_footprint_of_a_circle_is_simplified(geographic):
    circle = shapely.Point(80_000, 455_000).buffer(10, quad_segs=64)
    geometry, transform = (degrees(circle), lambda lonlat: lonlat) if geographic else (circle, to_degrees)

    ring = footprints(array(geometry), transform, geographic=geographic)[0]["coordinates"][0]

    assert 12 < len(ring) < 40


@pytest.mark.parametrize("name", [*zoo.LINES, *zoo.POINTS, *zoo.FLAT, *zoo.NOWHERE])
def test_only_areas_have_a_footprint(name):
    geometry = {**zoo.LINES, **zoo.POINTS, **zoo.FLAT, **{key: value[0] for key, value in zoo.NOWHERE.items()}}[name]

    drawn = footprints(array(geometry, zoo.AREAS["collection-with-area"]), to_degrees, geographic=False)

    assert drawn[0] is None
    assert drawn[1]["type"] == "Polygon"


def test_footprint_that_crosses_itself_after_rounding_is_repaired_and_the_others_stay_as_they_are():
    """A notch ends 1 mm above the opposite edge; with 7 decimals its tip is 3 mm below that edge."""
    square = shapely.box(4.3, 52.1, 4.3001, 52.1001)
    tip = (4.3000433, 52.10000014)
    notched = shapely.Polygon([(4.3, 52.1), (4.3001, 52.1000003), (4.3001, 52.1001), tip, (4.3, 52.1001)])
    assert notched.is_valid
    assert not shapely.transform(notched, lambda xy: xy.round(7)).is_valid

    drawn = footprints(array(square, notched, square), lambda lonlat: lonlat, geographic=True)

    plain = footprints(array(square), lambda lonlat: lonlat, geographic=True)[0]
    assert (drawn[0], drawn[2]) == (plain, plain)
    repaired = shapely.from_geojson(geojson.dumps(drawn[1]))
    assert repaired.is_valid
    assert repaired.area == pytest.approx(notched.area, rel=0.01)


def test_footprint_smaller_than_the_last_decimal_is_left_out():
    assert footprints(array(zoo.AREAS["tiny"]), to_degrees, geographic=False)[0] is None


@given(st.one_of(rings, fine_rings))
def test_footprint_of_any_area_is_valid_or_absent(ring):
    polygon = shapely.transform(shapely.Polygon(ring), lambda xy: xy + np.array([80_000, 455_000]))

    footprint = footprints(array(polygon), to_degrees, geographic=False)[0]

    assert footprint is None or shapely.from_geojson(geojson.dumps(footprint)).is_valid
