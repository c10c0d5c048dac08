"""Selects the rows that answer a query."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from wfs_proxy.bbox import BBox
from wfs_proxy.errors import BadRequest
from wfs_proxy.filters import EdgeComparisons, rows_matching
from wfs_proxy.serve.marked_snapshot import MarkedSnapshot
from wfs_proxy.serve.ordering import Run, in_order, in_order_of_parts, number_until
from wfs_proxy.serve.query import DEFAULT_LIMIT, FeatureQuery, PlacedRow
from wfs_proxy.snapshot import Rows

__all__ = ["Selection", "nearest", "select", "select_all"]


class Selection(NamedTuple):
    """The rows that answer a query. A part is one of several snapshots: the cells that a box touches."""

    runs: tuple[Run, ...]
    """In the order in which they are written: sorted by id on pages, else in the order of the snapshot."""

    matched: int
    """Rows that the query selects, on all pages together."""

    next: int | None = None
    """Objects on all pages up to this one, where the next page starts; None on the last page and without pages."""

    @property
    def last(self) -> PlacedRow:
        """The last object of the page, which must have one."""
        number, rows = self.runs[-1]
        return PlacedRow(number, int(rows[-1]))

    @property
    def returned(self) -> int:
        """The number of rows in `runs`."""
        return sum([len(rows) for _, rows in self.runs])  # a list takes fewer calls than a generator


def select(parts: Sequence[MarkedSnapshot], query: FeatureQuery) -> Selection:
    """Return the rows that answer a query.

    With a limit or an order, or without a box, they are a page of the rows in order. Otherwise the rows in the box, or,
    if they exceed the default limit, those nearest its centre, because a map shows the centre.
    """
    found = _matching(parts, query)
    matched = sum(map(len, found))
    if query.box is None or query.by_number:
        return _page(parts, found, matched, query)
    if matched > DEFAULT_LIMIT:
        found = nearest(parts, found, query.box, DEFAULT_LIMIT)
    return Selection(runs=tuple(enumerate(found)), matched=matched)


def select_all(parts: Sequence[MarkedSnapshot], query: FeatureQuery) -> Selection:
    """Return all rows that a query without a limit selects, in order."""
    found = _matching(parts, query)
    matched = sum(map(len, found))
    return Selection(runs=_ordered(parts, found, query, 0, matched), matched=matched)


def _matching(parts: Sequence[MarkedSnapshot], query: FeatureQuery) -> list[Rows]:
    """Return the rows in the box that match the filter, ascending, part by part."""
    if query.filter is None:
        return [part.snapshot.rows_in(query.box) for part in parts]
    comparisons = EdgeComparisons()
    return [rows_matching(query.filter, part, part.snapshot.rows_in(query.bounds), comparisons) for part in parts]


def _page(parts: Sequence[MarkedSnapshot], found: Sequence[Rows], matched: int, query: FeatureQuery) -> Selection:
    start = _start(parts, found, query)
    end = start + (query.limit or DEFAULT_LIMIT)
    runs = _ordered(parts, found, query, start, end)
    return Selection(runs=runs, matched=matched, next=end if end < matched else None)


def _start(parts: Sequence[MarkedSnapshot], found: Sequence[Rows], query: FeatureQuery) -> int:
    """Return how many objects are on previous pages, or would be with the marks of now."""
    if query.cursor is None:
        return 0
    last = query.cursor.after
    if last is None:
        return query.cursor.offset
    if last.part >= len(parts) or last.row >= len(parts[last.part].snapshot):
        raise BadRequest(f"cursor={query.cursor} is not from a link of this service; start again at the first page.")
    return number_until(parts, found, query.sort, last)


def _ordered(
    parts: Sequence[MarkedSnapshot], found: Sequence[Rows], query: FeatureQuery, start: int, end: int
) -> tuple[Run, ...]:
    if len(parts) == 1:
        return ((0, in_order(parts[0], found[0], query.sort, start, end)),)
    return in_order_of_parts(parts, found, query.sort, start, end)


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
