"""Continuous paths in GML: positions, lines, curves made of segments, and rings made of any of them.

A path stays the text that was written wherever it is one element with a list of positions, which is nearly always.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple, Protocol

import numpy as np
from lxml import etree
from numpy.typing import NDArray

from wfs_proxy.decode.gml import arcs
from wfs_proxy.decode.gml.positions import Positions, from_tuples, planar
from wfs_proxy.decode.safe_xml import name_of
from wfs_proxy.errors import UnsupportedGeometry

__all__ = [
    "BY_REFERENCE",
    "TEXTS",
    "Attributes",
    "SrsContext",
    "TextReader",
    "attributes_of",
    "dimension_of",
    "path",
    "positions",
    "ring",
]

BY_REFERENCE = "a part is only referred to (xlink:href)"

Attributes = Mapping[str, str]
"""The XML attributes of an element."""

_DEGREES = 180.0
_NOTHING = Positions("", 0)


class SrsContext(NamedTuple):
    """What elements inherit from the elements around them."""

    used: set[str | None]
    """The srsNames that positions were found under: all scopes of a geometry share this set."""

    srs: str | None = None
    """The innermost srsName so far; None: none within the geometry."""

    dimension: int = 0
    """The innermost srsDimension; 0: not told."""

    def within(self, element: etree._Element) -> SrsContext:
        """The scope inside an element."""
        srs = element.get("srsName")
        dimension = element.get("srsDimension")
        if not srs and dimension is None:
            return self
        return SrsContext(self.used, srs or self.srs, dimension_of(dimension) or self.dimension)


def dimension_of(written: str | None) -> int:
    """The number in an srsDimension, a single digit; 0 where there is none."""
    text = written.strip() if written else ""
    return int(text) if len(text) == 1 and text.isdecimal() else 0


def attributes_of(element: etree._Element) -> Attributes:
    """A copy of the XML attributes of an element."""
    return {str(key): str(value) for key, value in element.items()}


def positions(element: etree._Element, scope: SrsContext, *, closed: bool = False) -> Positions:
    """The positions directly inside an element: posList, pos, coordinates or coord; empty when there are none.

    Raises:
        UnsupportedGeometry: they are not like one another, or only referred to.
    """
    found: list[Positions] = []
    for child in element:
        name = name_of(child.tag)
        if name in TEXTS:
            inner = scope.within(child)
            inner.used.add(inner.srs)
            found.append(TEXTS[name](child.text or "", attributes_of(child), inner.dimension, closed=closed))
        elif name == "coord":
            scope.used.add(scope.within(child).srs)
            found.append(_coord(child, closed=closed))
        elif name in {"pointProperty", "pointRep"}:
            if len(child) == 0:
                raise UnsupportedGeometry(BY_REFERENCE)
            found.append(positions(child[0], scope.within(child[0]), closed=closed))
    if len(found) == 1:
        return found[0]
    return _known(np.concatenate([planar(each) for each in found]), closed=closed) if found else _NOTHING


def _known(xy: NDArray[np.float64], *, closed: bool = False) -> Positions:
    return Positions(xy.ravel().tolist(), 2, closed)


class TextReader(Protocol):
    """Reads the text of an element that holds numbers."""

    def __call__(self, text: str, attributes: Attributes, dimension: int, /, *, closed: bool) -> Positions:
        """Its positions; `dimension` is 0 where none was told, `closed` is True in a ring."""


def _pos_list(text: str, _attributes: Attributes, dimension: int, *, closed: bool) -> Positions:
    return Positions(text, dimension, closed)


def _pos(text: str, _attributes: Attributes, _dimension: int, *, closed: bool) -> Positions:
    # one position has as many ordinates as it has numbers, whatever an ancestor says
    return Positions(text, len(text.split()), closed)


def _coordinates(text: str, attributes: Attributes, _dimension: int, *, closed: bool) -> Positions:
    return from_tuples(
        text,
        decimal=attributes.get("decimal", "."),
        between_ordinates=attributes.get("cs", ","),
        between_tuples=attributes.get("ts", " "),
        closed=closed,
    )


TEXTS: dict[str, TextReader] = {"posList": _pos_list, "pos": _pos, "coordinates": _coordinates}
"""The elements whose text is numbers."""


def _coord(element: etree._Element, *, closed: bool) -> Positions:
    ordinates = [child.text or "" for child in element if name_of(child.tag) in {"X", "Y", "Z"}]
    return Positions(" ".join(ordinates), len(ordinates), closed)


def ring(element: etree._Element, scope: SrsContext) -> Positions:
    """A LinearRing, or a Ring of curves.

    Raises:
        UnsupportedGeometry: neither of them, or it cannot be read.
    """
    inner = scope.within(element)
    match name_of(element.tag):
        case "LinearRing":
            return positions(element, inner, closed=True)
        case "Ring":
            return _joined([path(curve, inner) for curve in _curves(element)])._replace(closed=True)
        case other:
            raise UnsupportedGeometry(f"{other} is not supported as a ring")


def path(element: etree._Element, scope: SrsContext) -> Positions:
    """A line or curve as one continuous path.

    Raises:
        UnsupportedGeometry: it is outside our subset.
    """
    inner = scope.within(element)
    match name_of(element.tag):
        case "CompositeCurve":
            return _joined([path(curve, inner) for curve in _curves(element)])
        case "OrientableCurve":
            along = _joined([path(curve, inner) for curve in _curves(element)])
            return _known(planar(along)[::-1]) if element.get("orientation") == "-" else along
        case "Curve":
            return _segments(element, inner)
    if any(name_of(child.tag) == "segments" for child in element):
        return _segments(element, inner)
    return positions(element, inner)


def _curves(element: etree._Element) -> Iterator[etree._Element]:
    for holder in element:
        if name_of(holder.tag) in {"curveMember", "curveMembers", "baseCurve"}:
            if len(holder) == 0:
                raise UnsupportedGeometry(BY_REFERENCE)
            yield from holder


def _segments(element: etree._Element, scope: SrsContext) -> Positions:
    return _joined(
        [
            _segment(segment, scope.within(segment))
            for holder in element
            if name_of(holder.tag) == "segments"
            for segment in holder
        ]
    )


def _joined(paths: list[Positions]) -> Positions:
    """Paths end to end; a joint is one vertex."""
    if len(paths) == 1:
        return paths[0]
    pieces = [piece for piece in map(planar, paths) if len(piece)]
    if not pieces:
        return _NOTHING
    joined = [pieces[0]]
    for before, piece in itertools.pairwise(pieces):
        joined.append(piece[1:] if (before[-1] == piece[0]).all() else piece)
    return _known(np.concatenate(joined))


def _segment(element: etree._Element, scope: SrsContext) -> Positions:
    kind = name_of(element.tag)
    if kind in {"LineStringSegment", "Geodesic", "GeodesicString"}:
        # the straight line between the ends of a geodesic is off by less than a metre at 10 km
        return positions(element, scope)
    reader = _ARCS.get(kind)
    if reader is None:
        raise UnsupportedGeometry(f"{kind} is not supported")
    points = planar(positions(element, scope))
    return _known(reader(element, scope, points))


def _arc(_element: etree._Element, _scope: SrsContext, points: NDArray[np.float64]) -> NDArray[np.float64]:
    return arcs.arc_string(points)


def _circle(_element: etree._Element, _scope: SrsContext, points: NDArray[np.float64]) -> NDArray[np.float64]:
    return arcs.circle(points)


def _arc_by_bulge(element: etree._Element, _scope: SrsContext, points: NDArray[np.float64]) -> NDArray[np.float64]:
    bulges = [_number(child) for child in element if name_of(child.tag) == "bulge"]
    normals = [_vector(child) for child in element if name_of(child.tag) == "normal"]
    return arcs.arc_by_bulge(points, bulges, normals)


def _arc_by_center(element: etree._Element, scope: SrsContext, points: NDArray[np.float64]) -> NDArray[np.float64]:
    parts = {name_of(child.tag): child for child in element}
    if len(points) != 1 or "radius" not in parts:
        raise UnsupportedGeometry("an arc by its center needs one center and a radius")
    start = _number(parts["startAngle"]) if "startAngle" in parts else 0.0
    end = _number(parts["endAngle"]) if "endAngle" in parts else start + 360.0
    return arcs.arc_by_center(points[0], _radius(parts["radius"], points[0], scope), start, end)


def _radius(element: etree._Element, center: NDArray[np.float64], scope: SrsContext) -> NDArray[np.float64]:
    """(2,) the radius along either axis, in the unit of the coordinates.

    A length around a center that can only be degrees is laid out in degrees. Which ordinate is the latitude is what the
    label says (a URN or a URI: the first); a wrong label makes the arc a little flat, never far.
    """
    radius = _number(element)
    metres = arcs.length_unit(element.get("uom", ""))
    if metres is None or (np.abs(center) > _DEGREES).any():
        return np.array([radius, radius])
    latitude = 0 if scope.srs and scope.srs.startswith(("urn:", "http://www.opengis.net/def/")) else 1
    degrees = np.full(2, radius * metres / arcs.METRES_PER_NAUTICAL_DEGREE)
    degrees[1 - latitude] /= max(0.01, float(np.cos(np.radians(center[latitude]))))
    return degrees


def _number(element: etree._Element) -> float:
    values = _vector(element)
    if len(values) != 1:
        raise UnsupportedGeometry(f"{name_of(element.tag)} is not a number")
    return float(values[0])


def _vector(element: etree._Element) -> NDArray[np.float64]:
    try:
        values = np.array([float(word) for word in (element.text or "").split()])
    except ValueError:
        values = np.array([])
    if len(values) == 0 or not np.isfinite(values).all():
        raise UnsupportedGeometry(f"{name_of(element.tag)} is not a number")
    return values


_ARCS: dict[str, Callable[[etree._Element, SrsContext, NDArray[np.float64]], NDArray[np.float64]]] = {
    "Arc": _arc,
    "ArcString": _arc,
    "Circle": _circle,
    "ArcByBulge": _arc_by_bulge,
    "ArcStringByBulge": _arc_by_bulge,
    "ArcByCenterPoint": _arc_by_center,
    "CircleByCenterPoint": _arc_by_center,
}
"""Kind of segment -> (element, scope, its positions) -> vertices (n, 2)."""
