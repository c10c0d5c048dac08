"""Selects the rows that answer a query."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

import numpy as np

from wfs_proxy.bbox import BBox
from wfs_proxy.serve.marked_snapshot import MarkedSnapshot
from wfs_proxy.serve.query import DEFAULT_LIMIT, FeatureQuery
from wfs_proxy.snapshot import Rows

__all__ = ["Selection", "nearest", "select"]

Run = tuple[int, Rows]
"""(number of a part, (M,) rows of that part)."""


class Selection(NamedTuple):
    """The rows that answer a query. A part is one of several snapshots: the cells that a box touches."""

    runs: tuple[Run, ...]
    """In the order in which they are written: sorted by id on pages, else in the order of the snapshot."""

    matched: int
    """Rows that the query selects, on all pages together."""

    next: int | None = None
    """Objects on all pages up to this one, where the next page starts; None on the last page and without pages."""

    @property
    def returned(self) -> int:
        """The number of rows in `runs`."""
        return sum([len(rows) for _, rows in self.runs])  # a list takes fewer calls than a generator


def select(parts: Sequence[MarkedSnapshot], query: FeatureQuery) -> Selection:
    """Return the rows that answer a query.

    With a limit, or without a box, they are a page of the rows sorted by id. Otherwise the rows in the box, or, if they
    exceed the default limit, those nearest its centre, because a map shows the centre.
    """
    found = [part.snapshot.rows_in(query.box) for part in parts]
    matched = sum(map(len, found))
    if query.box is None or query.limit is not None or query.cursor is not None:
        return _page(parts, found, matched, query)
    if matched > DEFAULT_LIMIT:
        found = nearest(parts, found, query.box, DEFAULT_LIMIT)
    return Selection(runs=tuple(enumerate(found)), matched=matched)


def _page(parts: Sequence[MarkedSnapshot], found: Sequence[Rows], matched: int, query: FeatureQuery) -> Selection:
    start = query.cursor.offset if query.cursor is not None else 0
    end = start + (query.limit or DEFAULT_LIMIT)
    runs: tuple[Run, ...]
    if len(parts) == 1:
        snapshot = parts[0].snapshot
        ranks = slice(start, end) if query.box is None else np.sort(snapshot.ranks[found[0]])[start:end]
        runs = ((0, snapshot.by_rank[ranks]),)
    else:
        runs = _by_id(parts, found, start, end)
    return Selection(runs=runs, matched=matched, next=end if end < matched else None)


def _by_id(parts: Sequence[MarkedSnapshot], found: Sequence[Rows], start: int, end: int) -> tuple[Run, ...]:
    """Return the rows from `start` to `end` of all parts together, sorted by id."""
    named = [
        (name, number, row)
        for number, (part, rows) in enumerate(zip(parts, found, strict=True))
        for name, row in zip(part.snapshot.ids.take(part.snapshot.ranks[rows]), rows.tolist(), strict=True)
    ]
    ordered = sorted(named)[start:end]
    return tuple(
        (number, np.array([row for _, _, row in run], dtype=np.uint32))
        for number, run in groupby(ordered, itemgetter(1))
    )


def nearest(parts: Sequence[MarkedSnapshot], found: Sequence[Rows], box: BBox, count: int) -> list[Rows]:
    """Return the `count` rows nearest the centre of the box, part by part; of equally near ones the first.

    Everything nearer than the `count`-th distance is kept, and as many at exactly that distance as are still missing.
    """
    distances = [part.snapshot.distances(rows, box) for part, rows in zip(parts, found, strict=True)]
    kept = np.zeros(sum(map(len, distances)), dtype=np.bool_)
    together = np.concatenate(distances)
    farthest = np.partition(together, count - 1)[count - 1] if len(together) > count else np.inf
    kept[together < farthest] = True
    kept[np.flatnonzero(together == farthest)[: count - np.count_nonzero(kept)]] = True
    bounds = np.cumsum([len(rows) for rows in found])[:-1]
    return [rows[chosen] for rows, chosen in zip(found, np.split(kept, bounds), strict=True)]
