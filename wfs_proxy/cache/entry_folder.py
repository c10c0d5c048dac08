"""The folder of one entry on disk.

    state.json     the metadata; replaced atomically
    <version>/     the snapshot that they name
    lock           locked by the holder of the lease
    .*.new         files and folders that are being written

Everything else in the folder belongs to someone else and is never removed.
"""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

from wfs_proxy.cache.atomic import is_unfinished, remove_tree
from wfs_proxy.cache.metadata import EntryMetadata

__all__ = ["LOCK", "METADATA", "is_entry", "read_metadata", "remove_entry", "remove_orphans", "remove_others"]

METADATA = "state.json"
LOCK = "lock"

_VERSION = re.compile(r"[0-9a-f]{24}")
"""The name of a snapshot's folder; see `Snapshot.version`."""

_LARGEST_METADATA = 1 << 24
"""Bytes; usually they are hundreds."""


def is_entry(folder: Path) -> bool:
    """Whether a folder is that of an entry."""
    return (folder / LOCK).is_file() or (folder / METADATA).is_file()


def read_metadata(folder: Path) -> bytes | None:
    """Return the metadata, encoded; None when there are none.

    Raises:
        OSError: they cannot be read.
    """
    try:
        with (folder / METADATA).open("rb") as file:
            return file.read(_LARGEST_METADATA)
    except FileNotFoundError:
        return None


def remove_others(folder: Path, version: str | None) -> None:
    """Remove unfinished writes and all other snapshots. Call it only while holding the lease."""
    with suppress(OSError):
        for path in folder.iterdir():
            if is_unfinished(path) or (_VERSION.fullmatch(path.name) and path.name != version):
                remove_tree(path)


def remove_orphans(folder: Path) -> None:
    """Remove what the metadata do not name. Call it only while holding the lease.

    Metadata of another version of this program may name anything, so its snapshots stay.
    """
    content = read_metadata(folder)
    metadata = EntryMetadata() if content is None else EntryMetadata.decoded(content)
    if metadata is not None:
        remove_others(folder, metadata.version)


def remove_entry(folder: Path) -> None:
    """Remove an entry: first the metadata, which name the rest, and the lock last. Call it only with the lease."""
    remove_tree(folder / METADATA)
    remove_others(folder, None)
    remove_tree(folder / LOCK)
    with suppress(OSError):
        folder.rmdir()
