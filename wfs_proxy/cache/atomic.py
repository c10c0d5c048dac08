"""Atomic writes: a process that is killed, or a power failure, leaves the old or the new content, never a mixture.

A file is written under another name, synchronised to disk and renamed; a folder of files likewise, as a whole. Then the
folder above is synchronised, because names are stored there (POSIX rename and fsync).
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from wfs_proxy.snapshot import Bytes

__all__ = [
    "is_unfinished",
    "make_folder",
    "remove_tree",
    "replace_file",
    "unfinished",
    "write_file",
    "write_folder",
]

_UNFINISHED = ".new"

_SYNCS_AT_ONCE = 21
"""Files that are synchronised at the same time; a snapshot has at most 21."""


def unfinished(path: Path) -> Path:
    """Return the name under which `path` is written before it is renamed. Only one process may write at a time."""
    return path.with_name(f".{path.name}{_UNFINISHED}")


def is_unfinished(path: Path) -> bool:
    """Whether this is the remains of a write that was killed."""
    return path.name.startswith(".") and path.name.endswith(_UNFINISHED)


def make_folder(path: Path) -> None:
    """Make a folder, and those above it, that only its owner can use; do nothing when it exists.

    Raises:
        OSError: it cannot be made.
    """
    if path.is_dir():
        return
    make_folder(path.parent)
    path.mkdir(mode=0o700, exist_ok=True)
    _sync(path.parent)


def write_file(path: Path, parts: Iterable[Bytes]) -> None:
    """Write a file that only its owner can read, and synchronise it to disk.

    Raises:
        OSError: it cannot be written; part of it may exist, and the caller removes that.
    """
    with _created(path) as descriptor:
        _write(descriptor, parts)
        os.fsync(descriptor)


def replace_file(path: Path, content: bytes, *, modified_at: float | None = None) -> None:
    """Replace the content of a file atomically.

    Args:
        path: the file; it need not exist.
        content: its new content.
        modified_at: its modification time in seconds since 1970; None for now.

    Raises:
        OSError: it cannot be written; the old content stays.
    """
    new = unfinished(path)
    try:
        write_file(new, [content])
        if modified_at is not None:
            os.utime(new, (modified_at, modified_at))
        os.replace(new, path)  # noqa: PTH105 - the tests kill a process at each system call, found by its name in os
    except OSError:
        with suppress(OSError):
            new.unlink(missing_ok=True)
        raise
    _sync(path.parent)


def write_folder(path: Path, files: Iterable[tuple[str, Iterable[Bytes]]]) -> None:
    """Make a folder with these files (name, parts) atomically, after removing a folder of the same name.

    Such a folder may remain from a removal that was killed.

    Raises:
        OSError: it cannot be written.
    """
    new = unfinished(path)
    # before the write, not after it: a folder that gets this name in the meantime comes from another writer, complete
    remove_tree(path)
    remove_tree(new)
    try:
        new.mkdir(mode=0o700)
        _write_files(new, files)
        _sync(new)
        os.rename(new, path)  # noqa: PTH104 - see replace_file
    except OSError:
        remove_tree(new)
        raise
    _sync(path.parent)


def remove_tree(path: Path) -> None:
    """Remove a folder or a file as far as possible.

    Files that are mapped into memory stay readable; the system frees their space when the last mapping ends.
    """
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()


def _write_files(folder: Path, files: Iterable[tuple[str, Iterable[Bytes]]]) -> None:
    """Write files, then synchronise them together: the disk then takes little more time than for one."""
    with ExitStack() as opened, ThreadPoolExecutor(_SYNCS_AT_ONCE) as pool:
        descriptors = []
        for name, parts in files:
            descriptor = opened.enter_context(_created(folder / name))
            _write(descriptor, parts)
            descriptors.append(descriptor)
        list(pool.map(os.fsync, descriptors))


@contextmanager
def _created(path: Path) -> Iterator[int]:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _write(descriptor: int, parts: Iterable[Bytes]) -> None:
    for part in parts:
        rest = memoryview(part)  # type: ignore[arg-type]  # arrays are buffers, which mypy knows from 3.12 on
        while rest:
            rest = rest[os.write(descriptor, rest) :]


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
