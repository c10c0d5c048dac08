"""GML 2, 3.1.1 and 3.2 geometry elements (OGC 02-069, 03-105r1, 07-036) to parsed geometries.

Elements are recognised by their local names: the versions differ in namespaces and in the names of properties, hardly
in meaning, and servers mix them. References (xlink:href) are not followed: a geometry with a part elsewhere is
unreadable.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator

from lxml import etree

from wfs_proxy.decode.gml.coordinates import BY_REFERENCE, SrsContext, count_positions, read_positions
from wfs_proxy.decode.gml.lines import read_line, read_ring
from wfs_proxy.decode.gml.parsed_geometry import GeometryFamily, ParsedCollection, ParsedGeometry
from wfs_proxy.decode.gml.positions import Positions
from wfs_proxy.decode.gml.single_list import match_single_list
from wfs_proxy.decode.gml.surroundings import Surroundings
from wfs_proxy.decode.safe_xml import name_of
from wfs_proxy.errors import UnsupportedGeometry

__all__ = ["EXTENTS", "implied_geometry", "is_geometry", "is_geometry_name", "is_readable", "read_geometry"]

HREF = "{http://www.w3.org/1999/xlink}href"

EXTENTS = frozenset({"Envelope", "Box", "EnvelopeWithTimePeriod", "Null", "null"})
"""Elements that may be in a property instead of a geometry: extents, or the reason why there is none."""

NOT_WHOLE = "a part of the geometry is in an element that is not supported"

_GML = "{http://www.opengis.net/gml"

_IMPLIED = {
    "posList": "LineString",
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
    "polygonPatches": "Surface",
    "trianglePatches": "Surface",
    "directedNode": "TopoPoint",
    "directedEdge": "TopoCurve",
    "directedFace": "TopoSurface",
    "directedTopoSolid": "TopoVolume",
}
"""First child of a property -> kind of geometry, for properties that have its content without a geometry element."""


_POSITIONS = frozenset({"pos", "coordinates", "coord", "pointProperty", "pointRep"})
"""First child of a property that has the content of a Point or of a LineString."""

_PROPERTIES = _POSITIONS | frozenset({*_IMPLIED, "baseCurve", "baseSurface"})
"""An element in an unknown namespace is a geometry if it has one of these properties."""


_WITH_NUMBERS = tuple(f"{{*}}{name}" for name in ("posList", "pos", "coordinates", "coord"))
_DESCRIPTIONS = frozenset({"boundedBy", "metaDataProperty", "controlPoint"})
"""Elements inside a geometry that are not parts of it; the triangles of a Tin have its control points as corners."""

_NO_GEOMETRY = re.compile(r"^(Time|Abstract)|(Collection|Coverage|Observation|Array|Bag|Dictionary|Definition)$")
"""Objects of GML that are not geometries but may contain some."""


def is_geometry_name(name: str) -> bool:
    """Whether an element with this local name can be a geometry."""
    return name in _READERS or name in _UNREAD


def is_geometry(element: etree._Element) -> bool:
    """Whether an element is a geometry, not a vendor's own element of the same name ("Surface" of a road)."""
    tag = element.tag
    if tag in _STANDARD or _is_unknown_geometry(element):
        return True
    return name_of(tag) in _READERS and any(name_of(child.tag) in _PROPERTIES for child in element)


def _is_unknown_geometry(element: etree._Element) -> bool:
    """Whether an element is one of GML's other geometries, topologies and grids: an object with positions inside."""
    name = name_of(element.tag)
    if not element.tag.startswith(_GML) or not name[0].isupper() or name in EXTENTS or _NO_GEOMETRY.search(name):
        return False
    return next(element.iter(*_WITH_NUMBERS), None) is not None


def is_readable(element: etree._Element, kind: str | None) -> bool:
    """Whether there is a reader for an element, or for the content of a `kind`."""
    return (kind or name_of(element.tag)) in _READERS


def implied_geometry(element: etree._Element) -> str | None:
    """Return the kind of geometry whose content is directly in a property; None for an ordinary property."""
    first = element[0]
    if not (first.tag.startswith(_GML) or "}" not in first.tag):
        return None
    name = name_of(first.tag)
    if name not in _POSITIONS:
        return _IMPLIED.get(name)
    count = count_positions(element)
    if count > 1:
        return "LineString"
    # a property that contains one point property is a vendor's own element
    return None if name in {"pointProperty", "pointRep"} else "Point"


def read_geometry(
    element: etree._Element, kind: str | None = None
) -> tuple[ParsedGeometry | ParsedCollection, str | None]:
    """Read a geometry element, or an element with the content of a `kind`.

    Returns:
        The geometry, and the srsName that holds for its positions; None where the element has none.

    Raises:
        UnsupportedGeometry: it is outside our subset or invalid. The message is short and stable.
    """
    around = Surroundings(element)
    match = match_single_list(element) if kind is None else None
    if match is not None:
        geometry, text = match
        return geometry.within(around).parse(text), geometry.srs
    context = SrsContext([], around)
    parsed = _read(element, context, kind)
    _check_that_all_was_read(element, len(context.used))
    srs_names = {*context.used} - {None}
    if len(srs_names) > 1:
        raise UnsupportedGeometry("several srsNames in one geometry")
    return parsed, next(iter(srs_names), None)


def _check_that_all_was_read(element: etree._Element, read: int) -> None:
    """Raise an error if a geometry has other elements with numbers than those that were read.

    A part of an area or of a line has another point than the whole.
    """
    found = list(element.iter(*_WITH_NUMBERS))
    if len(found) != read and sum(not _is_description(each, element) for each in found) != read:
        raise UnsupportedGeometry(NOT_WHOLE)


def _is_description(part: etree._Element, geometry: etree._Element) -> bool:
    """Whether a part of a geometry only describes it."""
    around = itertools.takewhile(lambda ancestor: ancestor is not geometry, part.iterancestors())
    return any(name_of(ancestor.tag) in _DESCRIPTIONS for ancestor in around)


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
            outer += [read_ring(boundary, context) for boundary in _content(child)]
        elif name in {"interior", "innerBoundaryIs"}:
            holes += [read_ring(boundary, context) for boundary in _content(child)]
    if len(outer) > 1 or (holes and not outer):
        raise UnsupportedGeometry("an area without exactly one outer ring")
    return ParsedGeometry(GeometryFamily.AREA, [outer + holes] if outer else [], multi=False)


def _read_surface(element: etree._Element, context: SrsContext) -> ParsedGeometry:
    parts = [
        part
        for patches in element
        if name_of(patches.tag) in {"patches", "polygonPatches", "trianglePatches"}
        for patch in _content(patches)
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
            yield from _content(holder)


def _content(holder: etree._Element) -> Iterator[etree._Element]:
    """Yield the content of an element; raise an error if it is elsewhere."""
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
