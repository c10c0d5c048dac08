"""The state of a file on disk: what changes whenever its content may have changed.

A file is looked at, not watched by the operating system: inotify sees nothing on network file systems, and a mounted
volume of Kubernetes changes by a symbolic link in a folder above the file. One look takes some microseconds.
"""

from __future__ import annotations

from pathlib import Path

from wfs_proxy import __version__

__all__ = ["companions", "file_state"]

_BESIDE = {
    ".gpkg": (".gpkg-wal",),  # what a program has written that still has the file open
    ".shp": (".dbf", ".shx", ".prj", ".cpg"),
}
"""Ending of a file -> endings of the files beside it that belong to it."""


def companions(path: Path) -> tuple[Path, ...]:
    """Return the files that belong to a file, itself first, whether they exist or not.

    The endings of the others are in the case of its own.
    """
    endings = _BESIDE.get(path.suffix.lower(), ())
    upper = path.suffix.isupper()
    return (path, *(path.with_suffix(ending.upper() if upper else ending) for ending in endings))


def file_state(path: Path) -> str | None:
    """Return a text that is another one when the file, or one that belongs to it, was changed or replaced.

    It contains the version of this program, because another version may read the same file in another way. None: there
    is no such file, or it cannot be looked at.
    """
    states = [_of_one(each) for each in companions(path)]
    return None if states[0] is None else " ".join([__version__, *(state or "-" for state in states)])


def _of_one(path: Path) -> str | None:
    try:
        found = path.stat()  # follows symbolic links, also in the folders above
    except (OSError, ValueError):  # ValueError: a zero byte in the path
        return None
    return f"{found.st_dev}:{found.st_ino}:{found.st_size}:{found.st_mtime_ns}"
