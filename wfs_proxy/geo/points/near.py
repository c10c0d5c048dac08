"""Which points are near each other."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from wfs_proxy.geo.points.lines import degree_lengths

__all__ = ["near_pairs"]


def near_pairs(lonlat: NDArray[np.float64], farthest: float) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Return (P, 2) the pairs of rows whose points are within a distance, and (P,) their distances in metres.

    Distances are on the ellipsoid GRS80, exact to a millimetre for tens of metres.

    Args:
        lonlat: (N, 2) longitude, latitude in degrees, finite.
        farthest: metres.
    """
    # metres that are too short rather than too long, so that the index misses no pair
    shortest = degree_lengths(np.abs(lonlat[:, 1])).min(axis=0)
    points = shapely.points(lonlat * shortest)
    one, other = shapely.STRtree(points).query(points, predicate="dwithin", distance=farthest)
    pairs = np.stack([one, other], axis=1)[one < other]
    ends = lonlat[pairs]
    metres = np.hypot(*((ends[:, 0] - ends[:, 1]) * degree_lengths(ends[:, :, 1].mean(axis=1))).T)
    near = metres <= farthest
    return pairs[near], metres[near]
