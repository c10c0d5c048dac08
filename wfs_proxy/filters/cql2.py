"""Reads filters in CQL2 text (OGC 21-065r2), the filter language of OGC API.

The conformance classes basic CQL2, advanced comparison operators, case-insensitive comparison (CASEI) and basic spatial
functions are read, and BBOX as in GeoServer; literals of DATE and TIMESTAMP become text, as dates are served.
HASID('1', '2'), a function of our own, is in links to the next page of objects that were asked for by their ids.

The package `cql2` parses. Its parser is recursive and tries alternatives: it overflows the stack of the process at some
thousand nested operators, and its time doubles with each level of parentheses around an error: fifty "(" would take for
ever. So the text is measured before the parser sees it. Outside a text a quote always begins one, and only a quote that
is not doubled ends it, so both see the same parentheses.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import cql2

from wfs_proxy.bbox import BBox
from wfs_proxy.config import nearest
from wfs_proxy.errors import BadRequest
from wfs_proxy.filters.areas import DEGREES, AreaCrs, area_crs, read_box, read_point, read_polygons
from wfs_proxy.filters.expression import (
    EVERYTHING,
    MIRRORED,
    NOTHING,
    Between,
    Comparison,
    Expression,
    HasId,
    In,
    Intersects,
    IsNull,
    Like,
    LikePattern,
    LocationName,
    Operator,
    Scalar,
    all_of,
    any_of,
    literal_text,
    of_location,
    opposite_of,
)

__all__ = ["DEEPEST_CQL2", "LONGEST_CQL2", "MOST_OPERATORS", "MOST_PREFIXES", "read_cql2"]

Node = Any
"""JSON as in OGC 21-065r2, annex B."""

Corners = tuple[tuple[float, float], tuple[float, float]]
"""Of a box, as written."""

LONGEST_CQL2 = 8_192
"""Characters."""

DEEPEST_CQL2 = 12
"""Levels of parentheses, those of functions and geometries included."""

MOST_OPERATORS = 250
"""Operators of any kind: each may be a level of recursion in the parser."""

MOST_PREFIXES = 50
"""NOT, and minus signs that do not belong to a number: they take the most of the parser's stack."""

_MOST_WORK = 250_000
"""Characters, each counted double for each level of parentheses around it. Measured: at most 0.3 us per character."""

_TOKEN = re.compile(
    r"""(?P<text>'(?:[^']|'')*+'|"(?:[^"]|"")*+")|(?P<quote>['"])|(?P<open>\()|(?P<close>\))"""
    r"""|(?P<prefix>\bnot\b|-(?!\s*[0-9.]))|(?P<operator>\b(?:and|or|in|like|between|is|div)\b|<=|>=|<>|[-+*/%^=<>])""",
    re.IGNORECASE,
)
_PLACE = re.compile(r"--> (\d+):(\d+)")

