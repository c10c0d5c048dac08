"""What a filter asks: one small tree for every filter language.

The readers of FES (`fes`) and CQL2 (`cql2`) build it, `checking` compares it with what a layer serves, and `evaluation`
finds the rows. Expressions are immutable.

`str(expression)` is the canonical text, for ETags, cache keys and links: the expression in CQL2 text (OGC 21-065r2),
which `read_cql2` reads again. `HasId` is a function of our own there. An `Intersects` whose axis order is still open
has no text that can be read; `evaluation.within` decides it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal, NamedTuple

from wfs_proxy.bbox import BBox

__all__ = [
    "EVERYTHING",
    "MIRRORED",
    "NOTHING",
    "And",
    "Area",
    "Between",
    "Comparison",
    "Expression",
    "HasId",
    "In",
    "Intersects",
    "IsNull",
    "Like",
    "LikePattern",
    "LocationName",
    "Not",
    "Operator",
    "Or",
    "Ring",
    "Scalar",
    "UntypedLiteral",
    "all_of",
    "any_of",
    "conditions_of",
    "literal_text",
    "of_location",
    "opposite_of",
    "properties_in",
]

Scalar = str | int | float | bool
"""A literal. Dates and times are text: "2024-05-01", "2024-05-01T12:00:00+02:00"."""

Operator = Literal["=", "<>", "<", "<=", ">", ">="]

MIRRORED: Mapping[Operator, Operator] = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
"""Operator -> the one with the same meaning where the literal comes before the property."""

Ring = tuple[tuple[float, float], ...]
"""Longitude, latitude of each vertex; the last one is the first one again."""

_WHOLE = 2.0**53
"""Below it every integral float is exact."""

_PLAIN_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_KEYWORDS = frozenset({"and", "between", "casei", "false", "in", "is", "like", "not", "null", "or", "true"})


class UntypedLiteral(str):
    """A literal without a type, from a language that has only text (FES, a parameter of a URL).

    `checking.checked` converts it to the type of the property that it is compared with.
    """

    __slots__ = ()


@dataclass(frozen=True)
class Comparison:
    """A property compared with a literal. Null is neither equal nor unequal to anything."""

    property: str
    operator: Operator
    value: Scalar
    match_case: bool = True
    """False: texts are compared after case folding (Unicode 3.13, toCasefold)."""

    def __str__(self) -> str:
        name, value = _operands(self.property, self.value, match_case=self.match_case)
        return f"{name} {self.operator} {value}"


@dataclass(frozen=True)
class In:
    """A property that has one of several values."""

    property: str
    values: tuple[Scalar, ...]
    match_case: bool = True
    """False: texts are compared after case folding."""

    def __str__(self) -> str:
        operands = [_operands(self.property, value, match_case=self.match_case) for value in self.values]
        name = operands[0][0] if operands else _name(self.property)
        return f"{name} IN ({','.join(value for _, value in operands)})"


@dataclass(frozen=True)
class Between:
    """A property within two values, both included."""

    property: str
    lower: Scalar
    upper: Scalar

    def __str__(self) -> str:
        return f"{_name(self.property)} BETWEEN {literal_text(self.lower)} AND {literal_text(self.upper)}"


@dataclass(frozen=True)
class LikePattern:
    r"""A pattern in the form of SQL and CQL2: `%` any text, `_` one character, `\` before a character means itself.

    `LikePattern.of` reads other forms, and gives patterns with the same meaning the same text.
    """

    text: str

    @classmethod
    def of(cls, text: str, *, many: str = "%", one: str = "_", escape: str = "\\") -> LikePattern:
        """Read a pattern with any wildcards (FES: `wildCard`, `singleChar`, `escapeChar`).

        Args:
            text: the pattern.
            many: stands for any text, also none; "": there is no such wildcard.
            one: stands for one character; "": there is no such wildcard.
            escape: makes the wildcard or character after it literal; "": there is no escape. At the end it is literal.
        """
        tokens: list[str] = []
        position = 0
        while position < len(text):
            literal = bool(escape) and text.startswith(escape, position) and position + len(escape) < len(text)
            position += len(escape) if literal else 0
            wildcard = next((known for known in (many, one) if known and text.startswith(known, position)), None)
            if wildcard is not None and not literal:
                tokens.append("%" if wildcard == many else "_")
            else:
                tokens.append(_escaped(wildcard or text[position]))
            position += len(wildcard or text[position])
        return cls(_WILDCARDS.sub(_ordered_wildcards, "".join(tokens)))

    def __str__(self) -> str:
        return self.text


_WILDCARDS = re.compile(r"(?<!\\)((?:\\\\)*)([%_]{2,})")
"""Two or more wildcards, after any number of literal backslashes."""


def _ordered_wildcards(found: re.Match[str]) -> str:
    """Return wildcards with one spelling: "%%" means "%", and "%_" and "_%" mean the same."""
    backslashes, wildcards = found.groups()
    return backslashes + "_" * wildcards.count("_") + ("%" if "%" in wildcards else "")


def _escaped(text: str) -> str:
    return "".join("\\" + character if character in "%_\\" else character for character in text)


@dataclass(frozen=True)
class Like:
    """A text that matches a pattern as a whole."""

    property: str
    pattern: LikePattern
    match_case: bool = True
    """False: text and pattern are compared after case folding."""

    def __str__(self) -> str:
        name, pattern = _operands(self.property, self.pattern.text, match_case=self.match_case)
        return f"{name} LIKE {pattern}"


@dataclass(frozen=True)
class IsNull:
    """A property without a value."""

    property: str

    def __str__(self) -> str:
        return f"{_name(self.property)} IS NULL"


@dataclass(frozen=True)
class And:
    """All parts are true. Without parts: every object."""

    parts: tuple[Expression, ...]

    def __str__(self) -> str:
        # NOT binds tighter than AND, and AND tighter than OR
        return " AND ".join(f"({part})" if _is_compound(part, Or) else str(part) for part in self.parts) or "TRUE"


@dataclass(frozen=True)
class Or:
    """At least one part is true. Without parts: no object."""

    parts: tuple[Expression, ...]

    def __str__(self) -> str:
        return " OR ".join(map(str, self.parts)) or "FALSE"


@dataclass(frozen=True)
class Not:
    """The part is false: where it is unknown because of a null, this is unknown too, and the object is left out."""

    part: Expression

    def __str__(self) -> str:
        return f"NOT ({self.part})" if _is_compound(self.part, And, Or) else f"NOT {self.part}"


@dataclass(frozen=True)
class HasId:
    """Objects with these ids, with or without the layer's prefix."""

    ids: tuple[str, ...]

    def __str__(self) -> str:
        return f"HASID({','.join(map(literal_text, self.ids))})"


@dataclass(frozen=True)
class Area:
    """One or several polygons. Their edges are straight in longitude and latitude."""

    polygons: tuple[tuple[Ring, ...], ...]
    """The rings of each polygon: the outer one, then the holes."""

    @cached_property
    def box(self) -> BBox:
        """The smallest box around all outer rings."""
        longitudes, latitudes = zip(*(vertex for rings in self.polygons for vertex in rings[0]), strict=True)
        return BBox(min(longitudes), min(latitudes), max(longitudes), max(latitudes))

    def __str__(self) -> str:
        polygons = [f"({','.join(map(_ring, rings))})" for rings in self.polygons]
        return f"POLYGON{polygons[0]}" if len(polygons) == 1 else f"MULTIPOLYGON({','.join(polygons)})"


def _ring(ring: Ring) -> str:
    numbers = ",".join([f"{longitude!r} {latitude!r}" for longitude, latitude in ring])
    return f"({_POINT_ZERO.sub('', numbers)})"


_POINT_ZERO = re.compile(r"\.0(?=[ ,]|$)")
"""What Python writes after an integral float."""


class LocationName(NamedTuple):
    """What a client calls the location of the objects, of which they have only one."""

    name: str

    known: bool
    """Whether the client has it from us; else it may be the vendor's, which a layer file need not say."""


@dataclass(frozen=True)
class Intersects:
    """Objects in a box or an area, edges included."""

    area: BBox | Area
    """In longitude and latitude. A point is a box without width and height."""

    swappable: bool = False
    """Whether latitude and longitude may have been confused, so that `evaluation.within` may swap them."""

    location: LocationName | None = field(default=None, compare=False)
    """As `checking` has to compare it with the layer; None: no name was given, or it is right."""

    @property
    def box(self) -> BBox:
        """The smallest box around the area."""
        return self.area if isinstance(self.area, BBox) else self.area.box

    def __str__(self) -> str:
        shape = f"BBOX({', '.join(map(literal_text, self.area))})" if isinstance(self.area, BBox) else str(self.area)
        return f"{'S_INTERSECTS_IN_EITHER_ORDER' if self.swappable else 'S_INTERSECTS'}(geometry, {shape})"


Expression = Comparison | In | Between | Like | IsNull | And | Or | Not | HasId | Intersects

EVERYTHING = And(())
"""Selects every object."""

NOTHING = Or(())
"""Selects no object."""


def all_of(parts: Iterable[Expression]) -> Expression:
    """Return an expression for objects that match every part; a single part is returned as it is."""
    flat = tuple(inner for part in parts for inner in (part.parts if isinstance(part, And) else (part,)))
    return flat[0] if len(flat) == 1 else And(flat)


def any_of(parts: Iterable[Expression]) -> Expression:
    """Return an expression for objects that match at least one part; a single part is returned as it is.

    All ids are joined: clients list hundreds of them.
    """
    flat = tuple(inner for part in parts for inner in (part.parts if isinstance(part, Or) else (part,)))
    ids = dict.fromkeys(name for part in flat if isinstance(part, HasId) for name in part.ids)
    if ids:
        flat = (HasId(tuple(ids)), *(part for part in flat if not isinstance(part, HasId)))
    return flat[0] if len(flat) == 1 else Or(flat)


def conditions_of(expression: Expression) -> Iterator[Expression]:
    """Yield the parts that are no combination of others."""
    match expression:
        case And() | Or():
            for part in expression.parts:
                yield from conditions_of(part)
        case Not():
            yield from conditions_of(expression.part)
        case _:
            yield expression


def opposite_of(part: Expression) -> Expression:
    """Return the opposite of an expression; where that is unknown because of a null, its opposite is too."""
    return part.part if isinstance(part, Not) else Not(part)


def properties_in(expression: Expression) -> Iterator[str]:
    """Yield the properties whose values an expression looks at, each as often as it does."""
    for condition in conditions_of(expression):
        if isinstance(condition, Comparison | In | Between | Like | IsNull):
            yield condition.property


def of_location(area: Expression, location: LocationName) -> Expression:
    """Return the objects in an area, with the name that the client gives their location."""
    match area:
        case Or():
            return Or(tuple(of_location(part, location) for part in area.parts))
        case Intersects():
            return replace(area, location=location)
        case _:
            return area


def _is_compound(part: Expression, *kinds: type[And | Or]) -> bool:
    return isinstance(part, kinds) and bool(part.parts)


def _operands(name: str, value: Scalar, *, match_case: bool) -> tuple[str, str]:
    if match_case:
        return _name(name), literal_text(value)
    return f"CASEI({_name(name)})", f"CASEI({literal_text(value)})"


def _name(name: str) -> str:
    if _PLAIN_NAME.fullmatch(name) and name.lower() not in _KEYWORDS:
        return name
    escaped = name.replace('"', '""')
    return f'"{escaped}"'


def literal_text(value: Scalar) -> str:
    """Return a literal in CQL2 text."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, str):
        escaped = value.replace("'", "''")
        return f"'{escaped}'"
    return str(int(value)) if abs(value) < _WHOLE and int(value) == value else repr(value)
