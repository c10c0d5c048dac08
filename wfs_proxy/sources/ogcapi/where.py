"""A layer's `where` as query parameters of an OGC API, as far as the service can apply it. Pure.

An attribute with one value becomes a parameter of its own where the service has one (OGC 17-069r4, section 7.15.5;
OGC 19-079r2, "queryables as query parameters"). The others become a filter in CQL2 text (OGC 19-079r2 and 21-065r2),
which uses no more than the class "Basic CQL2". The objects are compared with `where` again after decoding, so a filter
may let too many objects through, but never too few.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from wfs_proxy.sources.ogcapi.address import STANDARD_PARAMETERS, Parameters

__all__ = ["FilterSupport", "classes_of", "filter_support", "pushed_down", "queryables_of"]

_LONGEST_FILTER = 2_500
"""Characters. Servers accept URLs of 8,000 (RFC 9110, section 4.1)."""

_CQL2 = ("filter", "features-filter", "cql2-text")
"""The last parts of the conformance classes that a filter needs."""

_PARAMETERS = "queryables-query-parameters"

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_RESERVED = frozenset(
    {"AND", "BETWEEN", "CASEI", "ACCENTI", "DATE", "FALSE", "IN", "IS", "LIKE", "NOT", "NULL", "OR"}
) | {
    "TIMESTAMP",
    "TRUE",
    "INTERVAL",
}
"""Names that mean something else in CQL2 text unless they are quoted."""

_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


@dataclass(frozen=True, kw_only=True)
class FilterSupport:
    """What a service can filter a collection by."""

    queryables: Mapping[str, str] = field(default_factory=dict)
    """Attribute -> its type in JSON Schema, "" where it has none; empty if the service names none."""

    parameters: frozenset[str] = frozenset()
    """Attributes that are query parameters."""

    cql2: bool = False
    """Whether it reads CQL2 text."""


def classes_of(conformance: Mapping[str, Any]) -> frozenset[str]:
    """Return the last parts of the conformance classes in a document (OGC 17-069r4, section 7.4)."""
    classes = conformance.get("conformsTo")
    texts = [each for each in classes if isinstance(each, str)] if isinstance(classes, list) else []
    return frozenset(each.rstrip("/").rpartition("/")[2] for each in texts)


def queryables_of(schema: Mapping[str, Any]) -> Mapping[str, str]:
    """Return attribute -> type of a JSON Schema of queryables; of several types the first that is not null."""
    properties = schema.get("properties")
    return {name: _type_of(each) for name, each in properties.items()} if isinstance(properties, dict) else {}


def _type_of(schema: Any) -> str:
    written = schema.get("type", "") if isinstance(schema, dict) else ""
    types = written if isinstance(written, list) else [written]
    return next((each for each in types if isinstance(each, str) and each != "null"), "")


def filter_support(classes: frozenset[str], queryables: Mapping[str, str], named: frozenset[str]) -> FilterSupport:
    """Return what a service can filter by.

    Args:
        classes: its conformance classes, as `classes_of` returns them.
        queryables: as `queryables_of` returns them.
        named: the query parameters that its OpenAPI document names.
    """
    parameters = (named | (frozenset(queryables) if _PARAMETERS in classes else frozenset())) - STANDARD_PARAMETERS
    return FilterSupport(queryables=queryables, parameters=parameters, cql2=all(each in classes for each in _CQL2))


def pushed_down(where: Mapping[str, tuple[str, ...]], support: FilterSupport) -> Parameters:
    """Return the query parameters for the part of `where` that a service can apply; empty if it can apply none."""
    parameters: dict[str, str] = {}
    conditions: list[str] = []
    for name, values in where.items():
        if len(values) == 1 and name in support.parameters:
            parameters[name] = values[0]
        elif support.cql2 and (name in support.queryables or not support.queryables):
            conditions += _condition(name, values, support.queryables.get(name, ""))
    text = " AND ".join(conditions)
    if text and len(text) <= _LONGEST_FILTER:
        parameters |= {"filter": text, "filter-lang": "cql2-text"}
    return parameters


def _condition(name: str, values: tuple[str, ...], kind: str) -> Iterator[str]:
    """Yield the condition that an attribute has one of the values; none where values have no literal of its type."""
    literals = [_literal(value, kind) for value in values]
    if None in literals or not literals:
        return
    comparisons = [f"{_property(name)} = {literal}" for literal in literals]
    yield comparisons[0] if len(comparisons) == 1 else f"({' OR '.join(comparisons)})"


def _property(name: str) -> str:
    plain = _IDENTIFIER.fullmatch(name) and name.upper() not in _RESERVED
    return name if plain else '"' + name.replace('"', '""') + '"'


def _literal(value: str, kind: str) -> str | None:
    if kind in {"integer", "number"}:
        return value if _NUMBER.fullmatch(value) else None
    if kind == "boolean":
        return value.upper() if value.lower() in {"true", "false"} else None
    return "'" + value.replace("'", "''") + "'"
