from __future__ import annotations

import itertools
import math

import geojson
import numpy as np
import orjson
import points
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wfs_proxy.bbox import BBox
from wfs_proxy.marks.marks import Marks
from wfs_proxy.serve.feature_collection import feature_collection
from wfs_proxy.serve.marked_snapshot import MarkedSnapshot
from wfs_proxy.serve.query import Cursor, FeatureQuery
from wfs_proxy.serve.selection import Selection, nearest, select
from wfs_proxy.snapshot.snapshot import FRAGMENT_END, Snapshot

THREE = {"034575": (4.3, 52.06), "b/1|x": (4.31, 52.07), "Ålesund": (4.32, 52.08)}


def features_of(snapshot: Snapshot, rows: np.ndarray | None = None) -> list[dict]:
    """What a client reads, checked by the geojson package."""
    rows = snapshot.by_rank if rows is None else rows
    body = feature_collection([MarkedSnapshot(snapshot=snapshot)], Selection(runs=((0, rows),), matched=len(rows)))
    collection = geojson.loads(body)
    assert collection.is_valid, collection.errors()
    return orjson.loads(body)["features"]


def test_a_feature_has_the_layers_prefix_its_point_and_its_properties():
    snapshot = points.snapshot(points.batch({"034575": (4.3, 52.06)}, {"nummer": ["034575"], "hoogte": [3]}))
    assert features_of(snapshot) == [
        {
            "type": "Feature",
            "id": "masten.034575",
            "geometry": {"type": "Point", "coordinates": [4.3, 52.06]},
            "properties": {"nummer": "034575", "hoogte": 3},
        }
    ]


def test_a_layer_without_fields_has_empty_properties():
    assert [feature["properties"] for feature in features_of(points.snapshot(points.batch(THREE)))] == [{}, {}, {}]


def test_an_empty_snapshot_has_no_features_in_any_box():
    empty = points.snapshot(points.batch({}, {"nummer": []}))
    assert (len(empty), empty.bbox, empty.index, empty.find("masten.1")) == (0, None, None, None)
    assert features_of(empty, empty.rows_in(BBox(-180, -90, 180, 90))) == []


def test_ranks_are_in_the_order_of_ids_whatever_the_order_of_the_batch():
    ids = ["b", "a", "10", "9", "Z", "é", "z"]
    snapshot = points.snapshot(points.batch({text: (4 + i / 100, 52) for i, text in enumerate(ids)}))
    assert [feature["id"] for feature in features_of(snapshot)] == [f"masten.{text}" for text in sorted(ids)]
    assert snapshot.ranks[snapshot.by_rank].tolist() == list(range(len(ids)))


def test_rows_that_are_near_on_the_map_are_near_in_memory():
    side = range(64)
    snapshot = points.snapshot(points.batch({f"{x}-{y}": (4 + x / 1e3, 52 + y / 1e3) for x in side for y in side}))
    steps = np.abs(np.diff(snapshot.lonlat, axis=0)).sum(axis=1)
    assert np.median(steps) < 2e-3


@pytest.mark.parametrize("feature_id", [*THREE, *(f"masten.{text}" for text in THREE)])
def test_an_object_is_found_by_its_geojson_id_and_by_its_own(feature_id):
    snapshot = points.snapshot(points.batch(THREE))
    row = snapshot.find(feature_id)
    assert orjson.loads(snapshot.fragment(row) + FRAGMENT_END)["id"] == f"masten.{feature_id.removeprefix('masten.')}"


@pytest.mark.parametrize("feature_id", ["", "masten.", "34575", "other.034575", "zzz"])
def test_an_unknown_id_is_not_found(feature_id):
    assert points.snapshot(points.batch(THREE)).find(feature_id) is None


def test_coordinates_print_at_most_seven_decimals_and_no_negative_zero():
    snapshot = points.snapshot(points.batch({"a": (0.1 + 0.2, -0.0), "b": (4.123456789, 52.000000049)}))
    assert [feature["geometry"]["coordinates"] for feature in features_of(snapshot)] == [[0.3, 0.0], [4.1234568, 52.0]]
    assert all(b"-0.0" not in fragment for fragment in snapshot.features.take(snapshot.by_rank))


def test_a_point_that_is_not_finite_is_refused():
    with pytest.raises(ValueError, match="finite"):
        points.snapshot(points.batch({"a": (math.nan, 52.0)}))


def test_a_number_over_64_bits_does_not_cost_the_layer():
    (feature,) = features_of(points.snapshot(points.batch({"a": (4.3, 52.0)}, {"nummer": [10**30]})))
    assert feature["properties"]["nummer"] == pytest.approx(1e30)


def test_version_is_equal_exactly_when_the_served_content_is():
    one = points.snapshot(points.batch(THREE, {"n": [1, 2, 3]}))
    backwards = points.batch(dict(reversed(THREE.items())), {"n": [3, 2, 1]})
    other = points.snapshot(points.batch(THREE, {"n": [1, 2, 4]}))
    assert one.version == points.snapshot(backwards).version
    assert one.version != other.version
    assert one.version != points.snapshot(points.batch(THREE, {"n": [1, 2, 3]}), "elsewhere").version


