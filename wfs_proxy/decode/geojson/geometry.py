"""GeoJSON geometry objects to shapely geometries, all of one type at once.

The coordinates of all objects of a type are flattened into one array with offsets (the layout of GeoArrow), so there
are no Python objects per vertex beyond those that the JSON parser made. If they cannot be built together, each half is
tried separately, down to single objects: a bad one is found in log2(N) steps and affects no other.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.errors import ShapelyError

__all__ = ["build_geometries"]

_DEPTHS = {
    "Point": (shapely.GeometryType.POINT, 0),
    "MultiPoint": (shapely.GeometryType.MULTIPOINT, 1),
    "LineString": (shapely.GeometryType.LINESTRING, 1),
    "MultiLineString": (shapely.GeometryType.MULTILINESTRING, 2),
    "Polygon": (shapely.GeometryType.POLYGON, 2),
    "MultiPolygon": (shapely.GeometryType.MULTIPOLYGON, 3),
}
"""type (RFC 7946, section 3.1) -> shapely's type, levels of lists around the positions."""

_COLLECTION = "GeometryCollection"
_DEEPEST = 20
"""Levels of collections in collections; deeper ones are unreadable."""

_UNREADABLE = (ShapelyError, ValueError, TypeError, IndexError, KeyError, OverflowError)
"""Raised by the builders for values that are not coordinates."""


def build_geometries(objects: Sequence[Any]) -> tuple[NDArray[np.object_], NDArray[np.bool_]]:
    """Build many geometries.

    Args:
        objects: GeoJSON geometry objects, or None.

    Returns:
        (N,) 2D shapely geometries, ordinates in the order as written; None for null, for empty coordinates and for
        unreadable ones. And (N,) True where one is unreadable: coordinates that are not finite numbers, lines and
        rings with too few positions, types that GeoJSON does not have. Open rings are closed.
    """
    built = np.full(len(objects), None, dtype=object)
    by_type: dict[str, list[int]] = {}
    unreadable = np.zeros(len(objects), dtype=bool)
    for row, candidate in enumerate(objects):
        kind = str(candidate.get("type")) if isinstance(candidate, dict) else None
        if kind in _DEPTHS:
            if candidate.get("coordinates"):
                by_type.setdefault(kind, []).append(row)
        elif kind == _COLLECTION:
            built[row] = _build_collection(candidate, _DEEPEST)
            unreadable[row] = built[row] is None
        elif candidate is not None:
            unreadable[row] = True
    for kind, rows in by_type.items():
        built[rows] = _build_or_halve(kind, [objects[row]["coordinates"] for row in rows])
        unreadable[rows] = shapely.is_missing(built[rows])
    return built, unreadable


def _build_collection(candidate: dict[str, Any], levels: int) -> shapely.GeometryCollection | None:
    members = candidate.get("geometries")
    if not isinstance(members, list) or levels == 0:
        return None
    parts = [_build_member(member, levels) for member in members]
    return None if None in parts else shapely.GeometryCollection(parts)


def _build_member(candidate: Any, levels: int) -> shapely.Geometry | None:
    if isinstance(candidate, dict) and candidate.get("type") == _COLLECTION:
        return _build_collection(candidate, levels - 1)
    part: shapely.Geometry | None = build_geometries([candidate])[0][0]
    return part


def _build_or_halve(kind: str, coordinates: list[Any]) -> NDArray[np.object_]:
    """Return (M,) geometries of one type, None where one cannot be built."""
    try:
        return _build_together(kind, coordinates)
    except _UNREADABLE:
        if len(coordinates) == 1:
            return np.array([None], dtype=object)
    half = len(coordinates) // 2
    return np.concatenate([_build_or_halve(kind, coordinates[:half]), _build_or_halve(kind, coordinates[half:])])


def _build_together(kind: str, coordinates: list[Any]) -> NDArray[np.object_]:
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
