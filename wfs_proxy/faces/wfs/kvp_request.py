"""Reads a request that was sent as parameters (OGC 09-025r2, annex B of 02-058, section 14 of 04-094)."""

from __future__ import annotations

import re
from itertools import zip_longest
from typing import TypeVar

from wfs_proxy.errors import WfsRequestError
from wfs_proxy.faces.wfs.parameters import Parameters
from wfs_proxy.faces.wfs.requests import (
    DescribeFeatureType,
    DescribeStoredQueries,
    FeatureTypeQuery,
    FilterText,
    GetCapabilities,
    GetFeature,
    ListStoredQueries,
    WfsRequest,
)
from wfs_proxy.faces.wfs.versions import WfsVersion, negotiated_version, read_version

__all__ = ["OPERATIONS", "is_request", "read_kvp_request"]

OPERATIONS = ("GetCapabilities", "DescribeFeatureType", "GetFeature", "ListStoredQueries", "DescribeStoredQueries")

_Value = TypeVar("_Value")

_ASKS_FOR_FEATURES = frozenset(
    {
        *("typenames", "bbox", "filter", "cql_filter", "query", "resourceid", "count", "startindex", "outputformat"),
        *("srsname", "storedquery_id", "propertyname", "sortby"),
    }
)
"""Parameters that only GetFeature has, for requests that do not say what they are."""

_BETWEEN_FILTERS = re.compile(r"(?<=>)\s*\)\s*\(\s*(?=<)|^\(\s*(?=<)|(?<=>)\s*\)$")
_BETWEEN_LISTS = re.compile(r"\)\s*\(")
_OTHER_FILTERS = ("where", "query", "cql", "exp_filter", "constraint", "viewparams")
"""Filters of ArcGIS, OWSLib (which calls `filter` so in WFS 2.0.0), QGIS Server, CSW and GeoServer."""

_EVERY_OBJECT = re.compile(r"\s*1\s*=\s*1\s*")
"""The `where` of ArcGIS that stands for no condition."""


def read_kvp_request(given: Parameters) -> WfsRequest:
    """Read a request.

    A request without REQUEST asks for features if it has a parameter that only such a request has, and else for the
    capabilities: the addresses of some questions consist of a box alone.

    Raises:
        WfsRequestError: a parameter is wrong, or the operation is not supported.
    """
    service = given.get("service", "WFS")
    if service.upper() != "WFS":
        raise WfsRequestError(
            f"service={service[:50]} is not supported; this is a WFS.", code="InvalidParameterValue", locator="service"
        )
    operation = _operation(given)
    if operation == "GetCapabilities":
        accepted = given.get("acceptversions")
        return GetCapabilities(version=negotiated_version(accepted, given.get("version")))
    version = read_version(given.get("version"))
    match operation:
        case "DescribeFeatureType":
            names, output_format = _names(given.get("typenames")), given.get("outputformat")
            return DescribeFeatureType(version=version, type_names=names, output_format=output_format)
        case "ListStoredQueries":
            return ListStoredQueries(version=version)
        case "DescribeStoredQueries":
            return DescribeStoredQueries(version=version, ids=_names(given.get("storedquery_id")))
    return _get_feature(given, version)


def is_request(given: Parameters) -> bool:
    """Whether parameters have anything that a request of a WFS has."""
    return bool({"service", "request", "version", "acceptversions", *_ASKS_FOR_FEATURES} & given.keys())


def _operation(given: Parameters) -> str:
    asked = given.get("request")
    if asked is None:
        return "GetFeature" if _ASKS_FOR_FEATURES & given.keys() else "GetCapabilities"
    operation = next((known for known in OPERATIONS if known.lower() == asked.lower()), None)
    if operation is None:
        raise WfsRequestError(
            f"request={asked[:50]} is not supported; there are {', '.join(OPERATIONS)}.",
            code="OperationNotSupported",
            locator=asked[:50],
        )
    return operation


