"""Which rings of a polygon are holes.

Esri's polygon is a list of rings: outer rings clockwise, holes counterclockwise, in any order (ArcGIS REST API,
"Geometry objects"). Programs write them in both directions, so the direction is not believed: a ring that lies in an
odd number of others is a hole of the smallest of them, as ArcGIS and GDAL draw it.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

__all__ = ["areas_of_rings"]


def areas_of_rings(rings: NDArray[np.object_], owners: NDArray[np.intp], count: int) -> NDArray[np.object_]:
    """Return the areas that rings enclose.

    Args:
        rings: (R,) each ring as a polygon without holes; None where it is unreadable.
        owners: (R,) the object of each ring, in ascending order.
        count: N, of objects.

    Returns:
        (N,) a polygon, or a multipolygon if an object has several outer rings. None where a ring is unreadable.
    """
    unreadable = np.zeros(count, dtype=bool)
    unreadable[owners[shapely.is_missing(rings)]] = True
    built = np.full(count, None, dtype=object)
    usable = ~unreadable[owners]
    rings, owners = rings[usable], owners[usable]
    inner, outer = _nested_pairs(rings, owners)
    depth = np.bincount(inner, minlength=len(rings))
    is_hole = depth % 2 == 1
    holes: dict[int, list[int]] = {}
    for hole, around in zip(inner[is_hole[inner]].tolist(), outer[is_hole[inner]].tolist(), strict=True):
        if depth[around] == depth[hole] - 1:
            holes.setdefault(around, []).append(hole)
    polygons = rings.copy()
    edges = shapely.get_exterior_ring(rings)
    for shell, inside in holes.items():
        polygons[shell] = shapely.polygons(edges[shell], edges[inside])
    shells = np.flatnonzero(~is_hole)
    of_object = owners[shells]
    several = np.bincount(of_object, minlength=count) > 1
    alone = shells[~several[of_object]]
    built[owners[alone]] = polygons[alone]
    parts = shells[several[of_object]]
    multi = np.flatnonzero(several)
    if len(multi):
        built[multi] = shapely.multipolygons(polygons[parts], indices=np.searchsorted(multi, owners[parts]))
    return built


def _nested_pairs(rings: NDArray[np.object_], owners: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return (P,) the rings that lie in another ring of their object, and (P,) that ring; all such pairs."""
    bounds = shapely.bounds(rings)
    areas = shapely.area(rings)
    _, starts, counts = np.unique(owners, return_index=True, return_counts=True)
    objects = zip(starts.tolist(), (starts + counts).tolist(), strict=True)
    pairs = [_boxes_in_boxes(bounds, areas, start, end) for start, end in objects]
    if not pairs:
        return np.empty(0, dtype=np.intp), np.empty(0, dtype=np.intp)
    inner, outer = np.concatenate(pairs, axis=1)
    inside = shapely.covered_by(rings[inner], rings[outer])
    return inner[inside], outer[inside]


def _boxes_in_boxes(bounds: NDArray[np.float64], areas: NDArray[np.float64], start: int, end: int) -> NDArray[np.intp]:
    """Return (2, P) pairs of rows of which the first may lie in the second: its box does, and its area is smaller."""
    own, sizes = bounds[start:end], areas[start:end]
    within = (own[:, None, :2] >= own[None, :, :2]).all(axis=2) & (own[:, None, 2:] <= own[None, :, 2:]).all(axis=2)
    inner, outer = np.nonzero(within & (sizes[:, None] < sizes[None, :]))
    return np.vstack([inner, outer]) + start
