"""Capabilities documents. Bytes in, values out.

The parser is the same hardened one as for the answers. Elements are found by their local names, so that a wrong
namespace does no harm. URLs in a document are never used.

Why not OWSLib: in 2.0.0 it loses the constraints (CountDefault, the cap that paging needs), in 1.0.0 it reads the
degrees of a box as metres, and it rejects a whole document that lacks a title or an operation, for which no layer
should disappear. The tests compare this reader with OWSLib where OWSLib is right.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from lxml import etree

from wfs_proxy.bbox import BBox
from wfs_proxy.decode import (
    DocumentKind,
    binary_kind,
    in_utf8,
    name_of,
    open_markup,
    page_text,
    parse_whole,
    raise_report,
    sniff,
    to_ascii_markup,
)
from wfs_proxy.errors import (
    MalformedDocument,
    NotFeatures,
    UnknownCrs,
    UpstreamException,
    UpstreamRefused,
    UpstreamTooLarge,
    WfsProxyError,
)
from wfs_proxy.features import Payload
from wfs_proxy.geo import parse_srs_name, to_crs84
from wfs_proxy.sources.wfs.kvp import VERSIONS, Version

__all__ = ["Capabilities", "FeatureType", "read_capabilities", "read_report", "read_root"]

CAPABILITIES_LIMIT = 16 << 20
"""Bytes. The largest known are some 5 MB (a Flemish portal with thousands of types)."""

_EMPTY_GEOSERVER_BOX = (-1.0, -1.0, 0.0, 0.0)
"""What GeoServer declares for a layer that was empty when it was published."""


@dataclass(frozen=True, kw_only=True)
class FeatureType:
    """One feature type of a service."""

    name: str
    """As the service writes it, prefix included."""

    crs: str | None
    """The srsName of its default CRS, verbatim."""

    other_crs: tuple[str, ...] = ()
    """Further srsNames, verbatim."""

    extent: BBox | None = None
    """The declared extent, if it is plausible."""


@dataclass(frozen=True, kw_only=True)
class Capabilities:
    """The parts of a capabilities document that the fetch uses."""

    version: Version
    """Of the document itself."""

    versions: tuple[str, ...]
    """That the service says it offers."""

    types: Mapping[str, FeatureType]
    """By name, in the document's order."""

    output_formats: tuple[str, ...] = ()
    """Of GetFeature, verbatim."""

    count_default: int | None = None
    """The stated cap: most objects in one answer (CountDefault in 2.0.0, DefaultMaxFeatures in 1.1.0)."""


def read_capabilities(payload: Payload) -> Capabilities:
    """Read a capabilities document of any version.

    Raises:
        UpstreamException: it is an exception report.
        NotFeatures: it is something else, such as an HTML page or features.
        UnsafeDocument: it has a DOCTYPE.
        MalformedDocument: it is cut off.
        UpstreamTooLarge: it has more than `CAPABILITIES_LIMIT` bytes.
        UpstreamRefused: its version is not supported.
    """
    root = read_root(payload)
    if not name_of(root.tag).endswith("Capabilities"):
        raise NotFeatures(f"{payload.source} answered GetCapabilities with a {name_of(root.tag)} document")
    version = _version(root.get("version", ""), payload.source)
    types = [_feature_type(element) for element in _named(root, "FeatureType")]
    return Capabilities(
        version=version,
        versions=tuple(dict.fromkeys([*_texts(root, "ServiceTypeVersion"), version])),
        types={each.name: each for each in types if each.name},
        output_formats=tuple(dict.fromkeys(_output_formats(root))),
        count_default=_count_default(root),
    )


def read_report(payload: Payload) -> UpstreamException | None:
    """Return the exception report in a document as an error; None when the document is something else."""
    try:
        read_root(payload)
    except UpstreamException as report:
        return report
    except WfsProxyError:
        return None
    return None


def read_root(payload: Payload) -> etree._Element:
    """Return the root element of capabilities or a schema.

    Raises:
        DecodeError, UpstreamException, UpstreamTooLarge: as for capabilities.
    """
    if len(payload.body) > CAPABILITIES_LIMIT:
        raise UpstreamTooLarge(
            f"{payload.source}: {len(payload.body):,} bytes are too many for capabilities or a schema"
        )
    payload = in_utf8(payload)
    _refuse_other_kinds(payload)
    root = parse_whole(open_markup(payload))
    if name_of(root.tag) in {"ExceptionReport", "ServiceExceptionReport"}:
        raise_report(root, payload.source)
    return root


