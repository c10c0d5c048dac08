"""The evidence for a CRS and an axis order: how many objects of a group a candidate places in a known area.

`axis_order` says which candidates there are and which areas it tries first. This module counts, and has the 95 % rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from wfs_proxy.bbox import BBox
from wfs_proxy.geo.crs.srs_name import CRS84, RD_NEW, AxisOrder
from wfs_proxy.geo.crs.transform import area_of_use, is_geographic, to_crs84

__all__ = [
    "EXTENT_MARGIN",
    "REQUIRED_SHARE",
    "SERVICE_AREA",
    "SERVICE_AREA_EVIDENCE",
    "CrsCandidate",
    "EvidenceArea",
    "are_plausible",
    "is_tolerable",
    "usable_extent",
]

REQUIRED_SHARE = 0.95
"""The 95 % rule: the share of the objects that a candidate must place in an area."""

_RD_RANGE = (0.0, 300_000.0, 300_000.0, 625_000.0)
"""The RD coordinates that occur in the Netherlands: lowest x and y, highest x and y in metres."""

_WIDEST_EXTENT = 40.0
"""Degrees; a declared extent that is wider or higher is ignored. Many servers declare the world."""

EXTENT_MARGIN = 0.01
"""Degrees, about a kilometre: extents are typed by hand, and nobody updates them when something is built outside."""

_AREA_OF_USE_MARGIN = 1.0
"""Degrees around the area of use of a CRS, whose formulas hold somewhat beyond the area that it was defined for."""

_NEIGHBOURING_ZONES = 15.0
"""Degrees to the east and west of the area of use of a projected CRS. Countries that span several zones use one of them
for all: Norway (4 to 31 degrees east) zone 33 (12 to 18), Germany's federal services zone 32."""

_DEGREES = 180.0


def is_tolerable(misfits: int, total: int) -> bool:
    """Whether this many objects may be left out by the 95 % rule; of a small group one may."""
    return misfits < total and misfits <= max(1.0, (1 - REQUIRED_SHARE) * total)


@dataclass(frozen=True)
class EvidenceArea:
    """An area in which the objects are expected."""

    name: str
    """For messages: "the layer's extent"."""

    box: BBox
    """west > east across the antimeridian."""

    margin: float = 0.0
    """Degrees around the box that belong to it."""

    def contains(self, lonlat: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return (M,) for (M, 2) longitude, latitude in degrees; False where they are not finite."""
        west, south, east, north = self.box
        longitude, latitude = lonlat[:, 0], lonlat[:, 1]
        after_west, before_east = longitude >= west - self.margin, longitude <= east + self.margin
        across = after_west & before_east if west <= east else after_west | before_east
        inside: NDArray[np.bool_] = (
            across
            & (np.abs(longitude) <= _DEGREES)
            & (latitude >= max(south - self.margin, -90.0))
            & (latitude <= min(north + self.margin, 90.0))
        )
        return inside


SERVICE_AREA = BBox(2.5, 49.4, 8.0, 54.0)
"""The Netherlands and Belgium, where the municipalities are that use this program, and the border regions."""

SERVICE_AREA_EVIDENCE = EvidenceArea("the Netherlands and Belgium", SERVICE_AREA)


def are_plausible(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return (M,) whether numbers are a place in the Netherlands or Belgium, in RD or in degrees, in either order."""
    positions = np.column_stack([x, y])
    readings = [CrsCandidate(crs, order, positions) for crs in (RD_NEW, CRS84) for order in AxisOrder]
    found: NDArray[np.bool_] = np.any([reading.inside(SERVICE_AREA_EVIDENCE) for reading in readings], axis=0)
    return found


def usable_extent(declared: BBox | None) -> EvidenceArea | None:
    """Return the extent that a source declares; None where it is absent, as large as a continent, or inside out."""
    if declared is None:
        return None
    west, south, east, north = declared
    if not (0 <= east - west <= _WIDEST_EXTENT and 0 <= north - south <= _WIDEST_EXTENT):
        return None
    return EvidenceArea("the declared extent", declared, EXTENT_MARGIN)


@dataclass(frozen=True, eq=False)
class CrsCandidate:
    """A group of positions, interpreted in one CRS and axis order."""

    crs: str
    """As `SrsName.crs` spells it."""

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
        """(M, 2) longitude, latitude in degrees."""
        return to_crs84(self.xy, self.crs)

    @cached_property
    def possible(self) -> NDArray[np.bool_]:
        """(M,) whether the positions are in or near the area of use of the CRS."""
        if self.crs == RD_NEW:
            return self.in_rd_range
        west, south, east, north = area_of_use(self.crs)
        aside = 0.0 if is_geographic(self.crs) else _NEIGHBOURING_ZONES
        box = BBox(west - aside, south, east + aside, north)
        return EvidenceArea("", box, _AREA_OF_USE_MARGIN).contains(self.lonlat)

    @cached_property
    def in_rd_range(self) -> NDArray[np.bool_]:
        """(M,) whether the positions are RD coordinates in the Netherlands."""
        low_x, low_y, high_x, high_y = _RD_RANGE
        x, y = self.xy[:, 0], self.xy[:, 1]
        inside: NDArray[np.bool_] = (x >= low_x) & (x <= high_x) & (y >= low_y) & (y <= high_y)
        return inside

    def inside(self, area: EvidenceArea) -> NDArray[np.bool_]:
        """Return (M,) whether the area contains the positions."""
        if self.crs == RD_NEW and area is SERVICE_AREA_EVIDENCE:
            return self.in_rd_range
        return area.contains(self.lonlat)

    def fits(self, inside: NDArray[np.bool_], *, lenient: bool) -> bool:
        """Whether enough of the group is inside, by the 95 % rule.

        Args:
            inside: (M,) the positions that are.
            lenient: forgive one misfit in a group of fewer than twenty.
        """
        total = len(inside)
        misfits = total - int(np.count_nonzero(inside))
        return is_tolerable(misfits, total) if lenient else misfits <= (1 - REQUIRED_SHARE) * total
