"""Nested lists of positions, as JSON formats write them, to shapely geometries: all of one type at once.

The coordinates of all objects of a type are flattened into one array with offsets (the layout of GeoArrow), so there
are no Python objects per vertex beyond those that the JSON parser made. If they cannot be built together, each half is
tried separately, down to single objects: a bad one is found in log2(N) steps and affects no other.
"""

from __future__ import annotations

from itertools import chain
from typing import Any, Literal

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.errors import ShapelyError

__all__ = ["PositionsKind", "build_from_positions"]

PositionsKind = Literal["Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"]

_DEPTHS: dict[PositionsKind, tuple[shapely.GeometryType, int]] = {
    "Point": (shapely.GeometryType.POINT, 0),
    "MultiPoint": (shapely.GeometryType.MULTIPOINT, 1),
    "LineString": (shapely.GeometryType.LINESTRING, 1),
    "MultiLineString": (shapely.GeometryType.MULTILINESTRING, 2),
    "Polygon": (shapely.GeometryType.POLYGON, 2),
    "MultiPolygon": (shapely.GeometryType.MULTIPOLYGON, 3),
}
"""Kind (RFC 7946, section 3.1) -> shapely's type, levels of lists around the positions."""

_UNREADABLE = (ShapelyError, ValueError, TypeError, IndexError, KeyError, OverflowError)
"""Raised by the builders for values that are not coordinates."""


def build_from_positions(kind: PositionsKind, coordinates: list[Any]) -> NDArray[np.object_]:
    """Build many geometries of one kind.

    Args:
        kind: of all of them.
        coordinates: (N,) nested lists of positions. Of each position the first two numbers are used.

    Returns:
        (N,) 2D shapely geometries, ordinates in the order as written. None for unreadable ones: coordinates that are
        not finite numbers, empty parts, lines and rings with too few positions. Open rings are closed.
    """
    try:
        return _build_together(kind, coordinates)
    except _UNREADABLE:
        if len(coordinates) == 1:
            return np.array([None], dtype=object)
    half = len(coordinates) // 2
    parts = (build_from_positions(kind, part) for part in (coordinates[:half], coordinates[half:]))
    return np.concatenate([*parts])


def _build_together(kind: PositionsKind, coordinates: list[Any]) -> NDArray[np.object_]:
    geometry_type, depth = _DEPTHS[kind]
    offsets = []
    nested = coordinates
    for _ in range(depth):
        lengths = np.fromiter(map(len, nested), dtype=np.int64, count=len(nested))
        if not lengths.all():
            raise ValueError("an empty part")  # from_ragged_array crashes the process on one
        offsets.append(np.concatenate([[0], np.cumsum(lengths)]))
        nested = list(chain.from_iterable(nested))
    positions = _positions(nested)
    built: NDArray[np.object_] = shapely.from_ragged_array(geometry_type, positions, tuple(reversed(offsets)) or None)
    return built


def _positions(positions: list[Any]) -> NDArray[np.float64]:
    """Return (V, 2) the first two numbers of each position.

    Raises:
        ValueError: a number that is not finite, or a position with fewer than two.
        TypeError: a position that is not a list, or a value in it that is not a number.
    """
    dimensions = set(map(len, positions))
    if dimensions == {2}:
        flat = np.fromiter(chain.from_iterable(positions), dtype=np.float64, count=2 * len(positions)).reshape(-1, 2)
    elif dimensions and min(dimensions) > 1:
        flat = np.array([position[:2] for position in positions], dtype=np.float64)
    else:
        raise ValueError("a position with fewer than two numbers")
    if not np.isfinite(flat).all():
        raise ValueError("a number that is not finite")
    return flat
