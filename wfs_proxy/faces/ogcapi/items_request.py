"""Reads the query string of a request for the objects of a collection (OGC 17-069r4, section 7.15; OGC 19-079r2).

Parameters that are not known are refused, as the standard demands: ignoring one would return other objects than were
asked for. Every property is a parameter too (OGC 19-079r2, "Queryables as query parameters"), except one that has the
name of another parameter.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import partial
from typing import NamedTuple, get_args
from urllib.parse import quote, unquote_plus, urlencode

from wfs_proxy.bbox import BBox
from wfs_proxy.config import Language, Layer
from wfs_proxy.errors import BadRequest
from wfs_proxy.faces.ogcapi.bbox_parameter import read_bbox
from wfs_proxy.faces.ogcapi.coordinate_systems import CRS84, CoordinateSystem, system_named
from wfs_proxy.faces.ogcapi.datetime_parameter import require_datetime
from wfs_proxy.filters import Comparison, Expression, Intersects, UntypedLiteral, all_of, read_cql2
from wfs_proxy.serve import (
    ExplicitBox,
    FeatureQuery,
    SortKey,
    read_cursor,
    read_limit,
    require_known_parameters,
    schema_of,
)

__all__ = [
    "CQL2_TEXT",
    "DEFAULT_ITEMS",
    "ITEMS",
    "PRESENTATION",
    "ItemRequest",
    "ItemsRequest",
    "queryable_parameters",
    "read_item_request",
    "read_items_request",
    "read_parameters",
]

DEFAULT_ITEMS = 1_000
"""Objects on a page without `limit`."""

CQL2_TEXT = "cql2-text"
"""The only filter language."""

PRESENTATION = ("f", "lang")
"""Parameters of every resource: the format, and the language of pages."""

ITEMS = (
    "limit", "bbox", "bbox-crs", "datetime", "crs", "filter", "filter-lang", "filter-crs", "sortby", "cursor",
)  # fmt: skip
"""Parameters of the objects of a collection, besides its queryables."""

_LANGUAGES: tuple[Language, ...] = get_args(Language)

_KNOWN = (*PRESENTATION, *ITEMS)

_PLAIN = re.compile(
    r"bbox=(-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?)(?:&limit=([1-9]\d{0,3}))?", re.ASCII
)
"""The usual form, which is read in a fraction of the time."""


class ItemsRequest(NamedTuple):
    """A valid request for objects."""

    query: FeatureQuery
    system: CoordinateSystem
    """Of the answer."""

    parameters: str
    """The canonical query string, without the page, the format and the language: what page links repeat."""


class ItemRequest(NamedTuple):
    """A valid request for one object."""

    system: CoordinateSystem
    """Of the answer."""

    parameters: str
    """The canonical query string, without the format and the language."""


def read_items_request(query_string: str, layer: Layer, *, default_limit: int = DEFAULT_ITEMS) -> ItemsRequest:
    """Read the query string of a request for objects.

    Args:
        query_string: as in the URL, percent-encoded, without the question mark.
        layer: the collection.
        default_limit: objects on a page if the request does not say.

    Raises:
        BadRequest: a parameter is wrong, unknown or given twice.
    """
    return _plain(query_string, default_limit) or _general(query_string, layer, default_limit)


def read_item_request(query_string: str) -> ItemRequest:
    """Read the query string of a request for one object.

    Raises:
        BadRequest: a parameter is wrong, unknown or given twice.
    """
    given = read_parameters(query_string, (*PRESENTATION, "crs"))
    return ItemRequest(system=_system(given, "crs"), parameters=_canonical(given))


def read_parameters(
    query_string: str, known: Collection[str] = PRESENTATION, more: Callable[[], Collection[str]] = tuple
) -> dict[str, str]:
    """Return name -> value.

    Args:
        query_string: as in the URL.
        known: the parameters that the resource has.
        more: returns further ones; it is called only if a parameter is not in `known`.

    Raises:
        BadRequest: a parameter is unknown or given twice.
    """
    parts = [part.partition("=") for part in filter(None, query_string.split("&"))]
    names = [unquote_plus(name) for name, _, _ in parts]
    if not set(known).issuperset(names):
        require_known_parameters(names, (*known, *more()))
    found: dict[str, str] = {}
    for name, (_, _, value) in zip(names, parts, strict=True):
        if name in found:
            raise BadRequest(f"{name}= is given twice; give it once.")
        found[name] = unquote_plus(value).strip()
    if found.get("lang", _LANGUAGES[0]) not in _LANGUAGES:
        raise BadRequest(f"lang={found['lang']} is not a language of this service. Use {' or '.join(_LANGUAGES)}.")
    return found


def queryable_parameters(layer: Layer) -> list[str]:
    """Return the properties that are parameters, in the order in which they are served."""
    return [name for name in schema_of(layer).types if name not in _KNOWN]


def _plain(query_string: str, default_limit: int) -> ItemsRequest | None:
    plain = _PLAIN.fullmatch(query_string)
    if plain is None:
        return None
    *numbers, limit = plain.groups()
    west, south, east, north = map(float, numbers)
    if not (-180 < west < east < 180 and -90 < south < north < 90):  # noqa: PLR2004 - degrees
        return None
    query = FeatureQuery(box=ExplicitBox(west, south, east, north), limit=int(limit) if limit else default_limit)
    return ItemsRequest(query=query, system=CRS84, parameters=query_string)


def _general(query_string: str, layer: Layer, default_limit: int) -> ItemsRequest:
    given = read_parameters(query_string, _KNOWN, partial(queryable_parameters, layer))
    if "datetime" in given:
        require_datetime(given["datetime"])
    area = _area(given)
    box = area.area if isinstance(area, Intersects) and isinstance(area.area, BBox) else None
    conditions = [*_conditions(given), *([area] if area is not None and box is None else [])]
    query = FeatureQuery(
        box=None if box is None else ExplicitBox(*box),
        limit=read_limit(given.get("limit")) or default_limit,
        cursor=read_cursor(given.get("cursor")),
        filter=all_of(conditions) if conditions else None,
        sort=tuple(_sort_keys(given)),
    )
    return ItemsRequest(query=query, system=_system(given, "crs"), parameters=_canonical(given))


def _area(given: Mapping[str, str]) -> Expression | None:
    system = _system(given, "bbox-crs")
    return read_bbox(given["bbox"], system) if "bbox" in given else None


def _conditions(given: Mapping[str, str]) -> Iterator[Expression]:
    language = given.get("filter-lang", CQL2_TEXT)
    if language != CQL2_TEXT:
        raise BadRequest(f"filter-lang={language} is not a filter language of this service. Use {CQL2_TEXT}.")
    system = _system(given, "filter-crs")
    if "filter" in given:
        yield read_cql2(given["filter"], filter_crs=system.uri)
    for name, value in given.items():
        if name not in _KNOWN:  # a queryable
            yield Comparison(name, "=", UntypedLiteral(value))


def _sort_keys(given: Mapping[str, str]) -> Iterator[SortKey]:
    """Yield the keys of `sortby` (OGC API - Features, Part 8, draft): names with "-" or "+" before them."""
    if "sortby" in given:
        for part in given["sortby"].split(","):
            name = part.strip().removeprefix("+").strip()  # a plus that is not encoded has become a space
            yield SortKey(name.removeprefix("-"), descending=name.startswith("-"))


def _system(given: Mapping[str, str], parameter: str) -> CoordinateSystem:
    return system_named(given[parameter], parameter) if parameter in given else CRS84


def _canonical(given: Mapping[str, str]) -> str:
    kept = {name: value for name, value in given.items() if name not in (*PRESENTATION, "cursor")}
    return urlencode(kept, quote_via=quote, safe=",:/")
