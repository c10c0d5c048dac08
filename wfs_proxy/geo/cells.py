"""The squares that a layer is fetched in: the tiles of WebMercatorQuad at one zoom level.

OGC 17-083r4, annex D.1: at zoom z the world between 85.0511 degrees south and north is 2^z columns, counted from 180
degrees west, by 2^z rows, counted from the north. Places farther north or south belong to the outermost rows.

Places are compared in whole steps of 1e-7 degree, the decimals that are served, and edges are rounded to such steps.
Two neighbouring cells have the same number for their common edge. A cell includes its western and southern edge but not
its eastern and northern one. So each place is in exactly one cell, however its degrees were computed
(`test_each_place_is_owned_by_one_cell_of_any_box_that_holds_it`).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from wfs_proxy.bbox import BBox

__all__ = ["Cell", "cells_in", "count_in", "neighbours", "owns"]

_STEPS_IN_A_DEGREE = 10_000_000
_HALF_ROUND = 180 * _STEPS_IN_A_DEGREE
_FULL_ROUND = 2 * _HALF_ROUND

_DEEPEST = 22
"""Zoom level; at this one a cell near a pole is still dozens of steps high."""

_KEY = re.compile(r"(0|[1-9][0-9]?)-(0|[1-9][0-9]{0,7})-(0|[1-9][0-9]{0,7})", re.ASCII)


@dataclass(frozen=True)
class Cell:
    """One square of the grid."""

    zoom: int

    x: int
    """The column, from the west."""

    y: int
    """The row, from the north."""

    @property
    def key(self) -> str:
        """The name for files and URLs: "15-16812-10753"."""
        return f"{self.zoom}-{self.x}-{self.y}"

    @staticmethod
    def parse(key: str) -> Cell | None:
        """Return the cell with this key; None for any other text."""
        match = _KEY.fullmatch(key)
        if match is None:
            return None
        zoom, x, y = map(int, match.groups())
        return Cell(zoom, x, y) if zoom <= _DEEPEST and max(x, y) < 1 << zoom else None

    @property
    def box(self) -> BBox:
        """Its edges, in degrees of 7 decimals."""
        return BBox(*(step / _STEPS_IN_A_DEGREE for step in _edges(self)))


def cells_in(box: BBox, zoom: int) -> tuple[Cell, ...]:
    """Return the cells that share a place with the box or its edges, row by row from the north, each from the west.

    A large box has millions of cells: call `count_in` first.
    """
    columns, rows = _span(box, zoom)
    return tuple(Cell(zoom, x, y) for y in rows for x in columns)


def count_in(box: BBox, zoom: int) -> int:
    """Return how many cells `cells_in` would return, without making them."""
    columns, rows = _span(box, zoom)
    return len(columns) * len(rows)


def neighbours(cell: Cell) -> tuple[Cell, ...]:
    """Return the up to eight cells around a cell, row by row; the grid ends at 180 degrees and near the poles."""
    size = 1 << cell.zoom
    rows = range(max(cell.y - 1, 0), min(cell.y + 2, size))
    columns = range(max(cell.x - 1, 0), min(cell.x + 2, size))
    around = (Cell(cell.zoom, x, y) for y in rows for x in columns)
    return tuple(each for each in around if each != cell)


def owns(cell: Cell, lonlat: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return (N,) which of the places (N, 2: longitude, latitude in degrees) are in the cell."""
    west, south, east, north = _edges(cell)
    steps = np.rint(lonlat * _STEPS_IN_A_DEGREE).astype(np.int64)
    x = np.clip(steps[:, 0], -_HALF_ROUND, _HALF_ROUND - 1)
    y = np.clip(steps[:, 1], _north_edge(cell.zoom, 1 << cell.zoom), _north_edge(cell.zoom, 0) - 1)
    inside: NDArray[np.bool_] = (west <= x) & (x < east) & (south <= y) & (y < north)
    return inside


def _span(box: BBox, zoom: int) -> tuple[range, range]:
    """Return the columns and the rows of a box."""
    west, south, east, north = (round(degrees * _STEPS_IN_A_DEGREE) for degrees in box)
    columns = range(_column(zoom, west), _column(zoom, east) + 1)
    rows = range(_row(zoom, north), _row(zoom, south) + 1)
    return columns, rows


def _column(zoom: int, step: int) -> int:
    """Return the column of a longitude."""
    step = min(max(step, -_HALF_ROUND), _HALF_ROUND - 1)
    column = (step + _HALF_ROUND) * (1 << zoom) // _FULL_ROUND
    # rounding can move the eastern edge down to this step, which then belongs to the next column; the western edge is
    # at most the step, and rounding to whole steps keeps it so
    return column + (_west_edge(zoom, column + 1) <= step)


def _row(zoom: int, step: int) -> int:
    """Return the row of a latitude."""
    size = 1 << zoom
    step = min(max(step, _north_edge(zoom, size)), _north_edge(zoom, 0) - 1)
    latitude = math.radians(step / _STEPS_IN_A_DEGREE)
    row = math.floor((1 - math.asinh(math.tan(latitude)) / math.pi) / 2 * size)
    # rounding can move the northern edge down to this step, which then belongs to the row above; the southern edge is
    # at most the step, and the row's floating-point error is far less than half a step
    return row - (_north_edge(zoom, row) <= step)


def _edges(cell: Cell) -> tuple[int, int, int, int]:
    """Return west, south, east, north in steps."""
    return (
        _west_edge(cell.zoom, cell.x),
        _north_edge(cell.zoom, cell.y + 1),
        _west_edge(cell.zoom, cell.x + 1),
        _north_edge(cell.zoom, cell.y),
    )


def _west_edge(zoom: int, column: int) -> int:
    """Return the western edge of a column in steps; it is the eastern edge of the column before."""
    return round(column * _FULL_ROUND / (1 << zoom)) - _HALF_ROUND


@lru_cache(maxsize=4096)
def _north_edge(zoom: int, row: int) -> int:
    """Return the northern edge of a row in steps; it is the southern edge of the row before."""
    angle = math.atan(math.sinh(math.pi * (1 - 2 * row / (1 << zoom))))
    return round(math.degrees(angle) * _STEPS_IN_A_DEGREE)
