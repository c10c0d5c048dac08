"""The shelf that is a folder of this machine's disk: embedded, always there, and shared by all processes.

    <root>/<key>/     what is kept of a key; see `key_folder`

A reader maps what the record names, and keeps it mapped while the folder is removed behind its back: the system frees
the space when the last one lets go. A reader that comes a moment too late looks again.
"""

from __future__ import annotations

import asyncio
import errno
import hashlib
import logging
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from wfs_proxy.cache.atomic import make_folder, remove_tree, replace_file
from wfs_proxy.cache.backend import Lookup, StoredState
from wfs_proxy.cache.eviction import tidy
from wfs_proxy.cache.key_folder import STATE, free, read_state, remove_others, try_lock
from wfs_proxy.cache.metadata import EntryMetadata
from wfs_proxy.cache.snapshot_folder import open_snapshot, write_snapshot
from wfs_proxy.errors import StorageError
from wfs_proxy.snapshot import Snapshot

__all__ = ["DiskBackend"]

LOG = logging.getLogger(__name__)

T = TypeVar("T")

TIDY_EVERY = 600.0
"""Seconds."""

_LOOKS = 3
"""How often a reader looks again because what the record named is gone. Fills are seconds apart, so twice is rare."""

_SCARCE = {errno.EMFILE, errno.ENFILE, errno.ENOMEM}
"""What this process lacks, and no fault of the files."""


class DiskBackend:
    """Keeps entries under one folder."""

    error = None
    """It works, or raises."""

    def __init__(self, root: Path, *, offload: Callable[..., Awaitable[Any]]) -> None:
        """Prepare; the folder is made when something is kept.

        Args:
            root: the folder.
            offload: runs what waits for the disk, away from the event loop.
        """
        self.root = root
        self._offload = offload

    async def read(self, key: str, seen: StoredState | None) -> Lookup | None:
        """What is there; see `Shelf`."""
        found: Lookup | None = await self._offload(_look, self.root / key, seen)
        return found

    async def write(self, key: str, record: EntryMetadata, snapshot: Snapshot | None) -> StoredState:
        """Put something there; see `Shelf`."""
        # whoever is told to stop while the disk works must not give the turn away before it is done
        kept: StoredState = await _to_its_end(self._offload(_keep, self.root / key, record, snapshot))
        return kept

    def folder(self, key: str) -> Path | None:
        """Where a snapshot may be written before it is kept; see `Shelf`."""
        return self.root / key

    @asynccontextmanager
    async def lease(self, key: str) -> AsyncIterator[bool]:
        """Whether it is this process's turn; see `Shelf`."""
        descriptor, ours = None, True
        with suppress(OSError):
            descriptor = await _to_its_end(self._offload(try_lock, self.root / key), undo=_free)
            ours = descriptor is not None
        try:
            yield ours
        finally:
            _free(descriptor)

    async def tidy(self, known: Collection[str], cells_limit: int) -> None:
        """Remove what nobody needs any more; see `tidying.tidy`."""
        await self._offload(tidy, self.root, known, cells_limit, time.time())

    async def close(self) -> None:
        """Nothing is held open but what is being served."""

    async def keep_tidy(self, known: Callable[[], Collection[str]], cells_limit: int) -> None:
        """Tidy now and every ten minutes, until cancelled, while no other process of this machine does.

        Args:
            known: gives the folders of the layers that are served now.
            cells_limit: bytes that cells may take on the disk.
        """
        while True:
            async with self.lease(".") as ours:
                while ours:
                    try:
                        await self.tidy(known(), cells_limit)
                    except Exception:
                        LOG.exception("%s could not be tidied, and nobody foresaw why", self.root)
                    await asyncio.sleep(TIDY_EVERY)
            await asyncio.sleep(TIDY_EVERY)


async def _to_its_end(work: Awaitable[T], undo: Callable[[T], object] = lambda _: None) -> T:
    """Wait for work that cannot be stopped, also when told to stop; what it gave is undone then."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        if not task.cancelled() and task.exception() is None:
            undo(task.result())
        raise


def _free(descriptor: int | None) -> None:
    if descriptor is not None:
        free(descriptor)


class _Moved(Exception):
    """What the record named was gone when it was looked for."""


def _look(folder: Path, seen: StoredState | None) -> Lookup | None:
    try:
        for _ in range(_LOOKS):
            with suppress(_Moved):
                return _found(folder, seen)
    except OSError as error:
        raise StorageError(f"{folder} cannot be read: {error.strerror or error}") from error
    return None


def _found(folder: Path, seen: StoredState | None) -> Lookup | None:
    content = read_state(folder)
    if content is None:
        return None
    tag = _tag(content)
    if seen is not None and seen.tag == tag:
        return None
    record = EntryMetadata.decoded(content)
    if record is None:
        return Lookup(
            metadata=EntryMetadata(),
            stored=StoredState(tag=tag),
            problem=f"{folder / STATE} is no record of this version",
        )
    if record.version is None:
        return Lookup(metadata=record, stored=StoredState(tag=tag))
    if seen is not None and seen.version == record.version and seen.snapshot is not None:
        return Lookup(metadata=record, stored=replace(seen, tag=tag))
    return _opened(folder, record, tag)


def _opened(folder: Path, record: EntryMetadata, tag: bytes) -> Lookup:
    name = Path(str(record.version)).name
    try:
        kept = StoredState(tag=tag, version=name, snapshot=open_snapshot(folder / name))
    except StorageError as error:
        return Lookup(metadata=record, stored=StoredState(tag=tag), problem=str(error))
    except OSError as error:
        if error.errno in _SCARCE:
            raise
        content = read_state(folder)
        if content is None or _tag(content) != tag:
            raise _Moved from error
        fault = f"{error.filename} cannot be read: {error.strerror}"
        return Lookup(metadata=record, stored=StoredState(tag=tag), problem=fault)
    _note_use(folder / STATE)
    return Lookup(metadata=record, stored=kept)


def _tag(content: bytes) -> bytes:
    """Another one for another content; clocks and inodes, which are used again, decide nothing."""
    return hashlib.blake2b(content, digest_size=16).digest()


def _note_use(path: Path) -> None:
    """Tell `tidying` that this was taken into memory now."""
    with suppress(OSError):
        os.utime(path, ns=(time.time_ns(), path.stat().st_mtime_ns))


def _keep(folder: Path, record: EntryMetadata, snapshot: Snapshot | None) -> StoredState:
    try:
        make_folder(folder)
        if snapshot is not None:
            snapshot = _written(snapshot, folder)
            record = replace(record, version=snapshot.version)
        elif record.version is not None and not (folder / record.version).is_dir():
            record = replace(record, version=None)
        content = record.encoded()
        replace_file(folder / STATE, content)
    except OSError as error:
        raise StorageError(f"nothing can be kept in {folder}: {error.strerror or error}") from error
    remove_others(folder, record.version)
    return StoredState(tag=_tag(content), version=record.version, snapshot=snapshot)


def _written(snapshot: Snapshot, folder: Path) -> Snapshot:
    """The snapshot as it is in the folder now; one that was there before and is damaged is written again."""
    path = folder / snapshot.version
    try:
        return open_snapshot(path)
    except StorageError:
        pass
    except OSError as error:
        if error.errno in _SCARCE:
            raise
    remove_tree(path)
    write_snapshot(snapshot, folder)
    return open_snapshot(path)
