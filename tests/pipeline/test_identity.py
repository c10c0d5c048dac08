import re

import numpy as np
import orjson
import pytest
from arrays import column
from hypothesis import given
from hypothesis import strategies as st

from wfs_proxy.pipeline.identity import identify, separate_coincident

STEP = 1e-7


def identified(rows, **columns):
    """`identify` over rows of (key, type name, longitude, latitude)."""
    keys, types, lon, lat = zip(*rows, strict=True) if rows else ([], [], [], [])
    lonlat = np.array([lon, lat], dtype=float).T.reshape(-1, 2)
    return identify(column(keys), column(types), lonlat, {name: column(values) for name, values in columns.items()})


def ids_of(rows, **columns):
    return identified(rows, **columns).ids.tolist()


# --- identify


def test_key_becomes_the_id():
    assert ids_of([(12, "a", 4, 52), (12.5, "a", 5, 52), ("007", "a", 6, 52), ("a/b|c", "a", 7, 52)]) == [
        "12",
        "12.5",
        "007",
        "a/b|c",
    ]


def test_object_without_a_key_is_named_after_its_place():
    first = ids_of([(None, "a", 4.1, 52.1), (" ", "a", 4.2, 52.1)], x=["1", "2"])

    assert all(re.fullmatch(r"place-[0-9a-f]{12}", name) for name in first)
    assert first[0] != first[1]
    assert ids_of([(None, "b", 4.1, 52.1)], x=["changed"]) == first[:1]


def test_id_without_a_key_is_the_same_in_every_release():
    """Old reports hold it."""
    assert ids_of([(None, "a", 4.1, 52.1)]) == ["place-cc7f374560fb"]


def test_same_id_and_content_is_one_object():
    """The drain that two feature types or two pages send."""
    result = identified([("1", "put", 4, 52), ("2", "put", 4, 52), ("1", "vlak", 4 + 1e-9, 52)], x=["a", "a", "a"])

    assert result.rows.tolist() == [0, 1]
    assert result.ids.tolist() == ["1", "2"]
    assert (result.duplicates, result.renamed) == (1, 0)


def test_same_id_and_other_place_get_the_type_name():
    result = identified([("1", "put", 4, 52), ("1", "vlak", 4.1, 52), ("3", "put", 4, 52)])

    assert result.ids.tolist() == ["1.put", "1.vlak", "3"]
    assert (result.duplicates, result.renamed) == (0, 2)


def test_same_id_and_other_content_get_the_type_name():
    assert ids_of([("1", "put", 4, 52), ("1", "vlak", 4, 52)], x=["a", "b"]) == ["1.put", "1.vlak"]


def test_same_id_and_type_get_a_hash_of_their_place():
    first = ids_of([("1", "put", 4, 52), ("1", "put", 4.1, 52)], x=["a", "b"])

    assert all(re.fullmatch(r"1\.put\.[0-9a-f]{12}", name) for name in first)
    assert ids_of([("1", "put", 4, 52), ("1", "put", 4.1, 52)], x=["changed", "b"]) == first


def test_same_id_type_and_place_get_a_hash_of_everything():
    result = identified([("1", "", 4, 52), ("1", "", 4, 52)], x=[1, "1"])

    assert len(set(result.ids)) == 2
    assert all(re.fullmatch(r"1\.[0-9a-f]{12}\.[0-9a-f]{12}", name) for name in result.ids)


@pytest.mark.parametrize(("one", "other"), [(1, "1"), (1, 1.0), (1, True), (None, "null"), (None, False)])
def test_values_of_other_types_are_other_content(one, other):
    assert identified([("1", "", 4, 52), ("1", "", 4, 52)], x=[one, other]).duplicates == 0


def test_suffixed_id_that_another_object_has_already():
    rows = [("1", "put", 4, 52), ("1", "vlak", 4.1, 52), ("1.put", "kolk", 4.2, 52)]

    result = identified(rows)

    assert len(set(result.ids)) == 3
    assert result.ids[1:].tolist() == ["1.vlak", "1.put.kolk"]
    assert result.renamed == 3


def test_no_objects_have_no_ids():
    result = identified([])

    assert (result.rows.tolist(), result.ids.tolist()) == ([], [])


def test_footprints_are_content():
    area = {"type": "Polygon", "coordinates": [[[4.0, 52.0]]]}

    assert identified([("1", "", 4, 52)] * 2, footprint=[area, dict(reversed(area.items()))]).duplicates == 1
    assert identified([("1", "", 4, 52)] * 2, footprint=[area, None]).duplicates == 0


keys = st.none() | st.sampled_from([1, "1", 1.0, "01", "", "1.a", "1.b", "2"])
objects = st.lists(
    st.tuples(
        keys, st.sampled_from(["", "a", "b"]), st.sampled_from([4.0, 4.1]), st.just(52.0), st.sampled_from("xyz")
    ),
    max_size=12,
)


def of_objects(objects):
    return identified([row[:4] for row in objects], x=[row[4] for row in objects])


@given(objects)
def test_ids_are_unique_and_every_object_is_accounted_for(objects):
    result = of_objects(objects)

    assert len(set(result.ids)) == len(result.ids) == len(result.rows)
    assert len(result.rows) + result.duplicates == len(objects)


@given(objects, st.randoms(use_true_random=False))
def test_ids_do_not_depend_on_the_order_of_rows(objects, random):
    def seen(objects):
        result = of_objects(objects)
        return {(name, objects[row][2], objects[row][4]) for name, row in zip(result.ids, result.rows, strict=True)}

    assert seen(random.sample(objects, len(objects))) == seen(objects)


