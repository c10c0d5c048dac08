"""Objects that the vendor has twice."""

import numpy as np
import shapely
from arrays import column
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from wfs_proxy.features import Encoding, FeatureBatch
from wfs_proxy.pipeline.twins import find_twins, kinds_of, merged_attributes

POINT, LINE, AREA = shapely.Point(0, 0), shapely.LineString([(0, 0), (1, 1)]), shapely.box(0, 0, 1, 1)
HERE = (4.3, 52.06)
GEOD = Geod(ellps="GRS80")


def away(metres, azimuth=0.0, start=HERE):
    """The place so many metres from another one, by an independent library."""
    return GEOD.fwd(*start, azimuth, metres)[:2]


def drawn(shape, place):
    """A shape of a fraction of a millimetre at a place."""
    return shapely.transform(shape, lambda xy: xy * 1e-9 + place)


def found(rows, **columns):
    """`find_twins` over rows of (key, type, geometry, place)."""
    keys, types, geometry, places = zip(*rows, strict=True)
    values = {name: column(given) for name, given in (columns or {"x": range(len(rows))}).items()}
    kinds = kinds_of(np.array(types), column(geometry))
    outlines = column(map(drawn, geometry, places))
    return find_twins(column(keys), kinds, np.array(places, dtype=float), values, outlines.__getitem__)


def rows_of(rows, **columns):
    return [each.rows for each in found(rows, **columns)]


def test_a_point_and_an_area_of_two_types_are_one_object_with_the_attributes_of_the_first_type():
    (twins,) = found([("1", 1, POINT, HERE), ("2", 0, AREA, HERE), ("1", 0, AREA, away(0.01))])

    assert (twins.rows, twins.place, twins.merged) == ((2, 0), 2, 1)


def test_the_place_is_that_of_the_area_also_when_its_type_is_not_the_first():
    (twins,) = found([("1", 0, POINT, HERE), ("1", 1, AREA, away(2))])

    assert (twins.first, twins.place) == (0, 1)


def test_a_multipart_area_is_an_area():
    (twins,) = found([("1", 0, POINT, HERE), ("1", 0, shapely.MultiPolygon([AREA]), away(2))])

    assert (twins.rows, twins.place) == ((1, 0), 1)


def test_objects_of_one_type_are_twins_if_their_geometries_are_of_different_kinds():
    assert rows_of([("1", 0, POINT, HERE), ("1", 0, AREA, away(1))]) == [(1, 0)]
    assert rows_of([("1", 0, POINT, HERE), ("1", 0, LINE, away(1))]) == [(1, 0)]
    assert rows_of([("1", 0, POINT, HERE), ("1", 1, POINT, away(1))]) == [(0, 1)]


def test_two_points_or_two_areas_of_one_type_always_stay_two():
    for geometry in (POINT, LINE, AREA):
        assert rows_of([("1", 0, geometry, HERE), ("1", 0, geometry, away(0.1)), ("2", 1, POINT, HERE)]) == []
    assert (
        rows_of([("1", 0, POINT, HERE), ("1", 0, shapely.MultiPoint([(0, 0)]), away(0.1)), ("2", 1, AREA, HERE)]) == []
    )


def test_a_key_is_the_same_in_every_spelling_and_blank_is_no_key():
    assert rows_of([(12, 0, POINT, HERE), ("12", 1, POINT, HERE), (" 12.0 ", 2, AREA, HERE)]) == [(0, 1, 2)]
    for blank in (None, "", "  "):
        assert rows_of([(blank, 0, POINT, HERE), (blank, 1, POINT, HERE)]) == []
    assert rows_of([("012", 0, POINT, HERE), ("12", 1, POINT, HERE)]) == []


def test_twins_are_at_most_five_metres_apart_in_every_direction():
    for azimuth in range(0, 360, 15):
        for start in (HERE, (4.3, 0.0), (6.9, 53.5), (-68.2, 12.2), (15.0, 70.0)):
            pair = ("1", 0, POINT, start), ("1", 1, POINT, away(4.99, azimuth, start))
            assert rows_of(pair) == [(0, 1)]
            assert rows_of([pair[0], ("1", 1, POINT, away(5.01, azimuth, start))]) == []


