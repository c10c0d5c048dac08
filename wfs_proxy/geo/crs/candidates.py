"""Candidates: one way to read the numbers of a group of objects, and the boxes that it is weighed against.

`readings.py` says which candidates there are and in which order the evidence counts; here it is only counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from wfs_proxy.bbox import BBox
from wfs_proxy.geo.crs.srs_name import RD_NEW, AxisOrder, area_of_use, is_geographic, to_crs84

__all__ = [
    "ENOUGH",
    "HOME_AREA",
    "ROUGHNESS",
    "SERVICE_AREA",
    "Area",
    "CrsCandidate",
    "few",
    "usable_extent",
]

ENOUGH = 0.95
"""The share of the objects that a reading must place."""

_SMALL = 20
"""Objects; in a smaller group 95 % would mean all of them."""

_ROUNDING = 1e-9
"""0.05 x 20 is a little less than 1 in binary."""

_RD_RANGE = (0.0, 300_000.0, 300_000.0, 625_000.0)
"""Where RD coordinates in the Netherlands lie: west, south, east, north in metres."""

_WIDEST_EXTENT = 40.0
"""Degrees; a declared extent that is wider or higher (many servers declare the world) is no evidence."""

ROUGHNESS = 0.01
"""Degrees, about a kilometre: extents are typed by hand and do not follow what is built later."""

_AREA_MARGIN = 1.0
"""Degrees around a CRS's area of use: it is drawn for its purpose, not for what is computable."""

_NEIGHBOURING_ZONES = 15.0
"""Degrees to the east and west of the area of a projected CRS. Countries that span several zones use one for all:
Norway (4 to 31 degrees east) zone 33 (12 to 18), Germany's federal services zone 32."""


def few(misfits: int, total: int) -> bool:
    """Whether so many may be left out: one of a small batch, or at most a twentieth."""
    return misfits < total and misfits <= max(1.0, (1 - ENOUGH) * total + _ROUNDING)


@dataclass(frozen=True)
class Area:
    """A box on the map."""

    name: str
    box: BBox
    """west > east over the antimeridian."""
    margin: float = 0.0

    def contains(self, lonlat: NDArray[np.float64]) -> NDArray[np.bool_]:
        """(M,) for (M, 2) longitude, latitude; False where they are not finite."""
        west, south, east, north = self.box
        longitude, latitude = lonlat[:, 0], lonlat[:, 1]
        after_west, before_east = longitude >= west - self.margin, longitude <= east + self.margin
        across = after_west & before_east if west <= east else after_west | before_east
        inside: NDArray[np.bool_] = (
            across
            & (np.abs(longitude) <= 180.0)  # noqa: PLR2004 - degrees
            & (latitude >= max(south - self.margin, -90.0))
            & (latitude <= min(north + self.margin, 90.0))
        )
        return inside


SERVICE_AREA = BBox(2.5, 49.4, 8.0, 54.0)
"""The Netherlands and Belgium: the municipalities that use this program, and their neighbours."""

HOME_AREA = Area("the Netherlands and Belgium", SERVICE_AREA)


def usable_extent(declared: BBox | None) -> Area | None:
    """The extent that a source declares, where it is evidence: neither absent, nor the world, nor inside out."""
    if declared is None:
        return None
    west, south, east, north = declared
    if not (0 <= east - west <= _WIDEST_EXTENT and 0 <= north - south <= _WIDEST_EXTENT):
        return None
    return Area("the declared extent", declared, ROUGHNESS)


@dataclass(frozen=True, eq=False)
class CrsCandidate:
    """One way to read the positions of a group."""

    crs: str
    order: AxisOrder
    positions: NDArray[np.float64]
    """(M, 2) as written."""

    def __str__(self) -> str:
        return f"{self.crs} {self.order.value}"

    @cached_property
    def xy(self) -> NDArray[np.float64]:
        """(M, 2) easting or longitude first."""
        return self.positions if self.order is AxisOrder.XY else self.positions[:, ::-1]

    @cached_property
    def lonlat(self) -> NDArray[np.float64]:
        """(M, 2) longitude, latitude."""
        return to_crs84(self.xy, self.crs)

    @cached_property
    def possible(self) -> NDArray[np.bool_]:
        """(M,) whether the CRS means anything at these numbers."""
        if self.crs == RD_NEW:
            return self.in_rd_range
        west, south, east, north = area_of_use(self.crs)
        aside = 0.0 if is_geographic(self.crs) else _NEIGHBOURING_ZONES
        return Area("", BBox(west - aside, south, east + aside, north), _AREA_MARGIN).contains(self.lonlat)

    @cached_property
    def in_rd_range(self) -> NDArray[np.bool_]:
        """(M,) whether these would be RD coordinates of the Netherlands."""
        west, south, east, north = _RD_RANGE
        x, y = self.xy[:, 0], self.xy[:, 1]
        inside: NDArray[np.bool_] = (x >= west) & (x <= east) & (y >= south) & (y <= north)
        return inside

    def inside(self, area: Area) -> NDArray[np.bool_]:
        """(M,) whether the area contains these places."""
        if self.crs == RD_NEW and area is HOME_AREA:
            return self.in_rd_range
        return area.contains(self.lonlat)

    def fits(self, inside: NDArray[np.bool_], *, lenient: bool) -> bool:
        """Whether enough of the group is inside."""
        misfits = ~inside
        total, count = len(inside), int(misfits.sum())
        if lenient:
            return few(count, total)
        if total < _SMALL:
            count -= int((misfits & (self.positions == 0).all(axis=1)).any())
        return misfits.sum() < total and count <= (1 - ENOUGH) * total + _ROUNDING
