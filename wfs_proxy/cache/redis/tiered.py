"""The cache backend of several machines: the local backend of each machine, and a Redis that they share.

    write  local backend -> Redis, in the background -> a notification to the other machines
    read   local backend; every few seconds, and after a notification, also Redis: the newer of the two replaces the
           other
    lease  the local lease, and a lock in Redis

Served data always come from the local backend. So one process per machine downloads a snapshot, and all its processes
map the same copy. Because the newest entry wins on both sides, the two repair each other: a Redis that was unavailable,
lost its data or came back with old data gets the data of the machines. While it is unavailable, each machine runs on
its own.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Coroutine
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
from wfs_proxy.cache.redis.lock import AsyncLock
from wfs_proxy.cache.redis.store import RedisStore, RemoteState
from wfs_proxy.errors import StorageError
from wfs_proxy.offload import Offload
from wfs_proxy.snapshot import Snapshot

__all__ = ["TieredBackend"]

LOG = logging.getLogger(__name__)

LEASE_EXPIRES_AFTER = 10.0
"""Seconds until the lease of a machine that died is free: less than a request waits for its first data."""

CHECK_EVERY = 10.0
"""Seconds between two comparisons with Redis when there was no notification: notifications may get lost."""

LISTEN_AGAIN = 1.0
"""Seconds until another attempt to listen after Redis was unavailable."""

SHUTDOWN_WAIT = 5.0
"""Seconds that writes to Redis may take at the end."""

_MOST_CHECKED = 100_000
"""Keys; more than that are compared more often."""


class TieredBackend:
    """Stores entries in the local backend and in Redis. For use on one event loop."""

    def __init__(
        self,
        connection: RedisConnection,
        local: CacheBackend,
        *,
        offload: Offload,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Open no connection before the first call.

        Args:
            connection: to Redis.
            local: the backend of this machine.
            offload: runs long computations outside the event loop.
            clock: returns seconds since 1970.
        """
        self._connection = connection
        self._local = local
        self._remote = RedisStore(connection, offload=offload)
        self._clock = clock
        self._checked: TTLCache[str, bool] = TTLCache(_MOST_CHECKED, CHECK_EVERY, timer=time.monotonic)
        self._snapshots: WeakValueDictionary[tuple[str, str], Snapshot] = WeakValueDictionary()
        self._leaseholders: dict[str, asyncio.Task[Any] | None] = {}
        self._writes: dict[str, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._listening: asyncio.Task[None] | None = None

    @property
    def error(self) -> str | None:
        """Why the machines cannot share; None when they can."""
        return self._local.error or self._connection.error

    async def read(self, key: str, known: StoredState | None) -> Lookup | None:
        """Return what is stored; see `CacheBackend`."""
        self._listen()
        found = await self._read_local(key, known)
        if key in self._checked or (found is not None and found.problem is None and key not in self._leaseholders):
            # what the local backend has can be served without waiting for Redis; the next read, in a second, asks it
            return found
        try:
            return await self._newer_from_redis(key, known if found is None else found.stored) or found
        except StorageError as error:
            self._log(key, error)
            return found

    async def write(
        self, key: str, metadata: EntryMetadata, snapshot: Snapshot | None, *, in_folder: bool = False
    ) -> StoredState:
        """Replace what is stored locally, and in the background what is in Redis; see `CacheBackend`."""
        named = self._snapshots.get((key, metadata.version or ""))
        if snapshot is not None:
            metadata = replace(metadata, version=snapshot.version)
            named = snapshot = self._snapshots.setdefault((key, snapshot.version), snapshot)
        try:
            return self._known(key, metadata, await self._local.write(key, metadata, snapshot, in_folder=in_folder))
        finally:
            # even when the local disk is full, the other machines need not ask the vendor
            self._write_to_redis(key, metadata, named)

    def folder(self, key: str) -> Path | None:
        """Return where the holder of the lease may write a snapshot before `write`; see `CacheBackend`."""
        return self._local.folder(key)

    @asynccontextmanager
    async def lease(self, key: str) -> AsyncIterator[bool]:
        """Try to get the lease of a key among all machines; see `CacheBackend`.

        The lock in Redis is held until Redis has what was written.
        """
        # the previous holder may have written something
        self._compare_again(key)
        async with self._local_lease(key) as ours:
            lock = AsyncLock(self._connection, key, LEASE_EXPIRES_AFTER)
            if not ours or not await _is_acquired(lock):
                yield False
                return
            keeping = asyncio.create_task(lock.keep(), name=f"keep the lease of {key}")
            try:
                yield True
            finally:
                self._in_background(self._release(key, lock, keeping))

    async def close(self) -> None:
        """Stop listening, and give writes to Redis a few seconds to finish."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=SHUTDOWN_WAIT)
        rest = [*self._tasks, *([self._listening] if self._listening is not None else [])]
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)
        await self._local.close()

    async def _read_local(self, key: str, known: StoredState | None) -> Lookup | None:
        found = await self._local.read(key, _tag(known).local if known is not None else None)
        return None if found is None else replace(found, stored=self._known(key, found.metadata, found.stored))

    async def _newer_from_redis(self, key: str, known: StoredState | None) -> Lookup | None:
        """Return what Redis has if it is newer than what is known; if it is older, replace it there.

        Raises:
            StorageError: Redis is unavailable, or what it has is damaged.
        """
        remote = await self._remote.read_metadata(key, known.version if known is not None else None)
        here, there = self._age(known), self._age_of(remote.metadata)
        if there > here and remote.metadata is not None:
            return await self._download(key, remote.metadata, known)
        if here > there or (here > _NOTHING and not _is_complete(remote, known)):
            self._repair(key, known)
        if here > _NOTHING:
            self._checked[key] = True
        return None

    async def _download(self, key: str, metadata: EntryMetadata, known: StoredState | None) -> Lookup | None:
        """Write what Redis has to the local backend; None when another process of this machine does that."""
        async with self._local_lease(key) as ours:
            if not ours:
                return None
            # another process of this machine may have done it before we had the lease
            found = await self._read_local(key, known)
            if found is not None and self._age(found.stored) >= self._age_of(metadata):
                return found
            version, snapshot = metadata.version, None
            if version is not None and (known is None or known.snapshot is None or known.version != version):
                snapshot = self._snapshots.get((key, version))
                if snapshot is None and (snapshot := await self._remote.read_snapshot(key, version)) is None:
                    return None
            stored = await self._write_local(key, metadata, snapshot, known)
            self._checked[key] = True
            return Lookup(metadata=metadata, stored=stored)

    async def _write_local(
        self, key: str, metadata: EntryMetadata, snapshot: Snapshot | None, known: StoredState | None
    ) -> StoredState:
        """Write what came from Redis to the local backend; if that fails it is in memory only."""
        try:
            stored = await self._local.write(key, metadata, snapshot)
        except StorageError as error:
            self._log(key, error)
            before = _tag(known).local if known is not None else StoredState(tag=None)
            stored = replace(before, version=metadata.version, snapshot=snapshot)
        return self._known(key, metadata, stored)

    def _repair(self, key: str, known: StoredState | None) -> None:
        """Write to Redis what it has lost, unless that is being replaced at the moment."""
        if known is not None and key not in self._leaseholders and key not in self._writes:
            self._in_background(self._write_again(key, known))

    async def _write_again(self, key: str, known: StoredState) -> None:
        async with self.lease(key) as ours:
            with suppress(StorageError):
                if ours and self._age_of((await self._remote.read_metadata(key, None)).metadata) <= self._age(known):
                    self._write_to_redis(key, _tag(known).metadata, known.snapshot, notify=False)

    def _write_to_redis(
        self, key: str, metadata: EntryMetadata, snapshot: Snapshot | None, *, notify: bool = True
    ) -> None:
        """Write to Redis in the background, after earlier writes of the same key."""
        before = self._writes.get(key)

        async def write() -> None:
            if before is not None:
                await asyncio.wait({before})
            try:
                await self._remote.write(key, metadata, snapshot, notify=notify)
            except StorageError as error:
                self._log(key, error)

        def on_done(task: asyncio.Task[None]) -> None:
            if self._writes.get(key) is task:
                del self._writes[key]

        self._writes[key] = self._in_background(write())
        self._writes[key].add_done_callback(on_done)

    async def _release(self, key: str, lock: AsyncLock, keeping: asyncio.Task[None]) -> None:
        if key in self._writes:
            await asyncio.wait({self._writes[key]})
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)
        await lock.release()

    @asynccontextmanager
    async def _local_lease(self, key: str) -> AsyncIterator[bool]:
        """Try to get the lease on this machine; a task that holds it gets it again."""
        task = asyncio.current_task()
        if key in self._leaseholders and self._leaseholders[key] is task:
            yield True
            return
        async with self._local.lease(key) as ours:
            if not ours:
                yield False
                return
            self._leaseholders[key] = task
            try:
                yield True
            finally:
                self._leaseholders.pop(key, None)

    def _known(self, key: str, metadata: EntryMetadata, local: StoredState) -> StoredState:
        """Return the state of the local backend with its metadata, and with its snapshot if that was only confirmed."""
        version, snapshot = metadata.version, local.snapshot
        if version is not None and snapshot is not None:
            self._snapshots[key, version] = snapshot
        elif version is not None:
            snapshot = self._snapshots.get((key, version))
        return StoredState(tag=_LocalTag(local=local, metadata=metadata), version=version, snapshot=snapshot)

    def _age(self, known: StoredState | None) -> _Age:
        """Return how new a local entry is; metadata without the snapshot that they name count as nothing."""
        if known is None or (known.version is not None and known.snapshot is None):
            return _NOTHING
        return self._age_of(_tag(known).metadata)

    def _age_of(self, metadata: EntryMetadata | None) -> _Age:
        if metadata is None:
            return _NOTHING
        attempted_at = max(
            metadata.failure.failed_at if metadata.failure is not None else 0.0,
            metadata.quarantined.fetched_at if metadata.quarantined is not None else 0.0,
        )
        # times in the future come from a machine with a wrong clock, which must not win until they have passed
        latest = self._clock() + CLOCK_SKEW
        return (
            metadata.fetched_at if metadata.fetched_at <= latest else 0.0,
            attempted_at if attempted_at <= latest else 0.0,
        )

    def _listen(self) -> None:
        if self._listening is None:
            self._listening = asyncio.create_task(self._follow(), name="listen to the other machines")

    async def _follow(self) -> None:
        while True:
            with suppress(StorageError):
                await self._remote.listen(self._checked.clear, self._compare_again)
            await asyncio.sleep(LISTEN_AGAIN)

    def _compare_again(self, key: str) -> None:
        """Compare with Redis at the next read."""
        self._checked.pop(key, None)

    def _in_background(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _log(self, key: str, error: StorageError) -> None:
        """Log an error, unless it is one of the connection, which logs those itself, once."""
        if self._connection.error is None:
            LOG.warning("%s: %s", key, error)


_Age = tuple[float, float]
"""When the data were fetched, and when a later fetch failed or was quarantined; greater is newer."""

_NOTHING: _Age = (0.0, 0.0)


@dataclass(frozen=True, kw_only=True, eq=False)
class _LocalTag:
    """The `StoredState.tag` of this backend."""

    local: StoredState
    """The state of the local backend."""
    metadata: EntryMetadata


def _tag(known: StoredState) -> _LocalTag:
    assert isinstance(known.tag, _LocalTag)
    return known.tag


def _is_complete(remote: RemoteState, known: StoredState | None) -> bool:
    """Whether Redis has the snapshot that is known here, if there is one."""
    return remote.has_snapshot or known is None or known.version is None


async def _is_acquired(lock: AsyncLock) -> bool:
    """Whether we hold the lock; without Redis every machine does."""
    try:
        return await lock.acquire()
    except StorageError:
        return True
