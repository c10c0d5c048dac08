"""What is removed from the disk though nobody asked for it.

    what a killed process left: folders half written or half removed, snapshots that no record names
    cells beyond a number of bytes, the least recently used first
    layers that no catalogue names and that nobody wrote for a month: another catalogue may come back, or be another's

A cell is used when a process takes it into memory, which sets the time of access of its record, and when it is
fetched. Whatever has no record and no lock beside it is not the proxy's and stays.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from wfs_proxy.cache.key import is_cell_name
from wfs_proxy.cache.key_folder import STATE, clean, free, is_ours, remove_key, try_lock

__all__ = ["UNKNOWN_FOR", "remove", "tidy"]

UNKNOWN_FOR = 30 * 86_400.0
"""Seconds after which a layer goes that no catalogue names and nobody wrote."""

_BLOCK = 512
"""Bytes in the unit in which POSIX tells what a file takes on the disk."""


def tidy(root: Path, known: Collection[str], cells_limit: int, now: float) -> None:
    """Remove what nobody needs any more. Of a key whose turn another process has nothing is touched.

    Args:
        root: holds a folder for each layer, and that one for each key.
        known: the folders of the layers that are served now.
        cells_limit: bytes that cells may take on the disk.
        now: seconds since 1970.
    """
    cells = []
    for place in _folders(root):
        for folder in filter(is_ours, _folders(place)):
            with suppress(OSError):
                found = _KeyUsage.of(folder)
                if place.name not in known and now - found.written > UNKNOWN_FOR:
                    remove(folder)
                    continue
                if found.is_suspect:
                    _clean(folder)
                    found = _KeyUsage.of(folder)
                if is_cell_name(folder.name):
                    cells.append(found)
        if place.name not in known:
            with suppress(OSError):
                place.rmdir()
    _shrink(cells, cells_limit)


def remove(folder: Path) -> bool:
    """Remove a key's folder; False when another process has the turn, or nothing can be removed."""
    with suppress(OSError):
        descriptor = try_lock(folder)
        if descriptor is not None:
            remove_key(folder)
            free(descriptor)
            return True
    return False


@dataclass(frozen=True, kw_only=True)
class _KeyUsage:
    """What lies in the folder of a key."""

    folder: Path
    size: int
    """Bytes that it takes on the disk."""

    written: float
    """When its record was written, in seconds since 1970; without one, when anything was."""

    used: float
    """When it was taken into memory, or written, in seconds since 1970."""

    is_suspect: bool
    """Whether there may be more in it than a record and what that names."""

    @classmethod
    def of(cls, folder: Path) -> _KeyUsage:
        """Look at a folder.

        Raises:
            OSError: it cannot be read.
        """
        within = _entries(folder)
        state = next((entry for entry in within if entry.name == STATE), None)
        told = folder.stat() if state is None else state.stat(follow_symlinks=False)
        folders = [entry for entry in within if entry.is_dir(follow_symlinks=False)]
        files = [*within, *(file for path in folders for file in _entries(path))]
        return cls(
            folder=folder,
            size=sum(file.stat(follow_symlinks=False).st_blocks * _BLOCK for file in files),
            written=told.st_mtime,
            used=max(told.st_mtime, told.st_atime),
            is_suspect=len(folders) != (state is not None),
        )


def _shrink(cells: list[_KeyUsage], limit: int) -> None:
    total = sum(cell.size for cell in cells)
    for cell in sorted(cells, key=lambda cell: cell.used):
        if total <= limit:
            return
        if remove(cell.folder):
            total -= cell.size


def _clean(folder: Path) -> None:
    descriptor = try_lock(folder)
    if descriptor is not None:
        clean(folder)
        free(descriptor)


def _folders(folder: Path) -> Iterator[Path]:
    with suppress(OSError):
        yield from [Path(entry) for entry in _entries(folder) if entry.is_dir(follow_symlinks=False)]


def _entries(folder: Path | os.DirEntry[str]) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        return list(entries)