def _refuse_other_kinds(payload: Payload) -> None:
    try:
        body, _ = to_ascii_markup(payload.body)
    except UnicodeDecodeError as error:
        raise MalformedDocument(f"{payload.source}: it begins as {error.encoding}, but is not valid") from error
    kind = sniff(body)
    if kind is DocumentKind.TEXT and (binary := binary_kind(body)):
        raise NotFeatures(f"{payload.source} answered with {binary} instead of XML")
    if kind is not DocumentKind.XML:
        what = {DocumentKind.HTML: "an HTML page", DocumentKind.EMPTY: "nothing"}.get(kind, kind.value)
        raise NotFeatures(f"{payload.source} answered with {what} instead of XML: {page_text(body)!r}")


def _version(text: str, source: str) -> Version:
    for version in VERSIONS:
        if text.split(".")[:2] == version.split(".")[:2]:
            return version
    raise UpstreamRefused(f"{source} uses WFS {text or '(no version)'}; supported are {', '.join(VERSIONS)}")


def _feature_type(element: etree._Element) -> FeatureType:
    crs = [text for name in ("DefaultCRS", "DefaultSRS", "SRS") for text in _texts(element, name)]
    other = [text for name in ("OtherCRS", "OtherSRS") for text in _texts(element, name)]
    return FeatureType(
        name=next(iter(_texts(element, "Name")), ""),
        crs=crs[0] if crs else None,
        other_crs=tuple(dict.fromkeys([*crs[1:], *other])),
        extent=_plausible(_in_degrees(_latlong_box(element), crs) or _wgs84_box(element)),
    )


def _latlong_box(element: etree._Element) -> tuple[float, ...] | None:
    """Return the LatLongBoundingBox of 1.0.0, unchecked."""
    for box in _named(element, "LatLongBoundingBox"):
        return _numbers([box.get(side, "") for side in ("minx", "miny", "maxx", "maxy")])
    return None


def _in_degrees(box: tuple[float, ...] | None, crs: list[str]) -> tuple[float, ...] | None:
    """Return a LatLongBoundingBox in degrees.

    The standard prescribes the type's own CRS (OGC 02-058, section 12.3.3). MapServer uses that, most servers degrees.
    """
    if box is None or not crs or len(box) != len(_EMPTY_GEOSERVER_BOX) or _could_be_degrees(box):
        return box
    west, south, east, north = box
    corners = np.array([(west, south), (east, south), (west, north), (east, north)])
    try:
        lonlat = to_crs84(corners, parse_srs_name(crs[0]).crs)
    except UnknownCrs:
        return None
    return BBox.of_points(lonlat)


def _could_be_degrees(box: tuple[float, ...]) -> bool:
    west, south, east, north = box
    return -180 <= west <= east <= 180 and -90 <= south <= north <= 90  # noqa: PLR2004 - degrees


def _wgs84_box(element: etree._Element) -> tuple[float, ...] | None:
    for box in _named(element, "WGS84BoundingBox"):
        corners = [*_texts(box, "LowerCorner"), *_texts(box, "UpperCorner")]
        return _numbers(" ".join(corners).split())
    return None


def _numbers(texts: list[str]) -> tuple[float, ...] | None:
    try:
        return tuple(float(text) for text in texts)
    except ValueError:
        return None


def _plausible(box: tuple[float, ...] | None) -> BBox | None:
    """Return the box; None if it is not four numbers in degrees, or a box that servers write for "unknown"."""
    if box is None or len(box) != len(_EMPTY_GEOSERVER_BOX) or not all(map(math.isfinite, box)):
        return None
    west, south, east, north = box
    unknown = (west, south) == (east, north) == (0.0, 0.0) or box == _EMPTY_GEOSERVER_BOX
    return BBox(west, south, east, north) if _could_be_degrees(box) and not unknown else None


def _output_formats(root: etree._Element) -> Iterator[str]:
    for operation in (*_named(root, "Operation"), *_named(root, "GetFeature")):
        if operation.get("name", "GetFeature") != "GetFeature":
            continue
        for parameter in _named(operation, "Parameter"):
            if parameter.get("name", "").lower() == "outputformat":
                yield from _texts(parameter, "Value")
        for formats in _named(operation, "ResultFormat"):
            yield from (name_of(child.tag) for child in formats if isinstance(child.tag, str))


def _count_default(root: etree._Element) -> int | None:
    for constraint in _named(root, "Constraint"):
        if constraint.get("name") in {"CountDefault", "DefaultMaxFeatures"}:
            for text in (*_texts(constraint, "DefaultValue"), *_texts(constraint, "Value")):
                if text.isdigit() and int(text) > 0:
                    return int(text)
    return None


def _named(element: etree._Element, name: str) -> Iterator[etree._Element]:
    return element.iter(f"{{*}}{name}")


def _texts(element: etree._Element, name: str) -> list[str]:
    return [text for child in _named(element, name) if (text := (child.text or "").strip())]
