"""What is in a tile: objects, or clusters where there are too many.

A layer has clusters at the zoom levels at which its objects would cover each other, so that all tiles of a zoom level
look the same. From `ALWAYS_OBJECTS` on it has objects, because people look at single ones there. A tile that has tens
of thousands nevertheless, because a vendor has put them at one spot, has clusters at any zoom level.

An object that is alone in its square is shown itself, as in MapLibre's own clusters.

A layer that is fetched in cells is never known as a whole. Its tiles begin at a zoom level at which a tile touches few
cells, and have objects.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from wfs_proxy.faces.tiles.clusters import ClusterIndex, Clusters
from wfs_proxy.faces.tiles.mvt import EXTENT
from wfs_proxy.faces.tiles.places import BUFFER, Places, box_around, in_tile, places_of
from wfs_proxy.geo import Cell
from wfs_proxy.marks import Marks
from wfs_proxy.serve import MAXIMUM_LIMIT, MarkedSnapshot
from wfs_proxy.snapshot import Rows, Snapshot

__all__ = [
    "ALWAYS_OBJECTS",
    "MOST_IN_SQUARE",
    "LayerIndexes",
    "PlacedObjects",
    "TileContent",
    "cells_content",
    "layer_content",
]

MOST_IN_SQUARE = 64
"""Objects in a square that do not yet cover each other: one on every eight by eight pixels of a tile of 512 pixels. A
tile has 64 squares, so it has at most some thousands of objects."""

MOST_CROWDED = 0.01
"""The part of the objects that may be in squares with more at a zoom level at which a layer has objects: the lamps in a
depot do not decide about a whole town."""

ALWAYS_OBJECTS = 16
"""The zoom level from which every layer has objects; a tile is about 370 m wide in the Netherlands."""

MOST_AT_ONE_SPOT = MAXIMUM_LIMIT
"""Objects in one tile, as in one answer of the map endpoint."""


class PlacedObjects(NamedTuple):
    """Objects of a part of a layer, in a tile or around it."""

    part: MarkedSnapshot
    rows: Rows
    """(M,)"""

    places: Places
    """(M, 2) in units of the tile."""

    def within(self, buffer: int) -> PlacedObjects:
        """Return the objects in the tile or at most `buffer` units from it."""
        kept = ((self.places >= -buffer) & (self.places < EXTENT + buffer)).all(axis=1)
        return PlacedObjects(self.part, self.rows[kept], self.places[kept])


class PlacedClusters(NamedTuple):
    """Clusters in a tile, of two or more objects each."""

    ids: NDArray[np.int64]
    """(C,)"""

    world: Places
    """(C, 2) in the grid."""

    places: Places
    """(C, 2) in units of the tile."""

    counts: NDArray[np.int64]
    """(C,)"""

    reported: NDArray[np.int64] | None
    """(C,) reported objects; None in a layer without marks."""


class TileContent(NamedTuple):
    """What a tile shows."""

    objects: list[PlacedObjects]
    clusters: PlacedClusters | None = None


@dataclass(eq=False)
class _LayerIndex:
    """A snapshot sorted for clusters, and the running numbers of reported objects for each version of its marks."""

    clusters: ClusterIndex
    objects_from: int
    """The first zoom level at which tiles have objects."""

    reported: WeakKeyDictionary[Marks, NDArray[np.int64]] = field(default_factory=WeakKeyDictionary)

    def running_reported(self, marks: Marks | None) -> NDArray[np.int64]:
        if marks is None:
            return np.zeros(len(self.clusters) + 1, dtype=np.int64)
        known = self.reported.get(marks)
        if known is None:
            known = self.reported[marks] = self.clusters.running_reported(marks.is_reported)
        return known


class LayerIndexes:
    """The indexes of the layers that are fetched whole, made when the first tile of a snapshot is requested.

    A million objects take a tenth of a second, 28 MB, and 8 MB for each version of the marks in use.
    """

    def __init__(self) -> None:
        self._known: WeakKeyDictionary[Snapshot, _LayerIndex] = WeakKeyDictionary()
        self._making: WeakKeyDictionary[Snapshot, Lock] = WeakKeyDictionary()

    def work(self, snapshot: Snapshot) -> int:
        """Return how many objects must be looked at before a tile of the snapshot can be made."""
        return 0 if snapshot in self._known else len(snapshot)

    def objects_from(self, snapshot: Snapshot) -> int:
        """Return the first zoom level at which tiles of the snapshot have objects."""
        return self.of(snapshot).objects_from

    def of(self, snapshot: Snapshot) -> _LayerIndex:
        """Return the index of a snapshot; several threads may ask, and one makes it."""
        known = self._known.get(snapshot)
        if known is not None:
            return known
        with self._making.setdefault(snapshot, Lock()):
            if snapshot not in self._known:
                clusters = ClusterIndex(places_of(snapshot.lonlat))
                self._known[snapshot] = _LayerIndex(clusters, _objects_from(clusters))
            return self._known[snapshot]


def layer_content(part: MarkedSnapshot, tile: Cell, indexes: LayerIndexes) -> TileContent:
    """Return what is in a tile of a layer that is fetched whole."""
    index = indexes.of(part.snapshot)
    if tile.zoom >= index.objects_from:
        return cells_content([part], tile)
    clusters = index.clusters.of_tile(tile, index.running_reported(part.marks))
    alone = clusters.first[clusters.counts == 1].astype(np.uint32)
    return TileContent(_placed([(part, alone)], tile), _several(clusters, tile, marked=part.marks is not None))


def cells_content(parts: Sequence[MarkedSnapshot], tile: Cell) -> TileContent:
    """Return the objects of all parts in a tile and close to it; clusters if there are too many."""
    box = box_around(tile)
    near = [(part, part.snapshot.rows_in(box)) for part in parts]
    objects = _placed(near, tile)
    inside = [each.within(0) for each in objects]
    if sum(len(each.rows) for each in inside) > MOST_AT_ONE_SPOT:
        return _crowded(inside, tile)
    return TileContent([each.within(BUFFER) for each in objects])


def _placed(found: Sequence[tuple[MarkedSnapshot, Rows]], tile: Cell) -> list[PlacedObjects]:
    return [
        PlacedObjects(part, rows, in_tile(places_of(part.snapshot.lonlat[rows]), tile))
        for part, rows in found
        if len(rows)
    ]


def _crowded(objects: Sequence[PlacedObjects], tile: Cell) -> TileContent:
    """Return the clusters of objects that are all in the tile."""
    world = np.concatenate([places_of(part.snapshot.lonlat[rows]) for part, rows, _ in objects])
    reported = np.concatenate(
        [
            np.zeros(len(rows), np.bool_) if part.marks is None else part.marks.is_reported[rows]
            for part, rows, _ in objects
        ]
    )
    index = ClusterIndex(world)
    clusters = index.of_tile(tile, index.running_reported(reported))
    alone = np.zeros(len(world), dtype=np.bool_)
    alone[clusters.first[clusters.counts == 1]] = True
    bounds = np.cumsum([len(each.rows) for each in objects])[:-1]
    shown = [(each.part, each.rows[single]) for each, single in zip(objects, np.split(alone, bounds), strict=True)]
    marked = any(part.marks is not None for part, _, _ in objects)
    return TileContent(_placed(shown, tile), _several(clusters, tile, marked=marked))


def _several(clusters: Clusters, tile: Cell, *, marked: bool) -> PlacedClusters:
    """Return the squares with more than one object."""
    several = clusters.counts > 1
    world = clusters.places[several]
    return PlacedClusters(
        ids=clusters.ids[several],
        world=world,
        places=in_tile(world, tile),
        counts=clusters.counts[several],
        reported=clusters.reported[several] if marked else None,
    )


def _objects_from(clusters: ClusterIndex) -> int:
    most = MOST_CROWDED * len(clusters)
    zooms = range(ALWAYS_OBJECTS)
    return next((zoom for zoom in zooms if clusters.crowded(zoom, MOST_IN_SQUARE) <= most), ALWAYS_OBJECTS)
