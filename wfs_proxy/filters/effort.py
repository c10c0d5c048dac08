"""How long a filter takes, estimated before it is evaluated, so that a slow one does not stop the event loop.

The numbers are measured upper bounds on one core of a server of 2024.
"""

from __future__ import annotations

import numpy as np

from wfs_proxy.filters.evaluation import Table
from wfs_proxy.filters.expression import Area, Comparison, Expression, In, Intersects, Like, conditions_of
from wfs_proxy.snapshot import TextColumn

__all__ = ["seconds_to_evaluate"]

_PER_CONDITION = 20e-6
_PER_ROW = 5e-9
"""For a condition that compares numbers or codes."""

_PER_EDGE = 8e-6
_PER_COMPARISON = 5e-9
"""Of an edge with a point."""

_PER_TEXT = 1e-6
"""For a pattern, or a comparison without case, of each distinct text."""

_PER_CHARACTER = 1e-9
"""Of all distinct texts, for each character of a pattern that has wildcards for one character."""

_NO_ROWS = np.empty(0, dtype=np.uint32)


def seconds_to_evaluate(expression: Expression, table: Table, expected: float) -> float:
    """Return about how long `rows_matching` takes.

    Args:
        expression: checked.
        table: the objects.
        expected: about how many of them are candidates, if they are spread evenly. An area is compared with those in
            its box, which may be all.
    """
    return sum(_seconds(condition, table, expected) for condition in conditions_of(expression))


def _seconds(condition: Expression, table: Table, expected: float) -> float:
    simple = _PER_CONDITION + expected * _PER_ROW
    match condition:
        case Intersects(area=Area() as area):
            edges = sum(len(ring) for rings in area.polygons for ring in rings)
            return simple + edges * (_PER_EDGE + len(table.lonlat) * _PER_COMPARISON)
        case Like():
            wildcards = len(condition.pattern.text) if "_" in condition.pattern.text else 0
            return simple + _seconds_for_texts(table, condition.property, wildcards)
        case Comparison(match_case=False) | In(match_case=False):
            return simple + _seconds_for_texts(table, condition.property, 0)
        case _:
            return simple


def _seconds_for_texts(table: Table, name: str, wildcards: int) -> float:
    column = table.column(name, _NO_ROWS)
    if not isinstance(column, TextColumn):
        return 0.0
    characters = int(column.texts.offsets[-1])
    return len(column.texts) * _PER_TEXT + characters * wildcards * _PER_CHARACTER
