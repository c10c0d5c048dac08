"""Footprints: the simplified area as GeoJSON, for a property of the point feature."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import orjson
import shapely
from numpy.typing import NDArray

from wfs_proxy.geo.points.areas import repaired
from wfs_proxy.geo.points.parts import AREA, leading_parts, map_or_none, without_numbers

__all__ = ["footprints"]

_TOLERANCE = 0.25
"""Metres; a pixel of the frontends' maps is 0.37 to 0.42 m where objects appear."""
_TOLERANCE_IN_DEGREES = 2.245778e-6
"""The same length on the equator, where a degree of longitude is longest: elsewhere it is less."""
_STEP = 1e-7
"""Degrees, about 1 cm: the 7 decimals that are written."""


def footprints(
    geometry: NDArray[np.object_],
    to_lonlat: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    *,
    geographic: bool,
) -> NDArray[np.object_]:
    """Return (N,) GeoJSON geometries (RFC 7946, 3.1) as dicts; None for lines, points and areas that round to nothing.

    They are simplified by 0.25 m with their topology kept, have 7 decimals, and their outer rings are counter-clockwise
    (RFC 7946, 3.1.6).

    Args:
        geometry: (N,) shapely geometries, easting or longitude first; None where there is none.
        to_lonlat: (M, 2) coordinates of that CRS -> (M, 2) longitude, latitude.
        geographic: whether the coordinates are degrees.
    """
    tolerance = _TOLERANCE_IN_DEGREES if geographic else _TOLERANCE

    def written(areas: NDArray[np.object_]) -> NDArray[np.object_]:
        simple = shapely.simplify(areas, tolerance, preserve_topology=True)
        return shapely.orient_polygons(_rounded(shapely.transform(simple, to_lonlat)))

    dicts = np.full(len(geometry), None, dtype=object)
    with np.errstate(all="ignore"):  # a flat ring makes GEOS set floating-point flags
        areas, rows = _areas(geometry)
        areas = map_or_none(written, areas)
    left = np.flatnonzero(~(shapely.is_missing(areas) | shapely.is_empty(areas)))
    dicts[rows[left]] = [orjson.loads(text) for text in shapely.to_geojson(areas[left])]
    return dicts


def _rounded(areas: NDArray[np.object_]) -> NDArray[np.object_]:
    """Round to 7 decimals; areas whose edges would then cross go through the slower `set_precision`."""
    rounded = shapely.transform(areas, lambda lonlat: np.round(lonlat, 7))
    crossing = ~shapely.is_valid(rounded)
    if crossing.any():
        snapped = shapely.set_precision(areas[crossing], _STEP)
        rounded[crossing] = shapely.transform(snapped, lambda lonlat: np.round(lonlat, 7))
    return rounded


def _areas(geometry: NDArray[np.object_]) -> tuple[NDArray[np.object_], NDArray[np.intp]]:
    """Return the polygons and multipolygons in the geometries, made valid, and the row of each."""
    rows = np.flatnonzero(shapely.get_dimensions(geometry) == AREA)
    rows = np.delete(rows, without_numbers(geometry[rows]))
    parts, owner = leading_parts(repaired(geometry[rows]))
    flat = shapely.get_dimensions(parts) == AREA
    parts, owner = parts[flat], owner[flat]
    kept, first, place, count = np.unique(owner, return_index=True, return_inverse=True, return_counts=True)
    areas = parts[first]
    if (count > 1).any():
        areas[count > 1] = shapely.multipolygons(parts, indices=place)[count > 1]
    return areas, rows[kept]
