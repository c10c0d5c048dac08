"""Reads the query string of `/layers/{id}/download`.

The parameters that select objects are those of the map endpoint. Other unknown parameters are refused: somebody who
downloads a layer because `filter` was misspelled has other objects than intended, and no map to see it on.
"""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import unquote_plus

from wfs_proxy.errors import BadRequest
from wfs_proxy.serve import SELECTING, FeatureQuery, parse_feature_query, require_known_parameters

__all__ = ["FORMATS", "DownloadRequest", "read_download_request"]

FORMATS = ("csv", "geojson", "gpkg", "fgb")
"""The values of `f`."""

_SEPARATORS = (";", ",")
_YES_AND_NO = {"1": True, "true": True, "0": False, "false": False}
_ONLY_CSV = ("sep", "bom")
_KNOWN = ("f", *_ONLY_CSV, *SELECTING)


class DownloadRequest(NamedTuple):
    """A valid request for a file."""

    format: str
    """One of `FORMATS`."""

    query: FeatureQuery
    separator: str = ";"
    bom: bool = False
    """Whether a CSV file begins with the byte order mark, by which Excel recognizes UTF-8."""


def read_download_request(query_string: str) -> DownloadRequest:
    """Read a query string.

    Args:
        query_string: as in the URL, percent-encoded, without the question mark.

    Raises:
        BadRequest: a parameter is wrong, unknown or given twice.
    """
    given = _own_parameters(query_string)
    kind = given.get("f", "").lower()
    if kind not in FORMATS:
        got = f", got {given['f'][:100]!r}" if "f" in given else ""
        raise BadRequest(f"f= must be one of {', '.join(FORMATS)}{got}.")
    if kind != "csv":
        for name in _ONLY_CSV:
            if name in given:
                raise BadRequest(f"{name}= is only for f=csv.")
    return DownloadRequest(
        format=kind,
        query=parse_feature_query(query_string),
        separator=_separator(given.get("sep", ";")),
        bom=_bom(given.get("bom", "0")),
    )


def _own_parameters(query_string: str) -> dict[str, str]:
    """Return the parameters that do not select objects."""
    parts = [part.partition("=") for part in filter(None, query_string.split("&"))]
    names = [unquote_plus(name).lower() for name, _, _ in parts]
    require_known_parameters(names, _KNOWN)
    found: dict[str, str] = {}
    for name, (_, _, value) in zip(names, parts, strict=True):
        if name in SELECTING:
            continue
        if name in found:
            raise BadRequest(f"{name}= is given twice; give it once.")
        found[name] = unquote_plus(value)
    return found


def _separator(text: str) -> str:
    if text not in _SEPARATORS:
        raise BadRequest(f"sep= must be ; or , (in a URL %3B or %2C), got {text[:100]!r}.")
    return text


def _bom(text: str) -> bool:
    if text.lower() not in _YES_AND_NO:
        raise BadRequest(f"bom= must be 1 or 0, got {text[:100]!r}.")
    return _YES_AND_NO[text.lower()]
