"""Which objects are near each other."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import shapely
from numpy.typing import NDArray

from wfs_proxy.geo.points.lines import degree_lengths
from wfs_proxy.geo.points.parts import without_numbers

__all__ = ["in_degrees", "near_pairs"]


def in_degrees(
    geometry: NDArray[np.object_],
    to_degrees: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    lonlat: NDArray[np.float64],
) -> NDArray[np.object_]:
    """Return (N,) geometries in longitude, latitude; the point itself where a part of the geometry has no place.

    Args:
        geometry: (N,) shapely geometries, easting or longitude first.
        to_degrees: (M, 2) coordinates -> (M, 2) longitude, latitude, not finite where there is no place.
        lonlat: (N, 2) a point of each geometry: longitude, latitude in degrees, finite.
    """
    placed: NDArray[np.object_] = shapely.transform(geometry, to_degrees)
    unplaced = without_numbers(placed)
    placed[unplaced] = shapely.points(lonlat[unplaced])
    return placed


def near_pairs(geometry: NDArray[np.object_], farthest: float) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Return (P, 2) the pairs of rows whose geometries are within a distance, and (P,) their distances in metres.

    A point inside an area is at distance 0 of it. Distances are on the ellipsoid GRS80, exact to a millimetre between
    points that are tens of metres apart.

    Args:
        geometry: (N,) shapely geometries, not empty, in longitude, latitude in degrees, finite.
        farthest: metres.
    """
    # metres that are too short rather than too long, so that the index misses no pair
    shortest = degree_lengths(np.abs(shapely.bounds(geometry)[:, [1, 3]])).min(axis=(0, 1))
    shapes = shapely.transform(geometry, lambda lonlat: lonlat * shortest)
    one, other = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=farthest)
    pairs = np.stack([one, other], axis=1)[one < other]
    between = shapely.shortest_line(shapes[pairs[:, 0]], shapes[pairs[:, 1]])
    ends = shapely.get_coordinates(between).reshape(-1, 2, 2) / shortest
    metres = np.hypot(*((ends[:, 0] - ends[:, 1]) * degree_lengths(ends[:, :, 1].mean(axis=1))).T)
    near = metres <= farthest
    return pairs[near], metres[near]
