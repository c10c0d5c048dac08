"""The cache entries of this process, and how they are read from the backend or fetched from the vendor.

    memory -> cache backend (disk, then Redis) -> vendor

Fetches are single-flight: everyone who needs a key waits for the same fetch, within a process for its task, among
processes for the lease of the backend. A failure is remembered for a while, so that clients that retry at once do not
burden the vendor. A new snapshot that looks wrong does not replace a good one; see `plausibility`.
"""

from __future__ import annotations

import asyncio
import logging
import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace

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
)
from wfs_proxy.cache.failure_pause import failure_pause
from wfs_proxy.cache.key import CacheKey
from wfs_proxy.cache.memory import CELLS_IN_MEMORY, SlotMemory
from wfs_proxy.cache.metadata import EntryMetadata, Failure, Quarantined
from wfs_proxy.cache.storage_status import StorageStatus
from wfs_proxy.errors import StorageError, WfsProxyError
from wfs_proxy.geo import Cell
from wfs_proxy.marks import LayerMarks
from wfs_proxy.snapshot import Snapshot

__all__ = ["EntryCache"]

LOG = logging.getLogger(__name__)

_URL = re.compile(r"(https?://)(?:[^\s/?#@]*@)?([^\s?#]*)(?:[?#]\S*(?<![,;:.]))?")
"""Punctuation at the end of a URL belongs to the sentence."""

REFRESH_JITTER = 0.1
"""The last part of `fresh_for` in which a refresh may start, so that layers and processes do not all fetch at once."""

FIRST_LEASE_RETRY, LONGEST_LEASE_RETRY = 0.1, 1.0
"""Seconds between two attempts to get a lease that another process holds. The first ones are short because a user waits
for the map; the later ones are long because each costs Redis a command, and there may be a thousand layers."""


