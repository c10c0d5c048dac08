"""Writing so that a process that is killed, or a machine that loses power, leaves the old or the new and nothing half.

A file is written beside its name, brought to the disk and renamed; a folder of files is written under another name and
renamed as a whole; and the folder above is brought to the disk too, for that is where names are (POSIX rename, fsync).
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

_SYNCS_AT_ONCE = 12
"""Files that are brought to the disk together; a snapshot has twelve."""


def unfinished(path: Path) -> Path:
    """The name under which something is written that will have the name `path`; one writer at a time."""
    return path.with_name(f".{path.name}{_UNFINISHED}")


def is_unfinished(path: Path) -> bool:
    """Whether this is what a process left that was killed while it wrote."""
    return path.name.startswith(".") and path.name.endswith(_UNFINISHED)


def make_folder(path: Path) -> None:
    """Make a folder and those above it where they are not there, for their owner only.

    Raises:
        OSError: it cannot be made.
    """
    if path.is_dir():
        return
    make_folder(path.parent)
    path.mkdir(mode=0o700, exist_ok=True)
    _sync(path.parent)


def write_file(path: Path, parts: Iterable[Bytes]) -> None:
    """Write a new file and bring it to the disk, readable by its owner only.

    Raises:
        OSError: it cannot be written; whoever gave it a temporary name removes it.
    """
    with _created(path) as descriptor:
        _write(descriptor, parts)
        os.fsync(descriptor)


def replace_file(path: Path, content: bytes) -> None:
    """Give a file another content, all at once.

    Raises:
        OSError: it cannot be written; the old content stays.
    """
    new = unfinished(path)
    try:
        write_file(new, [content])
        os.replace(new, path)  # noqa: PTH105 - every call of the system stands here by name
    except OSError:
        with suppress(OSError):
            new.unlink(missing_ok=True)
        raise
    _sync(path.parent)


def write_folder(path: Path, files: Iterable[tuple[str, Iterable[Bytes]]]) -> None:
    """Make a folder with these files (name, parts), all at once. Whatever had its name is removed.

    For the remains of a folder that was being removed when its process was killed would be in the way of the new one.

    Raises:
        OSError: it cannot be written.
    """
    new = unfinished(path)
    # before it is written, not after: what comes under this name meanwhile is another writer's, and whole
    remove_tree(path)
    remove_tree(new)
    try:
        new.mkdir(mode=0o700)
        _write_files(new, files)
        _sync(new)
        os.rename(new, path)  # noqa: PTH104 - every call of the system stands here by name
    except OSError:
        remove_tree(new)
        raise
    _sync(path.parent)


def remove_tree(path: Path) -> None:
    """Remove a folder, or a file, as far as that is possible.

    What is mapped of it stays mapped: its space is free after that.
    """
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()


def _write_files(folder: Path, files: Iterable[tuple[str, Iterable[Bytes]]]) -> None:
    """Write files and bring them to the disk together: it is the waiting that takes the time, and one wait does."""
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
