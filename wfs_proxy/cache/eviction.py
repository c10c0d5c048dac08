"""Remove data from disk that are no longer needed.

    the remains of killed processes: unfinished files and folders, snapshots that no metadata name
    cells beyond a number of bytes, the least recently used ones first
    layers that the catalogue does not name and that were not written for a month: the catalogue may change back, or
    the folder may be shared with a proxy that has another one

A cell counts as used when a process reads it into memory, which sets the access time of its metadata, and when it is
written. Folders without metadata and without a lock belong to someone else and stay.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from wfs_proxy.cache.entry_folder import LOCK, METADATA, is_entry, remove_entry, remove_orphans
from wfs_proxy.cache.file_lock import try_lock, unlock
from wfs_proxy.cache.key import is_cell_name

__all__ = ["UNKNOWN_FOR", "evict"]

UNKNOWN_FOR = 30 * 86_400.0
"""Seconds without a write after which a layer that the catalogue does not name is removed."""

_BLOCK = 512
"""Bytes; the unit of st_blocks (POSIX)."""


def evict(root: Path, known: Collection[str], cells_limit: int, now: float) -> None:
    """Remove data that are no longer needed, except where another process holds the lease.

    Args:
        root: contains a folder for each layer, with a folder for each entry.
        known: the folders of the layers in the catalogue.
        cells_limit: bytes that cells may take on disk.
        now: seconds since 1970.
    """
    cells = []
    for layer in _folders(root):
        for folder in filter(is_entry, _folders(layer)):
            with suppress(OSError):
                usage = _EntryUsage.of(folder)
                if layer.name not in known and now - usage.written > UNKNOWN_FOR:
                    _remove(folder)
                    continue
                if usage.may_have_orphans:
                    _remove_orphans(folder)
                    usage = _EntryUsage.of(folder)
                if is_cell_name(folder.name):
                    cells.append(usage)
        if layer.name not in known:
            with suppress(OSError):
                layer.rmdir()
    _shrink(cells, cells_limit)


@dataclass(frozen=True, kw_only=True)
class _EntryUsage:
    """How much an entry takes on disk, and when it was used."""

    folder: Path
    size: int
    """Bytes on disk."""

    written: float
    """When its metadata were written, in seconds since 1970; without metadata, when the folder was changed."""

    used: float
    """When it was read into memory or written, in seconds since 1970."""

    may_have_orphans: bool
    """Whether there may be other folders than the snapshot that the metadata name."""

    @classmethod
    def of(cls, folder: Path) -> _EntryUsage:
        """Measure an entry.

        Raises:
            OSError: it cannot be read.
        """
        within = _entries(folder)
        metadata = next((entry for entry in within if entry.name == METADATA), None)
        times = folder.stat() if metadata is None else metadata.stat(follow_symlinks=False)
        folders = [entry for entry in within if entry.is_dir(follow_symlinks=False)]
        files = [*within, *(file for path in folders for file in _entries(path))]
        return cls(
            folder=folder,
            size=sum(file.stat(follow_symlinks=False).st_blocks * _BLOCK for file in files),
            written=times.st_mtime,
            used=max(times.st_mtime, times.st_atime),
            may_have_orphans=len(folders) != (metadata is not None),
        )


def _shrink(cells: list[_EntryUsage], limit: int) -> None:
    total = sum(cell.size for cell in cells)
    for cell in sorted(cells, key=lambda cell: cell.used):
        if total <= limit:
            return
        if _remove(cell.folder):
            total -= cell.size


def _remove(folder: Path) -> bool:
    """Remove an entry; False when another process holds the lease, or the folder cannot be changed."""
    with suppress(OSError):
        descriptor = try_lock(folder / LOCK)
        if descriptor is not None:
            remove_entry(folder)
            unlock(descriptor)
            return True
    return False


def _remove_orphans(folder: Path) -> None:
    descriptor = try_lock(folder / LOCK)
    if descriptor is not None:
        remove_orphans(folder)
        unlock(descriptor)


def _folders(folder: Path) -> Iterator[Path]:
    with suppress(OSError):
        yield from [Path(entry) for entry in _entries(folder) if entry.is_dir(follow_symlinks=False)]


def _entries(folder: Path | os.DirEntry[str]) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        return list(entries)
