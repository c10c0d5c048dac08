"""The shelf that is a folder of this machine's disk: embedded, always there, and shared by all processes.

    <root>/<key>/state.json     the record: replaced whole, so it is the old one or the new one
    <root>/<key>/<name>/        the snapshot that it names
    <root>/<key>/lock           whoever holds its lock has the turn; the system frees it when the process ends

A reader maps what the record names, and keeps it mapped while the folder is removed behind its back: the system frees
the space when the last one lets go. A reader that comes a moment too late looks again.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from wfs_proxy.errors import StorageError
from wfs_proxy.snapshot import Snapshot
from wfs_proxy.store.durable import remove_tree, replace_file
from wfs_proxy.store.files import open_snapshot, write_snapshot
from wfs_proxy.store.record import Record
from wfs_proxy.store.shelf import Found, Kept

try:
    import fcntl
except ImportError:  # a system without it is for development: every process has every turn there
    fcntl = None  # type: ignore[assignment]  # the module is what is absent

__all__ = ["LOCK", "STATE", "DiskShelf", "try_lock"]

STATE = "state.json"
LOCK = "lock"

_LOOKS = 3
"""How often a reader looks again because what the record named is gone. Fills are seconds apart, so twice is rare."""


class DiskShelf:
    """Keeps entries under one folder."""

    fault = None
    """It works, or raises."""

    def __init__(self, root: Path, *, offload: Callable[..., Awaitable[Any]]) -> None:
        """Prepare; the folder is made when something is kept.

        Args:
            root: the folder.
            offload: runs what waits for the disk, away from the event loop.
        """
        self.root = root
        self._offload = offload

    async def look(self, key: str, seen: Kept | None) -> Found | None:
        """What is there; see `Shelf`."""
        found: Found | None = await self._offload(self._look, self.root / key, seen)
        return found

    async def keep(self, key: str, record: Record, snapshot: Snapshot | None) -> Kept:
        """Put something there; see `Shelf`."""
        kept: Kept = await self._offload(self._keep, self.root / key, record, snapshot)
        return kept

    def folder(self, key: str) -> Path | None:
        """Where a snapshot may be written before it is kept; see `Shelf`."""
        return self.root / key

    @asynccontextmanager
    async def turn(self, key: str) -> AsyncIterator[bool]:
        """Whether it is this process's turn; see `Shelf`."""
        try:
            descriptor: int | None = await self._offload(try_lock, self.root / key)
        except OSError:
            yield True
            return
        try:
            yield descriptor is not None
        finally:
            if descriptor is not None:
                os.close(descriptor)

    async def remove(self, key: str) -> None:
        """Take away all of a key; see `Shelf`."""
        await self._offload(remove_tree, self.root / key)

    async def close(self) -> None:
        """Nothing is held open but what is being served."""

    def _look(self, folder: Path, seen: Kept | None) -> Found | None:
        try:
            for _ in range(_LOOKS):
                with suppress(_Moved):
                    return _found(folder, seen)
        except OSError as error:
            raise StorageError(f"{folder} cannot be read: {error.strerror or error}") from error
        return None

    def _keep(self, folder: Path, record: Record, snapshot: Snapshot | None) -> Kept:
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if snapshot is not None:
                name, snapshot = _written(snapshot, folder)
                record = replace(record, snapshot=name)
            replace_file(folder / STATE, record.encoded())
            _remove_others(folder, record.snapshot)
            return Kept(tag=_tag(folder / STATE), name=record.snapshot, snapshot=snapshot)
        except OSError as error:
            raise StorageError(f"nothing can be kept in {folder}: {error.strerror or error}") from error


def try_lock(folder: Path) -> int | None:
    """A descriptor that holds the turn in this folder until it is closed; None while another one holds it.

    Raises:
        OSError: there can be no lock there.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        if fcntl is not None:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


class _Moved(Exception):
    """What the record named was gone when it was looked for."""


def _found(folder: Path, seen: Kept | None) -> Found | None:
    path = folder / STATE
    tag = _tag(path)
    if tag is None or (seen is not None and seen.tag == tag):
        return None
    record = Record.decoded(path.read_bytes())
    if record is None:
        return Found(record=Record(), kept=Kept(tag=tag), fault=f"{path} is no record of this version")
    if record.snapshot is None:
        return Found(record=record, kept=Kept(tag=tag))
    if seen is not None and seen.name == record.snapshot and seen.snapshot is not None:
        return Found(record=record, kept=replace(seen, tag=tag))
    return _opened(folder, record, tag)


def _opened(folder: Path, record: Record, tag: object) -> Found:
    name = Path(str(record.snapshot)).name
    try:
        kept = Kept(tag=tag, name=name, snapshot=open_snapshot(folder / name))
    except StorageError as error:
        return Found(record=record, kept=Kept(tag=tag), fault=str(error))
    except FileNotFoundError as error:
        if _tag(folder / STATE) != tag:
            raise _Moved from error
        return Found(record=record, kept=Kept(tag=tag), fault=f"{error.filename} is missing")
    return Found(record=record, kept=kept)


def _tag(path: Path) -> object:
    """Another one each time that a file is replaced."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size


def _written(snapshot: Snapshot, folder: Path) -> tuple[str, Snapshot]:
    """The snapshot as it is in the folder now; one that was there before and is damaged is written again."""
    name = write_snapshot(snapshot, folder)
    try:
        return name, open_snapshot(folder / name)
    except (StorageError, FileNotFoundError):
        remove_tree(folder / name)
    name = write_snapshot(snapshot, folder)
    return name, open_snapshot(folder / name)


def _remove_others(folder: Path, name: str | None) -> None:
    """Only for whoever has the turn: nobody else writes here."""
    for path in folder.iterdir():
        if path.name in (STATE, LOCK, name):
            continue
        if path.is_dir():
            remove_tree(path)
        else:
            path.unlink(missing_ok=True)
