"""GML 2, 3.1.1 and 3.2 geometry elements (OGC 02-069, 03-105r1, 07-036) to parsed geometries.

Elements are recognised by their local names: the versions differ in namespaces and in the names of properties, hardly
in meaning, and servers mix them. References (xlink:href) are not followed: a geometry with a part elsewhere is
unreadable.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from lxml import etree

from wfs_proxy.decode.gml.coordinates import BY_REFERENCE, SrsContext, read_positions
from wfs_proxy.decode.gml.lines import read_line, read_ring
from wfs_proxy.decode.gml.parsed_geometry import GeometryFamily, ParsedCollection, ParsedGeometry
from wfs_proxy.decode.gml.positions import Positions
from wfs_proxy.decode.gml.single_list import match_single_list
from wfs_proxy.decode.safe_xml import name_of
from wfs_proxy.errors import UnsupportedGeometry

__all__ = ["EXTENTS", "implied_geometry", "is_geometry", "is_geometry_name", "read_geometry"]

HREF = "{http://www.w3.org/1999/xlink}href"

EXTENTS = frozenset({"Envelope", "Box", "EnvelopeWithTimePeriod", "Null", "null"})
"""Elements that may be in a property instead of a geometry: extents, or the reason why there is none."""

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
"""First child of a property -> kind of geometry, for properties that have its content without a geometry element."""


_PROPERTIES = frozenset({*_IMPLIED, "pointProperty", "pointRep", "baseCurve", "baseSurface"})
"""An element in an unknown namespace is a geometry if it has one of these properties."""


def is_geometry_name(name: str) -> bool:
    """Whether an element with this local name can be a geometry."""
    return name in _READERS or name in _UNREAD


def is_geometry(element: etree._Element) -> bool:
    """Whether an element is a geometry, not a vendor's own element of the same name ("Surface" of a road)."""
    tag = element.tag
    if tag in _STANDARD:
        return True
    return name_of(tag) in _READERS and any(name_of(child.tag) in _PROPERTIES for child in element)


def implied_geometry(element: etree._Element) -> str | None:
    """Return the kind of geometry whose content is directly in a property; None for an ordinary property."""
    first = element[0]
    kind = _IMPLIED.get(name_of(first.tag))
    if kind is None or not (first.tag.startswith(_GML) or "}" not in first.tag):
        return None
    return kind


def read_geometry(
    element: etree._Element, kind: str | None = None
) -> tuple[ParsedGeometry | ParsedCollection, str | None]:
    """Read a geometry element, or an element with the content of a `kind`.

    Returns:
        The geometry, and the srsName that holds for its positions; None where the element has none.

    Raises:
        UnsupportedGeometry: it is outside our subset or invalid. The message is short and stable.
    """
    match = match_single_list(element) if kind is None else None
    if match is not None:
        geometry, text = match
        return geometry.parse(text), geometry.srs
    context = SrsContext(set())
    parsed = _read(element, context, kind)
    srs_names = context.used - {None}
    if len(srs_names) > 1:
        raise UnsupportedGeometry("several srsNames in one geometry")
    return parsed, next(iter(srs_names), None)


def _read(element: etree._Element, context: SrsContext, kind: str | None = None) -> ParsedGeometry | ParsedCollection:
    kind = kind or name_of(element.tag)
    reader = _READERS.get(kind)
    if reader is None:
        raise UnsupportedGeometry(f"{kind} is not supported")
    return reader(element, context.within(element))


def _read_point(element: etree._Element, context: SrsContext) -> ParsedGeometry:
    return _one_part(GeometryFamily.POINT, read_positions(element, context))


def _read_line(element: etree._Element, context: SrsContext) -> ParsedGeometry:
    return _one_part(GeometryFamily.LINE, read_line(element, context))


def _one_part(family: GeometryFamily, positions: Positions) -> ParsedGeometry:
    return ParsedGeometry(family, [[positions]] if positions.ordinates else [], multi=False)


