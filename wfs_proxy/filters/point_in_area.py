"""Which points lie in an area: all points at once, without a geometry library.

A point is in a polygon if a line from it to the east crosses the rings an odd number of times (Shimrat 1962), and also
if it is on a ring, of a hole too. An edge concerns only the points between its ends in latitude, so the points are
sorted by latitude once, and each edge is compared with a slice of them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wfs_proxy.errors import BadRequest
from wfs_proxy.filters.expression import Area, Ring

__all__ = ["EdgeComparisons", "points_in_area"]

_MOST_COMPARISONS = 30_000_000
"""Of an edge with a point. A municipality with 3,000 vertices and a million objects needs some five million."""


class EdgeComparisons:
    """How many comparisons of an edge with a point a filter may still make; all its areas share them."""

    def __init__(self) -> None:
        self._left = _MOST_COMPARISONS

    def take(self, count: int) -> None:
        """Reserve some.

        Raises:
            BadRequest: so many are not left.
        """
        self._left -= count
        if self._left < 0:
            raise BadRequest(
                "The areas of the filter have too many edges for so many objects. Simplify them, or add a BBOX."
            )


def points_in_area(lonlat: NDArray[np.float64], area: Area, comparisons: EdgeComparisons) -> NDArray[np.bool_]:
    """Return (M,) which points are in an area or on its edge.

    Args:
        lonlat: (M, 2) longitude, latitude.
        area: its polygons may overlap.
        comparisons: those that the filter may still make.

    Raises:
        BadRequest: the area has so many long edges that this would take seconds.
    """
    found = area.box.contains_points(lonlat)
    candidates = np.flatnonzero(found)
    candidates = candidates[np.argsort(lonlat[candidates, 1], kind="stable")]
    longitudes, latitudes = lonlat[candidates, 0], lonlat[candidates, 1]
    inside = np.zeros(len(candidates), dtype=np.bool_)
    polygons = [np.vstack([_edges(ring) for ring in rings]) for rings in area.polygons]
    spans = [_spans(edges, latitudes) for edges in polygons]
    comparisons.take(sum(int((stops - starts).sum()) for starts, stops in spans))
    for edges, (starts, stops) in zip(polygons, spans, strict=True):
        inside |= _in_polygon(longitudes, latitudes, edges, starts, stops)
    found[candidates] = inside
    return found


def _edges(ring: Ring) -> NDArray[np.float64]:
    """Return (E, 4): longitude and latitude of both ends, the southern end first."""
    vertices = np.array(ring, dtype=np.float64)
    edges = np.hstack([vertices[:-1], vertices[1:]])
    downwards = edges[:, 1] > edges[:, 3]
    edges[downwards] = edges[downwards][:, [2, 3, 0, 1]]
    return edges


def _spans(edges: NDArray[np.float64], latitudes: NDArray[np.float64]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return (E,) the slices of the sorted latitudes that the edges concern, both ends included."""
    return np.searchsorted(latitudes, edges[:, 1], "left"), np.searchsorted(latitudes, edges[:, 3], "right")


def _in_polygon(
    longitudes: NDArray[np.float64],
    latitudes: NDArray[np.float64],
    edges: NDArray[np.float64],
    starts: NDArray[np.intp],
    stops: NDArray[np.intp],
) -> NDArray[np.bool_]:
    odd = np.zeros(len(longitudes), dtype=np.bool_)
    on_ring = np.zeros(len(longitudes), dtype=np.bool_)
    concerned = np.flatnonzero(stops > starts)
    for (x1, y1, x2, y2), start, stop in zip(
        edges[concerned].tolist(), starts[concerned].tolist(), stops[concerned].tolist(), strict=True
    ):
        x, y = longitudes[start:stop], latitudes[start:stop]
        # positive: the point is to the west of the edge
        side = (x2 - x1) * (y - y1) - (x - x1) * (y2 - y1)
        odd[start:stop] ^= (side > 0) & (y < y2)
        on_ring[start:stop] |= (side == 0) & (x >= min(x1, x2)) & (x <= max(x1, x2))
    return odd | on_ring
