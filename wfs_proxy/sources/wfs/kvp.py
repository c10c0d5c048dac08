"""WFS requests as URLs (key-value parameters), from a table of each version's parameter names.

OGC 02-058 section 13 (1.0.0), OGC 04-094 section 14 (1.1.0), OGC 09-025r2 sections 7 and 11 (2.0.0). The URL in the
layer file is used with its own parameters; URLs in a capabilities document are never used.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from wfs_proxy.sources.native_box import NativeBox

__all__ = [
    "VERSIONS",
    "FeatureRequest",
    "Version",
    "capabilities_url",
    "describe_url",
    "feature_url",
    "number",
]

Version = Literal["1.0.0", "1.1.0", "2.0.0"]

VERSIONS: tuple[Version, ...] = ("2.0.0", "1.1.0", "1.0.0")
"""The supported versions, the best first."""


@dataclass(frozen=True, kw_only=True)
class _ParameterNames:
    """The parameter names of one version."""

    type_name: str
    count: str
    hits: bool
    box_has_crs: bool


_PARAMETERS: dict[Version, _ParameterNames] = {
    "1.0.0": _ParameterNames(type_name="typeName", count="maxFeatures", hits=False, box_has_crs=False),
    "1.1.0": _ParameterNames(type_name="typeName", count="maxFeatures", hits=True, box_has_crs=True),
    "2.0.0": _ParameterNames(type_name="typeNames", count="count", hits=True, box_has_crs=True),
}
"""startIndex, sortBy and srsName have one name in all versions. Not every version defines them (startIndex is of 2.0,
sortBy and srsName are of 1.1), but many servers accept them in all, and others ignore unknown parameters."""

_OURS = frozenset(
    {"service", "version", "acceptversions", "request", "typename", "typenames", "maxfeatures", "count", "startindex"}
    | {"bbox", "filter", "srsname", "outputformat", "resulttype", "sortby"}
)
"""Parameters that are set here. They are removed from a configured URL, which may have them in any case (OGC 06-121r3,
section 11.5.2) if it was copied from the configuration of a frontend."""


@dataclass(frozen=True, kw_only=True)
class FeatureRequest:
    """One GetFeature request. Parameters that are None are not sent."""

    version: Version
    type_name: str
    output_format: str | None = None
    srs_name: str | None = None
    count: int | None = None
    start: int | None = None
    sort_by: str | None = None
    box: NativeBox | None = None
    box_crs: str | None = None
    """The name of the CRS of the box; not sent in 1.0.0."""

    filter: str | None = None
    """An OGC filter document. It excludes `box` (OGC 09-025r2, section 7.9.2.3 and table 8)."""

    hits: bool = False
    """Only count; not possible in 1.0.0."""


def feature_url(base: str, request: FeatureRequest) -> str:
    """Return the URL of a GetFeature request.

    Raises:
        ValueError: the request has both a box and a filter, or `hits` in a version that cannot count.
    """
    names = _PARAMETERS[request.version]
    if request.box is not None and request.filter is not None:
        raise ValueError("BBOX and FILTER exclude each other")
    if request.hits and not names.hits:
        raise ValueError(f"WFS {request.version} cannot count")
    return _with_parameters(
        base,
        [
            ("SERVICE", "WFS"),
            ("VERSION", request.version),
            ("REQUEST", "GetFeature"),
            (names.type_name, request.type_name),
            ("srsName", request.srs_name),
            ("outputFormat", request.output_format),
            ("sortBy", request.sort_by),
            (names.count, request.count),
            ("startIndex", request.start),
            ("bbox", _box(request, names)),
            ("filter", request.filter),
            ("resultType", "hits" if request.hits else None),
        ],
    )


def capabilities_url(base: str, version: Version | None = None) -> str:
    """Return the URL of a GetCapabilities request, for one version or for the best that both sides support.

    A server of 1.0.0 ignores ACCEPTVERSIONS and answers in 1.0.0 (OGC 06-121r3, section 7.3.2).
    """
    wanted = ("ACCEPTVERSIONS", ",".join(VERSIONS)) if version is None else ("VERSION", version)
    return _with_parameters(base, [("SERVICE", "WFS"), ("REQUEST", "GetCapabilities"), wanted])


def describe_url(base: str, version: Version, type_name: str, *, plural: bool = False) -> str:
    """Return the URL of a DescribeFeatureType request.

    The parameter is `typeName` in all versions, also in 2.0.0, where GetFeature has `typeNames` (OGC 09-025r2, table
    18). A server that ignores the name that it does not know describes all its types; a few want the plural in 2.0.0.
    """
    return _with_parameters(
        base,
        [
            ("SERVICE", "WFS"),
            ("VERSION", version),
            ("REQUEST", "DescribeFeatureType"),
            ("typeNames" if plural else "typeName", type_name),
        ],
    )


def number(value: float) -> str:
    """Return a coordinate with at most 9 decimals and without an exponent: exact to 0.1 mm in degrees."""
    return f"{value:.9f}".rstrip("0").rstrip(".")


def _box(request: FeatureRequest, names: _ParameterNames) -> str | None:
    if request.box is None:
        return None
    crs = [request.box_crs] if request.box_crs and names.box_has_crs else []
    return ",".join([*map(number, request.box), *crs])


def _with_parameters(base: str, parameters: Iterable[tuple[str, str | int | None]]) -> str:
    parts = urlsplit(base.strip())
    kept = [(key, value) for key, value in parse_qsl(parts.query, keep_blank_values=True) if key.lower() not in _OURS]
    sent = [(key, str(value)) for key, value in parameters if value is not None]
    query = urlencode(kept + sent, quote_via=quote, safe=":,/")
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))
