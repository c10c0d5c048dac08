"""The order of the objects on pages: by properties, and then by id."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wfs_proxy.serve.marked_snapshot import MarkedSnapshot
from wfs_proxy.serve.query import PlacedRow, SortKey
from wfs_proxy.snapshot import Column, Rows, TextColumn
from wfs_proxy.values import JsonValue

__all__ = ["Run", "in_order", "in_order_of_parts", "number_until"]

Run = tuple[int, Rows]
"""(number of a part, (M,) rows of that part)."""


def in_order(part: MarkedSnapshot, rows: Rows, sort: Sequence[SortKey], start: int, end: int) -> Rows:
    """Return the rows from `start` to `end` of one snapshot in order.

    Args:
        part: the snapshot.
        rows: (M,) those that are sorted, each once.
        sort: the first key decides first; the id decides last.
        start: of the page, from 0.
        end: of the page; the rows before it.
    """
    snapshot = part.snapshot
    if not sort:
        every = len(rows) == len(snapshot)
        return snapshot.by_rank[slice(start, end) if every else np.sort(snapshot.ranks[rows])[start:end]]
    # lexsort sorts by its last key first
    keys = [array for key in reversed(sort) for array in _keys(part.column(key.property, rows), key)]
    return rows[np.lexsort([snapshot.ranks[rows], *keys])[start:end]]


def _keys(column: Column, key: SortKey) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """Return (M,) numbers that sort as the values do, and (M,) whether they are null, which decides first."""
    values: NDArray[Any] = column.codes if isinstance(column, TextColumn) else column.values
    if key.descending:
        # ~x is -x - 1, which exists for the smallest integer too
        values = -values if values.dtype == np.float64 else ~values
    return values, column.nulls


def in_order_of_parts(
    parts: Sequence[MarkedSnapshot], found: Sequence[Rows], sort: Sequence[SortKey], start: int, end: int
) -> tuple[Run, ...]:
    """Return the rows from `start` to `end` of all parts together in order.

    The codes of two snapshots cannot be compared, so the values themselves are sorted. A box over cells has few enough.
    """
    named = sorted(
        (name, number, row)
        for number, (part, rows) in enumerate(zip(parts, found, strict=True))
        for name, row in zip(part.snapshot.ids.take(part.snapshot.ranks[rows]), rows.tolist(), strict=True)
    )
    for key in reversed(sort):
        named = _sorted_by(parts, named, key)
    return tuple(
        (number, np.array([row for _, _, row in run], dtype=np.uint32))
        for number, run in groupby(named[start:end], itemgetter(1))
    )


def number_until(
    parts: Sequence[MarkedSnapshot], found: Sequence[Rows], sort: Sequence[SortKey], last: PlacedRow
) -> int:
    """Return how many of the rows come before an object in order, or are that object, which may be none of them.

    Args:
        parts: the snapshots.
        found: (M,) rows of each part, ascending.
        sort: as for `in_order`.
        last: the object.
    """
    if len(parts) == 1 and not sort:
        ranks = parts[0].snapshot.ranks
        return int(np.count_nonzero(ranks[found[0]] <= ranks[last.row]))
    own = np.array([last.row], dtype=np.uint32)
    with_it = [np.union1d(rows, own) if number == last.part else rows for number, rows in enumerate(found)]
    count = sum(map(len, with_it))
    if len(parts) == 1:
        ordered = [(last.part, row) for row in in_order(parts[0], with_it[0], sort, 0, count).tolist()]
    else:
        runs = in_order_of_parts(parts, with_it, sort, 0, count)
        ordered = [(number, row) for number, rows in runs for row in rows.tolist()]
    is_found = count == sum(map(len, found))
    return ordered.index((last.part, last.row)) + is_found


_Named = tuple[bytes, int, int]
"""(id, number of the part, row)."""


def _sorted_by(parts: Sequence[MarkedSnapshot], named: list[_Named], key: SortKey) -> list[_Named]:
    """Return objects sorted by one property; equal ones stay in their order."""
    values = {number: _values(parts[number], rows, key) for number, rows in _rows_by_part(named).items()}

    def value_of(each: _Named) -> JsonValue:
        return values[each[1]][each[2]]

    filled = [each for each in named if value_of(each) is not None]
    nulls = [each for each in named if value_of(each) is None]
    return [*sorted(filled, key=value_of, reverse=key.descending), *nulls]  # type: ignore[arg-type]  # of one type


def _values(part: MarkedSnapshot, rows: Sequence[int], key: SortKey) -> Mapping[int, JsonValue]:
    column = part.column(key.property, np.array(rows, dtype=np.uint32))
    return dict(zip(rows, column.to_list(), strict=True))


def _rows_by_part(named: Sequence[_Named]) -> dict[int, list[int]]:
    rows: dict[int, list[int]] = {}
    for _, number, row in named:
        rows.setdefault(number, []).append(row)
    return rows
