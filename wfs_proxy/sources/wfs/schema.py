"""The geometry property in the schema of a feature type (DescribeFeatureType). Bytes in, a name out.

Prefixes mean nothing: a schema may bind GML to any. So types are found by their namespaces, and by the usual prefix
only where a server left the namespaces out. The schema may describe further types, which have geometry properties of
their own; the one of the type itself is wanted, which it may inherit. Schemas that it imports are not fetched: those of
GML are known, and others have a URL that the document chose.

XML Schema part 1, sections 3.3 (elements, substitution groups), 3.4 (complex types) and 3.7 (groups); GML 3.2.1 (OGC
07-036), section 9.5 (properties of a geometry type).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from lxml import etree

from wfs_proxy.decode import name_of
from wfs_proxy.errors import MalformedDocument, NotFeatures
from wfs_proxy.features import Payload
from wfs_proxy.sources.wfs.capabilities import read_root

__all__ = ["read_geometry_property"]

_GML = "http://www.opengis.net/gml"

_KIND = (
    r"(Abstract|_)?(Geometry|GeometricPrimitive|GeometricAggregate|Point|LineString|Curve|OrientableCurve|CompositeCurve"
    r"|LinearRing|Polygon|PolyhedralSurface|Surface|CompositeSurface|Tin|Solid|CompositeSolid"
    r"|Multi(Point|LineString|Curve|Polygon|Surface|Solid|Geometry))"
)
_PROPERTY_TYPE = re.compile(rf"{_KIND}(Array)?PropertyType|GeometryAssociationType|LocationPropertyType")
_GEOMETRY = re.compile(_KIND)
_PROPERTY = re.compile(
    r"(geometry|point|lineString|curve|polygon|surface|solid|multi\w+)Property|location|position|centerOf|centerLineOf"
    r"|edgeOf|extentOf|coverage"
)
"""Local names in the GML namespace: of types of properties, of geometries, and of properties."""

_PREFIX = re.compile(rb"<([A-Za-z_][\w.-]*):")
_DECLARED_PREFIX = re.compile(rb"\sxmlns:([\w.-]+)\s*=")
_FIRST_TAG = re.compile(rb"<[A-Za-z_][^\s/>]*")

_PARTS = frozenset(
    {"complexType", "complexContent", "extension", "restriction", "group", "sequence", "choice", "all", "element"}
)
"""What a type consists of; attributes and annotations are none of it."""

_DEEPEST = 30
"""Levels: more than any schema has, and an end for one that refers to itself."""


def read_geometry_property(payload: Payload, type_name: str) -> str | None:
    """Return the first geometry property of a type; None when the schema has none that can only be that of the type.

    Args:
        payload: the answer to DescribeFeatureType.
        type_name: of the type, with or without a prefix.

    Returns:
        The name without a prefix; a property of GML itself has the prefix "gml".

    Raises:
        DecodeError, UpstreamException, UpstreamTooLarge: as for capabilities.
    """
    root = _read_schema(payload)
    if _local(root.tag) != "schema":
        raise NotFeatures(f"{payload.source} answered DescribeFeatureType with a {name_of(root.tag)} document")
    schema = _Schema.of(root)
    declared = schema.feature(_local(type_name))
    if declared is not None:
        return next(schema.geometries_of(declared), None)
    names = set(schema.all_geometries(root))
    return names.pop() if len(names) == 1 else None


def _read_schema(payload: Payload) -> etree._Element:
    try:
        return read_root(payload)
    except MalformedDocument:
        declared = _with_prefixes_declared(payload.body)
        if declared == payload.body:
            raise
    return read_root(replace(payload, body=declared))


def _with_prefixes_declared(body: bytes) -> bytes:
    """Return a document in which the prefix of every element is declared; programs that edit schemas lose some."""
    missing = sorted(set(_PREFIX.findall(body)) - set(_DECLARED_PREFIX.findall(body)))
    declarations = b"".join(b' xmlns:%b="undeclared"' % prefix for prefix in missing if prefix != b"gml")
    if b"gml" in missing:
        declarations += b' xmlns:gml="%b"' % _GML.encode()
    return _FIRST_TAG.sub(lambda found: found.group() + declarations, body, count=1)


def _local(name: str) -> str:
    """Return a name without namespace and prefix, also where the prefix was never declared."""
    return name_of(name).rpartition(":")[2]


@dataclass(frozen=True, kw_only=True)
class _Schema:
    """The global declarations of a schema, by their local names."""

    elements: dict[str, etree._Element]
    types: dict[str, etree._Element]
    groups: dict[str, etree._Element]

    @classmethod
    def of(cls, root: etree._Element) -> _Schema:
        declared: dict[str, dict[str, etree._Element]] = {"element": {}, "complexType": {}, "group": {}}
        for child in root:
            named = declared.get(_local(child.tag))
            if named is not None and child.get("name"):
                named[child.get("name", "")] = child
        return cls(elements=declared["element"], types=declared["complexType"], groups=declared["group"])

    def feature(self, name: str) -> etree._Element | None:
        """Return the declaration of a feature type: its element or, where the server declares none, its type."""
        found = self.elements.get(name)
        for type_name in (f"{name}Type", f"{name}FeatureType"):
            found = self.types.get(type_name) if found is None else found
        folded = [element for each, element in self.elements.items() if each.casefold() == name.casefold()]
        return folded[0] if found is None and len(folded) == 1 else found

    def all_geometries(self, root: etree._Element) -> Iterator[str]:
        """Yield the geometry properties that are declared anywhere."""
        for element in root.iter():
            if isinstance(element.tag, str) and _local(element.tag) == "element":
                yield from self._geometry_property(element)

    def geometries_of(self, node: etree._Element, depth: int = 0) -> Iterator[str]:
        """Yield the geometry properties of the declaration or definition of a feature type, inherited ones first."""
        if depth > _DEEPEST:
            return
        for part in self._parts(node):
            if _local(part.tag) == "element" and part is not node:
                yield from self._geometry_property(part)
            else:
                yield from self.geometries_of(part, depth + 1)

    def _parts(self, node: etree._Element) -> Iterator[etree._Element]:
        """Yield what a declaration or definition consists of, in order."""
        kind = _local(node.tag)
        if kind == "element":
            yield from self._type_of(node)
        elif kind == "group" and node.get("ref"):
            yield from _only(self.groups.get(_local(node.get("ref", ""))))
        else:
            base = self.types.get(_local(node.get("base", "")))
            if kind == "extension":
                yield from _only(base)
            yield from (child for child in node if _local(child.tag) in _PARTS)
            if kind == "restriction":
                yield from _only(base)

    def _type_of(self, element: etree._Element) -> Iterator[etree._Element]:
        """Yield the complex type of an element: its own, the one that it names, or that of its substitution group."""
        for _ in range(_DEEPEST):
            own = [child for child in element if _local(child.tag) == "complexType"]
            if own or element.get("type"):
                yield from own or _only(self.types.get(_local(element.get("type", ""))))
                return
            heads = [
                each for each in map(_local, element.get("substitutionGroup", "").split()) if each in self.elements
            ]
            if not heads:
                return
            element = self.elements[heads[0]]

    def _geometry_property(self, element: etree._Element) -> Iterator[str]:
        """Yield the name of a declared property if its values are geometries."""
        name, reference = element.get("name"), element.get("ref", "")
        if reference:
            if _is_gml(element, reference, _PROPERTY):
                yield f"gml:{_local(reference)}"
            else:
                declared = self.elements.get(_local(reference))
                if declared is not None and not declared.get("ref"):
                    yield from self._geometry_property(declared)
        elif name and self._holds_geometry(element):
            yield name

    def _holds_geometry(self, node: etree._Element, depth: int = 0) -> bool:
        """Whether the content of a property is a geometry, by its type, what that derives from, or what it contains."""
        if depth > _DEEPEST:
            return False
        if depth and _local(node.tag) == "element":
            return _is_gml(node, node.get("ref", ""), _GEOMETRY)
        if any(_is_gml(node, node.get(attribute, ""), _PROPERTY_TYPE) for attribute in ("type", "base")):
            return True
        return any(self._holds_geometry(part, depth + 1) for part in self._parts(node))


def _only(node: etree._Element | None) -> list[etree._Element]:
    return [] if node is None else [node]


def _is_gml(element: etree._Element, name: str, names: re.Pattern[str]) -> bool:
    """Whether a qualified name in an attribute is one of these names of GML."""
    prefix, _, local = name.rpartition(":")
    namespace = element.nsmap.get(prefix or None)
    of_gml = prefix == "gml" if namespace is None else namespace.startswith(_GML)
    return of_gml and names.fullmatch(local) is not None
