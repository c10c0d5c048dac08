"""The bytes that leave the house, with their validators and freshness.

Terms are those of RFC 9110 (representation, validator, precondition), RFC 9111 (freshness) and RFC 9211 (Cache-Status).
How they are spelled in header fields is the web's concern.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

import numpy as np
import orjson

from wfs_proxy.annotate import Marks
from wfs_proxy.query import DEFAULT_LIMIT, FeatureQuery
from wfs_proxy.snapshot import FRAGMENT_END, SEPARATOR, Box, Rows, Snapshot

__all__ = ["GEOJSON", "Part", "Preconditions", "Representation", "Selection", "feature_collection", "nearest", "select"]

GEOJSON = "application/geo+json"
"""RFC 7946, section 12."""


@dataclass(frozen=True, kw_only=True)
class Preconditions:
    """What the client has already."""

    if_none_match: str | None = None
    """The header field as sent."""

    if_modified_since: float | None = None
    """Seconds since 1970; only looked at without `if_none_match` (RFC 9110, section 13.2.2)."""

    def met_by(self, etag: str, modified_at: float | None) -> bool:
        """Whether the client's copy is still the right one, so that 304 will do.

        Args:
            etag: with its quotes. Compared weakly (RFC 9110, section 13.1.2).
            modified_at: seconds since 1970; only whole seconds count, as the header has no more. None: a date does not
                tell, as it does not where marks lie over the objects.
        """
        if self.if_none_match is not None:
            known = {tag.strip().removeprefix("W/") for tag in self.if_none_match.split(",")}
            return etag in known or "*" in known
        if modified_at is None or self.if_modified_since is None:
            return False
        return int(modified_at) <= self.if_modified_since


@dataclass(frozen=True, kw_only=True)
class Representation:
    """An answer to a request for features."""

    body: bytes
    """Empty when `not_modified`."""

    etag: str
    """A strong validator, with its quotes."""

    modified_at: float
    """When we first saw this content, in seconds since 1970."""

    ttl: float
    """Seconds until the data behind it are stale; negative when they are."""

    marks_ttl: float | None = None
    """Seconds until the marks on them may change, negative when that is overdue; None where only the vendor tells."""

    waited: bool = False
    """Whether the vendor had to be asked first."""

    not_modified: bool = False
    """The client has it already."""

    matched: int | None = None
    """Objects that the query selects; None for a single one."""

    returned: int | None = None
    """Objects in the body; fewer than `matched` when it was cut to the default limit or to a page."""

    truncated: bool = False
    """Objects were left out although the client set no limit."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Part:
    """Some objects of a layer, with their marks: all of them, or those of one cell."""

    snapshot: Snapshot
    marks: Marks | None = None
    """None where the layer has no marks."""

    def features(self, rows: Rows) -> list[bytes]:
        """Pieces that make the features of these rows, a separator behind each, when they are joined.

        Rows that follow each other are one slice, as long as nothing has to take the place of an ending: of a screen's
        hundred objects a dozen slices.
        """
        if not len(rows):
            return []
        changes = self.marks.changes(rows) if self.marks is not None else None
        ends = np.empty(len(rows), dtype=np.bool_)
        np.not_equal(rows[1:], rows[:-1] + 1, out=ends[:-1])
        ends[-1] = True
        if changes is not None:
            ends |= changes > 0
        lasts = ends.nonzero()[0]
        firsts = np.empty_like(lasts)
        firsts[0] = 0
        np.add(lasts[:-1], 1, out=firsts[1:])
        spans = self.snapshot.features.spans(rows.take(firsts), rows.take(lasts) + 1)
        if self.marks is None or changes is None:
            return spans
        return _patched(spans, changes.take(lasts).tolist(), self.marks.patches, len(self.snapshot.ending))

    def feature(self, row: int) -> bytes:
        """One whole feature."""
        end = FRAGMENT_END if self.marks is None else self.marks.end(row)
        return self.snapshot.fragment(row) + end