def test_the_bbox_encloses_all_points():
    assert points.snapshot(points.batch(THREE)).bbox == (4.3, 52.06, 4.32, 52.08)


_coordinates = st.tuples(st.integers(-20, 20), st.integers(-20, 20)).map(lambda xy: (4 + xy[0] / 1e3, 52 + xy[1] / 1e3))
_boxes = st.tuples(_coordinates, _coordinates).map(
    lambda corners: BBox(
        min(corners[0][0], corners[1][0]),
        min(corners[0][1], corners[1][1]),
        max(corners[0][0], corners[1][0]),
        max(corners[0][1], corners[1][1]),
    )
)


@given(places=st.lists(_coordinates, max_size=200), box=_boxes)
def test_a_box_gives_exactly_the_points_in_it_or_on_its_edge(places, box):
    snapshot = points.snapshot(points.batch({f"{i:03d}": place for i, place in enumerate(places)}))
    west, south, east, north = box
    expected = [
        row
        for row, (longitude, latitude) in enumerate(snapshot.lonlat.tolist())
        if west <= longitude <= east and south <= latitude <= north
    ]
    assert snapshot.rows_in(box).tolist() == expected


@given(places=st.lists(_coordinates, min_size=1, max_size=100), box=_boxes, count=st.integers(1, 50))
def test_no_object_left_out_is_nearer_the_centre_than_one_that_is_kept(places, box, count):
    named = {f"{i:03d}": place for i, place in enumerate(places)}
    halves = [dict(list(named.items())[half::2]) for half in (0, 1)]
    parts = [MarkedSnapshot(snapshot=points.snapshot(points.batch(half))) for half in halves]
    kept = nearest(parts, [part.snapshot.rows_in(None) for part in parts], box, count)
    longitude, latitude = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    scale = math.cos(math.radians(latitude))

    def distances(part: MarkedSnapshot, rows: np.ndarray) -> list[float]:
        return [math.hypot((x - longitude) * scale, y - latitude) for x, y in part.snapshot.lonlat[rows].tolist()]

    left_out = [np.setdiff1d(part.snapshot.rows_in(None), rows) for part, rows in zip(parts, kept, strict=True)]
    inside = [each for part, rows in zip(parts, kept, strict=True) for each in distances(part, rows)]
    outside = [each for part, rows in zip(parts, left_out, strict=True) for each in distances(part, rows)]
    assert all(rows.tolist() == sorted(set(rows.tolist())) for rows in kept)
    assert len(inside) == min(count, len(places))
    assert max(inside) <= min(outside, default=math.inf) + 1e-12


@given(
    places=st.lists(_coordinates, max_size=60), cuts=st.lists(st.integers(0, 60), max_size=4), limit=st.integers(1, 20)
)
def test_pages_of_several_parts_are_those_of_the_whole(places, cuts, limit):
    named = [(f"{i * 7919 % 1000:03d}", place) for i, place in enumerate(places)]
    bounds = [0, *sorted(min(cut, len(named)) for cut in cuts), len(named)]
    several = [
        MarkedSnapshot(snapshot=points.snapshot(points.batch(dict(named[start:end]))))
        for start, end in itertools.pairwise(bounds)
    ]
    whole = [MarkedSnapshot(snapshot=points.snapshot(points.batch(dict(named))))]
    query = FeatureQuery(limit=limit)
    while True:
        one, other = select(whole, query), select(several, query)
        assert feature_collection(whole, one) == feature_collection(several, other)
        assert one.next == other.next
        if one.next is None:
            return
        query = FeatureQuery(limit=limit, cursor=Cursor(version="0", offset=one.next))


@given(
    codes=st.lists(st.integers(0, 2), max_size=40),
    chosen=st.sets(st.integers(0, 39)),
    encoded_unmarked=st.booleans(),
)
def test_runs_of_rows_join_to_the_same_features_as_each_by_itself(codes, chosen, encoded_unmarked):
    suffixes = tuple(b',"mark":%d}},\n' % code for code in range(3))
    batch = points.batch({f"{i:02d}": (4 + i / 100, 52) for i in range(len(codes))}, {"n": list(range(len(codes)))})
    snapshot = Snapshot.build(batch, "masten", suffixes[0] if encoded_unmarked else b"}},\n")
    marks = Marks(
        version="1",
        suffixes=suffixes,
        encoded_unmarked=encoded_unmarked,
        codes=np.array(codes, dtype=np.uint8),
        reported=0,
    )
    rows = np.array(sorted(row for row in chosen if row < len(codes)), dtype=np.uint32)
    each = b",\n".join(snapshot.fragment(row) + marks.suffix(row) for row in rows)
    assert b"".join(MarkedSnapshot(snapshot=snapshot, marks=marks).features(rows)).removesuffix(b",\n") == each
    plain = b",\n".join(snapshot.fragment(row) + snapshot.ending.removesuffix(b",\n") for row in rows)
    assert b"".join(MarkedSnapshot(snapshot=snapshot).features(rows)).removesuffix(b",\n") == plain
