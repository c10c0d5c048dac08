"""Split geometries into parts, and choose the best part so that neither order nor rounding errors decide."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import shapely
from numpy.typing import NDArray

__all__ = ["AREA", "LINE", "dimensions", "grouped_argmax", "leading_parts", "map_or_none", "without_numbers"]

LINE, AREA = 1, 2
"""Dimensions (OGC 06-103r4, 6.1.2.2)."""
_MULTIPOINT = 4
"""GEOS's type number: from there on geometries have parts (shapely makes no curves)."""


def dimensions(geometry: NDArray[np.object_]) -> NDArray[np.int32]:
    """Return (N,) 0 for points, `LINE`, `AREA`; of a collection the highest of its parts; -1 without a geometry."""
    found: NDArray[np.int32] = shapely.get_dimensions(geometry)
    return found


def map_or_none(
    function: Callable[[NDArray[np.object_]], NDArray[np.object_]], geometry: NDArray[np.object_]
) -> NDArray[np.object_]:
    """Apply a vectorised function; None where GEOS raises, so that one bad geometry does not cost all the others.

    Args:
        function: (N,) geometries -> (N,) geometries.
        geometry: (N,) shapely geometries.
    """
    try:
        return function(geometry)
    except shapely.errors.GEOSException:
        if len(geometry) == 1:
            return np.array([None], dtype=object)
        return np.concatenate([map_or_none(function, geometry[row : row + 1]) for row in range(len(geometry))])


def without_numbers(geometry: NDArray[np.object_]) -> NDArray[np.intp]:
    """Return the rows with NaN or infinity in x or y; a row may be repeated."""
    xy, owner = shapely.get_coordinates(geometry, return_index=True)
    finite: NDArray[np.bool_] = np.isfinite(xy[:, 0]) & np.isfinite(xy[:, 1])
    return owner[~finite]


def leading_parts(geometry: NDArray[np.object_]) -> tuple[NDArray[np.object_], NDArray[np.intp]]:
    """Return (P,) the non-empty single parts of each geometry's highest dimension, and (P,) the row of each part."""
    parts, owner = geometry, np.arange(len(geometry))
    while (shapely.get_type_id(parts) >= _MULTIPOINT).any():
        parts, index = shapely.get_parts(parts, return_index=True)
        owner = owner[index]
    full = ~shapely.is_empty(parts)
    parts, owner = parts[full], owner[full]
    dimension = shapely.get_dimensions(parts)
    highest = np.zeros(len(geometry), dtype=dimension.dtype)
    np.maximum.at(highest, owner, dimension)
    leading = dimension == highest[owner]
    return parts[leading], owner[leading]


def grouped_argmax(
    owner: NDArray[np.intp],
    score: NDArray[np.float64],
    ties: Callable[[NDArray[np.intp]], NDArray[np.float64]],
    *,
    tolerance: float,
) -> NDArray[np.intp]:
    """Return the position of the best candidate of each owner, in the order of the owners.

    Args:
        owner: (C,) the row that each candidate belongs to, ascending.
        score: (C,) the highest wins.
        ties: T positions -> (K, T) keys. Of candidates with equal scores the one with the lowest keys wins; the first
            key counts most.
        tolerance: scores that differ by less than this fraction of the best one are equal.
    """
    rows, first, group = np.unique(owner, return_index=True, return_inverse=True)
    if len(rows) == len(owner):
        return first
    best = np.maximum.reduceat(score, first)[group]
    tied = np.flatnonzero(score >= best - tolerance * np.abs(best))
    order = np.lexsort((*ties(tied)[::-1], owner[tied]))
    _, lowest = np.unique(owner[tied][order], return_index=True)
    return tied[order[lowest]]
