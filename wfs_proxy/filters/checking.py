"""Compares a filter with what a layer serves: the names of its properties, and the types of its literals.

A client may use the vendor's names: those in the layer's `aliases`, with a prefix (`app:status`) or a path
(`app:container/app:status`), in any case. The literals of FES and of URLs are text and become the type of the property;
those of CQL2 have a type, which must be that of the property.

The number of conditions is limited, because each one looks at every object.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple

from wfs_proxy.config import nearest
from wfs_proxy.errors import BadRequest
from wfs_proxy.filters.expression import (
    NOTHING,
    And,
    Area,
    Between,
    Comparison,
    Expression,
    In,
    Intersects,
    IsNull,
    Like,
    LocationName,
    Not,
    Or,
    Scalar,
    UntypedLiteral,
    conditions_of,
    literal_text,
)
from wfs_proxy.filters.like import texts_like
from wfs_proxy.snapshot.blob import Blob
from wfs_proxy.values import CASTS, FieldType, JsonValue, comparable_text, to_text

__all__ = ["LONGEST_PATTERN", "FilterSchema", "checked", "served_name"]

LONGEST_PATTERN = 1_000
"""Characters of a LIKE pattern: `_` makes matching take pattern times text."""

_MOST_CONDITIONS = 250
"""Each takes up to some milliseconds for a million objects."""

_MOST_SLOW_CONDITIONS = 20
"""Patterns, comparisons without case and polygons: each takes up to a second or two for a million objects."""

_LONGEST_SHOWN = 100
"""Characters of a literal in a message."""

_MOST_NAMES = 40
"""Names in a message."""

_TEXT_TYPES = ("string", "date", "datetime")

_CONTENTS: Mapping[FieldType, str] = {
    "string": "texts",
    "integer": "whole numbers",
    "number": "numbers",
    "boolean": "true and false",
    "date": "dates, as in 2024-05-01",
    "datetime": "times, as in 2024-05-01T12:00:00+02:00",
}


_HINTS: Mapping[tuple[FieldType, bool], str] = {
    ("string", False): " Write texts in single quotes.",
    ("integer", True): " Write numbers without quotes.",
    ("number", True): " Write numbers without quotes.",
    ("boolean", True): " Write TRUE or FALSE, without quotes.",
}
"""(type of the property, whether the literal is a text) -> what to do."""


@dataclass(frozen=True, kw_only=True)
class FilterSchema:
    """What a filter can ask of a layer."""

    types: Mapping[str, FieldType]
    """Property -> its type; those that show marks included."""

    aliases: Mapping[str, str] = field(default_factory=dict)
    """Another name, such as that of the vendor -> the property."""

    translations: Mapping[str, Mapping[str, JsonValue]] = field(default_factory=dict)
    """Name or alias -> value of the vendor, as comparable text -> the value that is served."""

    geometries: Collection[str] = ("geometry", "geom")
    """Names of the location, which only spatial operators can use. The first is ours."""

    areas: Collection[str] = ("footprint",)
    """Names of other geometries, which no operator can use."""

    @cached_property
    def known(self) -> Mapping[str, str]:
        """Every name -> the property."""
        aliases = {alias: served for alias, served in self.aliases.items() if served in self.types}
        return aliases | {served: served for served in self.types}


def checked(expression: Expression, schema: FilterSchema) -> Expression:
    """Return the expression with the served names of properties, and literals of their types.

    Raises:
        BadRequest: an unknown property (the message has the nearest name), a literal of another type, or too many
            conditions.
    """
    conditions = list(conditions_of(expression))
    if len(conditions) > _MOST_CONDITIONS:
        raise BadRequest(f"The filter has more than {_MOST_CONDITIONS} conditions. Make it shorter.")
    if sum(map(_is_slow, conditions)) > _MOST_SLOW_CONDITIONS:
        raise BadRequest(
            f"The filter has more than {_MOST_SLOW_CONDITIONS} patterns, comparisons without case and polygons. "
            "Make it shorter."
        )
    return _checked(expression, schema)


def _is_slow(condition: Expression) -> bool:
    match condition:
        case Intersects():
            return isinstance(condition.area, Area)
        case Comparison() | In():
            return not condition.match_case
        case _:
            return isinstance(condition, Like)


def _checked(expression: Expression, schema: FilterSchema) -> Expression:
    match expression:
        case And() | Or():
            return replace(expression, parts=tuple(_checked(part, schema) for part in expression.parts))
        case Not():
            return Not(_checked(expression.part, schema))
        case Intersects() if expression.location is not None:
            _require_location(expression.location, schema)
            return replace(expression, location=None)
        case IsNull():
            every_has_one = _is_location(expression.property, schema)
            return NOTHING if every_has_one else IsNull(_served(expression.property, schema).property)
        case Comparison() | In() | Between() | Like():
            found = _served(expression.property, schema)
            translated = _translated(expression, schema.translations.get(found.name, {}), found)
            return _typed(replace(translated, property=found.property), schema.types[found.property])
        case _:
            return expression


def _translated(
    expression: Comparison | In | Between | Like, values: Mapping[str, JsonValue], name: _KnownName
) -> Comparison | In | Between | Like:
    """Return the expression with the served values that stand for values of the vendor.

    A name that is also served means the served values, except where a value of the vendor is given as it is.

    Raises:
        BadRequest: the order of the vendor's values is asked for; the served values are in another.
    """
    match expression:
        case Comparison(operator="=" | "<>"):
            return replace(expression, value=_of_vendor(expression.value, values))
        case In():
            return replace(expression, values=tuple(_of_vendor(value, values) for value in expression.values))
        case _ if not values or name.name == name.property:
            return expression
        case Like():
            _check_length(expression)
            return _values_like(expression, values)
        case _:
            raise BadRequest(
                f"The property {name.name!r} has no order here, because its values are translated to those of "
                f"{name.property!r}; use =, IN or LIKE."
            )


def _values_like(expression: Like, values: Mapping[str, JsonValue]) -> In | Like:
    """Return a pattern for values of the vendor as a list of the served ones; as it is if it is for none of them."""
    found = texts_like(Blob.of(key.encode() for key in values), expression.pattern, match_case=expression.match_case)
    served = {to_text(value) for value, is_like in zip(values.values(), found.tolist(), strict=True) if is_like}
    texts = sorted(text for text in served if text)
    return In(expression.property, tuple(map(UntypedLiteral, texts))) if texts else expression


def _of_vendor(value: Scalar, values: Mapping[str, JsonValue]) -> Scalar:
    served = to_text(values.get(comparable_text(value)))
    # the layer file may have it in another type than the field, which the fetch converts too
    return UntypedLiteral(served) if served else value


def served_name(name: str, schema: FilterSchema) -> str:
    """Return the property that a name means.

    Raises:
        BadRequest: no property, or the location.
    """
    return _served(name, schema).property


def _typed(expression: Comparison | In | Between | Like, kind: FieldType) -> Expression:
    name = expression.property
    match expression:
        case Comparison():
            value = _value(expression.value, name, kind)
            return Comparison(name, expression.operator, value, expression.match_case or kind != "string")
        case In():
            values = tuple(dict.fromkeys(_value(value, name, kind) for value in expression.values))
            return In(name, values, expression.match_case or kind != "string")
        case Between():
            return Between(name, _value(expression.lower, name, kind), _value(expression.upper, name, kind))
        case Like():
            if kind not in _TEXT_TYPES:
                raise BadRequest(f"The property {name!r} has {_CONTENTS[kind]}, and LIKE is for texts; compare it.")
            _check_length(expression)
            return expression


def _check_length(expression: Like) -> None:
    if len(expression.pattern.text) > LONGEST_PATTERN:
        raise BadRequest(
            f"The pattern for {expression.property[:60]!r} has more than {LONGEST_PATTERN} characters. Shorten it."
        )


def _value(value: Scalar, name: str, kind: FieldType) -> Scalar:
    converted = _converted(value, kind) if isinstance(value, UntypedLiteral) else _fitting(value, kind)
    if converted is None:
        hint = "" if isinstance(value, UntypedLiteral) else _HINTS.get((kind, isinstance(value, str)), "")
        raise BadRequest(f"The property {name!r} has {_CONTENTS[kind]}, not {_shown(value)}.{hint}")
    return converted


def _shown(value: Scalar) -> str:
    text = literal_text(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}..."


def _converted(text: UntypedLiteral, kind: FieldType) -> Scalar | None:
    """Return a literal that is only text as a value of a type; None where that is impossible."""
    if kind == "string":
        return str(text)
    converted = CASTS[kind](str(text))
    # a whole number may be compared with 1.5
    return CASTS["number"](str(text)) if converted is None and kind == "integer" else converted


def _fitting(value: Scalar, kind: FieldType) -> Scalar | None:
    """Return a literal that has a type, in the form of the column; None if it has another type."""
    match kind:
        case "string":
            return value if isinstance(value, str) else None
        case "boolean":
            return value if isinstance(value, bool) else None
        case "date" | "datetime":
            return CASTS[kind](value) if isinstance(value, str) else None
        case _:
            return _number(value)


def _number(value: Scalar) -> Scalar | None:
    if isinstance(value, bool | str) or not math.isfinite(value):
        return None
    return int(value) if isinstance(value, float) and value.is_integer() else value


class _KnownName(NamedTuple):
    name: str
    """As the schema has it: that of a property, or an alias."""

    property: str


def _served(name: str, schema: FilterSchema) -> _KnownName:
    """Return what a name means.

    Raises:
        BadRequest: no property, or the location.
    """
    known = schema.known
    for candidate in _candidates(name):
        if candidate in known:
            return _KnownName(candidate, known[candidate])
    folded = {candidate.casefold() for candidate in _candidates(name)}
    same = {served: candidate for candidate, served in known.items() if candidate.casefold() in folded}
    if len(same) == 1:
        ((served, candidate),) = same.items()
        return _KnownName(candidate, served)
    if _is_location(name, schema):
        raise BadRequest(f"The property {name[:60]!r} is the location; use BBOX or Intersects (CQL2: S_INTERSECTS).")
    raise _unknown(name, known)


def _unknown(name: str, known: Mapping[str, str]) -> BadRequest:
    hint = _hint(name, known)
    names = sorted(set(known.values()))
    more = ", ..." if len(names) > _MOST_NAMES else ""
    possible = f" Possible: {', '.join(names[:_MOST_NAMES])}{more}." if names else " The layer has no properties."
    return BadRequest(f"The layer has no property {name[:60]!r}.{hint}{possible}")


def _hint(name: str, known: Collection[str]) -> str:
    meant = next((found for found in (nearest(part, known) for part in _candidates(name)) if found), None)
    return f" Did you mean {meant!r}?" if meant else ""


def _candidates(name: str) -> Iterator[str]:
    """Yield the name, without the path before it, and without prefixes."""
    last = name.rstrip("/").rpartition("/")[2]
    yield name
    yield last
    yield last.lstrip("@").rpartition(":")[2]


def _is_location(name: str, schema: FilterSchema) -> bool:
    return not set(_candidates(name)) & schema.types.keys() and _names_location(name, schema)


def _names_location(name: str, schema: FilterSchema) -> bool:
    folded = {geometry.casefold() for geometry in schema.geometries}
    return any(candidate.casefold() in folded for candidate in _candidates(name))


def _require_location(asked: LocationName, schema: FilterSchema) -> None:
    """Refuse an area that is asked of something else than the location.

    Raises:
        BadRequest: the name is that of another property, or unknown where it must be known.
    """
    name = asked.name
    if _names_location(name, schema):
        return
    others = {*schema.types, *schema.areas}
    if asked.known or {candidate.casefold() for candidate in _candidates(name)} & set(map(str.casefold, others)):
        hint = _hint(name, schema.geometries)
        raise BadRequest(
            f"The property {name[:60]!r} is not the location of the objects, so it cannot be compared with an area."
            f"{hint} Use {next(iter(schema.geometries))!r}."
        )
