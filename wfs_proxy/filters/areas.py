"""From the numbers of a box or polygon in a filter to an area in longitude and latitude.

The srsName decides the axis order: its urn and URI forms have the order of the authority (latitude first for
EPSG:4326), the short form and GML 2's `epsg.xml#4326` have x,y (WFS 2.0.2, OGC 09-025r2, section 7.9.2.4.4). Clients
confuse the two, so the order of degrees stays open, and `evaluation.within` may swap it. RD and Web Mercator are x,y.

An edge is straight in the system that the filter uses. In RD an edge of 300 km lies up to 2 km beside the straight line
in degrees, so such an edge gets vertices in between, until it deviates less than 1e-7 degree, the precision of the
served points. The edges of a box in Web Mercator are parallels and meridians, so it remains a box.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wfs_proxy.bbox import BBox
from wfs_proxy.errors import BadRequest, UnknownCrs
from wfs_proxy.filters.expression import NOTHING, Area, Expression, Intersects, Ring
from wfs_proxy.geo import AxisOrder, SrsName, SrsNameForm, official_order, parse_srs_name, to_crs84

__all__ = ["DEGREES", "AreaCrs", "Written", "area_crs", "read_box", "read_point", "read_polygons"]

Written = Sequence[tuple[float, float]]
"""Pairs of numbers as written."""

_LARGEST_AREA = 20_000
"""Vertices of all rings together, with those in between."""

_PRECISION = 1e-7
"""Degrees, about a centimetre: the precision of the served points."""

_TRIANGLE = 3

_IN_DEGREES = ("OGC:CRS84", "EPSG:4326", "EPSG:4258", "EPSG:9067")
_RD, _WEB_MERCATOR = "EPSG:28992", "EPSG:3857"

_EXTENTS = {
    _RD: (-285_401.92, 22_598.08, 595_401.92, 903_401.92),
    _WEB_MERCATOR: (-20_037_508.34, -20_037_508.34, 20_037_508.34, 20_037_508.34),
}
"""Of the tiling schemes of RD (Geonovum) and Web Mercator; outside of them the formulas mean little."""

_KNOWN_CODE = re.compile(r"(?:4326|crs:?84|:84|wgs ?84|4258|9067|28992|rd(?: ?new)?|3857|900913)\W?\Z", re.IGNORECASE)
"""The end of a srsName that is worth parsing: for an unknown name PROJ would search for a third of a second."""

_LONGEST_SRS_NAME = 300


@dataclass(frozen=True, kw_only=True)
class AreaCrs:
    """The system of numbers, and their order."""

    crs: str
    """As in `SrsName.crs`: "EPSG:28992"."""

    order: AxisOrder

    @property
    def in_degrees(self) -> bool:
        """Whether the numbers are degrees of ETRS89 or WGS 84, which are equal here."""
        return self.crs in _IN_DEGREES

    @property
    def latitude_first(self) -> bool:
        """Whether the first number of each pair is the latitude."""
        return self.order is AxisOrder.YX


DEGREES = AreaCrs(crs="OGC:CRS84", order=AxisOrder.XY)
"""Without a srsName: longitude, latitude."""


def area_crs(srs_name: str | None) -> AreaCrs:
    """Return the system that a srsName of a filter names; None or "" means longitude, latitude.

    Raises:
        BadRequest: another system than those that filters may use.
    """
    text = (srs_name or "").strip().strip("{}")
    if not text:
        return DEGREES
    if len(text) <= _LONGEST_SRS_NAME and _KNOWN_CODE.search(text):
        srs = _parsed(text)
        if srs is not None and srs.crs in (*_IN_DEGREES, *_EXTENTS):
            by_authority = srs.spelling in {SrsNameForm.URN, SrsNameForm.URI, SrsNameForm.SAFE_CURIE}
            return AreaCrs(crs=srs.crs, order=official_order(srs.crs) if by_authority else AxisOrder.XY)
    raise BadRequest(
        f"The coordinate reference system {text[:100]!r} is not supported. "
        f"Use one of {', '.join((*_IN_DEGREES, *_EXTENTS))}."
    )


def _parsed(text: str) -> SrsName | None:
    try:
        return parse_srs_name(text)
    except UnknownCrs:
        return None


def read_box(corners: Written, crs: AreaCrs, *, swappable: bool) -> Expression:
    """Return the objects in a box.

    Args:
        corners: two opposite corners as written.
        crs: the system of the numbers.
        swappable: whether the order of degrees may be confused.

    Raises:
        BadRequest: the numbers are no degrees.
    """
    xy = _oriented(corners, crs, swappable=swappable)
    low, high = xy.min(axis=0), xy.max(axis=0)
    if not crs.in_degrees:
        extent = np.array(_EXTENTS[crs.crs]).reshape(2, 2)
        low, high = np.maximum(low, extent[0]), np.minimum(high, extent[1])
        if (low > high).any():
            return NOTHING
    (west, south), (east, north) = low.tolist(), high.tolist()
    if crs.crs == _RD:
        ring = np.array([(west, south), (east, south), (east, north), (west, north), (west, south)])
        return Intersects(Area(((_in_degrees(ring, crs),),)))
    if crs.crs == _WEB_MERCATOR:
        return Intersects(BBox(*to_crs84(np.array([(west, south), (east, north)]), crs.crs).ravel().tolist()))
    return Intersects(BBox(west, south, east, north), swappable=swappable)


def read_point(point: tuple[float, float], crs: AreaCrs, *, swappable: bool) -> Expression:
    """Return the objects at exactly a point.

    Raises:
        BadRequest: the numbers are no degrees.
    """
    xy = _oriented([point], crs, swappable=swappable)
    longitude, latitude = (xy if crs.in_degrees else to_crs84(xy, crs.crs))[0].tolist()
    return Intersects(BBox(longitude, latitude, longitude, latitude), swappable=swappable and crs.in_degrees)


def read_polygons(polygons: Sequence[Sequence[Written]], crs: AreaCrs, *, swappable: bool) -> Expression:
    """Return the objects in one of several polygons.

    Args:
        polygons: the rings of each, as written; a ring without its first vertex at the end is closed.
        crs: the system of the numbers.
        swappable: whether the order of degrees may be confused.

    Raises:
        BadRequest: a ring has fewer than three vertices, the numbers are no degrees, or there are too many vertices.
    """
    if not polygons or not all(polygons):
        raise BadRequest("The filter has a polygon without an outer ring; write its vertices.")
    every = [vertex for rings in polygons for ring in rings for vertex in ring]
    if len(every) > _LARGEST_AREA:
        raise _too_large()
    # all rings together: in which order degrees are is decided once
    xy = _oriented(every, crs, swappable=swappable)
    rings = iter(np.split(xy, np.cumsum([len(ring) for rings in polygons for ring in rings])[:-1]))
    area = Area(tuple(tuple(_in_degrees(_closed(next(rings)), crs) for _ in polygon) for polygon in polygons))
    if sum(len(ring) for polygon in area.polygons for ring in polygon) > _LARGEST_AREA:
        raise _too_large()
    return Intersects(area, swappable=swappable and crs.in_degrees)


def _too_large() -> BadRequest:
    return BadRequest(f"The area of the filter is too large: it has more than {_LARGEST_AREA} vertices. Simplify it.")


def _closed(ring: NDArray[np.float64]) -> NDArray[np.float64]:
    if len(ring) and (ring[0] != ring[-1]).any():
        ring = np.vstack([ring, ring[:1]])
    if len(ring) <= _TRIANGLE:
        raise BadRequest("The filter has a ring with fewer than three vertices; a polygon needs at least three.")
    return ring


def _oriented(numbers: Iterable[tuple[float, float]], crs: AreaCrs, *, swappable: bool) -> NDArray[np.float64]:
    """Return (N, 2) finite numbers with x or longitude first.

    Degrees that are impossible in the order of the standard are swapped if that makes them possible.
    """
    written = np.array(list(numbers), dtype=np.float64).reshape(-1, 2)
    if not np.isfinite(written).all():
        raise BadRequest("There are coordinates that are not finite numbers.")
    xy = written[:, ::-1] if crs.order is AxisOrder.YX else written
    if not crs.in_degrees or _possible(xy):
        return xy
    if swappable and _possible(xy[:, ::-1]):
        return xy[:, ::-1]
    first, second = written[0].tolist()
    raise BadRequest(
        f"The coordinates {first!r} {second!r} are not degrees of {crs.crs}. If they are RD, name {_RD}: as srsName in "
        "FES, as filter-crs for CQL2, or as the fifth element of bbox= in WFS."
    )


def _possible(lonlat: NDArray[np.float64]) -> bool:
    return bool((np.abs(lonlat) <= (180.0, 90.0)).all())


def _in_degrees(ring: NDArray[np.float64], crs: AreaCrs) -> Ring:
    """Return a closed ring in longitude and latitude, with vertices in between where its edges are not straight."""
    if not crs.in_degrees:
        ring = _densified(ring, crs.crs)
    return tuple(map(tuple, ring.tolist()))


def _densified(ring: NDArray[np.float64], crs: str) -> NDArray[np.float64]:
    corners = to_crs84(ring, crs)
    middles = to_crs84((ring[1:] + ring[:-1]) / 2, crs)
    if not (np.isfinite(corners).all() and np.isfinite(middles).all()):
        raise BadRequest(f"There are coordinates outside the area in which {crs} can be used.")
    deviations = np.abs(middles - (corners[1:] + corners[:-1]) / 2).max(axis=1)
    # n pieces reduce the deviation from a parabola by n * n
    pieces = np.maximum(np.ceil(np.sqrt(deviations / _PRECISION)), 1)
    if pieces.sum() > _LARGEST_AREA:
        raise _too_large()
    counts = pieces.astype(np.intp)
    edges = np.repeat(np.arange(len(counts)), counts)
    numbers = np.arange(len(edges)) - np.repeat(np.cumsum(counts) - counts, counts)
    vertices = ring[edges] + (ring[edges + 1] - ring[edges]) * (numbers / counts[edges])[:, None]
    return to_crs84(np.vstack([vertices, ring[-1:]]), crs)