_OPERATORS: Mapping[str, Operator] = {"=": "=", "<>": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_ARITHMETIC = frozenset({"+", "-", "*", "/", "%", "^", "div"})
_FUNCTIONS = ("CASEI", "S_INTERSECTS", "S_WITHIN", "S_DISJOINT", "BBOX", "DATE", "TIMESTAMP", "HASID")
_GEOMETRIES = "BBOX, POINT, POLYGON or MULTIPOLYGON"

_BOX_NUMBERS = (4, 6)


def read_cql2(text: str, *, filter_crs: str | None = None) -> Expression:
    """Read a filter.

    Args:
        text: the filter, with the percent-encoding of the URL removed.
        filter_crs: the system of the coordinates in it (OGC 19-079r2, `filter-crs`); None: longitude, latitude.

    Raises:
        BadRequest: it cannot be read, is too large, or uses a function that is not supported.
    """
    crs = area_crs(filter_crs) if filter_crs else DEGREES
    _check_size(text)
    try:
        node = cql2.parse_text(text).to_json()
    except Exception as error:
        raise _unreadable(str(error)) from error
    return _Reader(crs).condition(node)


def _unreadable(reason: str) -> BadRequest:
    found = _PLACE.search(reason)
    place = f" at line {found[1]}, character {found[2]}" if found else ""
    return BadRequest(
        f"The filter is not CQL2 text: it cannot be read{place}. Write texts in single quotes, as in "
        "status = 'open' AND year >= 2000."
    )


def _check_size(text: str) -> None:
    """Refuse what the parser could not read in time, or with its stack."""
    if len(text) > LONGEST_CQL2:
        raise BadRequest(f"The filter has more than {LONGEST_CQL2} characters. Make it shorter.")
    depth = deepest = work = operators = prefixes = position = 0
    for token in _TOKEN.finditer(text):
        if token["quote"]:
            raise BadRequest(f"The filter has a {token['quote']} without an end at character {token.start() + 1}.")
        work += (token.end() - position) << min(depth, DEEPEST_CQL2)
        position = token.end()
        depth += bool(token["open"]) - (bool(token["close"]) and depth > 0)
        deepest = max(deepest, depth)
        operators += bool(token["operator"] or token["prefix"])
        prefixes += bool(token["prefix"])
    work += (len(text) - position) << min(depth, DEEPEST_CQL2)
    if deepest > DEEPEST_CQL2:
        raise BadRequest(f"The filter is nested deeper than {DEEPEST_CQL2} levels of parentheses. Make it simpler.")
    if operators > MOST_OPERATORS or prefixes > MOST_PREFIXES:
        raise BadRequest(
            f"The filter has more than {MOST_OPERATORS} operators, or more than {MOST_PREFIXES} of NOT and minus. "
            "Make it shorter; IN (...) replaces many comparisons."
        )
    if work > _MOST_WORK:
        raise BadRequest("The filter is too long for its levels of parentheses. Leave parentheses out, or shorten it.")


class _Reader:
    """Turns the JSON of a filter into an expression."""

    def __init__(self, crs: AreaCrs) -> None:
        self._crs = crs

    def condition(self, node: Node) -> Expression:
        """Return the expression of a node that is true or false."""
        if isinstance(node, bool):
            return EVERYTHING if node else NOTHING
        if isinstance(node, dict) and "bbox" in node:
            return self._box_of_geoserver(node["bbox"])
        if not isinstance(node, dict) or "op" not in node:
            raise BadRequest(f"The filter has {_shown(node)} where a condition must be; compare it, as in status = 1.")
        operator, operands = str(node["op"]).lower(), node["args"]
        if operator in _OPERATORS:
            return _comparison(_OPERATORS[operator], operands)
        method, count = self._METHODS.get(operator, (None, 0))
        # a function of the user may have the name of an operator
        if method is None or count not in {0, len(operands)}:
            raise _unsupported(str(node["op"]))
        return method(self, operands)

    def _and(self, operands: Sequence[Node]) -> Expression:
        return all_of([self.condition(operand) for operand in operands])

    def _or(self, operands: Sequence[Node]) -> Expression:
        return any_of([self.condition(operand) for operand in operands])

    def _not(self, operands: Sequence[Node]) -> Expression:
        return opposite_of(self.condition(operands[0]))

    def _like(self, operands: Sequence[Node]) -> Expression:
        name, match_case = _property(operands[0])
        pattern = _literal(operands[1])
        if not isinstance(pattern, str):
            raise BadRequest(f"The filter has LIKE {_shown(pattern)}; the pattern must be a text, as in LIKE 'a%'.")
        return Like(name, LikePattern.of(pattern), match_case)

    def _in(self, operands: Sequence[Node]) -> Expression:
        name, match_case = _property(operands[0])
        values = tuple(map(_literal, operands[1]))
        return In(name, values, match_case)

    def _between(self, operands: Sequence[Node]) -> Expression:
        name, match_case = _property(operands[0])
        lower, upper = map(_literal, operands[1:])
        if match_case:
            return Between(name, lower, upper)
        return all_of([Comparison(name, ">=", lower, False), Comparison(name, "<=", upper, False)])

    def _is_null(self, operands: Sequence[Node]) -> Expression:
        return IsNull(_property(operands[0])[0])

    def _has_id(self, operands: Sequence[Node]) -> Expression:
        return HasId(tuple(str(_literal(operand)) for operand in operands))

    def _in_area(self, operands: Sequence[Node]) -> Expression:
        names = [operand["property"] for operand in operands if isinstance(operand, dict) and "property" in operand]
        if len(names) != 1:
            raise BadRequest(f"A spatial function of the filter needs the geometry property and {_GEOMETRIES}.")
        (geometry,) = [operand for operand in operands if not (isinstance(operand, dict) and "property" in operand)]
        return of_location(self._area(geometry), LocationName(str(names[0]), known=True))

    def _box_of_geoserver(self, operands: Sequence[Node]) -> Expression:
        """Return the objects in `BBOX(geom, 4.3, 52.0, 4.4, 52.1, 'EPSG:4326')`, as clients of GeoServer write it.

        The name of the location may be that of their server, and the system at the end may be left out.
        """
        name, numbers = next(iter(operands), None), list(operands[1:])
        if not isinstance(name, dict) or "property" not in name:
            raise BadRequest(
                "The filter has a BBOX without a geometry; write S_INTERSECTS(geometry, BBOX(4.3, 52.0, 4.4, 52.1))."
            )
        named = bool(numbers) and isinstance(numbers[-1], str)
        crs = area_crs(numbers.pop()) if named else self._crs
        return of_location(_in_box(_corners(numbers), crs), LocationName(str(name["property"]), known=False))

    def _outside_area(self, operands: Sequence[Node]) -> Expression:
        return opposite_of(self._in_area(operands))

    def _area(self, node: Node) -> Expression:
        kind = node.get("type") if isinstance(node, dict) else None
        if isinstance(node, dict) and "bbox" in node:
            return _in_box(_corners(node["bbox"]), self._crs)
        if kind == "Point":
            return read_point(_pairs([node["coordinates"]])[0], self._crs, swappable=False)
        if kind in {"Polygon", "MultiPolygon"}:
            polygons = [node["coordinates"]] if kind == "Polygon" else node["coordinates"]
            return read_polygons([list(map(_pairs, rings)) for rings in polygons], self._crs, swappable=False)
        raise BadRequest(f"The filter has {_shown(node)} where a geometry must be; use {_GEOMETRIES}.")

    _METHODS: ClassVar[Mapping[str, tuple[Callable[[_Reader, Sequence[Node]], Expression], int]]] = {
        "and": (_and, 0),
        "or": (_or, 0),
        "not": (_not, 1),
        "like": (_like, 2),
        "in": (_in, 2),
        "between": (_between, 3),
        "isnull": (_is_null, 1),
        "hasid": (_has_id, 0),
        "s_intersects": (_in_area, 2),
        "s_within": (_in_area, 2),
        "s_disjoint": (_outside_area, 2),
    }
    """Operator in lower case -> its method, and how many operands it has; 0: any number."""


def _in_box(corners: Corners, crs: AreaCrs) -> Expression:
    """Return the objects in a box whose lower left corner comes first, as in the parameter `bbox`."""
    (west, south), (east, north) = (corner[::-1] if crs.latitude_first else corner for corner in corners)
    if south > north or (west > east and not crs.in_degrees):
        raise BadRequest("A BBOX of the filter has its corners in the wrong order: give the lower left corner first.")
    if west <= east:
        return read_box(corners, crs, swappable=False)
    # both halves must be degrees before they are one area across the antimeridian
    read_box(corners, crs, swappable=False)
    return any_of([Intersects(BBox(west, south, 180.0, north)), Intersects(BBox(-180.0, south, east, north))])


def _comparison(operator: Operator, operands: Sequence[Node]) -> Expression:
    left, right = operands
    if _is_property(right) and not _is_property(left):
        left, right, operator = right, left, MIRRORED[operator]
    name, match_case = _property(left)
    return Comparison(name, operator, _literal(right), match_case)


def _is_property(node: Node) -> bool:
    return isinstance(node, dict) and ("property" in node or (_is_casei(node) and _is_property(node["args"][0])))


def _is_casei(node: Node) -> bool:
    return isinstance(node, dict) and str(node.get("op")).lower() == "casei" and len(node["args"]) == 1


def _property(node: Node) -> tuple[str, bool]:
    """Return the name of a property, and whether its case matters.

    Raises:
        BadRequest: the node is something else.
    """
    if _is_casei(node):
        return _property(node["args"][0])[0], False
    if isinstance(node, dict) and "property" in node:
        return str(node["property"]), True
    if isinstance(node, dict) and "op" in node:
        raise _unsupported(str(node["op"]))
    raise BadRequest(f"The filter compares {_shown(node)}, which is not a property; compare a property with a literal.")


def _literal(node: Node) -> Scalar:
    """Return a literal. Numbers are floats, integral ones up to 2 to the power of 53 are exact.

    Raises:
        BadRequest: the node is something else.
    """
    if isinstance(node, float) and not math.isfinite(node):
        raise BadRequest("The filter has a number that is too large; write one below 1e308.")
    if isinstance(node, bool | str | int | float):
        return node
    if node is None:
        raise BadRequest("The filter compares with NULL, which is never true; use IS NULL or IS NOT NULL.")
    if _is_casei(node):
        value = _literal(node["args"][0])
        return value.casefold() if isinstance(value, str) else value
    if isinstance(node, dict):
        for kind in ("date", "timestamp"):
            if isinstance(node.get(kind), str):
                return str(node[kind])
        if "property" in node:
            raise BadRequest(
                f"The filter compares two properties, which is not supported. If {node['property']!r} is a text, "
                f"write it in single quotes."
            )
        if "op" in node:
            raise _unsupported(str(node["op"]))
    raise BadRequest(f"The filter has {_shown(node)} where a literal must be: a text in quotes, a number, TRUE, FALSE.")


def _corners(numbers: Sequence[Node]) -> Corners:
    """Return the corners of a box; heights are left out."""
    if len(numbers) not in _BOX_NUMBERS or any(type(number) not in {int, float} for number in numbers):
        raise BadRequest("A BBOX of the filter must have four numbers, as in BBOX(4.3, 52.0, 4.4, 52.1).")
    second = len(numbers) // 2
    return (numbers[0], numbers[1]), (numbers[second], numbers[second + 1])


def _pairs(positions: Sequence[Sequence[float]]) -> list[tuple[float, float]]:
    return [(position[0], position[1]) for position in positions]


def _unsupported(name: str) -> BadRequest:
    if name in _ARITHMETIC:
        return BadRequest(f"The filter calculates ({name}), which is not supported; write the result as a number.")
    meant = nearest(name, _FUNCTIONS)
    hint = f" Did you mean {meant}?" if meant else ""
    return BadRequest(
        f"The filter uses {name[:60]}, which is not supported here.{hint} Possible: =, <>, <, <=, >, >=, AND, OR, NOT, "
        f"LIKE, IN, BETWEEN, IS NULL, {', '.join(_FUNCTIONS)}."
    )


def _shown(node: Node) -> str:
    """Return a node as a message shows it."""
    if isinstance(node, dict):
        name = node.get("property") or node.get("op") or node.get("type") or next(iter(node), "")
        return repr(str(name)[:60])
    return literal_text(node)[:60] if isinstance(node, bool | str | int | float) else "a list"
