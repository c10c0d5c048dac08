"""How far the polls of a Signalen have come, in the form in which another process continues them: JSON.

It complements the published reports (`report_codec`): Signalen's time at the last good poll, and the signals and the
place in the list of work that is not finished. Of a signal it has the same fields, but no ids of objects: an id may be
anything that a citizen typed until it is known as an object's name (`published_signals`). Anything that cannot be read,
or has another format, is as if there were none: the next poll is a full synchronisation.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from wfs_proxy.marks import Signal
from wfs_proxy.reports.increment_window import IncrementWindow
from wfs_proxy.reports.keyset_pagination import Position
from wfs_proxy.reports.report_codec import FORMAT, signal_of, signal_row

__all__ = ["FeedProgress", "SyncProgress", "decode_progress", "encode_progress"]

_FORMAT = [1, FORMAT]
"""Ours, and that of the signals."""


@dataclass(frozen=True, kw_only=True)
class SyncProgress:
    """An unfinished full synchronisation."""

    portions_left: int
    """See `FullSync`."""

    position: Position
    unknown: tuple[str, ...]
    found: tuple[Signal, ...]


@dataclass(frozen=True, kw_only=True)
class FeedProgress:
    """The state of a feed between two of its requests."""

    window: IncrementWindow
    increment: Position | None
    """Where an unfinished increment continues; None if there is none."""

    increment_began: datetime | None
    """When it began, by Signalen's clock; None if that is not known."""

    whole: bool
    """Whether a full synchronisation was finished."""

    version: str
    """Identifies the open signals; the same as the version of the published reports if those are up to date."""

    signals: tuple[Signal, ...] | None
    """The open signals; None if they are the published ones."""

    sync: SyncProgress | None
    """None if no full synchronisation is under way."""

    next_full_sync: float
    """Seconds since 1970, by our own clock."""

    nameless: bool
    """Whether these signals named objects by ids, which a further full synchronisation has to read again."""

    page_rows: int
    """The size of pages that Signalen answers in time."""

    unknown: tuple[str, ...]
    """Categories and states that this Signalen does not know."""

    categories: tuple[str, ...]
    """The slugs of the categories that it has; empty if they were not read."""


def encode_progress(progress: FeedProgress) -> bytes:
    """Return the form that `decode_progress` reads."""
    sync = progress.sync
    return orjson.dumps(
        {
            "format": _FORMAT,
            "window": [progress.window.began, progress.window.overlapped, progress.window.crowded],
            "increment": _position_row(progress.increment),
            "increment_began": progress.increment_began,
            "whole": progress.whole,
            "version": progress.version,
            "signals": None if progress.signals is None else [*map(signal_row, progress.signals)],
            "sync": None
            if sync is None
            else [sync.portions_left, _position_row(sync.position), sync.unknown, [*map(signal_row, sync.found)]],
            "next_full_sync": progress.next_full_sync,
            "nameless": progress.nameless,
            "page_rows": progress.page_rows,
            "unknown": progress.unknown,
            "categories": progress.categories,
        }
    )


def decode_progress(body: bytes) -> FeedProgress | None:
    """Return what `encode_progress` wrote; None for anything else."""
    try:
        document = orjson.loads(body)
        return _progress(document) if document["format"] == _FORMAT else None
    except (ValueError, KeyError, TypeError, IndexError):
        return None


def _progress(document: dict[str, Any]) -> FeedProgress:
    began, overlapped, crowded = document["window"]
    signals, sync = document["signals"], document["sync"]
    return FeedProgress(
        window=IncrementWindow(began=_time(began), overlapped=_time(overlapped), crowded=bool(crowded)),
        increment=_position(document["increment"]),
        increment_began=_time_or_none(document["increment_began"]),
        whole=bool(document["whole"]),
        version=str(document["version"]),
        signals=None if signals is None else _signals(signals),
        sync=None if sync is None else _sync(*sync),
        next_full_sync=float(document["next_full_sync"]),
        nameless=bool(document["nameless"]),
        page_rows=int(document["page_rows"]),
        unknown=_texts(document["unknown"]),
        # earlier versions did not save them
        categories=_texts(document.get("categories", [])),
    )


def _sync(portions_left: int, position: list[Any], unknown: list[str], found: list[list[Any]]) -> SyncProgress:
    return SyncProgress(
        portions_left=int(portions_left),
        position=_position(position) or Position(),
        unknown=_texts(unknown),
        found=_signals(found),
    )


def _position_row(position: Position | None) -> list[Any] | None:
    return None if position is None else [position.after, position.left, position.known]


def _position(row: list[Any] | None) -> Position | None:
    if row is None:
        return None
    after, left, known = row
    return Position(after=_time_or_none(after), left=None if left is None else int(left), known=int(known))


def _signals(rows: list[list[Any]]) -> tuple[Signal, ...]:
    return tuple(map(signal_of, rows))


def _texts(values: list[str]) -> tuple[str, ...]:
    return tuple(map(str, values))


def _time_or_none(text: str | None) -> datetime | None:
    return None if text is None else _time(text)


def _time(text: str) -> datetime:
    when = datetime.fromisoformat(text)
    if when.tzinfo is None:
        raise ValueError("a time without an offset")
    return when
