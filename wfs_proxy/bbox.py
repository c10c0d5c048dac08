"""Boxes of longitude and latitude, and how many metres a degree has.

The module is at the bottom of the package, not in `geo`, because `features.py`, which `geo` is built on, has boxes too,
and because a box needs neither PROJ nor GEOS. The box of a WFS request has another type, `NativeBox`: its numbers
are in the source's CRS and axis order.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["METRES_PER_DEGREE", "BBox"]

METRES_PER_DEGREE = 110_574.0
"""Metres in a degree of latitude on the equator of WGS 84, where it is shortest (110,574.27), rounded down.

A degree of longitude has at least this many metres times the cosine of its latitude. So a distance divided by this
value is enough degrees everywhere, and at most 1 % too many, as a box to search in requires. To measure a length, use
the ellipsoid (`geo.points.lines.degree_lengths`).
"""

_FARTHEST_LATITUDE = 89.0
"""Degrees; closer to a pole, a box of some metres can reach all around it."""


class BBox(NamedTuple):
    """A box of longitude and latitude in degrees (OGC:CRS84), its edges included.

    west <= east and south <= north; only `geo.area_of_use` may give a box across the antimeridian, with west > east.
    """

    west: float
    south: float
    east: float
    north: float

    @staticmethod
    def union(boxes: Iterable[BBox]) -> BBox | None:
        """Return the smallest box around all boxes; None when there are none."""
        corners = list(boxes)
        if not corners:
            return None
        west, south, east, north = zip(*corners, strict=True)
        return BBox(min(west), min(south), max(east), max(north))

    @staticmethod
    def of_points(lonlat: NDArray[np.float64]) -> BBox | None:
        """Return the smallest box around points (N, 2: longitude, latitude, finite); None when there are none."""
        if not len(lonlat):
            return None
        return BBox(*lonlat.min(axis=0).tolist(), *lonlat.max(axis=0).tolist())

    def intersection(self, other: BBox) -> BBox | None:
        """Return the box that both share, which may have no width or height; None where they share nothing."""
        west, south = max(self.west, other.west), max(self.south, other.south)
        east, north = min(self.east, other.east), min(self.north, other.north)
        return BBox(west, south, east, north) if west <= east and south <= north else None

    def meets(self, other: BBox) -> bool:
        """Whether both share at least a point. Takes a third of the time of `intersection`."""
        return (
            self.west <= other.east
            and other.west <= self.east
            and self.south <= other.north
            and other.south <= self.north
        )

    def contains(self, longitude: float, latitude: float) -> bool:
        """Whether a point is inside or on an edge; False for NaN."""
        return self.west <= longitude <= self.east and self.south <= latitude <= self.north

    def contains_points(self, lonlat: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return (N,) which points (N, 2: longitude, latitude) are inside or on an edge."""
        longitudes, latitudes = lonlat[:, 0], lonlat[:, 1]
        inside: NDArray[np.bool_] = (longitudes >= self.west) & (longitudes <= self.east)
        return inside & (latitudes >= self.south) & (latitudes <= self.north)

    def expanded(self, metres: float) -> BBox:
        """Return a box that holds every point within this distance, cut off at 180 degrees and at the poles.

        Meridians converge, so the number of degrees to the east and west follows from the latitude of the new edge
        that is nearest to a pole. Beyond 89 degrees all longitudes are included.
        """
        up = metres / METRES_PER_DEGREE
        farthest = max(abs(self.south), abs(self.north)) + up
        aside = up / math.cos(math.radians(farthest)) if farthest <= _FARTHEST_LATITUDE else 360.0
        return BBox(
            max(self.west - aside, -180.0),
            max(self.south - up, -90.0),
            min(self.east + aside, 180.0),
            min(self.north + up, 90.0),
        )
