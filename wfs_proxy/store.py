"""Where snapshots are kept, how fresh they are, and that each is fetched once.

In the terms of RFC 9111 and RFC 5861 an entry is *fresh*, then *stale*: still served, while one fill in the background
revalidates it (stale-while-revalidate) or fails to (stale-if-error), then *expired*: no longer served. A fill is
single-flight: whoever asks while it runs waits for the same one. A failure is remembered, so that clients that try
again at once do not become a vendor's problem.

A new snapshot that looks wrong does not replace a good one: see `replacement.py`.
"""

from __future__ import annotations

import asyncio
import enum
import logging
import re
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from wfs_proxy.annotate import LayerMarks
from wfs_proxy.errors import WfsProxyError
from wfs_proxy.snapshot import Snapshot

__all__ = ["Entry", "Failure", "Filled", "Freshness", "HeldBack", "LayerStore", "Outcome", "Slot"]

LOG = logging.getLogger(__name__)

_ADDRESS = re.compile(r"(https?://)(?:[^\s/?#@]*@)?([^\s?#]*)(?:[?#]\S*(?<![,;:.]))?")
"""Punctuation that ends an address belongs to the sentence."""

FIRST_PAUSE = 5.0
"""Seconds without another attempt after a failed fill; doubled by each further failure."""

LONGEST_PAUSE = 30.0
"""The pause after many failed fills, in seconds."""

SECOND_LOOK_AFTER = 60.0
"""Seconds until a snapshot that was held back is looked at again: long enough for a vendor's import to end."""


class Freshness(enum.Enum):
    """What may be done with an entry."""

    FRESH = "fresh"
    STALE = "stale"
    EXPIRED = "expired"
    ABSENT = "absent"
    """There is no entry."""


class Outcome(enum.Enum):
    """How a fill ended."""

    STORED = "stored"
    UNCHANGED = "unchanged"
    HELD_BACK = "held_back"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True, eq=False)
