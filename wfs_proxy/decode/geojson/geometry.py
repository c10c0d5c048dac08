"""GeoJSON geometry objects to shapely geometries, all of one type at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, get_args

import numpy as np
import shapely
from numpy.typing import NDArray

from wfs_proxy.decode.nested_positions import PositionsKind, build_from_positions

__all__ = ["build_geometries"]

_KINDS: dict[str, PositionsKind] = {kind: kind for kind in get_args(PositionsKind)}
"""The types with coordinates (RFC 7946, section 3.1)."""

_COLLECTION = "GeometryCollection"
_DEEPEST = 20
"""Levels of collections in collections; deeper ones are unreadable."""


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
    by_kind: dict[PositionsKind, list[int]] = {}
    unreadable = np.zeros(len(objects), dtype=bool)
    for row, candidate in enumerate(objects):
        name = str(candidate.get("type")) if isinstance(candidate, dict) else ""
        kind = _KINDS.get(name)
        if kind is not None:
            if candidate.get("coordinates"):
                by_kind.setdefault(kind, []).append(row)
        elif name == _COLLECTION:
            built[row] = _build_collection(candidate, _DEEPEST)
            unreadable[row] = built[row] is None
        elif candidate is not None:
            unreadable[row] = True
    for kind, rows in by_kind.items():
        built[rows] = build_from_positions(kind, [objects[row]["coordinates"] for row in rows])
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
