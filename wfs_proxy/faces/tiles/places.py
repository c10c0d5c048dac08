"""Places in the grid of tiles, WebMercatorQuad (OGC 17-083r4, annex D.1), as whole numbers.

The world between 85.0511 degrees south and north is a square. Its side has 2^32 units of at most 9 mm, so a place is a
column from the west and a row from the north, of 32 bits each. Their first `z` bits are the tile at zoom level `z`, and
the next twelve bits are the place in it. So a place is in exactly one tile of each zoom level, and a tile has exactly
the places of its four parts.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wfs_proxy.bbox import BBox
from wfs_proxy.faces.tiles.mvt import EXTENT
from wfs_proxy.geo import Cell

__all__ = ["BITS", "BUFFER", "DEEPEST", "OFF_GRID", "Places", "box_around", "in_tile", "lonlat_of", "places_of"]

BITS = 32
"""Of a column or a row."""

DEEPEST = 20
"""The zoom level at which a unit of a tile is a unit of the grid."""

BUFFER = 64
"""Units of a tile around it of which it also has the objects, for programs that cut symbols at the edge of a tile."""

Places = NDArray[np.int64]
"""(N, 2) column and row; both `OFF_GRID` for a place that is on no tile."""

OFF_GRID = -(1 << 48)
"""Far from every tile."""

_WORLD = float(1 << BITS)
_EXTENT_BITS = EXTENT.bit_length() - 1
_MARGIN = 1e-9
"""Degrees; more than the rounding errors of an edge, so that `box_around` has every object of a tile."""


def places_of(lonlat: NDArray[np.float64]) -> Places:
    """Return the places of points (N, 2: longitude, latitude in degrees).

    Places nearer to a pole than the grid are on no tile; a longitude of 180 degrees belongs to the easternmost.
    """
    places = np.empty(lonlat.shape, dtype=np.int64)
    columns = np.floor((lonlat[:, 0] + 180.0) / 360.0 * _WORLD)
    places[:, 0] = np.clip(columns, 0, _WORLD - 1)
    rows = np.floor((0.5 - np.arcsinh(np.tan(np.radians(lonlat[:, 1]))) / (2 * np.pi)) * _WORLD)
    places[:, 1] = rows
    places[(rows < 0) | (rows >= _WORLD)] = OFF_GRID
    return places


def in_tile(places: Places, tile: Cell) -> Places:
    """Return places in units of a tile, from its north-western corner."""
    corner = np.array([tile.x, tile.y], dtype=np.int64) << (BITS - tile.zoom)
    return (places - corner) >> (BITS - tile.zoom - _EXTENT_BITS)


def lonlat_of(places: Places) -> NDArray[np.float64]:
    """Return (N, 2) longitude and latitude of places in degrees, to 7 decimals."""
    parts = places / _WORLD
    return np.column_stack((parts[:, 0] * 360.0 - 180.0, _latitudes(parts[:, 1]))).round(7)


def box_around(tile: Cell) -> BBox:
    """Return a box that has every object of a tile and of the buffer around it."""
    part = BUFFER / EXTENT
    size = 1 << tile.zoom
    west, east = ((x / size * 360.0) - 180.0 for x in (tile.x - part, tile.x + 1 + part))
    north, south = _latitudes(np.array([tile.y - part, tile.y + 1 + part]) / size).tolist()
    return BBox(
        max(west - _MARGIN, -180.0), max(south - _MARGIN, -90.0), min(east + _MARGIN, 180.0), min(north + _MARGIN, 90.0)
    )


def _latitudes(parts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the latitudes (N,) of rows, which are parts of the world from the north."""
    latitudes: NDArray[np.float64] = np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * parts))))
    return latitudes