def test_a_chain_is_not_one_object():
    """The nearest pair is one; the third is more than 5 m from one of them."""
    chain = [("1", 0, POINT, HERE), ("1", 1, POINT, away(4)), ("1", 2, POINT, away(7))]

    assert rows_of(chain) == [(1, 2)]


def test_of_equally_near_pairs_the_first_types_are_one():
    chain = [("1", 2, POINT, away(4)), ("1", 1, POINT, HERE), ("1", 0, POINT, away(4, 180))]

    assert rows_of(chain) == [(2, 1)]


def test_a_second_point_of_one_type_stays_by_itself():
    rows = [("1", 0, AREA, HERE), ("1", 1, POINT, away(1)), ("1", 1, POINT, away(2, 90))]

    assert rows_of(rows) == [(0, 1)]


def test_three_objects_that_are_all_near_each_other_are_one():
    (twins,) = found([("1", 0, POINT, HERE), ("1", 1, POINT, away(2)), ("1", 1, AREA, away(2, 90))])

    assert (twins.rows, twins.place, twins.merged) == ((0, 2, 1), 2, 2)


def test_an_object_that_two_pages_have_is_counted_as_sent_twice_and_not_as_a_twin():
    rows = [("1", 0, AREA, HERE), ("1", 1, POINT, away(1)), ("1", 1, POINT, away(1))]
    (twins,) = found(rows, x=["a", "b", "b"])

    assert (twins.rows, twins.merged) == ((0, 1, 2), 1)


def test_rows_that_are_equal_in_everything_served_are_twins_only_if_their_types_or_geometries_differ():
    assert rows_of([("1", 0, AREA, HERE), ("1", 1, POINT, HERE)], x=["a", "a"]) == [(0, 1)]
    assert rows_of([("1", 0, AREA, HERE), ("1", 0, AREA, HERE), ("2", 1, POINT, HERE)], x=["a", "a", "a"]) == []


def test_an_equal_row_of_another_type_does_not_join_two_points_of_one_type():
    rows = [("1", 0, POINT, HERE), ("1", 1, POINT, HERE), ("1", 0, POINT, away(3))]

    assert rows_of(rows, x=["a", "a", "b"]) == [(0, 1)]


def test_many_objects_with_one_key_take_no_time():
    """A layer whose key is the name of a street."""
    places = [away(20 * number, 90) for number in range(3000)]
    rows = [("Kerkstraat", type_, POINT, place) for type_ in (0, 1) for place in places]

    assert len(rows_of(rows)) == 3000


def test_an_attribute_is_that_of_the_first_type_that_has_it():
    twins = found([("1", 1, POINT, HERE), ("1", 0, AREA, HERE)])
    batch = FeatureBatch(
        ids=column(["p", "v"]),
        type_names=column(["punt", "vlak"]),
        geometry=column([POINT, AREA]),
        geometry_errors=column([None, None]),
        srs_index=np.full(2, -1, dtype=np.int32),
        srs_names=(),
        columns={"a": column(["p", "v"]), "b": column(["p", " "]), "c": column(["p", None]), "d": column([None, None])},
        encoding=Encoding.GML32,
    )

    merged = merged_attributes(batch, twins)

    assert merged.ids.tolist() == ["v"]
    assert {name: values.tolist() for name, values in merged.columns.items()} == {
        "a": ["v"],
        "b": ["p"],
        "c": ["p"],
        "d": [None],
    }


_rows = st.lists(
    st.tuples(
        st.sampled_from(["1", "2", None]),
        st.integers(0, 2),
        st.sampled_from([POINT, LINE, AREA]),
        st.integers(0, 6).map(lambda step: away(step * 2.2)),
        st.sampled_from("xy"),
    ),
    max_size=9,
)


@given(_rows.filter(bool), st.randoms(use_true_random=False))
def test_twins_do_not_depend_on_the_order_of_rows_and_are_all_near_each_other(rows, random):
    def seen(rows):
        merged = found([row[:4] for row in rows], x=[row[4] for row in rows])
        for twins in merged:
            members = [rows[row] for row in twins.rows]
            assert len({row[0] for row in members}) == 1
            for one in members:
                for other in members:
                    assert GEOD.inv(*one[3], *other[3])[2] <= 5.001
                    assert one[1:3] != other[1:3] or one[3:] == other[3:]
        return sorted([repr([rows[row] for row in twins.rows]) for twins in merged])

    assert seen(random.sample(rows, len(rows))) == seen(rows)
