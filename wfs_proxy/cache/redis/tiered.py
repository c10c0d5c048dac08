"""The shelf of several machines: Redis between them, and each machine's own shelf in front of it.

    keep   own shelf -> Redis, in the background -> a notice to the others
    look   own shelf; and now and then, or after a notice: whatever is newer goes to the other of the two
    turn   the machine's own turn, and a lock in Redis

What is served always comes from the own shelf, so one process a machine downloads and all of them map one copy. The
newest wins on both sides, which is all that is needed to heal: a Redis that was away, lost its memory or came back with
an old one gets what the machines have. While it is away, each machine goes on as if it were alone.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

from cachetools import TTLCache

from wfs_proxy.cache.backend import CacheBackend, Lookup, StoredState
from wfs_proxy.cache.entry import CLOCK_SKEW
from wfs_proxy.cache.metadata import EntryMetadata
from wfs_proxy.cache.redis.connection import RedisConnection
from wfs_proxy.cache.redis.lock import Lock
from wfs_proxy.cache.redis.store import RedisStore, RemoteState
from wfs_proxy.errors import StorageError
from wfs_proxy.snapshot import Snapshot

__all__ = ["TieredBackend"]

LOG = logging.getLogger(__name__)

LOCK_FOR = 10.0
"""Seconds until the turn of a machine that died is free: fewer than a request waits for its first data."""

CHECK_EVERY = 10.0
"""Seconds between two comparisons with Redis of what nobody gave notice of: notices may get lost."""

LISTEN_AGAIN = 1.0
"""Seconds until notices are listened to again after Redis was gone."""

FAREWELL = 5.0
"""Seconds that what is being pushed may take at the end."""

_MOST_CHECKED = 100_000
"""Keys; the others are compared more often."""


class TieredBackend:
    """Keeps entries on a shelf of this machine and in Redis. For use on one event loop."""

    def __init__(
        self,
        link: RedisConnection,
        local: CacheBackend,
        *,
        offload: Callable[..., Awaitable[Any]],
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Prepare; nothing is connected before the first call.

        Args:
            link: to the Redis.
            local: the shelf of this machine.
            offload: runs what computes for long, away from the event loop.
            clock: seconds since 1970.
        """
        self._link = link
        self._local = local
        self._remote = RedisStore(link, offload=offload)
        self._clock = clock
        self._checked: TTLCache[str, bool] = TTLCache(_MOST_CHECKED, CHECK_EVERY, timer=time.monotonic)
        self._served: WeakValueDictionary[tuple[str, str], Snapshot] = WeakValueDictionary()
        self._holders: dict[str, asyncio.Task[Any] | None] = {}
        self._pushes: dict[str, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._listening: asyncio.Task[None] | None = None

    @property
    def error(self) -> str | None:
        """Why the machines cannot meet; None when they can."""
        return self._local.error or self._link.fault

    async def read(self, key: str, seen: StoredState | None) -> Lookup | None:
        """What is there; see `CacheBackend`."""
        self._listen()
        found = await self._look_here(key, seen)
        if key in self._checked or (found is not None and found.problem is None and key not in self._holders):
            # nobody who can be served from here waits for Redis; the next look, in a second, goes there
            return found
        known = seen if found is None else found.stored
        try:
            return await self._newer(key, known) or found
        except StorageError as fault:
            self._tell(key, fault)
            return found

    async def write(
        self, key: str, record: EntryMetadata, snapshot: Snapshot | None, *, in_folder: bool = False
    ) -> StoredState:
        """Put something on the own shelf, and in the background into Redis; see `CacheBackend`."""
        served = self._served.get((key, record.version or ""))
        if snapshot is not None:
            record = replace(record, version=snapshot.version)
            served = snapshot = self._served.setdefault((key, snapshot.version), snapshot)
        try:
            return self._known(key, record, await self._local.write(key, record, snapshot, in_folder=in_folder))
        finally:
            # a full disk here is no reason to let the others ask the vendor too
            self._push(key, record, served)

    def folder(self, key: str) -> Path | None:
        """Where a snapshot may be written before it is kept; see `CacheBackend`."""
        return self._local.folder(key)

    @asynccontextmanager
    async def lease(self, key: str) -> AsyncIterator[bool]:
        """Whether it is this process's turn, among all of all machines; see `CacheBackend`.

        The lock in Redis is held until what was kept is there too.
        """
        # whoever had the turn before may have left something
        self._check(key)
        async with self._local_turn(key) as ours:
            lock = Lock(self._link, key, LOCK_FOR)
            if not ours or not await _taken(lock):
                yield False
                return
            holding = asyncio.create_task(lock.hold(), name=f"hold the turn for {key}")
            try:
                yield True
            finally:
                self._in_background(self._free(key, lock, holding))

    async def close(self) -> None:
        """Stop listening; what is on its way to Redis gets a few seconds."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=FAREWELL)
        rest = [*self._tasks, *([self._listening] if self._listening is not None else [])]
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)
        await self._local.close()

    async def _look_here(self, key: str, seen: StoredState | None) -> Lookup | None:
        found = await self._local.read(key, _tag(seen).kept if seen is not None else None)
        return None if found is None else replace(found, stored=self._known(key, found.metadata, found.stored))

    async def _newer(self, key: str, known: StoredState | None) -> Lookup | None:
        """What Redis had that was newer than what is known here; what is newer here goes there.

        Raises:
            StorageError: Redis cannot be used now, or what is there is damaged.
        """
        told = await self._remote.told(key, known.version if known is not None else None)
        here, there = self._age(known), self._age_of(told.record)
        if there > here and told.record is not None:
            return await self._take_over(key, told.record, known)
        if here > there or (here > _NOTHING and not _is_whole(told, known)):
            self._heal(key, known)
        if here > _NOTHING:
            self._checked[key] = True
        return None

    async def _take_over(self, key: str, record: EntryMetadata, known: StoredState | None) -> Lookup | None:
        """Put on the own shelf what Redis has; None when another process of this machine is about to."""
        async with self._local_turn(key) as ours:
            if not ours:
                return None
            # between the look and the turn another process of this machine may have done it
            found = await self._look_here(key, known)
            if found is not None and self._age(found.stored) >= self._age_of(record):
                return found
            name, snapshot = record.version, None
            if name is not None and (known is None or known.snapshot is None or known.version != name):
                snapshot = self._served.get((key, name))
                if snapshot is None and (snapshot := await self._remote.fetch(key, name)) is None:
                    return None
            kept = await self._keep_here(key, record, snapshot, known)
            self._checked[key] = True
            return Lookup(metadata=record, stored=kept)

    async def _keep_here(
        self, key: str, record: EntryMetadata, snapshot: Snapshot | None, known: StoredState | None
    ) -> StoredState:
        """Put on the own shelf what came from Redis; where that cannot be, it is in memory only."""
        try:
            kept = await self._local.write(key, record, snapshot)
        except StorageError as fault:
            self._tell(key, fault)
            before = _tag(known).kept if known is not None else StoredState(tag=None)
            kept = replace(before, version=record.version, snapshot=snapshot)
        return self._known(key, record, kept)

    def _heal(self, key: str, known: StoredState | None) -> None:
        """Give Redis back what it does not have any more; unless it is being replaced just now."""
        if known is not None and key not in self._holders and key not in self._pushes:
            self._in_background(self._give_back(key, known))

    async def _give_back(self, key: str, known: StoredState) -> None:
        async with self.lease(key) as ours:
            with suppress(StorageError):
                if ours and self._age_of((await self._remote.told(key, None)).record) <= self._age(known):
                    self._push(key, _tag(known).record, known.snapshot, tell=False)

    def _push(self, key: str, record: EntryMetadata, snapshot: Snapshot | None, *, tell: bool = True) -> None:
        """Put something into Redis in the background, after what is on its way there."""
        before = self._pushes.get(key)

        async def push() -> None:
            if before is not None:
                await asyncio.wait({before})
            try:
                await self._remote.push(key, record, snapshot, tell=tell)
            except StorageError as fault:
                self._tell(key, fault)

        def pushed(task: asyncio.Task[None]) -> None:
            if self._pushes.get(key) is task:
                del self._pushes[key]

        self._pushes[key] = self._in_background(push())
        self._pushes[key].add_done_callback(pushed)

    async def _free(self, key: str, lock: Lock, holding: asyncio.Task[None]) -> None:
        if key in self._pushes:
            await asyncio.wait({self._pushes[key]})
        holding.cancel()
        await asyncio.gather(holding, return_exceptions=True)
        await lock.free()

    @asynccontextmanager
    async def _local_turn(self, key: str) -> AsyncIterator[bool]:
        """The turn on this machine; the task that has it already has it again."""
        task = asyncio.current_task()
        if key in self._holders and self._holders[key] is task:
            yield True
            return
        async with self._local.lease(key) as ours:
            if not ours:
                yield False
                return
            self._holders[key] = task
            try:
                yield True
            finally:
                self._holders.pop(key, None)

    def _known(self, key: str, record: EntryMetadata, kept: StoredState) -> StoredState:
        """What is on the own shelf, with its record; and its snapshot, when it was only confirmed."""
        name, snapshot = record.version, kept.snapshot
        if name is not None and snapshot is not None:
            self._served[key, name] = snapshot
        elif name is not None:
            snapshot = self._served.get((key, name))
        return StoredState(tag=_StoredTag(kept=kept, record=record), version=name, snapshot=snapshot)

    def _age(self, known: StoredState | None) -> _Age:
        """How new something here is; a record without the snapshot that it names is nothing."""
        if known is None or (known.version is not None and known.snapshot is None):
            return _NOTHING
        return self._age_of(_tag(known).record)

    def _age_of(self, record: EntryMetadata | None) -> _Age:
        if record is None:
            return _NOTHING
        told = max(
            record.failure.failed_at if record.failure is not None else 0.0,
            record.quarantined.fetched_at if record.quarantined is not None else 0.0,
        )
        # a machine whose clock is wrong must not win for as long as it is wrong
        latest = self._clock() + CLOCK_SKEW
        return (record.fetched_at if record.fetched_at <= latest else 0.0, told if told <= latest else 0.0)

    def _listen(self) -> None:
        if self._listening is None:
            self._listening = asyncio.create_task(self._follow(), name="listen to the other machines")

    async def _follow(self) -> None:
        while True:
            with suppress(StorageError):
                await self._remote.listen(self._checked.clear, self._check)
            await asyncio.sleep(LISTEN_AGAIN)

    def _check(self, key: str) -> None:
        """Compare with Redis at the next look."""
        self._checked.pop(key, None)

    def _in_background(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _tell(self, key: str, fault: StorageError) -> None:
        """The link tells of its own faults, once."""
        if self._link.fault is None:
            LOG.warning("%s: %s", key, fault)


_Age = tuple[float, float]
"""When the data were fetched, and when something was told of them since: greater is newer."""

_NOTHING: _Age = (0.0, 0.0)


@dataclass(frozen=True, kw_only=True, eq=False)
class _StoredTag:
    """What `StoredState.tag` is here."""

    kept: StoredState
    """As the own shelf gave it."""
    record: EntryMetadata


def _tag(kept: StoredState) -> _StoredTag:
    assert isinstance(kept.tag, _StoredTag)
    return kept.tag


def _is_whole(told: RemoteState, known: StoredState | None) -> bool:
    """Whether Redis has the snapshot that is known here."""
    return told.whole or known is None or known.version is None


async def _taken(lock: Lock) -> bool:
    """Whether it is our turn among the machines; a machine that cannot ask is alone."""
    try:
        return await lock.take()
    except StorageError:
        return True
