"""What is known about one key: what may be served of it, until when, and how its fills went.

In the terms of RFC 9111 and RFC 5861 an entry is *fresh*, then *stale*: still served, while one fill in the background
revalidates it (stale-while-revalidate) or fails to (stale-if-error), then *expired*: no longer served.
"""

from __future__ import annotations

import asyncio
import enum
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from wfs_proxy.cache.backend import StoredState
from wfs_proxy.cache.metadata import EntryMetadata, Failure, FetchReport, FetchSummary, Quarantined
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


class Freshness(enum.Enum):
    """What may be done with an entry."""

    FRESH = "fresh"
    STALE = "stale"
    EXPIRED = "expired"
    ABSENT = "absent"
    """There is no entry."""


LONGEST_PAUSE = 60.0
"""Seconds; no fill waits longer for its turn after the one before it failed or was held back."""


class Outcome(enum.Enum):
    """How a fill ended."""

    STORED = "stored"
    UNCHANGED = "unchanged"
    HELD_BACK = "held_back"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True, eq=False)
class FetchedSnapshot:
    """What a fill brings."""

    snapshot: Snapshot

    facts: FetchReport = field(default_factory=FetchReport)

    marks: LayerMarks | None = None
    """What is reported of it; None where the layer has no marks."""

    @property
    def look(self) -> FetchSummary:
        """Its figures."""
        facts = self.facts
        return FetchSummary(count=len(self.snapshot), complete=facts.complete, absent_fields=facts.report.absent_fields)


@dataclass(frozen=True, kw_only=True, eq=False)
class Entry:
    """A snapshot that may be served, and until when."""

    filled: FetchedSnapshot

    fetched_at: float
    """When the fill that brought or confirmed it ended, in seconds since 1970."""

    modified_at: float
    """When this content was first seen, in seconds since 1970."""

    fresh_for: float
    """Seconds after `fetched_at`."""

    stale_for: float
    """Seconds after it stopped being fresh."""

    refresh_at: float
    """When it is asked for anew though nobody waits for it, in seconds since 1970."""

    @property
    def snapshot(self) -> Snapshot:
        """What is served."""
        return self.filled.snapshot

    @property
    def marks(self) -> LayerMarks | None:
        """What is reported of it; None where the layer has no marks."""
        return self.filled.marks

    def ttl(self, now: float) -> float:
        """Seconds until it is stale; negative when it is.

        A clock that was put back makes nothing fresher than new; and nobody knows how old something is that was fetched
        in the future, so that is stale.
        """
        age = now - self.fetched_at
        return self.fresh_for - max(0.0, age) if age > -CLOCK_SKEW else 0.0

    def freshness(self, now: float) -> Freshness:
        """What may be done with it now."""
        ttl = self.ttl(now)
        if ttl > 0:
            return Freshness.FRESH
        return Freshness.STALE if ttl > -self.stale_for else Freshness.EXPIRED


ReplacementPolicy = Callable[[FetchSummary, FetchSummary, "FetchSummary | None"], "str | None"]
"""(served, new, held back before) -> why the new one must not replace the served one; None when it may."""


@dataclass(frozen=True, kw_only=True)
class EntrySpec:
    """How the data of one key are got, and for how long they are good."""

    key: str
    """The layer's id; for a cell "<id>/<cell>"."""

    shelf_key: str
    """Where they are kept: names the content of the layer file too, for what that does not name must not be served."""

    fill: Callable[[Path | None], Awaitable[FetchedSnapshot]]
    """Asks the vendor; a large snapshot may be written into the folder that is given. It may raise any
    `WfsProxyError`."""

    mark: Callable[[FetchedSnapshot], Awaitable[FetchedSnapshot]]
    """Lays the marks over a fill: both are published together."""

    served: Callable[[], None]
    """Is told that what `mark` gave is served now."""

    fresh_for: float
    """Seconds."""

    stale_for: float
    """Seconds after that."""


@dataclass(kw_only=True, eq=False)
class CacheSlot:
    """All that is known about one key. Only the store changes it."""

    entry: Entry | None = None
    failure: Failure | None = None
    """None when the last fill succeeded."""

    held_back: Quarantined | None = None
    not_before: float = 0.0
    """No fill is started earlier, in seconds since 1970."""

    kept: StoredState | None = None
    """What is on the shelf, as far as this process has looked."""

    told: EntryMetadata = field(default_factory=EntryMetadata)
    """What the shelf tells about that."""

    filling: asyncio.Task[None] | None = None
    """The fill that is under way, or the waiting for the one of another process."""

    looking: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while the shelf is looked at, so that nothing is opened twice."""

    @property
    def tried(self) -> bool:
        """Whether anybody has fetched this, or failed to."""
        return self.entry is not None or self.failure is not None

    def freshness(self, now: float) -> Freshness:
        """What may be done with the entry now."""
        return self.entry.freshness(now) if self.entry else Freshness.ABSENT

    def servable(self, now: float) -> Entry | None:
        """The entry, unless there is none or it has expired."""
        return self.entry if self.entry and self.entry.freshness(now) is not Freshness.EXPIRED else None

    def may_fill(self, now: float) -> bool:
        """Whether the last failure is long enough ago. No pause is longer than a minute, whatever clocks do."""
        return not now < self.not_before <= now + LONGEST_PAUSE


def least_fresh(slots: Iterable[CacheSlot], now: float) -> Freshness:
    """The state of the least fresh entry; absent when there is none at all."""
    found = {slot.freshness(now) for slot in slots if slot.entry is not None} or {Freshness.ABSENT}
    return max(found, key=list(Freshness).index)
