"""The folder of one key on the disk shelf: what lies in it, who may change it, and what of it may go.

    state.json     the record: replaced whole, so it is the old one or the new one
    <version>/     the snapshot that it names
    lock           whoever holds its lock has the turn; the system frees it when the process ends
    .*.new         what is being written

Nothing else is the proxy's, and whatever else lies there stays.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path

from wfs_proxy.cache.atomic import is_unfinished, make_folder, remove_tree
from wfs_proxy.cache.metadata import EntryMetadata

try:
    import fcntl
except ImportError:  # a system without it is for development: every process has every turn there
    fcntl = None  # type: ignore[assignment]  # the module is what is absent

__all__ = ["LOCK", "STATE", "clean", "free", "is_ours", "read_state", "remove_key", "remove_others", "try_lock"]

STATE = "state.json"
LOCK = "lock"

_VERSION = re.compile(r"[0-9a-f]{24}")
"""The name of a snapshot; see `Snapshot.version`."""

_LARGEST_STATE = 1 << 24
"""Bytes; a record has hundreds."""

_ATTEMPTS = 3
"""How often a lock is tried whose file was removed at the same moment."""


def is_ours(folder: Path) -> bool:
    """Whether a folder is one of a key."""
    return (folder / LOCK).is_file() or (folder / STATE).is_file()


def read_state(folder: Path) -> bytes | None:
    """What the record's file holds; None when there is none.

    Raises:
        OSError: it cannot be read.
    """
    try:
        with (folder / STATE).open("rb") as file:
            return file.read(_LARGEST_STATE)
    except FileNotFoundError:
        return None


def try_lock(folder: Path) -> int | None:
    """A descriptor that holds the turn in this folder until it is freed; None while another one holds it.

    Raises:
        OSError: there can be no lock there.
    """
    for _ in range(_ATTEMPTS):
        make_folder(folder)
        with suppress(FileNotFoundError):
            descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                if not _lock(descriptor):
                    os.close(descriptor)
                    return None
                # whoever held it may have removed the file, and then this is the lock of nothing
                if os.path.samestat(os.fstat(descriptor), os.stat(folder / LOCK)):  # noqa: PTH116 - as the line says
                    return descriptor
            except OSError:
                os.close(descriptor)
                raise
            os.close(descriptor)
    return None


def free(descriptor: int) -> None:
    """End a turn, also where a process that was forked meanwhile holds the same descriptor."""
    if fcntl is not None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)
    os.close(descriptor)


def _lock(descriptor: int) -> bool:
    if fcntl is None:
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def remove_others(folder: Path, name: str | None) -> None:
    """Remove what is unfinished, and the snapshots of another name. For whoever has the turn."""
    with suppress(OSError):
        for path in folder.iterdir():
            if is_unfinished(path) or (_VERSION.fullmatch(path.name) and path.name != name):
                remove_tree(path)


def clean(folder: Path) -> None:
    """Remove what no record names. For whoever has the turn.

    A record of another version of this program may name anything, so its snapshots stay.
    """
    content = read_state(folder)
    record = EntryMetadata() if content is None else EntryMetadata.decoded(content)
    if record is not None:
        remove_others(folder, record.version)


def remove_key(folder: Path) -> None:
    """Remove all that is kept of a key: first what names the rest, last the lock. For whoever has the turn."""
    remove_tree(folder / STATE)
    remove_others(folder, None)
    remove_tree(folder / LOCK)
    with suppress(OSError):
        folder.rmdir()
