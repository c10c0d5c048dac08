"""What is served, how fresh it is, and that each part of it is fetched once.

    memory (this module) -> shelf (a folder, or Redis beside it) -> the vendor

A fill is single-flight: whoever asks while it runs waits for the same one, in this process by its task, among processes
by the turn at the shelf. A failure is remembered, so that clients that try again at once do not become a vendor's
problem. A new snapshot that looks wrong does not replace a good one: see `replacement.py`.
"""

from __future__ import annotations

import asyncio
import logging
import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from cachetools import Cache, LRUCache

from wfs_proxy.cache.backend import CacheBackend, Lookup, NullBackend, StoredState
from wfs_proxy.cache.entry import (
    CLOCK_SKEW,
    LONGEST_PAUSE,
    CacheSlot,
    Entry,
    EntrySpec,
    FetchedSnapshot,
    Freshness,
    Outcome,
    ReplacementPolicy,
    least_fresh,
)
from wfs_proxy.cache.eviction import WHOLE
from wfs_proxy.cache.metadata import EntryMetadata, Failure, FetchReport, FetchSummary, Quarantined
from wfs_proxy.errors import StorageError, WfsProxyError
from wfs_proxy.marks import LayerMarks
from wfs_proxy.snapshot import Snapshot

__all__ = [
    "CELL_MARK",
    "WHOLE",
    "CacheBackend",
    "CacheSlot",
    "Entry",
    "EntryCache",
    "EntrySpec",
    "Failure",
    "FetchReport",
    "FetchSummary",
    "FetchedSnapshot",
    "Freshness",
    "NullBackend",
    "Outcome",
    "Quarantined",
    "least_fresh",
]

LOG = logging.getLogger(__name__)

_ADDRESS = re.compile(r"(https?://)(?:[^\s/?#@]*@)?([^\s?#]*)(?:[?#]\S*(?<![,;:.]))?")
"""Punctuation that ends an address belongs to the sentence."""

FIRST_PAUSE = 5.0
"""Seconds without another attempt after a failed fill; doubled by each further failure."""

LONGEST_FAILURE_PAUSE = 30.0
"""The pause after many failed fills, in seconds."""

REFRESH_JITTER = 0.1
"""The part of `fresh_for` before whose end a refresh may begin, so that layers and processes do not ask at once."""

CELLS_IN_MEMORY = 256 << 20
"""Bytes of cells that a process holds in memory."""

CELL_MARK = "/"
"""What stands between the layer and the cell in a key, and in no layer's id."""

_EMPTY_SLOT = 2_000
"""Bytes, about."""

FIRST_LOOK, LONGEST_LOOK = 0.1, 1.0
"""Seconds between two looks at what the process does whose turn it is: at first a citizen waits for it, and later a
thousand layers of which each look costs a Redis something.
"""


