"""Geometry elements of GML 2, 3.1.1 and 3.2 as shapes (OGC 02-069, 03-105r1, 07-036).

Elements are known by their local names: the versions differ in namespace and in the names of properties, hardly in
meaning, and servers mix them. Nothing is resolved: a part that is only referred to (xlink:href) makes a geometry
unreadable.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from lxml import etree

from wfs_proxy.decode.gml.build import Collection, Family, Shape
from wfs_proxy.decode.gml.lines import BY_REFERENCE, SrsContext, path, positions, ring
from wfs_proxy.decode.gml.positions import Positions
from wfs_proxy.decode.gml.single_list import find_chain
from wfs_proxy.decode.safe_xml import name_of
from wfs_proxy.errors import UnsupportedGeometry

__all__ = ["NOISE", "implied_geometry", "is_geometry", "names_geometry", "read_geometry"]

HREF = "{http://www.w3.org/1999/xlink}href"

NOISE = frozenset({"Envelope", "Box", "EnvelopeWithTimePeriod", "Null", "null"})
"""What stands where a geometry could and is none: extents."""

_GML = "{http://www.opengis.net/gml"

_IMPLIED = {
    "pos": "Point",
    "posList": "LineString",
    "coordinates": "Point",
    "coord": "Point",
    "segments": "Curve",
    "patches": "Surface",
    "exterior": "Polygon",
    "outerBoundaryIs": "Polygon",
    "pointMember": "MultiPoint",
    "pointMembers": "MultiPoint",
    "lineStringMember": "MultiLineString",
    "curveMember": "MultiCurve",
    "curveMembers": "MultiCurve",
    "polygonMember": "MultiPolygon",
    "surfaceMember": "MultiSurface",
    "surfaceMembers": "MultiSurface",
    "geometryMember": "MultiGeometry",
    "geometryMembers": "MultiGeometry",
}
"""First property -> geometry, where a schema gives a property the type of a geometry instead of holding one."""


_PROPERTIES = frozenset({*_IMPLIED, "pointProperty", "pointRep", "baseCurve", "baseSurface"})
"""What a geometry in an unknown namespace must have to be one."""


def names_geometry(name: str) -> bool:
    """Tell by a local name whether an element can be a geometry."""
    return name in _READERS or name in _UNREAD


def is_geometry(element: etree._Element) -> bool:
    """Tell a geometry from a vendor's own element of the same name ("Surface" is also a kind of road)."""
    tag = element.tag
    if tag in _STANDARD:
        return True
    return name_of(tag) in _READERS and any(name_of(child.tag) in _PROPERTIES for child in element)


def implied_geometry(element: etree._Element) -> str | None:
    """The geometry that a property is rather than holds; None for an ordinary property."""
    first = element[0]
    kind = _IMPLIED.get(name_of(first.tag))
    if kind is None or not (first.tag.startswith(_GML) or "}" not in first.tag):
        return None
    return kind


def read_geometry(element: etree._Element, kind: str | None = None) -> tuple[Shape | Collection, str | None]:
    """Read a geometry element, or an element that has the content of a `kind`, and the innermost srsName within it.

    Raises:
        UnsupportedGeometry: it is outside our subset or makes no sense; the message is short and stable.
    """
    found = find_chain(element) if kind is None else None
    if found is not None:
        chain, text = found
        return chain.shape(text), chain.srs
    scope = SrsContext(set())
    shape = _read(element, scope, kind)
    told = scope.used - {None}
    if len(told) > 1:
        raise UnsupportedGeometry("several srsNames in one geometry")
    return shape, next(iter(told), None)


def _read(element: etree._Element, scope: SrsContext, kind: str | None = None) -> Shape | Collection:
    kind = kind or name_of(element.tag)
    reader = _READERS.get(kind)
    if reader is None:
        raise UnsupportedGeometry(f"{kind} is not supported")
    return reader(element, scope.within(element))


def _point(element: etree._Element, scope: SrsContext) -> Shape:
    return _of(Family.POINT, positions(element, scope))


def _line(element: etree._Element, scope: SrsContext) -> Shape:
    return _of(Family.LINE, path(element, scope))


