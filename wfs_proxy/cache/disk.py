"""The cache backend on the disk of this machine, shared by its processes.

    <root>/<key>/     one entry; see `entry_folder`

A reader maps the files of the snapshot that the metadata name. They stay mapped when a writer removes them. A reader
that finds the folder removed in the meantime reads the metadata again.
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
from typing import TypeVar

from wfs_proxy.cache.atomic import make_folder, remove_tree, replace_file
from wfs_proxy.cache.backend import Lookup, StoredState
from wfs_proxy.cache.entry_folder import LOCK, METADATA, read_metadata, remove_others
from wfs_proxy.cache.eviction import evict
from wfs_proxy.cache.file_lock import try_lock, unlock
from wfs_proxy.cache.metadata import EntryMetadata
from wfs_proxy.cache.snapshot_folder import has_snapshot, open_snapshot, write_snapshot
from wfs_proxy.errors import StorageError
from wfs_proxy.offload import Offload
from wfs_proxy.snapshot import Snapshot

__all__ = ["DiskBackend"]

LOG = logging.getLogger(__name__)

T = TypeVar("T")

EVICT_EVERY = 600.0
"""Seconds."""

_ATTEMPTS = 3
"""How often the metadata are read when their snapshot was removed in the meantime. Writes of an entry are seconds
apart, so twice in a row is rare."""

_SCARCE = {errno.EMFILE, errno.ENFILE, errno.ENOMEM}
"""Errors that mean that this process lacks something, not that the files are damaged."""


class DiskBackend:
    """Stores entries in a folder."""

    error = None
    """It works completely, or raises."""

    def __init__(self, root: Path, *, offload: Offload) -> None:
        """Create nothing yet; the first write makes the folder.

        Args:
            root: the folder.
            offload: runs a function that waits for the disk outside the event loop.
        """
        self.root = root
        self._offload = offload

    async def read(self, key: str, known: StoredState | None) -> Lookup | None:
        """Return what is stored; see `CacheBackend`."""
        found: Lookup | None = await self._offload(_read, self.root / key, known)
        return found

    async def write(
        self, key: str, metadata: EntryMetadata, snapshot: Snapshot | None, *, in_folder: bool = False
    ) -> StoredState:
        """Replace what is stored; see `CacheBackend`."""
        # a caller that is cancelled must not release the lease before the disk is done
        work = self._offload(_write, self.root / key, metadata, snapshot, in_folder)
        stored: StoredState = await _completed(work)
        return stored

    def folder(self, key: str) -> Path | None:
        """Return where the holder of the lease may write a snapshot before `write`; see `CacheBackend`."""
        return self.root / key

    @asynccontextmanager
    async def lease(self, key: str) -> AsyncIterator[bool]:
        """Try to get the lease of a key; see `CacheBackend`."""
        descriptor, ours = None, True
        with suppress(OSError):
            descriptor = await _completed(self._offload(try_lock, self.root / key / LOCK), undo=_release)
            ours = descriptor is not None
        try:
            yield ours
        finally:
            _release(descriptor)

    async def evict(self, known: Collection[str], cells_limit: int) -> None:
        """Remove data that are no longer needed; see `eviction.evict`."""
        await self._offload(evict, self.root, known, cells_limit, time.time())

    async def close(self) -> None:
        """Do nothing: nothing is open but the snapshots that are served."""

    async def keep_evicting(self, known: Callable[[], Collection[str]], cells_limit: int) -> None:
        """Evict now and every ten minutes until cancelled, in one process of this machine at a time.

        Args:
            known: returns the folders of the layers in the catalogue.
            cells_limit: bytes that cells may take on disk.
        """
        while True:
            async with self.lease(".") as ours:
                while ours:
                    try:
                        await self.evict(known(), cells_limit)
                    except Exception:
                        LOG.exception("Unexpected error while evicting from %s", self.root)
                    await asyncio.sleep(EVICT_EVERY)
            await asyncio.sleep(EVICT_EVERY)


async def _completed(work: Awaitable[T], undo: Callable[[T], object] = lambda _: None) -> T:
    """Wait for work that cannot be cancelled, even if the caller is cancelled; its result is undone in that case."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        if not task.cancelled() and task.exception() is None:
            undo(task.result())
        raise


def _release(descriptor: int | None) -> None:
    if descriptor is not None:
        unlock(descriptor)


class _Replaced(Exception):
    """The snapshot that the metadata named was removed before it could be opened."""


def _read(folder: Path, known: StoredState | None) -> Lookup | None:
    try:
        for _ in range(_ATTEMPTS):
            with suppress(_Replaced):
                return _lookup(folder, known)
    except OSError as error:
        raise StorageError(f"{folder} cannot be read: {error.strerror or error}") from error
    return None


def _lookup(folder: Path, known: StoredState | None) -> Lookup | None:
    content = read_metadata(folder)
    if content is None:
        return None
    tag = _tag(content)
    if known is not None and known.tag == tag:
        return None
    metadata = EntryMetadata.decoded(content)
    if metadata is None:
        problem = f"{folder / METADATA} is damaged or was written by another version"
        return Lookup(metadata=EntryMetadata(), stored=StoredState(tag=tag), problem=problem)
    if metadata.version is None:
        return Lookup(metadata=metadata, stored=StoredState(tag=tag))
    if known is not None and known.version == metadata.version and known.snapshot is not None:
        return Lookup(metadata=metadata, stored=replace(known, tag=tag))
    return _opened(folder, metadata, tag)


def _opened(folder: Path, metadata: EntryMetadata, tag: bytes) -> Lookup:
    # metadata could be forged to name a folder elsewhere
    version = Path(str(metadata.version)).name
    try:
        stored = StoredState(tag=tag, version=version, snapshot=open_snapshot(folder / version))
    except StorageError as error:
        return Lookup(metadata=metadata, stored=StoredState(tag=tag), problem=str(error))
    except OSError as error:
        if error.errno in _SCARCE:
            raise
        content = read_metadata(folder)
        if content is None or _tag(content) != tag:
            raise _Replaced from error
        problem = f"{error.filename} cannot be read: {error.strerror}"
        return Lookup(metadata=metadata, stored=StoredState(tag=tag), problem=problem)
    _note_use(folder / METADATA)
    return Lookup(metadata=metadata, stored=stored)


def _tag(content: bytes) -> bytes:
    """Return a hash of the content: times and inode numbers may be equal for different files."""
    return hashlib.blake2b(content, digest_size=16).digest()


def _note_use(path: Path) -> None:
    """Set the access time, from which `eviction` knows when the entry was used."""
    with suppress(OSError):
        os.utime(path, ns=(time.time_ns(), path.stat().st_mtime_ns))


def _write(folder: Path, metadata: EntryMetadata, snapshot: Snapshot | None, in_folder: bool) -> StoredState:  # noqa: FBT001 - passed through offload
    try:
        make_folder(folder)
        if snapshot is not None:
            if not (in_folder and has_snapshot(folder, snapshot.version)):
                snapshot = _written(snapshot, folder)
            metadata = replace(metadata, version=snapshot.version)
        elif metadata.version is not None and not (folder / metadata.version).is_dir():
            metadata = replace(metadata, version=None)
        content = metadata.encoded()
        replace_file(folder / METADATA, content)
    except OSError as error:
        raise StorageError(f"cannot write to {folder}: {error.strerror or error}") from error
    remove_others(folder, metadata.version)
    return StoredState(tag=_tag(content), version=metadata.version, snapshot=snapshot)


def _written(snapshot: Snapshot, folder: Path) -> Snapshot:
    """Return the snapshot as it is in the folder now; one that is there already but damaged is written again."""
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
