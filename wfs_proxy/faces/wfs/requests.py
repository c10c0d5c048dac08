"""What a request asks, independent of how it was sent: in a query string, a form or an XML document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, NamedTuple
from urllib.parse import quote

from wfs_proxy.faces.wfs.versions import WfsVersion

__all__ = [
    "DescribeFeatureType",
    "DescribeStoredQueries",
    "FeatureTypeQuery",
    "FilterText",
    "GetCapabilities",
    "GetFeature",
    "ListStoredQueries",
    "WfsRequest",
    "query_string",
]


@dataclass(frozen=True, kw_only=True)
class GetCapabilities:
    """Asks what there is."""

    version: WfsVersion
    """As negotiated."""


@dataclass(frozen=True, kw_only=True)
class DescribeFeatureType:
    """Asks which properties types have."""

    version: WfsVersion
    type_names: tuple[str, ...] = ()
    """Empty: all types."""

    output_format: str | None = None


@dataclass(frozen=True, kw_only=True)
class ListStoredQueries:
    """Asks which stored queries there are."""

    version: WfsVersion


@dataclass(frozen=True, kw_only=True)
class DescribeStoredQueries:
    """Asks what the parameters of stored queries are."""

    version: WfsVersion
    ids: tuple[str, ...] = ()
    """Empty: all stored queries."""


@dataclass(frozen=True)
class FilterText:
    """A filter, not yet read."""

    text: str
    language: Literal["fes", "cql"] = "fes"


@dataclass(frozen=True, kw_only=True)
class FeatureTypeQuery:
    """Asks for features of one type."""

    type_name: str | None = None
    """None: the only type that there is, or those that the ids name."""

    filter: FilterText | None = None
    properties: tuple[str, ...] = ()
    """Empty: all."""

    sort_by: str | None = None
    """As in a query string: "name D,other"."""

    srs_name: str | None = None


class GetFeature(NamedTuple):
    """Asks for features."""

    version: WfsVersion
    queries: tuple[FeatureTypeQuery, ...]
    """At least one."""

    ids: tuple[str, ...] = ()
    bbox: str | None = None
    output_format: str | None = None
    hits: bool = False
    """Only the number of features is asked for."""

    limit: str | None = None
    start_index: str | None = None
    stored_query: str | None = None
    """The id of a stored query, which takes the place of the queries."""

    arguments: Mapping[str, str] = MappingProxyType({})
    """Parameter of the stored query, in lower case -> value."""


def query_string(request: GetFeature) -> str:
    """Return the query string of a request for one type, without a stored query."""
    query = request.queries[0]
    language = "cql_filter" if query.filter is not None and query.filter.language == "cql" else "filter"
    values = {
        "service": "WFS",
        "version": request.version,
        "request": "GetFeature",
        "typenames": query.type_name,
        "outputFormat": request.output_format,
        "srsName": query.srs_name,
        "bbox": request.bbox,
        "resourceId": ",".join(request.ids),
        language: query.filter.text if query.filter is not None else None,
        "propertyName": ",".join(query.properties),
        "sortBy": query.sort_by,
        "startIndex": request.start_index,
        "count": request.limit,
    }
    return "&".join(f"{name}={quote(value, safe=',:')}" for name, value in values.items() if value)


WfsRequest = GetCapabilities | DescribeFeatureType | ListStoredQueries | DescribeStoredQueries | GetFeature