def _of(family: Family, found: Positions) -> Shape:
    return Shape(family, [[found]] if found.ordinates else [], multi=False)


def _polygon(element: etree._Element, scope: SrsContext) -> Shape:
    outer: list[Positions] = []
    holes: list[Positions] = []
    for child in element:
        name = name_of(child.tag)
        if name in {"exterior", "outerBoundaryIs"}:
            outer += [ring(boundary, scope) for boundary in child]
        elif name in {"interior", "innerBoundaryIs"}:
            holes += [ring(boundary, scope) for boundary in child]
    if len(outer) > 1 or (holes and not outer):
        raise UnsupportedGeometry("an area without exactly one outer ring")
    return Shape(Family.AREA, [outer + holes] if outer else [], multi=False)


def _surface(element: etree._Element, scope: SrsContext) -> Shape:
    parts = [
        part
        for patches in element
        if name_of(patches.tag) in {"patches", "polygonPatches", "trianglePatches"}
        for patch in patches
        for part in _areas(_read(patch, scope))
    ]
    return Shape(Family.AREA, parts, multi=len(parts) > 1)


def _areas(shape: Shape | Collection) -> list[list[Positions]]:
    if isinstance(shape, Shape) and shape.family is Family.AREA:
        return shape.parts
    raise UnsupportedGeometry("a surface of something else than areas")


def _aggregate(family: Family, *, multi: bool) -> Callable[[etree._Element, SrsContext], Shape]:
    """A reader of a geometry whose members are all of one family."""

    def read(element: etree._Element, scope: SrsContext) -> Shape:
        parts: list[list[Positions]] = []
        for member in _members(element):
            shape = _read(member, scope)
            if not isinstance(shape, Shape) or shape.family is not family:
                raise UnsupportedGeometry(f"{name_of(member.tag)} inside {name_of(element.tag)}")
            parts += shape.parts
        return Shape(family, parts, multi=multi or len(parts) > 1)

    return read


def _collection(element: etree._Element, scope: SrsContext) -> Collection:
    shapes = [_read(member, scope) for member in _members(element)]
    return Collection([leaf for s in shapes for leaf in (s.members if isinstance(s, Collection) else [s])])


def _members(element: etree._Element) -> Iterator[etree._Element]:
    for holder in element:
        if name_of(holder.tag).endswith(("Member", "Members", "baseSurface", "element")):
            if holder.get(HREF) is not None and len(holder) == 0:
                raise UnsupportedGeometry(BY_REFERENCE)
            yield from holder


_READERS: dict[str, Callable[[etree._Element, SrsContext], Shape | Collection]] = {
    "Point": _point,
    "LineString": _line,
    "Curve": _line,
    "CompositeCurve": _line,
    "OrientableCurve": _line,
    "Polygon": _polygon,
    "PolygonPatch": _polygon,
    "Triangle": _polygon,
    "Rectangle": _polygon,
    "Surface": _surface,
    "PolyhedralSurface": _surface,
    "TriangulatedSurface": _surface,
    "Tin": _surface,
    "OrientableSurface": _aggregate(Family.AREA, multi=False),
    "CompositeSurface": _aggregate(Family.AREA, multi=False),
    "MultiPoint": _aggregate(Family.POINT, multi=True),
    "MultiLineString": _aggregate(Family.LINE, multi=True),
    "MultiCurve": _aggregate(Family.LINE, multi=True),
    "MultiPolygon": _aggregate(Family.AREA, multi=True),
    "MultiSurface": _aggregate(Family.AREA, multi=True),
    "MultiGeometry": _collection,
    "GeometryCollection": _collection,
    "MultiPrimitive": _collection,
    "GeometricComplex": _collection,
}

_UNREAD = frozenset({"Solid", "CompositeSolid", "MultiSolid", "LinearRing", "Ring", "Shell", "Grid", "RectifiedGrid"})
"""Geometries of the standard that we do not read; named when they occur."""

_STANDARD = frozenset(
    f"{{{namespace}}}{name}"
    for namespace in ("http://www.opengis.net/gml", "http://www.opengis.net/gml/3.2", "http://www.opengis.net/gml/3.3")
    for name in {*_READERS, *_UNREAD}
)
"""Tags that are geometries whatever is in them."""
