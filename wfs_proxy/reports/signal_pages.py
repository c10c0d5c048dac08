"""Read the pages of Signalen's API. Personal data is dropped here and goes no further.

Only the members that a `Signal` has are taken from a page. Nothing else of the document is referenced when these
functions return, and no error contains a part of it. A row that cannot be read is skipped and counted, so that one
malformed signal does not hide the others.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from sys import intern
from typing import TypeGuard

import orjson

from wfs_proxy.errors import MalformedDocument
from wfs_proxy.marks import Place, Signal
from wfs_proxy.reports.asset_answers import asset_references
from wfs_proxy.reports.places import point_of
from wfs_proxy.reports.row_salvage import without_unreadable_rows

__all__ = ["SignalPage", "parse_page", "parse_public_page"]

_WRONG_ADDRESS = "; check that `url` in signalen.yaml is that of Signalen's API, not of the report form or a login page"

_LONGEST_TEXT = 100
"""Characters of a slug or a state. The columns in Signalen's database are shorter (slug 50, state 36)."""


@dataclass(frozen=True, kw_only=True)
class SignalPage:
    """The content of one page."""

    signals: tuple[Signal, ...] = field(repr=False)
    """In the order of the page, each id once: users of several departments get a signal once for each department."""

    rows: int
    """Rows in the document, including repeated and malformed ones. Fewer than requested: this is the last page."""

    count: int | None
    """Signals in all pages according to Signalen, including repeated ones; None if it gives no number."""

    malformed: int = 0
    """Rows without a readable id, state, category or time."""

    created: tuple[datetime, ...] = field(default=(), repr=False)
    """When the signals of the rows were reported, in the order of the rows: all rows with a readable time, also if
    nothing else of them can be read. Only for the private list."""

    updated: tuple[datetime, ...] = field(default=(), repr=False)
    """When they last changed, likewise."""

    answered_at: datetime | None = None
    """The time by Signalen's clock; None if the answer did not say it."""


def parse_page(body: bytes) -> SignalPage:
    """Read a page of `GET /signals/v1/private/signals/`.

    Raises:
        MalformedDocument: not JSON, or not a page of this list.
    """
    document = _document(body)
    rows = document.get("results")
    if not isinstance(rows, list):
        raise MalformedDocument(f"Signalen's answer is not a list of signals: it has no `results`{_WRONG_ADDRESS}")
    count = document.get("count")
    return replace(
        _page(rows, _signal, count if isinstance(count, int) else None),
        created=tuple(_times(rows, "created_at")),
        updated=tuple(_times(rows, "updated_at")),
    )


def parse_public_page(body: bytes) -> SignalPage:
    """Read a page of `GET /signals/v1/public/signals/geography`: places and categories of open signals, without ids.

    An id is made from the other values, so that a row has the same id in the next poll. Signalen writes
    `features: null` when there are no signals.

    Raises:
        MalformedDocument: not JSON, or not such a collection.
    """
    document = _document(body)
    rows = document.get("features", False)
    if not isinstance(rows, list | None):
        raise MalformedDocument(
            f"Signalen's answer is not a collection of places: it has no `features`{_WRONG_ADDRESS}"
        )
    return _page(rows or (), _public_signal, None)


def _document(body: bytes) -> dict[str, object]:
    document = _parsed(body)
    if document is None:
        document = _parsed(without_unreadable_rows(body))
    if not isinstance(document, dict):
        raise MalformedDocument(f"Signalen's answer is not a JSON object{_WRONG_ADDRESS}")
    return document


def _parsed(body: bytes) -> object:
    """Return None instead of raising an error, because the parser's error contains the document."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None


def _page(rows: Iterable[object], read: Callable[[object], Signal | None], count: int | None) -> SignalPage:
    total, signals = 0, dict[int, Signal]()
    malformed = 0
    for row in rows:
        total += 1
        signal = read(row)
        if signal is None:
            malformed += 1
        else:
            signals[signal.id] = signal
    return SignalPage(
        signals=tuple(signals.values()),
        rows=total,
        count=count,
        malformed=malformed,
    )


def _signal(row: object) -> Signal | None:
    signal_id = _member(row, "id")
    state = _text(_member(row, "status", "state"))
    category = _text(_member(row, "category", "sub_slug"))
    created_at, updated_at = _time(_member(row, "created_at")), _time(_member(row, "updated_at"))
    if not _is_id(signal_id) or not state or not category or created_at is None or updated_at is None:
        return None
    return Signal(
        id=signal_id,
        state=state,
        category=category,
        created_at=created_at,
        updated_at=updated_at,
        place=point_of(_member(row, "location", "geometrie")),
        assets=asset_references(_member(row, "extra_properties")),
    )


def _public_signal(row: object) -> Signal | None:
    place = point_of(_member(row, "geometry"))
    category = _text(_member(row, "properties", "category", "slug"))
    created_at = _time(_member(row, "properties", "created_at"))
    if place is None or not category or created_at is None:
        return None
    return Signal(
        id=_id_from(place, category, created_at),
        state="",
        category=category,
        created_at=created_at,
        updated_at=created_at,
        place=place,
        assets=(),
    )


def _id_from(place: Place, category: str, created_at: datetime) -> int:
    """Return a negative id that is the same for the same row in every process."""
    what = f"{place} {category} {created_at.isoformat()}".encode()
    return -1 - int.from_bytes(hashlib.blake2b(what, digest_size=7).digest())


def _times(rows: Iterable[object], name: str) -> Iterator[datetime]:
    for row in rows:
        moment = _time(_member(row, name))
        if moment is not None:
            yield moment


def _member(value: object, *path: str) -> object:
    """Return the member at the end of a path; None if there is none."""
    for name in path:
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def _is_id(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _text(value: object) -> str:
    """Return a short code as one shared string; "" if there is none."""
    return intern(value) if isinstance(value, str) and len(value) <= _LONGEST_TEXT else ""


def _time(value: object) -> datetime | None:
    """Return a time in UTC; None if it has no offset or cannot be read."""
    if not isinstance(value, str) or len(value) > _LONGEST_TEXT:
        return None
    try:
        moment = datetime.fromisoformat(value)
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None