class EntryCache:
    """The entries of this process by key. For use on one event loop."""

    def __init__(
        self,
        *,
        clock: Callable[[], float],
        policy: ReplacementPolicy,
        backend: CacheBackend | None = None,
        memory: int = CELLS_IN_MEMORY,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        """Start empty.

        Args:
            clock: returns seconds since 1970.
            policy: decides whether a new snapshot may replace the served one.
            backend: what outlives this process; None stores nothing.
            memory: bytes of cells in memory; the least recently used ones are removed. Whole layers always stay.
            jitter: returns a number from 0 to 1.
        """
        self._clock = clock
        self._policy = policy
        self._backend: CacheBackend = backend or NullBackend()
        self._jitter = jitter
        self._memory = SlotMemory(memory)
        self._storage = StorageStatus()
        self._tasks: set[asyncio.Task[None]] = set()
        self.fetches: Counter[tuple[str, Outcome]] = Counter()
        """(layer, how it ended) -> fetches by this process."""

        self.fetch_seconds: defaultdict[str, float] = defaultdict(float)
        """Layer -> time spent on its fetches."""

    @property
    def storage_error(self) -> str | None:
        """Why the backend, or a part of it, was unavailable for some layer; None when it is available."""
        return self._storage.error or self._backend.error

    @property
    def fetching(self) -> int:
        """How many fetches are running or waiting for a lease."""
        return len(self._tasks)

    def slot(self, key: CacheKey) -> CacheSlot:
        """Return the slot of a key, a new one if necessary."""
        return self._memory.slot(key)

    def cells(self, layer_id: str) -> dict[Cell, CacheSlot]:
        """Return the slots of a layer's cells that are in memory."""
        return self._memory.cells(layer_id)

    def set_marks(self, key: CacheKey, snapshot: Snapshot, marks: LayerMarks) -> None:
        """Serve a snapshot with other marks from now on; do nothing when another snapshot is served by now."""
        slot = self._memory.peek(key)
        if slot is not None and slot.entry is not None and slot.entry.snapshot is snapshot:
            slot.entry = replace(slot.entry, fetched=replace(slot.entry.fetched, marks=marks))

    def drop(self, layer_id: str) -> None:
        """Forget a layer and its cells, and cancel their fetches. The backend keeps what it has."""
        self._storage.drop(layer_id)
        for slot in self._memory.drop(layer_id):
            if slot.fetching is not None:
                slot.fetching.cancel()

    async def read(self, slot: CacheSlot, spec: EntrySpec) -> None:
        """Serve what the backend has, if that is newer."""
        if slot.reading.locked():
            # the result of the read that is in progress is new enough
            async with slot.reading:
                return
        await self._read(slot, spec)

    def fetch(self, slot: CacheSlot, spec: EntrySpec) -> asyncio.Task[None] | None:
        """Start a fetch, or join the running one; None while the pause after a failure lasts.

        The task raises nothing. Its result is in the slot, even if memory has no space for the slot by then.
        """
        if slot.fetching is None and slot.may_fetch(self._clock()):
            slot.fetching = asyncio.create_task(self._fetch_once(slot, spec), name=f"fetch {spec.key}")
            self._tasks.add(slot.fetching)
            slot.fetching.add_done_callback(self._tasks.discard)
        return slot.fetching

    async def close(self) -> None:
        """Cancel the running fetches and close the backend."""
        running = list(self._tasks)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await self._backend.close()

    async def _fetch_once(self, slot: CacheSlot, spec: EntrySpec) -> None:
        """Fetch, or wait until another process has done it."""
        before, pause = slot.stored, FIRST_LEASE_RETRY
        try:
            while not await self._fetch_under_lease(slot, spec, before):
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_LEASE_RETRY)
        finally:
            slot.fetching = None

    async def _fetch_under_lease(self, slot: CacheSlot, spec: EntrySpec, before: StoredState | None) -> bool:
        """Fetch if we get the lease and no other process has fetched since `before`; False while another one does."""
        async with self._backend.lease(spec.storage_key) as ours:
            # a read that began before we had the lease may have missed the last write
            await self._read(slot, spec)
            if slot.stored is not before and self._is_settled(slot):
                return True
            if ours:
                await self._fetch(slot, spec)
            return ours

    def _is_settled(self, slot: CacheSlot) -> bool:
        """Whether no fetch is necessary, or none is allowed, after what another process did."""
        now = self._clock()
        return slot.freshness(now) is Freshness.FRESH or not slot.may_fetch(now)

    async def _read(self, slot: CacheSlot, spec: EntrySpec) -> None:
        async with slot.reading:
            try:
                found = await self._backend.read(spec.storage_key, slot.stored)
            except StorageError as error:
                self._storage.failed(spec.key, "read", error)
                return
            self._storage.succeeded(spec.key, "read")
            if found is None:
                return
            if found.problem is not None:
                LOG.warning(
                    "%s: cached data is unusable and will be fetched again: %s",
                    spec.key, found.problem, extra={"layer": str(spec.key)},
                )  # fmt: skip
            await self._take_over(slot, spec, found)

    async def _take_over(self, slot: CacheSlot, spec: EntrySpec, found: Lookup) -> None:
        metadata, stored, entry = found.metadata, found.stored, slot.entry
        slot.stored, slot.metadata = stored, metadata
        slot.failure, slot.quarantined, slot.not_before = metadata.failure, metadata.quarantined, metadata.not_before
        if stored.snapshot is None or (entry is not None and self._is_older(metadata, entry)):
            return
        fetched = FetchedSnapshot(snapshot=stored.snapshot, summary=metadata.summary)
        if entry is not None and entry.snapshot.version == stored.snapshot.version:
            fetched = replace(fetched, snapshot=entry.snapshot, marks=entry.marks)
        else:
            fetched = await spec.mark(fetched)
        self._serve(slot, spec, fetched, _times_of(metadata))

    def _is_older(self, metadata: EntryMetadata, entry: Entry) -> bool:
        """Whether metadata are older than an entry. An entry from the future, by a clock set back, proves nothing."""
        return metadata.fetched_at < entry.fetched_at <= self._clock() + CLOCK_SKEW

    def _serve(self, slot: CacheSlot, spec: EntrySpec, fetched: FetchedSnapshot, times: _Times) -> None:
        early = spec.fresh_for * REFRESH_JITTER * self._jitter()
        slot.entry = Entry(
            fetched=fetched,
            fetched_at=times.fetched_at,
            modified_at=times.modified_at,
            received_at=times.received_at,
            fresh_for=spec.fresh_for,
            stale_for=spec.stale_for,
            refresh_at=times.fetched_at + spec.fresh_for - early,
        )
        self._memory.weigh(spec.key, slot)
        spec.on_served()

    async def _fetch(self, slot: CacheSlot, spec: EntrySpec) -> None:
        started = self._clock()
        if await spec.is_unchanged(slot):
            self.fetches[spec.key.layer_id, await self._renew(slot, spec)] += 1
            return
        try:
            fetched = await self._fetched(slot, spec)
        except WfsProxyError as error:
            outcome = await self._fail(slot, spec, error)
        except Exception:
            LOG.exception("Unexpected error while fetching %s", spec.key, extra={"layer": str(spec.key)})
            outcome = await self._fail(slot, spec, WfsProxyError("Unexpected error; see the proxy log."))
        else:
            outcome = await (self._renew(slot, spec) if fetched is None else self._offer(slot, spec, fetched))
        self.fetches[spec.key.layer_id, outcome] += 1
        self.fetch_seconds[spec.key.layer_id] += self._clock() - started

    async def _fetched(self, slot: CacheSlot, spec: EntrySpec) -> FetchedSnapshot | None:
        """Fetch from the vendor; None if it still has the document of the entry.

        Raises:
            WfsProxyError: as `spec.fetch`.
        """
        folder, entry = self._backend.folder(spec.storage_key), slot.entry
        known = None if entry is None else entry.validators(self._clock())
        if known is None:
            return await spec.fetch(folder)
        fetched = await spec.fetch_if_changed(folder, known)
        if fetched is None and slot.entry is not entry:
            # the entry was removed or replaced in the meantime, so nothing is known any more
            return await spec.fetch(folder)
        return fetched

    async def _renew(self, slot: CacheSlot, spec: EntrySpec) -> Outcome:
        """Go on serving an entry whose document has not changed, as fresh as a new one."""
        entry = slot.entry
        assert entry is not None
        slot.failure, slot.quarantined, slot.not_before = None, None, 0.0
        now = self._clock()
        times = _Times(fetched_at=now, modified_at=entry.modified_at, received_at=entry.received_at)
        self._serve(slot, spec, entry.fetched, times)
        await self._write_metadata(slot, spec)
        LOG.info("Fetched %s: not modified", spec.key, extra={"layer": str(spec.key)})
        return Outcome.UNCHANGED

    async def _fail(self, slot: CacheSlot, spec: EntrySpec, error: WfsProxyError) -> Outcome:
        now = self._clock()
        in_a_row = slot.failure.in_a_row + 1 if slot.failure else 1
        detail = _URL.sub(r"\1\2", " ".join(str(error).split()))
        LOG.warning("Fetching %s failed. %s: %s", spec.key, error.title, detail, extra={"layer": str(spec.key)})
        slot.failure = Failure(
            title=error.title,
            detail=detail,
            failed_at=now,
            in_a_row=in_a_row,
            unknown_type=error.unknown_type,
            nearest_types=error.nearest_types,
        )
        slot.not_before = now + failure_pause(in_a_row)
        await self._write_metadata(slot, spec)
        return Outcome.FAILED

    async def _offer(self, slot: CacheSlot, spec: EntrySpec, fetched: FetchedSnapshot) -> Outcome:
        """Serve what was fetched, or quarantine it."""
        slot.failure = None
        reason = self._reason_to_quarantine(slot, fetched)
        if reason is not None:
            return await self._quarantine(slot, spec, fetched, reason)
        now = self._clock()
        slot.quarantined, slot.not_before = None, 0.0
        same = slot.entry if slot.entry and slot.entry.snapshot.version == fetched.snapshot.version else None
        modified_at = same.modified_at if same else now
        times = _Times(fetched_at=now, modified_at=modified_at, received_at=now)
        metadata = _metadata(slot, fetched, times)
        stored = await self._write(slot, spec, metadata, fetched.snapshot, in_folder=fetched.in_folder)
        if same is not None:
            fetched = replace(fetched, snapshot=same.snapshot, marks=same.marks)
        else:
            fetched = await spec.mark(replace(fetched, snapshot=stored or fetched.snapshot))
        self._serve(slot, spec, fetched, times)
        LOG.info("Fetched %s: %d objects", spec.key, len(fetched.snapshot), extra={"layer": str(spec.key)})
        return Outcome.UNCHANGED if same else Outcome.STORED

    def _reason_to_quarantine(self, slot: CacheSlot, fetched: FetchedSnapshot) -> str | None:
        served = slot.servable(self._clock())
        if served is None:
            return None
        return self._policy(served.summary, fetched.summary, slot.quarantined.summary if slot.quarantined else None)

    async def _quarantine(self, slot: CacheSlot, spec: EntrySpec, fetched: FetchedSnapshot, reason: str) -> Outcome:
        now = self._clock()
        LOG.warning("%s was fetched but quarantined: %s", spec.key, reason, extra={"layer": str(spec.key)})
        slot.quarantined = Quarantined(summary=fetched.summary, reason=reason, fetched_at=now)
        slot.not_before = now + min(LONGEST_PAUSE, spec.fresh_for)
        await self._write_metadata(slot, spec)
        return Outcome.QUARANTINED

    async def _write_metadata(self, slot: CacheSlot, spec: EntrySpec) -> None:
        """Share the result of a fetch that brought nothing to serve.

        A snapshot that only this process has, for example because the disk was full, is written with it.
        """
        if not self._storage.is_readable(spec.key.layer_id):
            # what is stored is unknown and may be newer, so it must not be overwritten
            return
        entry = slot.entry
        version = slot.stored.version if slot.stored else None
        if entry is not None and entry.snapshot.version != version and entry.snapshot.memory:
            await self._write(slot, spec, _metadata(slot, entry.fetched, _times_of(entry)), entry.snapshot)
            return
        metadata = replace(
            slot.metadata,
            version=version,
            failure=slot.failure,
            quarantined=slot.quarantined,
            not_before=slot.not_before,
        )
        if entry is not None and entry.snapshot.version == version:
            metadata = replace(metadata, fetched_at=entry.fetched_at)
        await self._write(slot, spec, metadata, None)

    async def _write(
        self,
        slot: CacheSlot,
        spec: EntrySpec,
        metadata: EntryMetadata,
        snapshot: Snapshot | None,
        *,
        in_folder: bool = False,
    ) -> Snapshot | None:
        """Write to the backend, and return the snapshot as it holds it; None when nothing can be written."""
        try:
            slot.stored = await self._backend.write(spec.storage_key, metadata, snapshot, in_folder=in_folder)
        except StorageError as error:
            self._storage.failed(spec.key, "write", error)
            return None
        slot.metadata = replace(metadata, version=slot.stored.version)
        self._storage.succeeded(spec.key, "write")
        return slot.stored.snapshot


@dataclass(frozen=True, kw_only=True)
class _Times:
    """When a snapshot was fetched, as in `Entry`."""

    fetched_at: float
    modified_at: float
    received_at: float


def _times_of(source: Entry | EntryMetadata) -> _Times:
    return _Times(fetched_at=source.fetched_at, modified_at=source.modified_at, received_at=source.received_at)


def _metadata(slot: CacheSlot, fetched: FetchedSnapshot, times: _Times) -> EntryMetadata:
    """Return the metadata of a slot that serves a fetch; the backend adds the version of its snapshot."""
    return EntryMetadata(
        fetched_at=times.fetched_at,
        modified_at=times.modified_at,
        received_at=times.received_at,
        summary=fetched.summary,
        failure=slot.failure,
        quarantined=slot.quarantined,
        not_before=slot.not_before,
    )