def _read_polygon(element: etree._Element, context: SrsContext) -> ParsedGeometry:
    outer: list[Positions] = []
    holes: list[Positions] = []
    for child in element:
        name = name_of(child.tag)
        if name in {"exterior", "outerBoundaryIs"}:
            outer += [read_ring(boundary, context) for boundary in child]
        elif name in {"interior", "innerBoundaryIs"}:
            holes += [read_ring(boundary, context) for boundary in child]
    if len(outer) > 1 or (holes and not outer):
        raise UnsupportedGeometry("an area without exactly one outer ring")
    return ParsedGeometry(GeometryFamily.AREA, [outer + holes] if outer else [], multi=False)


def _read_surface(element: etree._Element, context: SrsContext) -> ParsedGeometry:
    parts = [
        part
        for patches in element
        if name_of(patches.tag) in {"patches", "polygonPatches", "trianglePatches"}
        for patch in patches
        for part in _areas(_read(patch, context))
    ]
    return ParsedGeometry(GeometryFamily.AREA, parts, multi=len(parts) > 1)


def _areas(parsed: ParsedGeometry | ParsedCollection) -> list[list[Positions]]:
    if isinstance(parsed, ParsedGeometry) and parsed.family is GeometryFamily.AREA:
        return parsed.parts
    raise UnsupportedGeometry("a surface of something else than areas")


def _aggregate(family: GeometryFamily, *, multi: bool) -> Callable[[etree._Element, SrsContext], ParsedGeometry]:
    """Return a reader for a geometry whose members are all of one family."""

    def read(element: etree._Element, context: SrsContext) -> ParsedGeometry:
        parts: list[list[Positions]] = []
        for member in _members(element):
            parsed = _read(member, context)
            if not isinstance(parsed, ParsedGeometry) or parsed.family is not family:
                raise UnsupportedGeometry(f"{name_of(member.tag)} inside {name_of(element.tag)}")
            parts += parsed.parts
        return ParsedGeometry(family, parts, multi=multi or len(parts) > 1)

    return read


def _read_collection(element: etree._Element, context: SrsContext) -> ParsedCollection:
    members = [_read(member, context) for member in _members(element)]
    return ParsedCollection(
        [leaf for each in members for leaf in (each.members if isinstance(each, ParsedCollection) else [each])]
    )


def _members(element: etree._Element) -> Iterator[etree._Element]:
    for holder in element:
        if name_of(holder.tag).endswith(("Member", "Members", "baseSurface", "element")):
            if holder.get(HREF) is not None and len(holder) == 0:
                raise UnsupportedGeometry(BY_REFERENCE)
            yield from holder


_READERS: dict[str, Callable[[etree._Element, SrsContext], ParsedGeometry | ParsedCollection]] = {
    "Point": _read_point,
    "LineString": _read_line,
    "Curve": _read_line,
    "CompositeCurve": _read_line,
    "OrientableCurve": _read_line,
    "Polygon": _read_polygon,
    "PolygonPatch": _read_polygon,
    "Triangle": _read_polygon,
    "Rectangle": _read_polygon,
    "Surface": _read_surface,
    "PolyhedralSurface": _read_surface,
    "TriangulatedSurface": _read_surface,
    "Tin": _read_surface,
    "OrientableSurface": _aggregate(GeometryFamily.AREA, multi=False),
    "CompositeSurface": _aggregate(GeometryFamily.AREA, multi=False),
    "MultiPoint": _aggregate(GeometryFamily.POINT, multi=True),
    "MultiLineString": _aggregate(GeometryFamily.LINE, multi=True),
    "MultiCurve": _aggregate(GeometryFamily.LINE, multi=True),
    "MultiPolygon": _aggregate(GeometryFamily.AREA, multi=True),
    "MultiSurface": _aggregate(GeometryFamily.AREA, multi=True),
    "MultiGeometry": _read_collection,
    "GeometryCollection": _read_collection,
    "MultiPrimitive": _read_collection,
    "GeometricComplex": _read_collection,
}

_UNREAD = frozenset({"Solid", "CompositeSolid", "MultiSolid", "LinearRing", "Ring", "Shell", "Grid", "RectifiedGrid"})
"""Geometries of the standard that we do not read. They are recognised, so that the error can name them."""

_STANDARD = frozenset(
    f"{{{namespace}}}{name}"
    for namespace in ("http://www.opengis.net/gml", "http://www.opengis.net/gml/3.2", "http://www.opengis.net/gml/3.3")
    for name in {*_READERS, *_UNREAD}
)
"""Tags that are geometries even if they are empty."""