@given(objects)
def test_identified_objects_keep_their_ids(objects):
    first = of_objects(objects)
    kept = [objects[row] for row in first.rows]

    again = of_objects([(name, *row[1:]) for name, row in zip(first.ids, kept, strict=True)])

    assert again.ids.tolist() == first.ids.tolist()
    assert (again.duplicates, again.renamed) == (0, 0)


# --- separate_coincident


def apart(*places, ids=None):
    names = ids or [f"mast-{number}" for number in range(len(places))]
    return separate_coincident(column(names), np.array(places, dtype=float).reshape(-1, 2))


def steps_between(one, other):
    return np.abs(np.rint((one - np.array(other)) / STEP)).sum(axis=-1)


def test_places_are_rounded_to_seven_decimals():
    lonlat, moved = apart((4.123456789, 52.987654321), (4.2, 52))

    assert lonlat.tolist() == [[4.1234568, 52.9876543], [4.2, 52.0]]
    assert moved == 0


def test_of_two_objects_on_one_point_one_moves_one_step():
    lonlat, moved = apart((4.3, 52.1), (4.3, 52.1), (4.4, 52.1))

    assert sorted(steps_between(lonlat[:2], (4.3, 52.1))) == [0, 1]
    assert lonlat[2].tolist() == [4.4, 52.1]
    assert moved == 1


def test_objects_that_are_equal_only_after_rounding_are_set_apart():
    lonlat, moved = apart((4.3, 52.1), (4.3 + 2e-8, 52.1))

    assert moved == 1
    assert lonlat[0].tolist() != lonlat[1].tolist()


def test_object_is_never_put_where_another_one_is():
    neighbours = [(4.3 + STEP, 52.1), (4.3 - STEP, 52.1), (4.3, 52.1 + STEP), (4.3, 52.1 - STEP)]

    lonlat, moved = apart((4.3, 52.1), (4.3, 52.1), *neighbours)

    assert moved == 1
    assert np.allclose(lonlat[2:], neighbours, atol=STEP / 10)
    assert sorted(steps_between(lonlat[:2], (4.3, 52.1))) == [0, 2]


def test_five_objects_fill_the_cross_around_their_point():
    lonlat, _ = apart(*[(4.3, 52.1)] * 5)

    assert sorted(steps_between(lonlat, (4.3, 52.1))) == [0, 1, 1, 1, 1]


def test_places_of_objects_are_the_same_in_every_release():
    """Frontends remember a place; the slot comes from the id's hash alone."""
    lonlat, _ = apart(*[(4.3, 52.1)] * 3, ids=["a", "b", "c"])

    assert lonlat.tolist() == [[4.3, 52.0999999], [4.3, 52.1000001], [4.3, 52.1]]


def test_ten_thousand_objects_on_one_point_stay_within_a_metre():
    lonlat, moved = apart(*[(4.3, 52.1)] * 10_000)

    assert moved == 9_999
    assert len(np.unique(lonlat, axis=0)) == 10_000
    # the smallest r whose rings hold 1 + 2 r (r + 1) >= 10 000 places
    assert steps_between(lonlat, (4.3, 52.1)).max() == 71


def test_no_objects_need_no_room():
    lonlat, moved = apart()

    assert (lonlat.shape, moved) == ((0, 2), 0)


crowds = st.lists(
    st.tuples(st.integers(-2, 2), st.integers(-2, 2)).map(lambda step: (4.3 + step[0] * STEP, 52.1 + step[1] * STEP)),
    max_size=40,
)


@given(crowds)
def test_places_are_unique_near_and_of_seven_decimals(places):
    lonlat, moved = apart(*places)

    assert len({*map(tuple, lonlat.tolist())}) == len(places)
    assert moved == len(places) - len({tuple(np.rint(np.array(place) / STEP)) for place in places})
    if places:
        assert steps_between(lonlat, places).max() <= 12
        written = orjson.dumps(lonlat.tolist()).decode()
        assert all(len(decimals) <= 7 for decimals in re.findall(r"\.(\d+)", written))
        assert "e" not in written


@given(crowds, st.randoms(use_true_random=False))
def test_places_do_not_depend_on_the_order_of_rows(places, random):
    order = random.sample(range(len(places)), len(places))
    lonlat, _ = apart(*places)

    shuffled, _ = apart(*[places[row] for row in order], ids=[f"mast-{row}" for row in order])

    assert shuffled.tolist() == lonlat[order].tolist()


@given(st.lists(st.tuples(st.floats(-180, 180), st.floats(-90, 90)), max_size=20))
def test_places_anywhere_on_earth_are_rounded(places):
    lonlat, _ = apart(*places)

    assert lonlat.size == 0 or np.abs(lonlat - np.array(places)).max() < 13 * STEP


@given(crowds)
def test_objects_that_stand_apart_stay(places):
    once, _ = apart(*places)

    twice, moved = apart(*once)

    assert moved == 0
    assert twice.tolist() == once.tolist()


def test_most_objects_stay_when_another_one_comes():
    """It may take the place of one that comes later in the order of hashes, and that one another's."""
    crowd = [(4.3, 52.1)] * 5
    moves = 0
    for newcomer in range(100):
        names = [f"mast-{number}" for number in range(4)]
        before, _ = apart(*crowd[:4], ids=names)
        after, _ = apart(*crowd, ids=[*names, f"nieuw-{newcomer}"])
        moves += int((before != after[:4]).any(axis=1).sum())

    assert moves < 100
