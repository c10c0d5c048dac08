"""Values inside nested objects, by a path of names: `beheer.organisatie.naam`."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["SEPARATOR", "value_at_path"]

SEPARATOR = "."
"""Between the names of a path."""

_LONGEST_POSITION = 9
"""Digits."""


def value_at_path(value: object, path: str) -> object:
    """Return the value at a path; None if there is none.

    A name may contain dots itself: the longest name that an object has is taken first, so `a.b` is the member "a.b" of
    an object before it is the member "b" of its member "a". In a list, a number is a position from 0 on; any other name
    is looked up in each item, and the result is a list of what was found.
    """
    if isinstance(value, Mapping):
        return _in_object(value, path)
    if isinstance(value, list):
        return _in_list(value, path)
    return None


def _in_object(value: Mapping[str, object], path: str) -> object:
    if path in value:
        return value[path]
    end = path.rfind(SEPARATOR)
    while end > 0:
        name, rest = path[:end], path[end + 1 :]
        if name in value and (found := value_at_path(value[name], rest)) is not None:
            return found
        end = path.rfind(SEPARATOR, 0, end)
    return None


def _in_list(value: list[object], path: str) -> object:
    first, _, rest = path.partition(SEPARATOR)
    if first.isdecimal() and len(first) <= _LONGEST_POSITION:
        item = value[int(first)] if int(first) < len(value) else None
        return value_at_path(item, rest) if rest else item
    found = [inner for item in value if (inner := value_at_path(item, path)) is not None]
    return found or None