class Filled:
    """What a fill brings."""

    snapshot: Snapshot

    complete: bool = True
    """Whether the vendor's answers prove that this is the whole layer."""

    matched: int | None = None
    """Objects that the vendor says there are."""

    requests: int = 0
    """How many requests it took."""

    notes: tuple[str, ...] = ()
    """What is worth telling about how the layer was fetched."""

    vendor_modified: datetime | None = None
    """The vendor's Last-Modified."""

    marks: LayerMarks | None = None
    """What is reported of it; None where the layer has no marks."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Entry:
    """A snapshot that may be served, and until when."""

    filled: Filled

    fetched_at: float
    """When the fill that brought or confirmed it ended, in seconds since 1970."""

    modified_at: float
    """When this content was first seen, in seconds since 1970."""

    fresh_for: float
    """Seconds after `fetched_at`."""

    stale_for: float
    """Seconds after it stopped being fresh."""

    @property
    def snapshot(self) -> Snapshot:
        """What is served."""
        return self.filled.snapshot

    @property
    def marks(self) -> LayerMarks | None:
        """What is reported of it; None where the layer has no marks."""
        return self.filled.marks

    def ttl(self, now: float) -> float:
        """Seconds until it is stale; negative when it is. A clock that was put back makes nothing fresher than new."""
        return self.fresh_for - max(0.0, now - self.fetched_at)

    def freshness(self, now: float) -> Freshness:
        """What may be done with it now."""
        ttl = self.ttl(now)
        if ttl > 0:
            return Freshness.FRESH
        return Freshness.STALE if ttl > -self.stale_for else Freshness.EXPIRED


@dataclass(frozen=True, kw_only=True)
class Failure:
    """Why the last fill failed."""

    title: str
    """The kind of failure."""

    detail: str
    """The message on one line. Addresses in it have no user, password or query, whoever forgot to leave them out."""

    failed_at: float
    """Seconds since 1970."""

    in_a_row: int
    """Failures since the last fill that succeeded, this one included."""


@dataclass(frozen=True, kw_only=True, eq=False)
class HeldBack:
    """A fill that did not replace what is served."""

    filled: Filled
    reason: str
    fetched_at: float
    """Seconds since 1970."""


Judge = Callable[[Filled, Filled, "Filled | None"], "str | None"]
"""(served, new, held back before) -> why the new one must not replace the served one; None when it may."""


@dataclass(kw_only=True, eq=False)
class Slot:
    """All that is known about one key. Only the store changes it."""

    entry: Entry | None = None
    failure: Failure | None = None
    """None when the last fill succeeded."""

    held_back: HeldBack | None = None
    filling: asyncio.Task[None] | None = None
    """The fill that is under way."""

    not_before: float = 0.0
    """No fill is started earlier, in seconds since 1970."""

    outcomes: Counter[Outcome] = field(default_factory=Counter)
    """How the fills ended so far; none has ended while it is empty."""

    fill_seconds: float = 0.0
    """What all fills together took."""

    def freshness(self, now: float) -> Freshness:
        """What may be done with the entry now."""
        return self.entry.freshness(now) if self.entry else Freshness.ABSENT

    def servable(self, now: float) -> Entry | None:
        """The entry, unless there is none or it has expired."""
        return self.entry if self.entry and self.entry.freshness(now) is not Freshness.EXPIRED else None


class LayerStore:
    """Slots by key, in memory. For use on one event loop."""

    def __init__(self, *, clock: Callable[[], float], judge: Judge) -> None:
        self._clock = clock
        self._judge = judge
        self._slots: dict[str, Slot] = {}

    def slot(self, key: str) -> Slot:
        """What is known about a key; an empty slot for a new one."""
        slot = self._slots.get(key)
        if slot is None:
            slot = self._slots[key] = Slot()
        return slot

    def mark(self, key: str, snapshot: Snapshot, marks: LayerMarks) -> None:
        """Serve a snapshot with other marks from now on; nothing happens when it is not served any more."""
        slot = self.slot(key)
        if slot.entry is not None and slot.entry.snapshot is snapshot:
            slot.entry = replace(slot.entry, filled=replace(slot.entry.filled, marks=marks))

    def drop(self, key: str) -> None:
        """Forget a key, and stop the fill under way for it."""
        slot = self._slots.pop(key, None)
        if slot is not None and slot.filling is not None:
            slot.filling.cancel()

    def refill(
        self, key: str, fill: Callable[[], Awaitable[Filled]], *, fresh_for: float, stale_for: float
    ) -> asyncio.Task[None] | None:
        """Start a fill, or join the one under way; None while the last failure forbids another attempt.

        The task never raises: how it ended stands in the slot.
        """
        slot = self.slot(key)
        if slot.filling is None and self._clock() >= slot.not_before:
            slot.filling = asyncio.create_task(self._fill(key, slot, fill, fresh_for, stale_for), name=f"fill {key}")
        return slot.filling

    async def close(self) -> None:
        """Stop the fills under way."""
        under_way = [slot.filling for slot in self._slots.values() if slot.filling is not None]
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)

    async def _fill(
        self, key: str, slot: Slot, fill: Callable[[], Awaitable[Filled]], fresh_for: float, stale_for: float
    ) -> None:
        started = self._clock()
        try:
            filled = await fill()
        except WfsProxyError as error:
            outcome = self._fail(key, slot, error)
        except Exception:
            LOG.exception("%s could not be fetched, and nobody foresaw why", key, extra={"layer": key})
            outcome = self._fail(key, slot, WfsProxyError("The log tells more."))
        else:
            outcome = self._offer(key, slot, filled, fresh_for, stale_for)
        finally:
            slot.filling = None
        slot.outcomes[outcome] += 1
        slot.fill_seconds += self._clock() - started

    def _fail(self, key: str, slot: Slot, error: WfsProxyError) -> Outcome:
        now = self._clock()
        in_a_row = slot.failure.in_a_row + 1 if slot.failure else 1
        detail = _ADDRESS.sub(r"\1\2", " ".join(str(error).split()))
        LOG.warning("%s could not be fetched. %s: %s", key, error.title, detail, extra={"layer": key})
        slot.failure = Failure(title=error.title, detail=detail, failed_at=now, in_a_row=in_a_row)
        slot.not_before = now + min(FIRST_PAUSE * 2.0 ** min(in_a_row - 1, 10), LONGEST_PAUSE)
        return Outcome.FAILED

    def _offer(self, key: str, slot: Slot, filled: Filled, fresh_for: float, stale_for: float) -> Outcome:
        now = self._clock()
        slot.failure = None
        served = slot.servable(now)
        before = slot.held_back.filled if slot.held_back else None
        reason = self._judge(served.filled, filled, before) if served else None
        if reason is not None:
            LOG.warning("%s was fetched but held back: %s", key, reason, extra={"layer": key})
            slot.held_back = HeldBack(filled=filled, reason=reason, fetched_at=now)
            slot.not_before = now + min(SECOND_LOOK_AFTER, fresh_for)
            return Outcome.HELD_BACK
        unchanged = slot.entry is not None and slot.entry.snapshot.version == filled.snapshot.version
        modified_at = slot.entry.modified_at if slot.entry and unchanged else now
        slot.entry = Entry(
            filled=filled, fetched_at=now, modified_at=modified_at, fresh_for=fresh_for, stale_for=stale_for
        )
        slot.held_back = None
        LOG.info("%s was fetched: %d objects", key, len(filled.snapshot), extra={"layer": key})
        return Outcome.UNCHANGED if unchanged else Outcome.STORED
