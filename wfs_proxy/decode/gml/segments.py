"""Segments of a gml:Curve (OGC 07-036, section 10.4.7): straight ones, arcs and circles."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from lxml import etree
from numpy.typing import NDArray

from wfs_proxy.decode.gml import arcs
from wfs_proxy.decode.gml.coordinates import SrsContext, read_positions
from wfs_proxy.decode.gml.positions import Positions, from_array, to_array
from wfs_proxy.decode.safe_xml import name_of
from wfs_proxy.errors import UnsupportedGeometry
from wfs_proxy.geo import metres_per_unit, unit_of

__all__ = ["read_segment"]

_LARGEST_ANGLE = 180.0
"""Degrees; a center with a larger ordinate is not in degrees."""

_LARGEST_RADIUS = 0.01
"""Degrees; a larger radius without a unit, around a center in degrees, is a length. It is about a kilometre."""

UNKNOWN_UNIT = "the unit of a radius or an angle is not known"
NO_UNIT = "a radius in an arc in degrees has no unit"


def read_segment(element: etree._Element, context: SrsContext) -> Positions:
    """Read one segment; an arc becomes a line with a vertex every few degrees.

    Raises:
        UnsupportedGeometry: the segment is outside our subset, or its numbers do not define an arc.
    """
    kind = name_of(element.tag)
    if kind in {"LineStringSegment", "Geodesic", "GeodesicString"}:
        # the straight line between the ends of a geodesic is off by less than a metre at 10 km
        return read_positions(element, context)
    reader = _ARC_READERS.get(kind)
    if reader is None:
        raise UnsupportedGeometry(f"{kind} is not supported")
    points = to_array(read_positions(element, context))
    return from_array(reader(element, context, points))


def _read_arc(_element: etree._Element, _context: SrsContext, points: NDArray[np.float64]) -> NDArray[np.float64]:
    return arcs.arc_string(points)


def _read_circle(_element: etree._Element, _context: SrsContext, points: NDArray[np.float64]) -> NDArray[np.float64]:
    return arcs.circle(points)


def _read_arc_by_bulge(
    element: etree._Element, _context: SrsContext, points: NDArray[np.float64]
) -> NDArray[np.float64]:
    bulges = [_number(child) for child in element if name_of(child.tag) == "bulge"]
    normals = [_vector(child) for child in element if name_of(child.tag) == "normal"]
    return arcs.arc_by_bulge(points, bulges, normals)


def _read_arc_by_center(
    element: etree._Element, context: SrsContext, points: NDArray[np.float64]
) -> NDArray[np.float64]:
    parts = {name_of(child.tag): child for child in element}
    if len(points) != 1 or "radius" not in parts:
        raise UnsupportedGeometry("an arc by its center needs one center and a radius")
    start = _degrees(parts["startAngle"]) if "startAngle" in parts else 0.0
    end = _degrees(parts["endAngle"]) if "endAngle" in parts else start + 360.0
    return arcs.arc_by_center(points[0], _radius(parts["radius"], points[0], context), start, end)


def _degrees(element: etree._Element) -> float:
    """Return an angle in degrees, which is the unit of one that gives none."""
    uom = element.get("uom", "").strip()
    unit = unit_of(uom or "deg")
    if unit is None or unit.radians is None:
        raise UnsupportedGeometry(UNKNOWN_UNIT)
    return _number(element) * math.degrees(unit.radians)


def _radius(element: etree._Element, center: NDArray[np.float64], context: SrsContext) -> NDArray[np.float64]:
    """Return the (2,) radius along the first and the second axis, in the unit of the coordinates.

    Around a center that can only be in degrees, a length is converted to degrees; a degree of longitude is shorter than
    one of latitude, so the two differ. A radius without a unit is in that of the coordinates.

    Raises:
        UnsupportedGeometry: the unit is unknown, or does not fit the coordinates.
    """
    srs = context.srs or context.around.srs
    radius, uom = _number(element), element.get("uom", "").strip()
    is_in_degrees = not (np.abs(center) > _LARGEST_ANGLE).any()
    if not uom:
        if srs and is_in_degrees and abs(radius) > _LARGEST_RADIUS:
            raise UnsupportedGeometry(NO_UNIT)
        return np.full(2, radius)
    unit = unit_of(uom)
    if unit is not None and unit.metres is not None:
        metres = radius * unit.metres
        return _in_degrees(metres, center, srs) if is_in_degrees else np.full(2, metres / metres_per_unit(srs))
    if unit is not None and unit.radians is not None and is_in_degrees:
        return np.full(2, radius * math.degrees(unit.radians))
    raise UnsupportedGeometry(UNKNOWN_UNIT)


def _in_degrees(metres: float, center: NDArray[np.float64], srs: str | None) -> NDArray[np.float64]:
    """Return the (2,) degrees along the first and the second axis that are as long as some metres.

    The srsName says which ordinate is the latitude: the first for a URN or a URI, except that of CRS84. Where that is
    wrong, the arc is flattened, but its center stays in place.
    """
    is_of_authority = srs is not None and srs.startswith(("urn:", "http://www.opengis.net/def/"))
    latitude = 0 if is_of_authority and not str(srs).endswith("CRS84") else 1
    degrees = np.full(2, metres / arcs.METRES_PER_NAUTICAL_DEGREE)
    degrees[1 - latitude] /= max(0.01, float(np.cos(np.radians(center[latitude]))))
    return degrees


def _number(element: etree._Element) -> float:
    values = _vector(element)
    if len(values) != 1:
        raise UnsupportedGeometry(f"{name_of(element.tag)} is not a number")
    return float(values[0])


def _vector(element: etree._Element) -> NDArray[np.float64]:
    """Return the (n,) numbers in the text of an element, at least one."""
    try:
        values = np.array([float(word) for word in (element.text or "").split()])
    except ValueError:
        values = np.array([])
    if len(values) == 0 or not np.isfinite(values).all():
        raise UnsupportedGeometry(f"{name_of(element.tag)} is not a number")
    return values


_ARC_READERS: dict[str, Callable[[etree._Element, SrsContext, NDArray[np.float64]], NDArray[np.float64]]] = {
    "Arc": _read_arc,
    "ArcString": _read_arc,
    "Circle": _read_circle,
    "ArcByBulge": _read_arc_by_bulge,
    "ArcStringByBulge": _read_arc_by_bulge,
    "ArcByCenterPoint": _read_arc_by_center,
    "CircleByCenterPoint": _read_arc_by_center,
}
"""Local name of a segment -> (element, context, (m, 2) its positions) -> (n, 2) vertices."""