def _patched(spans: Iterable[bytes], changes: Iterable[int], patches: Sequence[bytes], ending: int) -> list[bytes]:
    """The spans, those with a change with that patch instead of their ending, which is so many bytes long."""
    pieces: list[bytes] = []
    for span, change in zip(spans, changes, strict=True):
        if change:
            pieces += (span[:-ending], patches[change])
        else:
            pieces.append(span)
    return pieces


Run = tuple[int, Rows]
"""(number of a part, (M,) rows of it)."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Selection:
    """The rows of a layer's parts that answer a query."""

    runs: tuple[Run, ...]
    """In the order in which they are written: on pages by id, else as they lie on the map."""

    matched: int
    """Rows that the query selects, on all pages."""

    next: int | None = None
    """How many objects come before the next page; None on the last page, and where the nearest ones were kept."""

    @property
    def returned(self) -> int:
        """Rows here."""
        return sum(len(rows) for _, rows in self.runs)


def select(parts: Sequence[Part], query: FeatureQuery) -> Selection:
    """The rows that answer a query.

    Too many for the default limit: those nearest the centre of the box, because a map shows that. With a limit, or
    without a box, the answer is a page.
    """
    found = [part.snapshot.rows_in(query.box) for part in parts]
    matched = sum(map(len, found))
    if query.box is None or query.limit is not None or query.cursor is not None:
        return _page(parts, found, matched, query)
    if matched > DEFAULT_LIMIT:
        found = nearest(parts, found, query.box, DEFAULT_LIMIT)
    return Selection(runs=tuple(enumerate(found)), matched=matched)


def _page(parts: Sequence[Part], found: Sequence[Rows], matched: int, query: FeatureQuery) -> Selection:
    start = query.cursor.offset if query.cursor is not None else 0
    end = start + (query.limit or DEFAULT_LIMIT)
    if len(parts) == 1:
        snapshot = parts[0].snapshot
        runs: tuple[Run, ...] = ((0, snapshot.by_rank[np.sort(snapshot.ranks[found[0]])[start:end]]),)
    else:
        runs = _by_id(parts, found, start, end)
    return Selection(runs=runs, matched=matched, next=end if end < matched else None)


def _by_id(parts: Sequence[Part], found: Sequence[Rows], start: int, end: int) -> tuple[Run, ...]:
    """The rows from `start` to `end` in the order of the ids of all parts together."""
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


def nearest(parts: Sequence[Part], found: Sequence[Rows], box: Box, count: int) -> list[Rows]:
    """Of the rows of each part those that are nearest the centre of the box; of equally near ones the first."""
    distances = [part.snapshot.distances(rows, box) for part, rows in zip(parts, found, strict=True)]
    kept = np.zeros(sum(map(len, distances)), dtype=np.bool_)
    kept[np.argsort(np.concatenate(distances), kind="stable")[:count]] = True
    bounds = np.cumsum([len(rows) for rows in found])[:-1]
    return [rows[chosen] for rows, chosen in zip(found, np.split(kept, bounds), strict=True)]


def feature_collection(parts: Sequence[Part], selection: Selection, *, next_href: str | None = None) -> bytes:
    """A FeatureCollection (RFC 7946, section 3.3) with the counts and links of OGC 17-069r4, section 7.16.

    The counts come first, so that whoever reads on the fly knows them before the features.

    Args:
        parts: what the runs of the selection number.
        selection: which features.
        next_href: where the next page is; None on the last.
    """
    counts = selection.matched, selection.returned
    pieces = [b'{"type":"FeatureCollection","numberMatched":%d,"numberReturned":%d,' % counts]
    if next_href is not None:
        pieces.append(b'"links":[%b],' % orjson.dumps({"rel": "next", "type": GEOJSON, "href": next_href}))
    pieces.append(b'"features":[')
    for number, rows in selection.runs:
        pieces += parts[number].features(rows)
    pieces[-1] = pieces[-1].removesuffix(SEPARATOR)
    pieces.append(b"]}")
    return b"".join(pieces)