class EntryCache:
    """Slots by key, in memory, with a shelf behind them. For use on one event loop."""

    def __init__(
        self,
        *,
        clock: Callable[[], float],
        judge: ReplacementPolicy,
        shelf: CacheBackend | None = None,
        memory: int = CELLS_IN_MEMORY,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        """Begin with nothing.

        Args:
            clock: seconds since 1970.
            judge: whether a fill may replace what is served.
            shelf: what outlives this process; None: nothing does.
            memory: bytes of cells in memory; the least recently used ones go. Whole layers are always held.
            jitter: a number from 0 to 1.
        """
        self._clock = clock
        self._judge = judge
        self._shelf: CacheBackend = shelf or NullBackend()
        self._jitter = jitter
        self._layers: dict[str, CacheSlot] = {}
        # what is without weight would never go
        most = max(memory, 1)
        self._cells: LRUCache[str, CacheSlot] = LRUCache(most, getsizeof=partial(_weight, most))
        self.fills: Counter[tuple[str, Outcome]] = Counter()
        """(layer, how it ended) -> fills of this process."""

        self.fill_seconds: defaultdict[str, float] = defaultdict(float)
        """Layer -> what its fills took together."""

        self._filling: set[asyncio.Task[None]] = set()
        self._shelf_faults: dict[tuple[str, str], str] = {}

    @property
    def shelf_fault(self) -> str | None:
        """Why the shelf could not be used for some layer the last time, or not all of it; None when it could."""
        return next(iter(self._shelf_faults.values()), None) or self._shelf.fault

    def slot(self, key: str) -> CacheSlot:
        """What is known about a key; an empty slot for a new one."""
        slots = self._cells if CELL_MARK in key else self._layers
        slot = slots.get(key)
        if slot is None:
            slot = slots[key] = CacheSlot()
        return slot

    def cells(self, layer_id: str) -> dict[str, CacheSlot]:
        """The cells of a layer that are in memory, by key."""
        prefix = f"{layer_id}{CELL_MARK}"
        keys = [key for key in self._cells if key.startswith(prefix)]
        return {key: slot for key in keys if (slot := self._peek(key)) is not None}

    @property
    def filling(self) -> int:
        """How many fills are under way or wait for their turn."""
        return len(self._filling)

    def mark(self, key: str, snapshot: Snapshot, marks: LayerMarks) -> None:
        """Serve a snapshot with other marks from now on; nothing happens when it is not served any more."""
        slot = self._layers.get(key) or self._peek(key)
        if slot is not None and slot.entry is not None and slot.entry.snapshot is snapshot:
            slot.entry = replace(slot.entry, filled=replace(slot.entry.filled, marks=marks))

    def drop(self, layer_id: str) -> None:
        """Forget a layer and its cells, and stop the fills under way for them. What is on the shelf stays there."""
        for doing in ("look", "keep"):
            self._shelf_faults.pop((layer_id, doing), None)
        dropped = [self._layers.pop(layer_id, None), *(self._cells.pop(key) for key in self.cells(layer_id))]
        for slot in dropped:
            if slot is not None and slot.filling is not None:
                slot.filling.cancel()

    async def look(self, slot: CacheSlot, recipe: EntrySpec) -> None:
        """Take over what another process, or an earlier one, keeps on the shelf."""
        if slot.looking.locked():
            # somebody is at it: what that brings will do
            async with slot.looking:
                return
        await self._look(slot, recipe)

    def refill(self, slot: CacheSlot, recipe: EntrySpec) -> asyncio.Task[None] | None:
        """Start a fill, or join the one under way; None while the last failure forbids another attempt.

        The task never raises: how it ended stands in the slot, also when there was no room for it in memory any more.
        """
        if slot.filling is None and slot.may_fill(self._clock()):
            slot.filling = asyncio.create_task(self._refill(slot, recipe), name=f"fill {recipe.key}")
            self._filling.add(slot.filling)
            slot.filling.add_done_callback(self._filling.discard)
        return slot.filling

    async def close(self) -> None:
        """Stop the fills under way, and let go of the shelf."""
        under_way = list(self._filling)
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
        await self._shelf.close()

    def _peek(self, key: str) -> CacheSlot | None:
        """A cell in memory, without making it one that was used lately."""
        return Cache.__getitem__(self._cells, key) if key in self._cells else None

    async def _refill(self, slot: CacheSlot, recipe: EntrySpec) -> None:
        seen, pause = slot.kept, FIRST_LOOK
        try:
            while not await self._take_turn(slot, recipe, seen):
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_LOOK)
        finally:
            slot.filling = None

    async def _take_turn(self, slot: CacheSlot, recipe: EntrySpec, seen: StoredState | None) -> bool:
        """Fill, if it is our turn and nobody did since `seen`. False: another process is at it; ask again soon."""
        async with self._shelf.turn(recipe.shelf_key) as ours:
            # anew: a look that began before the turn did may have come too early
            await self._look(slot, recipe)
            if slot.kept is not seen and self._is_settled(slot):
                return True
            if ours:
                await self._fill(slot, recipe)
            return ours

    def _is_settled(self, slot: CacheSlot) -> bool:
        """Whether another process has just done what there was to do."""
        now = self._clock()
        return slot.freshness(now) is Freshness.FRESH or not slot.may_fill(now)

    async def _look(self, slot: CacheSlot, recipe: EntrySpec) -> None:
        async with slot.looking:
            try:
                found = await self._shelf.look(recipe.shelf_key, slot.kept)
            except StorageError as fault:
                self._tell_shelf(recipe, "look", fault)
                return
            self._tell_shelf(recipe, "look", None)
            if found is None:
                return
            if found.fault is not None:
                LOG.warning(
                    "%s: what is kept cannot be used, so it is fetched anew: %s",
                    recipe.key, found.fault, extra={"layer": recipe.key},
                )  # fmt: skip
            await self._take_over(slot, recipe, found)

    async def _take_over(self, slot: CacheSlot, recipe: EntrySpec, found: Lookup) -> None:
        record, kept, entry = found.record, found.kept, slot.entry
        slot.kept, slot.told = kept, record
        slot.failure, slot.held_back, slot.not_before = record.failure, record.held_back, record.not_before
        if kept.snapshot is None or (entry is not None and self._is_older(record, entry)):
            return
        filled = FetchedSnapshot(snapshot=kept.snapshot, facts=record.facts)
        if entry is not None and entry.snapshot.version == kept.snapshot.version:
            filled = replace(filled, snapshot=entry.snapshot, marks=entry.marks)
        else:
            filled = await recipe.mark(filled)
        self._serve(slot, recipe, filled, fetched_at=record.fetched_at, modified_at=record.modified_at)

    def _is_older(self, record: EntryMetadata, entry: Entry) -> bool:
        """Whether a record is from before an entry. A clock that was put back says nothing about that."""
        return record.fetched_at < entry.fetched_at <= self._clock() + CLOCK_SKEW

    def _serve(
        self, slot: CacheSlot, recipe: EntrySpec, filled: FetchedSnapshot, *, fetched_at: float, modified_at: float
    ) -> None:
        early = recipe.fresh_for * REFRESH_JITTER * self._jitter()
        slot.entry = Entry(
            filled=filled,
            fetched_at=fetched_at,
            modified_at=modified_at,
            fresh_for=recipe.fresh_for,
            stale_for=recipe.stale_for,
            refresh_at=fetched_at + recipe.fresh_for - early,
        )
        if CELL_MARK in recipe.key:
            # it weighs something else now
            self._cells[recipe.key] = slot
        recipe.served()

    async def _fill(self, slot: CacheSlot, recipe: EntrySpec) -> None:
        started = self._clock()
        try:
            filled = await recipe.fill(self._shelf.folder(recipe.shelf_key))
        except WfsProxyError as error:
            outcome = await self._fail(slot, recipe, error)
        except Exception:
            LOG.exception("%s could not be fetched, and nobody foresaw why", recipe.key, extra={"layer": recipe.key})
            outcome = await self._fail(slot, recipe, WfsProxyError("The log tells more."))
        else:
            outcome = await self._offer(slot, recipe, filled)
        layer_id = _layer_of(recipe)
        self.fills[layer_id, outcome] += 1
        self.fill_seconds[layer_id] += self._clock() - started

    async def _fail(self, slot: CacheSlot, recipe: EntrySpec, error: WfsProxyError) -> Outcome:
        now = self._clock()
        in_a_row = slot.failure.in_a_row + 1 if slot.failure else 1
        detail = _ADDRESS.sub(r"\1\2", " ".join(str(error).split()))
        LOG.warning("%s could not be fetched. %s: %s", recipe.key, error.title, detail, extra={"layer": recipe.key})
        slot.failure = Failure(title=error.title, detail=detail, failed_at=now, in_a_row=in_a_row)
        slot.not_before = now + min(FIRST_PAUSE * 2.0 ** min(in_a_row - 1, 10), LONGEST_FAILURE_PAUSE)
        await self._tell(slot, recipe)
        return Outcome.FAILED

    async def _offer(self, slot: CacheSlot, recipe: EntrySpec, filled: FetchedSnapshot) -> Outcome:
        now = self._clock()
        slot.failure = None
        served = slot.servable(now)
        before = slot.held_back.look if slot.held_back else None
        reason = self._judge(served.filled.look, filled.look, before) if served else None
        if reason is not None:
            LOG.warning("%s was fetched but held back: %s", recipe.key, reason, extra={"layer": recipe.key})
            slot.held_back = Quarantined(look=filled.look, reason=reason, fetched_at=now)
            slot.not_before = now + min(LONGEST_PAUSE, recipe.fresh_for)
            await self._tell(slot, recipe)
            return Outcome.HELD_BACK
        slot.held_back = None
        slot.not_before = 0.0
        same = slot.entry if slot.entry and slot.entry.snapshot.version == filled.snapshot.version else None
        modified_at = same.modified_at if same else now
        record = _record(slot, filled, fetched_at=now, modified_at=modified_at)
        kept = await self._keep(slot, recipe, record, filled.snapshot)
        if same is not None:
            filled = replace(filled, snapshot=same.snapshot, marks=same.marks)
        else:
            filled = await recipe.mark(replace(filled, snapshot=kept or filled.snapshot))
        self._serve(slot, recipe, filled, fetched_at=now, modified_at=modified_at)
        LOG.info("%s was fetched: %d objects", recipe.key, len(filled.snapshot), extra={"layer": recipe.key})
        return Outcome.UNCHANGED if same else Outcome.STORED

    async def _tell(self, slot: CacheSlot, recipe: EntrySpec) -> None:
        """Let the other processes know how a fill went that brought nothing.

        What this process alone holds goes along: the disk was full, say, when it was fetched.
        """
        if (_layer_of(recipe), "look") in self._shelf_faults:
            # nobody knows what is there, so nothing may be put in its place
            return
        entry = slot.entry
        name = slot.kept.name if slot.kept else None
        if entry is not None and entry.snapshot.version != name and entry.snapshot.memory:
            record = _record(slot, entry.filled, fetched_at=entry.fetched_at, modified_at=entry.modified_at)
            await self._keep(slot, recipe, record, entry.snapshot)
            return
        record = replace(
            slot.told, snapshot=name, failure=slot.failure, held_back=slot.held_back, not_before=slot.not_before
        )
        await self._keep(slot, recipe, record, None)

    async def _keep(
        self, slot: CacheSlot, recipe: EntrySpec, record: EntryMetadata, snapshot: Snapshot | None
    ) -> Snapshot | None:
        """Put on the shelf what is to be told; the snapshot as it is there, None when nothing can be kept."""
        try:
            slot.kept = await self._shelf.keep(recipe.shelf_key, record, snapshot)
        except StorageError as fault:
            self._tell_shelf(recipe, "keep", fault)
            return None
        slot.told = replace(record, snapshot=slot.kept.name)
        self._tell_shelf(recipe, "keep", None)
        return slot.kept.snapshot

    def _tell_shelf(self, recipe: EntrySpec, doing: str, fault: StorageError | None) -> None:
        """Log once that something cannot be done for a layer, and once that it can again."""
        key, layer_id = recipe.key, _layer_of(recipe)
        before = self._shelf_faults.pop((layer_id, doing), None)
        if fault is not None:
            self._shelf_faults[layer_id, doing] = str(fault)
        if fault is not None and before is None:
            LOG.warning("%s: it is served all the same: %s", key, fault, extra={"layer": layer_id})
        if fault is None and before is not None:
            LOG.info("%s: what is fetched can be kept and shared again", key, extra={"layer": layer_id})


def _layer_of(recipe: EntrySpec) -> str:
    return recipe.key.partition(CELL_MARK)[0]


def _weight(most: int, slot: CacheSlot) -> int:
    """Bytes that a slot takes, but at most half of what fits.

    A larger cell must not be pushed out by the empty ones around it, or each request would fetch it anew.
    """
    return min(max(most // 2, 1), _EMPTY_SLOT + (slot.entry.snapshot.memory if slot.entry is not None else 0))


def _record(slot: CacheSlot, filled: FetchedSnapshot, *, fetched_at: float, modified_at: float) -> EntryMetadata:
    """What is told of a slot that serves a fill; the shelf adds the name of its snapshot."""
    return EntryMetadata(
        fetched_at=fetched_at,
        modified_at=modified_at,
        facts=filled.facts,
        failure=slot.failure,
        held_back=slot.held_back,
        not_before=slot.not_before,
    )
