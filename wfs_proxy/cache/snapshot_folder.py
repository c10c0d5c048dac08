"""A snapshot as a folder: its parts (`parts.py`) are the files.

    <name>/manifest.json
    <name>/lonlat.npy ...

The name is the snapshot's version, a hash of its content, so the same content is written once. Large ones are mapped:
all processes of a machine share one copy.
"""

from __future__ import annotations

import mmap
from collections.abc import Callable
from pathlib import Path

from wfs_proxy.cache.atomic import write_folder
from wfs_proxy.errors import StorageError
from wfs_proxy.snapshot import MANIFEST, Manifest, Snapshot, parts_of, snapshot_of

__all__ = ["MAPPED_FROM", "open_snapshot", "write_snapshot"]

MAPPED_FROM = 1 << 20
"""Bytes of all arrays together from which they are mapped. A mapping costs a file descriptor an array, so the many
small cells of a map are read into memory instead."""

_LARGEST_MANIFEST = 1 << 24
"""Bytes; it holds the texts of the vendor's mark, a few dozen."""


def write_snapshot(snapshot: Snapshot, folder: Path) -> str:
    """Write a snapshot into a folder, unless it is there already; the name under which it is there.

    Raises:
        OSError: it cannot be written.
    """
    name = snapshot.version
    if not (folder / name / MANIFEST).exists():
        write_folder(folder / name, parts_of(snapshot))
    return name


def open_snapshot(path: Path) -> Snapshot:
    """The snapshot in a folder that `write_snapshot` made.

    Raises:
        StorageError: it is damaged, of another format or no snapshot at all; the message says what.
        OSError: it cannot be read, or is not there (any more).
    """
    with (path / MANIFEST).open("rb") as file:
        manifest = Manifest.decoded(file.read(_LARGEST_MANIFEST), str(path / MANIFEST))
    if manifest.version != path.name:
        raise StorageError(f"{path} holds the version {manifest.version}")
    sizes = manifest.sizes
    for name, expected in sizes.items():
        size = (path / name).stat().st_size
        if size != expected:
            raise StorageError(f"{path}/{name} has {size} bytes and should have {expected}")
    mapped = sum(sizes.values()) >= MAPPED_FROM
    read: Callable[[Path], bytes | mmap.mmap] = _mapped if mapped else Path.read_bytes
    return snapshot_of(manifest, {name: read(path / name) for name in sizes}, str(path))


def _mapped(path: Path) -> mmap.mmap:
    with path.open("rb") as file:
        try:
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except ValueError as error:
            raise StorageError(f"{path} is empty") from error
