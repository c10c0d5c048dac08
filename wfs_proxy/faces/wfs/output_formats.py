"""The output formats of features: every spelling that clients use, and the format that a version has by default."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal, NamedTuple

from wfs_proxy.errors import WfsRequestError
from wfs_proxy.faces.wfs.namespaces import GmlVersion
from wfs_proxy.faces.wfs.versions import WfsVersion

__all__ = ["DECLARED_FORMATS", "GML_MEDIA_TYPES", "JSON_MEDIA_TYPE", "OutputFormat", "read_output_format"]

OutputFormat = Literal["json"] | GmlVersion
"""GeoJSON, or a version of GML by the version of WFS that it belongs to."""

JSON_MEDIA_TYPE = "application/json"
"""Not `application/geo+json`: clients of a WFS ask for this one."""

GML_MEDIA_TYPES: dict[GmlVersion, str] = {
    "1.0.0": "text/xml; subtype=gml/2.1.2",
    "1.1.0": "text/xml; subtype=gml/3.1.1",
    "2.0.0": "application/gml+xml; version=3.2",
}
"""Of features, and of their schemas."""

DECLARED_FORMATS: dict[WfsVersion, tuple[str, ...]] = {
    "1.0.0": ("GML2",),
    "1.1.0": (GML_MEDIA_TYPES["1.1.0"], GML_MEDIA_TYPES["1.0.0"], JSON_MEDIA_TYPE),
    "2.0.0": (GML_MEDIA_TYPES["2.0.0"], GML_MEDIA_TYPES["1.1.0"], GML_MEDIA_TYPES["1.0.0"], JSON_MEDIA_TYPE),
}
"""The formats in the capabilities, the default one first. WFS 1.0.0 names formats by the names of XML elements."""


class _Spelling(NamedTuple):
    pattern: re.Pattern[str]
    format: OutputFormat | None
    """None: the default GML of the version."""


_LONGEST = 200
"""Characters of a format."""


def _spelling(pattern: str, output_format: OutputFormat | None) -> _Spelling:
    return _Spelling(re.compile(pattern, re.IGNORECASE | re.ASCII), output_format)


_SPELLINGS = (
    # also "application/json; subtype=geojson; charset=utf-8" (MapServer) and "application/vnd.geo+json" (QGIS Server)
    _spelling(r"(?:application|text)/(?:vnd\.)?(?:geo[+ ])?json(?:;.*)?|(?:geo)?json(?:;.*)?", "json"),
    _spelling(r"gml2|gml/?2(?:\.\d)*|text/(?:xml|gml); ?subtype=gml/2(?:\.\d)*", "1.0.0"),
    _spelling(r"gml3|gml31|gml/?3\.1(?:\.\d)?|text/(?:xml|gml); ?subtype=gml/3(?:\.[01](?:\.\d)?)?", "1.1.0"),
    _spelling(r"gml32|gml/?3\.2(?:\.\d)?|text/(?:xml|gml); ?subtype=gml/3\.2(?:\.\d)?(?:;.*)?", "2.0.0"),
    _spelling(r"application/gml[+ ]xml; ?version=2(?:\.\d)*", "1.0.0"),
    _spelling(r"application/gml[+ ]xml; ?version=3(?:\.[01](?:\.\d)?)?", "1.1.0"),
    _spelling(r"application/gml[+ ]xml; ?version=3\.2(?:\.\d)?(?:;.*)?", "2.0.0"),
    _spelling(r"(?:text|application)/(?:xml|gml[+ ]xml)(?:; ?charset=.*)?|xml|gml", None),
)


@lru_cache(maxsize=256)
def read_output_format(text: str, version: WfsVersion) -> OutputFormat:
    """Return the format that a request names.

    Args:
        text: OUTPUTFORMAT, or a media type.
        version: of the request; its GML is meant by `text/xml`.

    Raises:
        WfsRequestError: there is no such format; the message names those that there are.
    """
    normal = re.sub(r"\s*;\s*", "; ", text.replace('"', "").replace("'", "")).strip("; ")
    for spelling in _SPELLINGS if len(text) <= _LONGEST else ():
        if spelling.pattern.fullmatch(normal):
            return spelling.format or version
    possible = ", ".join(dict.fromkeys(name for names in DECLARED_FORMATS.values() for name in names))
    raise WfsRequestError(
        f"outputFormat={text[:100]} is not supported; use one of: {possible}.",
        code="InvalidParameterValue",
        locator="outputFormat",
    )
