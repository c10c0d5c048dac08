"""The bytes that leave the house, with their validators and freshness.

What is made for each request is a NamedTuple here: a frozen dataclass of ten fields takes 3 microseconds to make, a
named tuple 1.

Terms are those of RFC 9110 (representation, validator, precondition), RFC 9111 (freshness) and RFC 9211 (Cache-Status).
How they are spelled in header fields is the web's concern.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

import numpy as np
import orjson

from wfs_proxy.bbox import BBox
from wfs_proxy.marks import Marks
from wfs_proxy.serve.content_coding import Codings, ContentCoding
from wfs_proxy.serve.query import DEFAULT_LIMIT, FeatureQuery
from wfs_proxy.snapshot import FRAGMENT_END, SEPARATOR, Rows, Snapshot

__all__ = [
    "GEOJSON",
    "EncodedBody",
    "MarkedSnapshot",
    "Preconditions",
    "Representation",
    "Selection",
    "feature_collection",
    "nearest",
    "select",
    "validators",
]

GEOJSON = "application/geo+json"
"""RFC 7946, section 12."""


class Preconditions(NamedTuple):
    """What the client has already."""

    if_none_match: str | None = None
    """The header field as sent."""

    if_modified_since: float | None = None
    """Seconds since 1970; only looked at without `if_none_match` (RFC 9110, section 13.2.2)."""

    def current(self, etags: Sequence[str], modified_at: float | None) -> str | None:
        """The ETag of the client's copy if that is still a right one, so that 304 will do; else None.

        Args:
            etags: of what the client can use, with their quotes, the preferred first. Compared weakly (RFC 9110,
                section 13.1.2).
            modified_at: seconds since 1970; only whole seconds count, as the header has no more. None: a date does not
                tell, as it does not where marks lie over the objects.
        """
        if self.if_none_match is not None:
            known = {tag.strip().removeprefix("W/") for tag in self.if_none_match.split(",")}
            return next((etag for etag in etags if etag in known or "*" in known), None)
        if modified_at is None or self.if_modified_since is None:
            return None
        return etags[0] if int(modified_at) <= self.if_modified_since else None


def validators(content: bytes, codings: Codings) -> list[str]:
    """The ETags of what may be sent to a client, with their quotes, the preferred first.

    Args:
        content: what tells the representation from all others, whatever its coding.
        codings: which the client can decode.
    """
    etag = f'"{hashlib.blake2b(content, digest_size=12).hexdigest()}"'
    return [coding.etag(etag) for coding in codings]


class EncodedBody(NamedTuple):
    """What a representation is, whenever it is sent."""

    etag: str
    """With its quotes. It names the coding too."""

    body: bytes

    coding: ContentCoding
    """Of the body."""

    matched: int | None = None
    """Objects that the query selects; None for a single one."""

    returned: int | None = None
    """Objects in the body; fewer than `matched` when it was cut to the default limit or to a page."""


class Representation(NamedTuple):
    """An answer to a request for features."""

    body: bytes
    """Empty when `not_modified`."""

    etag: str
    """A strong validator, with its quotes; each coding has its own."""

    modified_at: float
    """When we first saw this content, in seconds since 1970."""

    ttl: float
    """Seconds until the data behind it are stale; negative when they are."""

    marks_ttl: float | None = None
    """Seconds until the marks on them may change, negative when that is overdue; None where only the vendor tells."""

    waited: bool = False
    """Whether the vendor had to be asked first."""

    coding: ContentCoding = ContentCoding.IDENTITY
    """Of the body."""

    not_modified: bool = False
    """The client has it already."""

    matched: int | None = None
    """Objects that the query selects; None for a single one."""

    returned: int | None = None
    """Objects in the body; fewer than `matched` when it was cut to the default limit or to a page."""

    truncated: bool = False
    """Objects were left out although the client set no limit."""


class MarkedSnapshot(NamedTuple):
    """Some objects of a layer, with their marks: all of them, or those of one cell."""

    snapshot: Snapshot
    marks: Marks | None = None
    """None where the layer has no marks."""

    def features(self, rows: Rows) -> list[bytes]:
        """Pieces that make the features of these rows, a separator behind each, when they are joined.

        Rows that follow each other are one slice, up to one whose ending something takes the place of: of a screen's
        hundred objects a dozen or two. A loop over numbers finds them in half the time of numpy, whose calls cost more
        than they do for a hundred.
        """
        blob, cut = self.snapshot.features, len(self.snapshot.ending)
        data, edges, at = blob.data, blob.edges, blob.start
        codes, patches = self.marks.patches if self.marks is not None else (None, ())
        pieces: list[bytes] = []
        begin = end = -1
        for row in rows.tolist():
            if row != end:
                if begin >= 0:
                    pieces.append(data[at + edges[begin] : at + edges[end]])
                begin = row
            end = row + 1
            patch = patches[codes[row]] if codes is not None else None
            if patch is not None:
                pieces += (data[at + edges[begin] : at + edges[end] - cut], patch)
                begin = end = -1
        if begin >= 0:
            pieces.append(data[at + edges[begin] : at + edges[end]])
        return pieces

    def feature(self, row: int) -> bytes:
        """One whole feature."""
        end = FRAGMENT_END if self.marks is None else self.marks.suffix(row)
        return self.snapshot.fragment(row) + end


Run = tuple[int, Rows]
"""(number of a part, (M,) rows of it)."""


class Selection(NamedTuple):
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


def select(parts: Sequence[MarkedSnapshot], query: FeatureQuery) -> Selection:
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


def nearest(parts: Sequence[MarkedSnapshot], found: Sequence[Rows], box: BBox, count: int) -> list[Rows]:
    """Of the rows of each part those that are nearest the centre of the box; of equally near ones the first."""
    distances = [part.snapshot.distances(rows, box) for part, rows in zip(parts, found, strict=True)]
    kept = np.zeros(sum(map(len, distances)), dtype=np.bool_)
    together = np.concatenate(distances)
    farthest = np.partition(together, count - 1)[count - 1] if len(together) > count else np.inf
    kept[together < farthest] = True
    kept[np.flatnonzero(together == farthest)[: count - np.count_nonzero(kept)]] = True
    bounds = np.cumsum([len(rows) for rows in found])[:-1]
    return [rows[chosen] for rows, chosen in zip(found, np.split(kept, bounds), strict=True)]


def feature_collection(parts: Sequence[MarkedSnapshot], selection: Selection, *, next_href: str | None = None) -> bytes:
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
