"""Requests of a Web Feature Service as addresses (key-value pairs), by a table of the versions' spellings.

OGC 02-058 section 13 (1.0.0), OGC 04-094 section 14 (1.1.0), OGC 09-025r2 sections 7 and 11 (2.0.0). The address that
the layer file names is kept, its own parameters included; the hosts in a capabilities document are never used.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

__all__ = [
    "VERSIONS",
    "FeatureRequest",
    "NativeBox",
    "Version",
    "capabilities_url",
    "describe_url",
    "feature_url",
    "number",
]

Version = Literal["1.0.0", "1.1.0", "2.0.0"]

VERSIONS: tuple[Version, ...] = ("2.0.0", "1.1.0", "1.0.0")
"""The versions that we speak, the best first."""


class NativeBox(NamedTuple):
    """A box in the source's CRS and axis order: the lowest and the highest value of the first and second ordinate.

    Another type than `BBox`, so that degrees of the map and numbers of a source cannot be mixed up.
    """

    low_1: float
    low_2: float
    high_1: float
    high_2: float


@dataclass(frozen=True, kw_only=True)
class _Spelling:
    """How one version writes what all versions can say."""

    type_name: str
    count: str
    hits: bool
    box_has_crs: bool


SPELLINGS: dict[Version, _Spelling] = {
    "1.0.0": _Spelling(type_name="typeName", count="maxFeatures", hits=False, box_has_crs=False),
    "1.1.0": _Spelling(type_name="typeName", count="maxFeatures", hits=True, box_has_crs=True),
    "2.0.0": _Spelling(type_name="typeNames", count="count", hits=True, box_has_crs=True),
}
"""startIndex, sortBy and srsName are spelt alike everywhere. Not every version defines them (startIndex is 2.0,
sortBy and srsName are 1.1), but servers take them in all, and a server that does not know a parameter ignores it."""

_OURS = frozenset(
    {"service", "version", "acceptversions", "request", "typename", "typenames", "maxfeatures", "count", "startindex"}
    | {"bbox", "filter", "srsname", "outputformat", "resulttype", "sortby"}
)
"""Parameters that we set; a configured address may hold them in any case (OGC 06-121r3, section 11.5.2), from a
template of an older frontend."""


@dataclass(frozen=True, kw_only=True)
class FeatureRequest:
    """One GetFeature. What is None is not said."""

    version: Version
    type_name: str
    output_format: str | None = None
    srs_name: str | None = None
    count: int | None = None
    start: int | None = None
    sort_by: str | None = None
    box: NativeBox | None = None
    box_crs: str | None = None
    """The CRS of the box, where the version lets it be said."""

    filter: str | None = None
    """An OGC filter document. Excludes `box` (OGC 09-025r2, section 7.9.2.3 and table 8)."""

    hits: bool = False
    """Only count (not in 1.0.0)."""


def feature_url(base: str, request: FeatureRequest) -> str:
    """The address of a GetFeature.

    Raises:
        ValueError: a box beside a filter, or hits in a version that cannot count.
    """
    spelling = SPELLINGS[request.version]
    if request.box is not None and request.filter is not None:
        raise ValueError("BBOX and FILTER exclude each other")
    if request.hits and not spelling.hits:
        raise ValueError(f"WFS {request.version} cannot count")
    return _with_parameters(
        base,
        [
            ("SERVICE", "WFS"),
            ("VERSION", request.version),
            ("REQUEST", "GetFeature"),
            (spelling.type_name, request.type_name),
            ("srsName", request.srs_name),
            ("outputFormat", request.output_format),
            ("sortBy", request.sort_by),
            (spelling.count, request.count),
            ("startIndex", request.start),
            ("bbox", _box(request, spelling)),
            ("filter", request.filter),
            ("resultType", "hits" if request.hits else None),
        ],
    )


def capabilities_url(base: str, version: Version | None = None) -> str:
    """The address of the capabilities: of one version, or of the best that both sides speak.

    A server of 1.0.0 does not know ACCEPTVERSIONS and answers with what it has (OGC 06-121r3, section 7.3.2).
    """
    asked = ("ACCEPTVERSIONS", ",".join(VERSIONS)) if version is None else ("VERSION", version)
    return _with_parameters(base, [("SERVICE", "WFS"), ("REQUEST", "GetCapabilities"), asked])


def describe_url(base: str, version: Version, type_name: str) -> str:
    """The address of a type's schema."""
    return _with_parameters(
        base,
        [
            ("SERVICE", "WFS"),
            ("VERSION", version),
            ("REQUEST", "DescribeFeatureType"),
            (SPELLINGS[version].type_name, type_name),
        ],
    )


def number(value: float) -> str:
    """A coordinate without an exponent, to a nanometre or 0.1 mm on the ground: 9 decimals."""
    return f"{value:.9f}".rstrip("0").rstrip(".")


def _box(request: FeatureRequest, spelling: _Spelling) -> str | None:
    if request.box is None:
        return None
    crs = [request.box_crs] if request.box_crs and spelling.box_has_crs else []
    return ",".join([*map(number, request.box), *crs])


def _with_parameters(base: str, parameters: Iterable[tuple[str, str | int | None]]) -> str:
    parts = urlsplit(base.strip())
    kept = [(key, value) for key, value in parse_qsl(parts.query, keep_blank_values=True) if key.lower() not in _OURS]
    said = [(key, str(value)) for key, value in parameters if value is not None]
    query = urlencode(kept + said, quote_via=quote, safe=":,/")
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))
