"""Values inside nested objects, by a path of names: `beheer.organisatie.naam`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

__all__ = ["PATH_SEPARATOR", "value_at_path"]

PATH_SEPARATOR = "."
"""Between the names of a path."""

_LONGEST_POSITION = 9
"""Digits."""

_ABSENT = object()


def value_at_path(value: object, path: str, *, otherwise: object = None) -> object:
    """Return the value at a path; `otherwise` if there is none.

    A name may contain dots itself: the longest name that an object has is taken first, so `a.b` is the member "a.b" of
    an object before it is the member "b" of its member "a". In a list, a number is a position from 0 on; any other name
    is looked up in each item, and the result is a list of what was found.
    """
    found = _find(value, path)
    return otherwise if found is _ABSENT else found


def _find(value: object, path: str) -> object:
    if isinstance(value, Mapping):
        return _in_object(value, path)
    if isinstance(value, list):
        return _in_list(value, path)
    return _ABSENT


def _in_object(value: Mapping[str, object], path: str) -> object:
    if path in value:
        return value[path]
    end = path.rfind(PATH_SEPARATOR)
    while end > 0:
        name = path[:end]
        if name in value and (found := _find(value[name], path[end + 1 :])) is not _ABSENT:
            return found
        end = path.rfind(PATH_SEPARATOR, 0, end)
    return _ABSENT


def _in_list(value: Sequence[object], path: str) -> object:
    first, _, rest = path.partition(PATH_SEPARATOR)
    if first.isdecimal() and len(first) <= _LONGEST_POSITION:
        if int(first) >= len(value):
            return _ABSENT
        return _find(value[int(first)], rest) if rest else value[int(first)]
    found = [inner for item in value if (inner := _find(item, path)) is not _ABSENT]
    return found or _ABSENT
