"""The few rules of JavaScript that decide what the forms show: `===`, truth, and properties that are not there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

__all__ = ["UNDEFINED", "chosen_entry", "is_truthy", "loosely_alike", "property_of", "strictly_equal"]


class _Undefined:
    """The value of a property that is not there."""

    def __repr__(self) -> str:
        return "undefined"


UNDEFINED = _Undefined()


def property_of(properties: Mapping[str, object], name: object) -> object:
    """Return `properties[name]`; a name that is undefined or null becomes a text, as every other name does."""
    text = "undefined" if name is UNDEFINED else "null" if name is None else name
    return properties.get(text, UNDEFINED) if isinstance(text, str) else UNDEFINED


def strictly_equal(one: object, other: object) -> bool:
    """Whether `one === other` (ECMA-262, section 7.2.15), for values of JSON: 1, "1" and true differ."""
    if one is UNDEFINED or other is UNDEFINED or one is None or other is None:
        return one is other
    if isinstance(one, bool) or isinstance(other, bool):
        return isinstance(one, bool) and isinstance(other, bool) and one == other
    if isinstance(one, int | float) and isinstance(other, int | float):
        return one == other
    return isinstance(one, str) and isinstance(other, str) and one == other


def is_truthy(value: object) -> bool:
    """Whether a value counts as true (section 7.1.2)."""
    return value is not UNDEFINED and (isinstance(value, Mapping | list) or bool(value))


def loosely_alike(one: object, other: object) -> bool:
    """Whether a person would take two values for equal, although JavaScript does not: "1" and 1, "Kolk" and "kolk"."""
    return not strictly_equal(one, other) and _written(one) == _written(other)


def chosen_entry(properties: Mapping[str, object], entries: Sequence[Mapping[str, object]]) -> int | None:
    """Return the index of the entry of `featureTypes` that both forms take for an object; None: they hide it."""
    for index, entry in enumerate(entries):
        value = property_of(properties, entry.get("typeField", UNDEFINED))
        if strictly_equal(value, entry.get("typeValue", UNDEFINED)):
            return index
    return None


def _written(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(int(value) if isinstance(value, float) and value.is_integer() else value).strip().casefold()
