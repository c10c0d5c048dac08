"""A snapshot as a folder; its files are those of `snapshot.file_format`.

    <version>/manifest.json
    <version>/lonlat.npy ...

The version is a hash of the content, so equal content is written once. The files of large snapshots are mapped into
memory, so that all processes of a machine share one copy.
"""

from __future__ import annotations

import mmap
from collections.abc import Callable
from pathlib import Path

from wfs_proxy.cache.atomic import write_folder
from wfs_proxy.errors import StorageError
from wfs_proxy.snapshot import MANIFEST, Manifest, Snapshot, parts_of, snapshot_of

__all__ = ["MAPPED_FROM", "has_snapshot", "open_snapshot", "write_snapshot"]

MAPPED_FROM = 1 << 20
"""Total bytes of the arrays from which they are mapped. Each mapped array costs a file descriptor, so the many small
cells of a map are read into memory instead."""

_LARGEST_MANIFEST = 1 << 24
"""Bytes; it holds a few dozen texts of the vendor's mark."""


def has_snapshot(folder: Path, version: str) -> bool:
    """Whether a folder contains this snapshot; it may be damaged."""
    return (folder / version / MANIFEST).exists()


def write_snapshot(snapshot: Snapshot, folder: Path) -> str:
    """Write a snapshot into a folder, unless it is there already and undamaged, and return its version.

    Raises:
        OSError: it cannot be written.
    """
    path = folder / snapshot.version
    if not _is_intact(path):
        write_folder(path, parts_of(snapshot))
    return snapshot.version


def open_snapshot(path: Path) -> Snapshot:
    """Open the snapshot in a folder that `write_snapshot` made, and verify its checksums.

    Raises:
        StorageError: it is damaged, of another format, or not a snapshot; the message says which.
        OSError: it cannot be read, or does not exist (any more).
    """
    with (path / MANIFEST).open("rb") as file:
        manifest = Manifest.decoded(file.read(_LARGEST_MANIFEST), str(path / MANIFEST))
    if manifest.version != path.name:
        raise StorageError(f"{path} contains the version {manifest.version}")
    sizes = manifest.sizes
    for name, expected in sizes.items():
        size = (path / name).stat().st_size
        if size != expected:
            raise StorageError(f"{path}/{name} has {size} bytes instead of {expected}")
    mapped = sum(sizes.values()) >= MAPPED_FROM
    read: Callable[[Path], bytes | mmap.mmap] = _mapped if mapped else Path.read_bytes
    return snapshot_of(manifest, {name: read(path / name) for name in sizes}, str(path))


def _is_intact(path: Path) -> bool:
    try:
        open_snapshot(path)
    except (StorageError, FileNotFoundError):
        return False
    return True


def _mapped(path: Path) -> mmap.mmap:
    with path.open("rb") as file:
        try:
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except ValueError as error:
            raise StorageError(f"{path} is empty") from error
