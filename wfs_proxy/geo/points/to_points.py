"""Reduce every geometry to one point, in the vendor's own CRS, before anything is reprojected.

    geometry -> usable -> repaired -> parts of the highest dimension -> the one part -> its point

An area precedes a line, a line precedes a point. Of several areas the largest is used, of several lines the longest, of
several points the one nearest to their middle. Between equal ones their location decides, never their order. So the
point of an object is the same in every fetch, which frontends and old reports rely on.

The point by rule and kind of geometry (RFC 7946, OGC 06-103r4):

    rule       area                    line                  point
    inside     inside the area         middle of its length  unchanged
    centroid   centre of mass          middle of its length  unchanged
    start      inside the area         first vertex          unchanged
    middle     inside the area         middle of its length  unchanged

Missing and empty geometries are masked first: shapely's `get_coordinates` drops them silently, which shifts the rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import shapely
from numpy.typing import NDArray

from wfs_proxy.features import NO_GEOMETRY, NOT_NUMBERS
from wfs_proxy.geo.points.areas import centroids, inside, repaired
from wfs_proxy.geo.points.footprint import footprints
from wfs_proxy.geo.points.lines import degree_lengths, middles
from wfs_proxy.geo.points.parts import AREA, LINE, grouped_argmax, leading_parts, without_numbers

__all__ = ["Located", "PointPlacement", "footprints", "to_points"]

PointPlacement = Literal["inside", "centroid", "start", "middle"]
"""Which point of an area or a line; see the table above."""

BEYOND_REPAIR = "geometry beyond repair"
"""The reason why an object has no point although its coordinates are numbers. It is a metric label."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Located:
    """The points of objects, in the CRS of their geometry."""

    xy: NDArray[np.float64]
    """(N, 2) easting, northing or longitude, latitude; NaN where `ok` is False."""

    ok: NDArray[np.bool_]
    """(N,) True where the object has a point."""

    skipped: Mapping[str, int]
    """reason -> objects without a point. Reasons are metric labels."""


def to_points(geometry: NDArray[np.object_], rule: PointPlacement, *, geographic: bool) -> Located:
    """Return one point for every geometry, by the layer's rule.

    The guarantee of `inside`: shapely's `covers(part, point)` holds exactly, in the CRS given and before any rounding,
    where `part` is the polygon with the largest area of the geometry itself, or of the result of `make_valid` when it
    is not valid. The point does not change when rings start at another vertex, have the other direction or repeat
    vertices, nor when parts have another order. An area that is flat (a polygon of two points) is treated as the line
    or point that it covers.

    Args:
        geometry: (N,) shapely geometries, easting or longitude first; None where there is none. Z and M are ignored.
        rule: which point.
        geographic: whether the coordinates are degrees, so that lengths are measured on the ellipsoid.

    Returns:
        A point for each row, or the reason why there is none. No geometry makes it raise.
    """
    reasons = _unusable(geometry)
    rows = np.flatnonzero(reasons == "")
    xy = np.full((len(geometry), 2), np.nan)
    with np.errstate(all="ignore"):  # flat areas and numbers near the end of float64; the result is tested below
        xy[rows] = _locate(repaired(geometry[rows]), rule, geographic=geographic)
    ok = np.isfinite(xy).all(axis=1)
    xy[~ok] = np.nan
    reasons[~ok & (reasons == "")] = BEYOND_REPAIR
    return Located(xy=xy, ok=ok, skipped=Counter(reasons[~ok].tolist()))


def _unusable(geometry: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return (N,) why a geometry cannot have a point; "" where it can."""
    reasons = np.full(len(geometry), "", dtype=object)
    reasons[shapely.is_missing(geometry) | shapely.is_empty(geometry)] = NO_GEOMETRY
    rows = np.flatnonzero(reasons == "")
    reasons[rows[without_numbers(geometry[rows])]] = NOT_NUMBERS
    return reasons


def _locate(geometry: NDArray[np.object_], rule: PointPlacement, *, geographic: bool) -> NDArray[np.float64]:
    """Return (N, 2) the points of non-empty geometries; NaN where there is none."""
    xy = np.full((len(geometry), 2), np.nan)
    parts, owner = leading_parts(geometry)
    dimension = shapely.get_dimensions(parts)
    for kind in np.unique(dimension):
        of_kind = dimension == kind
        if kind == AREA:
            rows, points = _of_areas(geometry, parts[of_kind], owner[of_kind], rule)
        elif kind == LINE:
            rows, points = _of_lines(parts[of_kind], owner[of_kind], rule, geographic=geographic)
        else:
            rows, points = _of_points(parts[of_kind], owner[of_kind], geographic=geographic)
        xy[rows] = points
    return xy


_RowsAndPoints = tuple[NDArray[np.intp], NDArray[np.float64]]


def _of_areas(
    geometry: NDArray[np.object_], polygons: NDArray[np.object_], owner: NDArray[np.intp], rule: PointPlacement
) -> _RowsAndPoints:
    # no `geographic` here: scaling longitude changes neither which part is the largest nor which piece is the widest
    if rule == "centroid":
        rows = np.unique(owner)
        return rows, centroids(geometry[rows])
    chosen = grouped_argmax(
        owner, shapely.area(polygons), lambda tied: shapely.bounds(polygons[tied]).T, tolerance=1e-9
    )
    return owner[chosen], inside(polygons[chosen])


def _of_lines(
    lines: NDArray[np.object_], owner: NDArray[np.intp], rule: PointPlacement, *, geographic: bool
) -> _RowsAndPoints:
    if rule == "start":
        rows, first = np.unique(owner, return_index=True)
        return rows, shapely.get_coordinates(shapely.get_point(lines[first], 0))
    length, points = middles(lines, geographic=geographic)
    # a millionth: the scale of RD may differ by that between the ends of one object
    chosen = grouped_argmax(owner, length, lambda tied: points[tied].T, tolerance=1e-6)
    return owner[chosen], points[chosen]


def _of_points(points: NDArray[np.object_], owner: NDArray[np.intp], *, geographic: bool) -> _RowsAndPoints:
    xy = shapely.get_coordinates(points)
    rows, group, size = np.unique(owner, return_inverse=True, return_counts=True)
    if len(rows) == len(xy):
        return owner, xy
    middle = np.stack([np.bincount(group, axis) / size for axis in xy.T], axis=1)[group]
    scale = degree_lengths(middle[:, 1]) if geographic else np.ones_like(xy)
    nearness = -np.hypot(*((xy - middle) * scale).T)
    chosen = grouped_argmax(owner, nearness, lambda tied: xy[tied].T, tolerance=1e-6)
    return owner[chosen], xy[chosen]
