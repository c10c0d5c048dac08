"""What OWSLib reads: titles, keywords, operations and schemas, from bytes that the proxy's own client fetched.

OWSLib never fetches and never parses here what a vendor sent: it gets a document that `decode.safe_xml` has checked,
parsed and written again, without DOCTYPE, comments and processing instructions. What it would reject a whole document
for is added (a missing title, missing operations) or removed (an empty CRS) first. What it loses, such as CountDefault,
is read by `sources.wfs.capabilities`.

Its own function for schemas fetches them, so the function behind it is called.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lxml import etree
from owslib.feature.schema import _construct_schema
from owslib.wfs import WebFeatureService

from wfs_proxy.decode import name_of
from wfs_proxy.features import Payload
from wfs_proxy.sources.wfs import read_root

__all__ = ["ServiceTexts", "TypeTexts", "read_service_texts", "read_types_of_fields"]

_NOWHERE = "http://localhost/"
"""OWSLib wants a URL; nothing is requested from it."""

_READ_BY_US = frozenset(
    ["DefaultCRS", "DefaultSRS", "OtherCRS", "OtherSRS", "SRS", "LatLongBoundingBox", "WGS84BoundingBox", "MetadataURL"]
)
"""Parts of a type that OWSLib need not see; an empty one (QGIS Server) would cost it the whole document."""

_NAMESPACES: Mapping[str, tuple[str, str]] = {
    "1.0.0": ("", "http://www.opengis.net/wfs"),
    "1.1.0": ("http://www.opengis.net/ows", "http://www.opengis.net/wfs"),
    "2.0.0": ("http://www.opengis.net/ows/1.1", "http://www.opengis.net/wfs/2.0"),
}
"""Version -> namespaces of OWS Common and of WFS."""

_OWS_SECTIONS = frozenset(["ServiceIdentification", "ServiceProvider", "OperationsMetadata"])
_OWS_PARTS = _OWS_SECTIONS | {"Keywords", "Keyword"}

_REQUIRED: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "1.0.0": (("Service", "Title"), ("Service", "Name"), ("Capability", "Request")),
    "1.1.0": (("OperationsMetadata",),),
    "2.0.0": (("OperationsMetadata",),),
}
"""Version -> paths of elements without which OWSLib rejects a document."""

_OPERATION = re.compile(r"Get|Describe|List|Lock|Transaction|Create|Drop")
"""OWSLib also lists the parameters and constraints beside the operations of 2.0.0."""

_MOST_KEYWORDS = 50
_LONGEST_TEXT = 2_000
"""Characters of a title or an abstract."""


@dataclass(frozen=True, kw_only=True)
class TypeTexts:
    """The texts about one type."""

    title: str = ""
    abstract: str = ""
    keywords: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ServiceTexts:
    """The texts about a service and its types."""

    title: str = ""
    provider: str = ""
    keywords: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()
    types: Mapping[str, TypeTexts] = field(default_factory=dict)
    """By name."""

    problem: str = ""
    """Why OWSLib could not read the document; "" if it could."""


def read_service_texts(payload: Payload, version: str) -> ServiceTexts:
    """Return the texts in a capabilities document that `read_capabilities` has read before.

    Raises:
        DecodeError: the document cannot be parsed.
    """
    root = read_root(payload)
    _standardise(root, version)
    try:
        service = WebFeatureService(_NOWHERE, version=version, xml=etree.tostring(root))
        return _texts_of(service, version)
    except Exception as error:  # noqa: BLE001 - OWSLib raises whatever a document leads to; the texts are not essential
        return ServiceTexts(problem=f"{type(error).__name__}: {error}")


def _texts_of(service: Any, version: str) -> ServiceTexts:
    identification = getattr(service, "identification", None)
    # for 1.0.0, which has no provider, OWSLib returns the name of the service
    provider = None if version == "1.0.0" else getattr(service, "provider", None)
    return ServiceTexts(
        title=_text(getattr(identification, "title", "")),
        provider=_text(getattr(provider, "name", "")),
        keywords=_keywords(getattr(identification, "keywords", ())),
        operations=tuple(each.name for each in service.operations if _OPERATION.match(each.name or "")),
        types={
            str(name): TypeTexts(
                title=_text(content.title), abstract=_text(content.abstract), keywords=_keywords(content.keywords)
            )
            for name, content in service.contents.items()
        },
    )


def read_types_of_fields(payload: Payload, type_name: str) -> Mapping[str, str]:
    """Return attribute -> type, without prefix ("string", "int", "date"), of a type's schema; empty without it.

    Raises:
        DecodeError, UpstreamException, UpstreamTooLarge: the document is no schema.
    """
    root = read_root(payload)
    elements = _elements_of(root, type_name)
    try:
        schema = _construct_schema(elements, dict(root.nsmap)) or {}
    except Exception:  # noqa: BLE001 - as above; the values then decide the types
        return {}
    return {str(name): str(kind) for name, kind in schema.get("properties", {}).items()}


def _elements_of(root: etree._Element, type_name: str) -> list[etree._Element]:
    """Return the properties of a feature type; OWSLib would take those of the first type in the document."""
    declared = {each.get("name"): each for each in _children(root, "element")}
    kinds = {each.get("name"): each for each in _children(root, "complexType")}
    element = declared.get(type_name.rpartition(":")[2], next(iter(declared.values()), None))
    if element is None:
        return []
    kind = kinds.get(element.get("type", "").rpartition(":")[2], element)
    return [each for each in kind.iter("{*}element") if each is not kind]


def _children(element: etree._Element, name: str) -> Iterator[etree._Element]:
    return element.iterchildren(f"{{*}}{name}")


def _standardise(root: etree._Element, version: str) -> None:
    """Give a capabilities document the form of the standard, as far as OWSLib needs it.

    Elements get the namespaces of the version, whatever the server wrote. What OWSLib requires and servers leave out is
    added; what it is not used for is removed.
    """
    ows, wfs = _NAMESPACES[version]
    for element in list(root.iter("{*}ExtendedCapabilities")):
        _remove(element)
    for element in root.iter("{*}*"):
        name = name_of(element.tag)
        element.tag = f"{{{ows if ows and name in _OWS_PARTS else wfs}}}{name}"
    for section in [each for name in _OWS_SECTIONS for each in root.iter(f"{{{ows}}}{name}")]:
        for element in section.iter("{*}*"):
            element.tag = f"{{{ows}}}{name_of(element.tag)}"
    for path in _REQUIRED[version]:
        _require(root, path, ows if ows and path[0] in _OWS_SECTIONS else wfs)
    for element in list(root.iter(f"{{{wfs}}}FeatureType")):
        for child in list(element):
            if name_of(child.tag) in _READ_BY_US:
                _remove(child)
        _require(element, ("Title",), wfs)


def _require(parent: etree._Element, path: Sequence[str], namespace: str) -> None:
    """Add empty elements for those of a path that are absent."""
    for name in path:
        found = parent.find(f"{{{namespace}}}{name}")
        parent = etree.SubElement(parent, f"{{{namespace}}}{name}") if found is None else found


def _remove(element: etree._Element) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def _text(text: object) -> str:
    return " ".join(str(text or "").split())[:_LONGEST_TEXT]


def _keywords(words: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, map(_text, words or ()))))[:_MOST_KEYWORDS]
