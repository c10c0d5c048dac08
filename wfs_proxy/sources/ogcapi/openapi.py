"""The OpenAPI document of a service: the largest page and the names of the query parameters.

OGC 17-069r4, section 7.15.2: the maximum of `limit` is in the schema of that parameter. The document is large, has
references, and is JSON or YAML. Nothing that it lacks is an error: then defaults apply.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from wfs_proxy.config import read_yaml
from wfs_proxy.features import Payload
from wfs_proxy.http import BodyLimits

__all__ = ["OPENAPI_LIMITS", "ItemsParameters", "items_parameters", "read_openapi"]

OPENAPI_LIMITS = BodyLimits(sent=4 << 20, decompressed=16 << 20)
"""Bytes. A service with fifty collections has a document of some 2 MB."""

_NO_LIMIT = 1e9
"""A `limit` that is none: the largest number of some type."""

_MOST_REFERENCES = 10
"""References from one to the next, and schemas in schemas."""


@dataclass(frozen=True, kw_only=True)
class ItemsParameters:
    """The query parameters of the objects of a collection."""

    names: frozenset[str] = frozenset()
    """Empty if they are unknown."""

    most: int | None = None
    """The largest `limit`; None if it is unknown."""


def read_openapi(payload: Payload) -> Mapping[str, Any]:
    """Return the members of an OpenAPI document in JSON or YAML; {} if it cannot be read."""
    try:
        document = json.loads(payload.body)
    except (ValueError, RecursionError):
        document = read_yaml(payload.body).value
    return document if isinstance(document, dict) else {}


def items_parameters(document: Mapping[str, Any], collection: str) -> ItemsParameters:
    """Return the query parameters of `/collections/{collection}/items`, as far as an OpenAPI document has them."""
    found = [parameter for parameter in _parameters(document, collection) if parameter.get("in", "query") == "query"]
    limits = [most for each in found if each.get("name") == "limit" and (most := _maximum(each, document)) is not None]
    names = frozenset(name for each in found if isinstance(name := each.get("name"), str))
    return ItemsParameters(names=names, most=min(limits, default=None))


def _parameters(document: Mapping[str, Any], collection: str) -> Iterator[Mapping[str, Any]]:
    """Yield the parameters of the path and of its operation GET, references resolved."""
    path = _items_path(document, collection)
    operation = _resolved(path.get("get"), document)
    for owner in (path, operation):
        written = owner.get("parameters")
        if isinstance(written, list):
            yield from (_resolved(each, document) for each in written)


def _items_path(document: Mapping[str, Any], collection: str) -> Mapping[str, Any]:
    """Return the description of the path of a collection's objects, its own before the one for all collections."""
    paths = document.get("paths")
    ranked: dict[int, Any] = {}
    for path, item in paths.items() if isinstance(paths, dict) else ():
        segments = str(path).rstrip("/").split("/")
        if segments[-1] != "items" or "collections" not in segments[-3:-2]:
            continue
        name = unquote(segments[-2])
        if name == collection or name.startswith("{"):
            ranked.setdefault(name != collection, item)
    return _resolved(ranked.get(False, ranked.get(True)), document)


def _maximum(parameter: Mapping[str, Any], document: Mapping[str, Any]) -> int | None:
    """Return the maximum of a parameter, in its schema or (in older documents) beside it."""
    schema = parameter.get("schema", parameter)
    return min(_maxima(schema, document, _MOST_REFERENCES), default=None)


def _maxima(schema: Any, document: Mapping[str, Any], levels: int) -> Iterator[int]:
    schema = _resolved(schema, document)
    largest, beyond = schema.get("maximum"), schema.get("exclusiveMaximum")
    if _is_number(largest):
        yield max(1, int(largest) - (beyond is True))
    if _is_number(beyond):
        yield max(1, int(beyond) - 1)
    parts = schema.get("allOf")
    if isinstance(parts, list) and levels > 0:
        for part in parts:
            yield from _maxima(part, document, levels - 1)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 1 <= value < _NO_LIMIT


def _resolved(value: Any, document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an object, or the one in the same document that it refers to; {} if there is none."""
    for _ in range(_MOST_REFERENCES):
        if not isinstance(value, dict):
            return {}
        reference = value.get("$ref")
        if not isinstance(reference, str):
            return value
        value = _at(reference, document)
    return {}


def _at(reference: str, document: Mapping[str, Any]) -> Any:
    """Return the value at a JSON pointer (RFC 6901, section 6); None for another document or a missing value."""
    if not reference.startswith("#/"):
        return None
    value: Any = document
    for token in reference[2:].split("/"):
        name = unquote(token).replace("~1", "/").replace("~0", "~")
        value = value.get(name) if isinstance(value, dict) else None
    return value
