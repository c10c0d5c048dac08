"""From what a request asks for to a query of the features of one layer."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache

from wfs_proxy.bbox import BBox
from wfs_proxy.errors import BadRequest, WfsRequestError
from wfs_proxy.faces.wfs.offered_types import OfferedType
from wfs_proxy.faces.wfs.output_crs import DEFAULT_SRS_NAMES
from wfs_proxy.faces.wfs.requests import FeatureTypeQuery, FilterText, GetFeature
from wfs_proxy.faces.wfs.xml_names import original_name
from wfs_proxy.filters import (
    And,
    AreaCrs,
    Expression,
    HasId,
    Intersects,
    Not,
    Or,
    all_of,
    area_crs,
    read_box,
    read_cql2,
    read_fes,
)
from wfs_proxy.geo import AxisOrder
from wfs_proxy.serve import Cursor, FeatureQuery, SortKey, read_coordinate

__all__ = ["feature_query", "number_of"]

_LOCATION = frozenset(("geometry", "geom", "geometrie", "the_geom", "point", "boundedby"))
"""Names that clients use for the location."""

_PLAIN_BOX = re.compile(",".join([r"(-?\d{1,3}(?:\.\d{1,17})?)"] * 4), re.ASCII)
"""The form that report forms send."""

_CORNERS = 4
_HEIGHTS = 6
_DIRECTIONS = {"a": False, "asc": False, "ascending": False, "d": True, "desc": True, "descending": True}
_LONGEST_COUNT = 15
"""Digits; a larger number is the largest."""


def feature_query(
    request: GetFeature, query: FeatureTypeQuery, offered: OfferedType, limit: int | None
) -> FeatureQuery:
    """Return the query.

    Args:
        request: the whole request.
        query: the part that asks for this type.
        offered: the type.
        limit: how many features; None: as many as a map shows.

    Raises:
        BadRequest: a parameter is wrong.
    """
    parts = [_filter(query.filter)] if query.filter is not None else []
    if request.ids:
        parts.append(HasId(_ids(request.ids)))
    box: BBox | None = None
    if request.bbox is not None:
        inside = _box(request.bbox, request, query)
        if isinstance(inside, Intersects) and isinstance(inside.area, BBox):
            box = inside.area
        else:
            parts.append(inside)
    start = number_of(request.start_index, "startIndex") or 0
    return FeatureQuery(
        box=box,
        limit=limit,
        cursor=Cursor(version=None, offset=start) if start else None,
        filter=all_of(parts) if parts else None,
        properties=_properties(query, offered),
        sort=_sort_keys(query.sort_by),
    )


def number_of(text: str | None, name: str) -> int | None:
    """Return a number of features; None if there is none.

    Args:
        text: the parameter.
        name: of the parameter, for the message.

    Raises:
        WfsRequestError: not a whole number.
    """
    if text is None:
        return None
    if not (text.isascii() and text.isdigit()):
        raise WfsRequestError(f"{name}={text[:50]} must be a whole number.", code="InvalidParameterValue", locator=name)
    digits = text.lstrip("0") or "0"
    return int(digits) if len(digits) <= _LONGEST_COUNT else 10**_LONGEST_COUNT


def _ids(ids: tuple[str, ...]) -> tuple[str, ...]:
    """Return ids as they are served; a client may have them from GML, where they are names in XML."""
    return tuple(dict.fromkeys(each for given in ids for each in (given, original_name(given))))


def _filter(text: FilterText) -> Expression:
    try:
        return _with_original_names(read_cql2(text.text) if text.language == "cql" else read_fes(text.text))
    except BadRequest as error:
        raise WfsRequestError(str(error), code="OperationParsingFailed", locator="filter") from error


def _with_original_names(expression: Expression) -> Expression:
    """Return an expression with names and ids as they are served; clients of GML know them as names in XML."""
    match expression:
        case And() | Or():
            return replace(expression, parts=tuple(map(_with_original_names, expression.parts)))
        case Not():
            return Not(_with_original_names(expression.part))
        case HasId():
            return HasId(_ids(expression.ids))
        case Intersects():
            return expression
    return replace(expression, property=original_name(expression.property))


def _box(text: str, request: GetFeature, query: FeatureTypeQuery) -> Expression:
    """Return the objects in a box whose fifth or seventh element names its system.

    Without one it is that of the version (OGC 09-025r2, section 7.6.2.3). Which degrees are the latitude is decided by
    where the layer is, because questions write the longitude first in every version.
    """
    plain = _PLAIN_BOX.fullmatch(text)
    if plain is not None:
        return _box_of([float(number) for number in plain.groups()], None, request, query)
    parts = [part.strip("{}[]() ") for part in text.split(",")]
    numbers = [number for number in map(read_coordinate, parts) if number is not None]
    name = parts[-1] if len(parts) == len(numbers) + 1 else None
    if len(parts) - (name is not None) != len(numbers) or len(numbers) not in (_CORNERS, _HEIGHTS):
        raise WfsRequestError(
            f"bbox={text[:100]} must be four numbers, and may have the name of their system as the fifth element.",
            code="InvalidParameterValue",
            locator="bbox",
        )
    if len(numbers) == _HEIGHTS:
        del numbers[5], numbers[2]
    return _box_of(numbers, name, request, query)


def _box_of(numbers: list[float], name: str | None, request: GetFeature, query: FeatureTypeQuery) -> Expression:
    """Return the objects in a box of four numbers, whose system may have a name."""
    first, second, third, fourth = numbers
    srs_name = name or _system_of(numbers, request, query)
    try:
        crs = _known_crs(srs_name)
        box = _box_in_degrees(numbers, crs)
        return Intersects(box) if box else read_box([(first, second), (third, fourth)], crs, swappable=True)
    except BadRequest as error:
        raise WfsRequestError(str(error), code="InvalidParameterValue", locator="bbox") from error


@lru_cache(maxsize=256)
def _known_crs(srs_name: str) -> AreaCrs:
    return area_crs(srs_name)


def _box_in_degrees(numbers: list[float], crs: AreaCrs) -> BBox | None:
    """Return the box that `read_box` would, in a tenth of its time; None if the numbers need more thought."""
    if not crs.in_degrees:
        return None
    x1, y1, x2, y2 = numbers if crs.order is AxisOrder.XY else (numbers[1], numbers[0], numbers[3], numbers[2])
    if max(abs(x1), abs(x2)) > 180.0 or max(abs(y1), abs(y2)) > 90.0:  # noqa: PLR2004 - degrees
        return None
    return BBox(min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2))


def _system_of(numbers: list[float], request: GetFeature, query: FeatureTypeQuery) -> str:
    """Return the system of a box that names none: numbers that are no degrees are in the system of the answer."""
    degrees = max(map(abs, numbers)) <= 180.0  # noqa: PLR2004 - degrees
    return DEFAULT_SRS_NAMES[request.version] if degrees or query.srs_name is None else query.srs_name


def _properties(query: FeatureTypeQuery, offered: OfferedType) -> tuple[str, ...] | None:
    names = [property_name(name) for name in query.properties if name != "*"]
    if not names:
        return None
    # every object has its location, whether it is asked for or not
    others = _LOCATION - {each.name.lower() for each in offered.properties}
    return tuple(name for name in names if name.lower() not in others)


def property_name(path: str) -> str:
    """Return the name of a property without prefixes and steps: nummer for "app:lamp/app:nummer"."""
    return original_name(path.rpartition("/")[2].rpartition(":")[2].removesuffix("[1]"))


def _sort_keys(text: str | None) -> tuple[SortKey, ...]:
    keys = []
    for part in (text or "").split(","):
        name, _, direction = part.strip().rpartition(" ")
        if not name or direction.lower() not in _DIRECTIONS:
            name, direction = part.strip(), "a"
        if name:
            keys.append(SortKey(property_name(name.strip()), _DIRECTIONS[direction.lower()]))
    return tuple(keys)