def _get_feature(given: Parameters, version: WfsVersion) -> GetFeature:
    return GetFeature(
        version=version,
        queries=_queries(given),
        ids=tuple(part.strip() for part in given.get("resourceid", "").split(",") if part.strip()),
        bbox=given.get("bbox"),
        output_format=given.get("outputformat"),
        hits=_asks_for_hits(given.get("resulttype")),
        limit=given.get("count"),
        start_index=given.get("startindex"),
        stored_query=given.get("storedquery_id"),
        arguments=given,
    )


def _asks_for_hits(result_type: str | None) -> bool:
    if result_type is None or result_type.lower() == "results":
        return False
    if result_type.lower() == "hits":
        return True
    raise WfsRequestError(
        f"resultType={result_type[:50]} is not supported; use results or hits.",
        code="InvalidParameterValue",
        locator="resultType",
    )


def _queries(given: Parameters) -> tuple[FeatureTypeQuery, ...]:
    """Return one query per type; the lists of filters and properties have an element for each, or one for all."""
    names = _names(given.get("typenames"))
    filters = _filters(given)
    properties = tuple(map(_names, _lists(given.get("propertyname"))))
    count = max(1, len(names))
    for name, values in (("filter", filters), ("propertyName", properties)):
        if len(values) > count:
            raise WfsRequestError(
                f"{name}= has {len(values)} lists, but the request names {len(names)} types; give one for each type.",
                code="InvalidParameterValue",
                locator=name,
            )
    sort_by, srs_name = given.get("sortby"), given.get("srsname")
    return tuple(
        FeatureTypeQuery(
            type_name=name, filter=filter_text, properties=wanted or (), sort_by=sort_by, srs_name=srs_name
        )
        for name, filter_text, wanted in zip_longest(
            names or (None,), _for_each(filters, count), _for_each(properties, count)
        )
    )


def _for_each(values: tuple[_Value, ...], count: int) -> tuple[_Value, ...]:
    return values * count if len(values) == 1 else values


def _filters(given: Parameters) -> tuple[FilterText, ...]:
    _refuse_other_filters(given)
    names = [name for name in ("filter", "query", "cql_filter") if name in given]
    if len(names) > 1:
        raise WfsRequestError(
            f"{'= and '.join(names)}= are all given; give one of them.", code="InvalidParameterValue", locator="filter"
        )
    if not names:
        return ()
    text = given[names[0]]
    if names == ["cql_filter"] or not _is_xml(text):
        return (FilterText(text, "cql"),)
    return tuple(FilterText(part) for part in _BETWEEN_FILTERS.split(text) if part)


def _is_xml(text: str) -> bool:
    """Whether a filter is XML, or a list of such filters in parentheses."""
    return text.lstrip("( \t\r\n\ufeff").startswith("<")


def _refuse_other_filters(given: Parameters) -> None:
    """Refuse what other services call a filter: without it the answer would have too many objects."""
    harmless = {
        "where": _EVERY_OBJECT.fullmatch(given.get("where", "")) is not None,
        "query": _is_xml(given.get("query", "")),
    }
    name = next((name for name in _OTHER_FILTERS if name in given and not harmless.get(name)), None)
    if name is not None:
        raise WfsRequestError(
            f"{name}= is not supported, and ignoring it would return too many objects; use filter= for a filter in "
            "XML or CQL2 text.",
            code="InvalidParameterValue",
            locator=name,
        )


def _names(text: str | None) -> tuple[str, ...]:
    """Return the elements of a list, or of lists in parentheses, one after the other; "*" stands for all: none."""
    if text is None or text == "*":
        return ()
    lists = _BETWEEN_LISTS.split(text.strip("()")) if text.startswith("(") else [text]
    return tuple(part.strip() for one in lists for part in one.split(",") if part.strip())


def _lists(text: str | None) -> tuple[str, ...]:
    """Return the lists of properties, one for each type: "(a,b)(c)"."""
    return () if text is None else tuple(_BETWEEN_LISTS.split(text.removeprefix("(").removesuffix(")")))
