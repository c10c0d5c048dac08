"""The bytes that leave the house, with their validators and freshness.

Terms are those of RFC 9110 (representation, validator, precondition), RFC 9111 (freshness) and RFC 9211 (Cache-Status).
How they are spelled in header fields is the web's concern.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from wfs_proxy.query import DEFAULT_LIMIT, Cursor, FeatureQuery
from wfs_proxy.snapshot import FRAGMENT_END, SEPARATOR, Rows, Snapshot

__all__ = ["GEOJSON", "Preconditions", "Representation", "Selection", "feature_collection", "select"]

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
class Selection:
    """The rows of a snapshot that answer a query."""

    rows: Rows
    """In the order in which they are written: by id."""

    matched: int
    """Rows that the query selects, on all pages."""

    next: Cursor | None
    """Where the next page starts; None on the last page, and where the nearest ones were kept."""


def select(snapshot: Snapshot, query: FeatureQuery) -> Selection:
    """The rows that answer a query.

    Too many for the default limit: those nearest the centre of the box, because a map shows that. With a limit, or
    without a box, the answer is a page.
    """
    rows = snapshot.rows_in(query.box)
    if query.box is not None and query.limit is None and query.cursor is None:
        return Selection(rows=snapshot.nearest(rows, query.box, DEFAULT_LIMIT), matched=len(rows), next=None)
    start = int(rows.searchsorted(query.cursor.row)) if query.cursor is not None else 0
    end = start + (query.limit or DEFAULT_LIMIT)
    following = Cursor(version=snapshot.version, row=int(rows[end])) if end < len(rows) else None
    return Selection(rows=rows[start:end], matched=len(rows), next=following)


def feature_collection(
    fragments: Sequence[bytes],
    *,
    matched: int,
    returned: int,
    next_href: str | None,
    ends: Sequence[bytes] | None = None,
) -> bytes:
    """A FeatureCollection (RFC 7946, section 3.3) with the counts and links of OGC 17-069r4, section 7.16.

    The counts come first, so that whoever reads on the fly knows them before the features.

    Args:
        fragments: of the features, in their order.
        matched: how many there are.
        returned: how many are here.
        next_href: where the next page is; None on the last.
        ends: (M,) what follows each fragment up to the next; None where the layer has no marks.
    """
    head = b'{"type":"FeatureCollection","numberMatched":%d,"numberReturned":%d,' % (matched, returned)
    links = b'"links":[%b],' % orjson.dumps({"rel": "next", "type": GEOJSON, "href": next_href}) if next_href else b""
    features = _joined(fragments, ends) if returned else b""
    return b"".join((head, links, b'"features":[', features, b"]}"))


def _joined(fragments: Sequence[bytes], ends: Sequence[bytes] | None) -> bytes:
    if ends is None:
        return (FRAGMENT_END + SEPARATOR).join(fragments) + FRAGMENT_END
    pieces = [b""] * (2 * len(fragments))
    pieces[::2], pieces[1::2] = fragments, ends
    return b"".join(pieces)
