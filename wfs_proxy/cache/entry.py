"""A cache entry: what is served of a layer or a cell, how long it may be served, and how its fetches went.

In the terms of RFC 9111 and RFC 5861 an entry is *fresh*, then *stale*, then *expired*. A stale entry is still served:
while a fetch in the background revalidates it (stale-while-revalidate), and when that fails (stale-if-error). An
expired entry is not served.
"""

from __future__ import annotations

import asyncio
import enum
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from wfs_proxy.cache.backend import StoredState
from wfs_proxy.cache.key import CacheKey
from wfs_proxy.cache.metadata import EntryMetadata, Failure, FetchSummary, Quarantined
from wfs_proxy.features import Validators
from wfs_proxy.marks import LayerMarks
from wfs_proxy.snapshot import Snapshot

__all__ = [
    "CLOCK_SKEW",
    "LONGEST_PAUSE",
    "CacheSlot",
    "Entry",
    "EntrySpec",
    "FetchedSnapshot",
    "Freshness",
    "Outcome",
    "ReplacementPolicy",
    "least_fresh",
]

CLOCK_SKEW = 60.0
"""Seconds that the clocks of two machines may differ."""

LONGEST_UNSENT = 86_400.0
"""Seconds after which a document is requested unconditionally: so a vendor whose validators do not change with the
document is noticed within a day."""

LONGEST_PAUSE = 60.0
"""Seconds; the longest wait before another fetch after one that failed or was quarantined."""


class Freshness(enum.Enum):
    """How an entry may be used."""

    FRESH = "fresh"
    STALE = "stale"
    EXPIRED = "expired"
    ABSENT = "absent"
    """There is no entry."""


class Outcome(enum.Enum):
    """How a fetch ended."""

    STORED = "stored"
    UNCHANGED = "unchanged"
    QUARANTINED = "held_back"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True, eq=False)
class FetchedSnapshot:
    """The result of a fetch."""

    snapshot: Snapshot

    summary: FetchSummary

    marks: LayerMarks | None = None
    """Which objects are reported; None for a layer without marks."""

    in_folder: bool = False
    """Whether the snapshot was opened from the folder that the fetch was given."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Entry:
    """A snapshot that may be served, and until when."""

    fetched: FetchedSnapshot

    fetched_at: float
    """When the fetch ended that brought or confirmed it, in seconds since 1970."""

    modified_at: float
    """When this content was first seen, in seconds since 1970."""

    fresh_for: float
    """Seconds after `fetched_at`."""

    stale_for: float
    """Seconds after it stopped being fresh."""

    refresh_at: float
    """When it is fetched again even if no request needs it, in seconds since 1970."""

    received_at: float = 0.0
    """When the vendor last sent it, in seconds since 1970; 0 if that is unknown."""

    @property
    def snapshot(self) -> Snapshot:
        """The objects."""
        return self.fetched.snapshot

    @property
    def summary(self) -> FetchSummary:
        """What is known about the fetch that brought or confirmed the objects."""
        return self.fetched.summary

    @property
    def marks(self) -> LayerMarks | None:
        """Which objects are reported; None for a layer without marks."""
        return self.fetched.marks

    def validators(self, now: float) -> Validators | None:
        """Return what identifies the vendor's document; None if it has to be sent again."""
        age = now - self.received_at
        return self.summary.report.validators if -CLOCK_SKEW < age < LONGEST_UNSENT else None

    def ttl(self, now: float) -> float:
        """Return the seconds until it is stale; negative after that.

        Clocks may be set back: an entry is never fresher than a new one, and one that was fetched in the future, by
        more than the clocks of two machines may differ, is stale because its age is unknown.
        """
        age = now - self.fetched_at
        return self.fresh_for - max(0.0, age) if age > -CLOCK_SKEW else 0.0

    def freshness(self, now: float) -> Freshness:
        """Return how it may be used now."""
        ttl = self.ttl(now)
        if ttl > 0:
            return Freshness.FRESH
        return Freshness.STALE if ttl > -self.stale_for else Freshness.EXPIRED


ReplacementPolicy = Callable[[FetchSummary, FetchSummary, "FetchSummary | None"], "str | None"]
"""(served, new, quarantined before) -> why the new snapshot must not replace the served one; None when it may."""


async def _may_have_changed(_: CacheSlot) -> bool:
    return False


@dataclass(frozen=True, kw_only=True)
class EntrySpec:
    """How the data of one key are fetched, and how long they may be served."""

    key: CacheKey

    storage_key: str
    """The key in the cache backend; see `CacheKey.stored_in`."""

    fetch: Callable[[Path | None], Awaitable[FetchedSnapshot]]
    """Fetches from the vendor. A large snapshot may be written into the given folder. May raise any
    `WfsProxyError`."""

    fetch_if_changed: Callable[[Path | None, Validators], Awaitable[FetchedSnapshot | None]]
    """As `fetch`; the result is None if the vendor still has the document that the validators identify."""

    mark: Callable[[FetchedSnapshot], Awaitable[FetchedSnapshot]]
    """Adds the marks, so that a snapshot and its marks are published together."""

    on_served: Callable[[], None]
    """Called when the result of `mark` has become the served entry."""

    fresh_for: float
    """Seconds."""

    stale_for: float
    """Seconds after that."""

    is_unchanged: Callable[[CacheSlot], Awaitable[bool]] = field(default=_may_have_changed)
    """Whether fetching would give what is served; then nothing is fetched, and it is fresh again."""


@dataclass(kw_only=True, eq=False)
class CacheSlot:
    """What this process knows about one key. Only `EntryCache` changes it."""

    entry: Entry | None = None
    failure: Failure | None = None
    """None when the last fetch succeeded."""

    quarantined: Quarantined | None = None
    """The last fetch, if it was quarantined."""

    not_before: float = 0.0
    """No fetch starts earlier, in seconds since 1970."""

    stored: StoredState | None = None
    """What the cache backend held when this process last read or wrote it."""

    metadata: EntryMetadata = field(default_factory=EntryMetadata)
    """The metadata that belong to `stored`."""

    fetching: asyncio.Task[None] | None = None
    """The running fetch, or the wait for that of another process."""

    reading: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while the cache backend is read, so that no snapshot is opened twice."""

    @property
    def tried(self) -> bool:
        """Whether a fetch has succeeded or failed."""
        return self.entry is not None or self.failure is not None

    def freshness(self, now: float) -> Freshness:
        """Return how the entry may be used now."""
        return self.entry.freshness(now) if self.entry else Freshness.ABSENT

    def servable(self, now: float) -> Entry | None:
        """Return the entry; None when there is none or it has expired."""
        return self.entry if self.entry and self.entry.freshness(now) is not Freshness.EXPIRED else None

    def may_fetch(self, now: float) -> bool:
        """Whether the pause after the last failure is over; it is never longer than a minute, even if clocks change."""
        return not now < self.not_before <= now + LONGEST_PAUSE


def least_fresh(slots: Iterable[CacheSlot], now: float) -> Freshness:
    """Return the freshness of the least fresh entry; absent when there are no entries."""
    found = {slot.freshness(now) for slot in slots if slot.entry is not None} or {Freshness.ABSENT}
    return max(found, key=list(Freshness).index)
