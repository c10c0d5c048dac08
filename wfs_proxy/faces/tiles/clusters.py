"""Counts objects by the squares of a grid, for tiles that have too many to show each.

Sorted by their Morton number, which interleaves the bits of column and row, the objects of a tile or of a square in it
are neighbours. So the objects of a layer are sorted once, with running sums of their places and of the reported ones. A
tile needs a search for the edges of its 64 squares, and differences of the sums there, however many objects it has.

A square at one zoom level is exactly four squares of the next, and a square is in exactly one tile. So the counts of
neighbouring tiles, and those of all tiles of a zoom level, add up to the objects. Sums are of whole numbers, so the
place of a cluster does not depend on the order of the objects.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wfs_proxy.faces.tiles.places import BITS, OFF_GRID, Places
from wfs_proxy.geo import Cell
from wfs_proxy.snapshot import interleaved

__all__ = ["ClusterIndex", "Clusters"]

_SQUARES_BITS = 3
"""The squares along the side of a tile, as a power of two: 8, each of 64 pixels where a tile has 512."""


class Clusters(NamedTuple):
    """The squares of a tile that have objects, in a fixed order."""

    ids: NDArray[np.int64]
    """(C,) different for every square of every zoom level; below 2^53."""

    places: Places
    """(C, 2) the mean of the objects' places."""

    counts: NDArray[np.int64]
    """(C,) objects."""

    reported: NDArray[np.int64]
    """(C,) reported objects."""

    first: NDArray[np.int64]
    """(C,) an object of the square, the only one where there is one: its position in the places that were indexed."""


class ClusterIndex:
    """The objects of a layer, sorted for clusters."""

    def __init__(self, places: Places) -> None:
        """Sort places; those on no tile are left out."""
        rows = np.flatnonzero(places[:, 0] != OFF_GRID)
        keys = interleaved(places[rows].astype(np.uint64))
        order = np.argsort(keys, kind="stable")
        self._keys = keys[order]
        self._rows = rows[order].astype(np.uint32)
        self._sums = _running_sums(places[self._rows])

    def __len__(self) -> int:
        return len(self._keys)

    def crowded(self, zoom: int, most: int) -> int:
        """Return how many objects are in squares of tiles of a zoom level with more than `most` objects."""
        squares = self._keys >> np.uint64(2 * (BITS - zoom - _SQUARES_BITS))
        edges = np.flatnonzero(squares[1:] != squares[:-1]) + 1
        counts = np.diff(edges, prepend=0, append=len(squares))
        return int(counts[counts > most].sum())

    def running_reported(self, reported: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Return what `of_tile` needs of the marks.

        Args:
            reported: (N,) for each of the indexed places.
        """
        return _running_sums(reported[self._rows])

    def of_tile(self, tile: Cell, running_reported: NDArray[np.int64]) -> Clusters:
        """Return the clusters of a tile."""
        zoom = tile.zoom + _SQUARES_BITS
        number = interleaved(np.array([[tile.x, tile.y]], dtype=np.uint64))
        squares = (number << np.uint64(2 * _SQUARES_BITS)) | np.arange(1 << 2 * _SQUARES_BITS, dtype=np.uint64)
        shift = np.uint64(2 * (BITS - zoom))
        # the last number of a square, not the first of the next, which may need 65 bits
        starts = self._keys.searchsorted(squares << shift, side="left")
        ends = self._keys.searchsorted((squares << shift) | ((np.uint64(1) << shift) - np.uint64(1)), side="right")
        filled = ends > starts
        starts, ends = starts[filled], ends[filled]
        counts = ends - starts
        return Clusters(
            ids=(squares[filled].astype(np.int64) << 5) | zoom,
            places=(self._sums[ends] - self._sums[starts]) // counts[:, np.newaxis],
            counts=counts,
            reported=running_reported[ends] - running_reported[starts],
            first=self._rows[starts].astype(np.int64),
        )


def _running_sums(values: NDArray[np.int64] | NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return (N + 1, ...) the sum of all values before each."""
    sums = np.zeros((len(values) + 1, *values.shape[1:]), dtype=np.int64)
    np.cumsum(values, axis=0, out=sums[1:])
    return sums
