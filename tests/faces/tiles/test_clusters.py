"""Clusters, against counting one object after another."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from wfs_proxy.faces.tiles.clusters import ClusterIndex
from wfs_proxy.faces.tiles.places import BITS, OFF_GRID, places_of
from wfs_proxy.geo.cells import Cell

world = st.integers(0, 2**BITS - 1)
on_edges = st.builds(
    lambda tile, step: min(max((tile << 22) + step, 0), 2**BITS - 1), st.integers(0, 1024), st.integers(-1, 1)
)
"""Places on both sides of the edges of tiles."""
places = st.lists(st.tuples(world | on_edges, world | on_edges), max_size=40)


def index_of(found: list[tuple[int, int]]) -> ClusterIndex:
    return ClusterIndex(np.array(found, dtype=np.int64).reshape(-1, 2))


def tiles_of(found: list[tuple[int, int]], zoom: int) -> list[Cell]:
    return sorted({Cell(zoom, x >> (BITS - zoom), y >> (BITS - zoom)) for x, y in found}, key=lambda tile: tile.key)


@given(places, st.integers(0, 20))
def test_each_object_is_in_one_cluster(found: list[tuple[int, int]], zoom: int):
    index = index_of(found)
    squares = defaultdict(list)
    for x, y in found:
        squares[x >> (BITS - zoom - 3), y >> (BITS - zoom - 3)].append((x, y))

    made = [
        index.of_tile(tile, index.running_reported(np.zeros(len(found), np.bool_))) for tile in tiles_of(found, zoom)
    ]

    expected = [
        (*(sum(each) // len(each) for each in zip(*members, strict=True)), len(members)) for members in squares.values()
    ]
    assert sorted(
        (*place, count)
        for clusters in made
        for place, count in zip(clusters.places.tolist(), clusters.counts.tolist(), strict=True)
    ) == sorted(expected)


@given(places, st.integers(0, 19), st.randoms())
def test_clusters_do_not_depend_on_the_order_of_objects(found: list[tuple[int, int]], zoom: int, random):
    shuffled = random.sample(found, len(found))
    none = np.zeros(len(found), np.bool_)
    one, other = index_of(found), index_of(shuffled)

    for tile in tiles_of(found, zoom):
        first, second = (index.of_tile(tile, index.running_reported(none)) for index in (one, other))
        assert (first.ids.tolist(), first.places.tolist(), first.counts.tolist()) == (
            second.ids.tolist(),
            second.places.tolist(),
            second.counts.tolist(),
        )


@given(places, st.integers(0, 20), st.data())
def test_reported_objects_are_counted_in_their_cluster(found: list[tuple[int, int]], zoom: int, data: st.DataObject):
    reported = np.array([data.draw(st.booleans()) for _ in found], dtype=np.bool_)
    index = index_of(found)

    for tile in tiles_of(found, zoom):
        clusters = index.of_tile(tile, index.running_reported(reported))
        for place, number in zip(clusters.places.tolist(), clusters.reported.tolist(), strict=True):
            square = [each >> (BITS - zoom - 3) for each in place]
            members = [[x >> (BITS - zoom - 3), y >> (BITS - zoom - 3)] == square for x, y in found]
            assert number == sum(mark for mark, member in zip(reported.tolist(), members, strict=True) if member)


def test_single_objects_are_known_by_their_position():
    found = [(5, 5), (2**31, 2**31), (2**31 + 1, 2**31), (2**32 - 1, 2**32 - 1)]
    index = index_of(found)

    clusters = index.of_tile(Cell(0, 0, 0), index.running_reported(np.zeros(4, np.bool_)))

    assert clusters.counts.tolist() == [1, 2, 1]
    assert clusters.first[[0, 2]].tolist() == [0, 3]


def test_ids_of_clusters_differ_between_zoom_levels_and_are_exact_in_javascript():
    found = [(x << 24, y << 24) for x in range(0, 256, 5) for y in range(0, 256, 7)]
    index = index_of(found)
    none = index.running_reported(np.zeros(len(found), np.bool_))

    ids = [
        number
        for zoom in (0, 1, 2, 20)
        for tile in tiles_of(found, zoom)
        for number in index.of_tile(tile, none).ids.tolist()
    ]

    assert len(set(ids)) == len(ids)
    assert 0 <= min(ids) <= max(ids) < 2**53


def test_places_on_no_tile_are_in_no_cluster():
    index = ClusterIndex(places_of(np.array([[4.3, 52.0], [4.3, 89.0], [4.3, -90.0]])))

    clusters = index.of_tile(Cell(0, 0, 0), index.running_reported(np.array([False, True, True])))

    assert len(index) == 1
    assert (clusters.counts.tolist(), clusters.reported.tolist()) == ([1], [0])
    assert OFF_GRID < 0


def test_objects_in_full_squares_are_counted():
    index = index_of([(0, 0)] * 5 + [(2**31, 0)] * 3)

    assert [index.crowded(0, most) for most in (2, 3, 4, 5)] == [8, 5, 5, 0]
    assert ClusterIndex(np.empty((0, 2), np.int64)).crowded(4, 0) == 0
