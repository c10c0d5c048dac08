"""Taking geometries apart, and choosing among parts so that neither order nor the last digit of a sum decides."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import shapely
from numpy.typing import NDArray

__all__ = ["AREA", "LINE", "grouped_argmax", "leading_parts", "map_or_none", "without_numbers"]

LINE, AREA = 1, 2
"""Dimensions (OGC 06-103r4, 6.1.2.2)."""
_MULTIPOINT = 4
"""GEOS's type number: from there on geometries have parts (shapely makes no curves)."""


def map_or_none(
    function: Callable[[NDArray[np.object_]], NDArray[np.object_]], geometry: NDArray[np.object_]
) -> NDArray[np.object_]:
    """`function` over all geometries; None for one that GEOS raises about, which would cost all the others."""
    try:
        return function(geometry)
    except shapely.errors.GEOSException:
        if len(geometry) == 1:
            return np.array([None], dtype=object)
        return np.concatenate([map_or_none(function, geometry[row : row + 1]) for row in range(len(geometry))])


def without_numbers(geometry: NDArray[np.object_]) -> NDArray[np.intp]:
    """The rows with NaN or infinity in x or y, each one or more times."""
    xy, owner = shapely.get_coordinates(geometry, return_index=True)
    finite: NDArray[np.bool_] = np.isfinite(xy[:, 0]) & np.isfinite(xy[:, 1])
    return owner[~finite]


def leading_parts(geometry: NDArray[np.object_]) -> tuple[NDArray[np.object_], NDArray[np.intp]]:
    """The single, non-empty parts of the highest dimension that each geometry has, and the row (P,) of each part."""
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
    """Positions of the best candidate of every owner, in the order of the owners.

    Args:
        owner: (C,) ascending: the row that each candidate belongs to.
        score: (C,) more is better.
        ties: gives the keys (K, T) of T positions; of candidates with equal scores the lowest keys win, the first key
            first.
        tolerance: scores that differ less than this part of the best one are equal.
    """
    rows, first, group = np.unique(owner, return_index=True, return_inverse=True)
    if len(rows) == len(owner):
        return first
    best = np.maximum.reduceat(score, first)[group]
    tied = np.flatnonzero(score >= best - tolerance * np.abs(best))
    order = np.lexsort((*ties(tied)[::-1], owner[tied]))
    _, lowest = np.unique(owner[tied][order], return_index=True)
    return tied[order[lowest]]
