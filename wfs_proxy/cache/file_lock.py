"""A lock on a file: one process of a machine holds it at a time, and the system releases it when that process ends."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from wfs_proxy.cache.atomic import make_folder

try:
    import fcntl
except ImportError:  # Windows, which is only for development: every process gets every lock there
    fcntl = None  # type: ignore[assignment]  # the module is absent

__all__ = ["try_lock", "unlock"]

_ATTEMPTS = 3
"""Attempts to lock a file that is removed at the same moment."""


def try_lock(path: Path) -> int | None:
    """Lock a file, which is created with its folder if necessary.

    Returns:
        A descriptor for `unlock`; None while another process holds the lock.

    Raises:
        OSError: the file cannot be created or opened.
    """
    for _ in range(_ATTEMPTS):
        make_folder(path.parent)
        with suppress(FileNotFoundError):
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                if not _flock(descriptor):
                    os.close(descriptor)
                    return None
                # a holder may have removed the file before we locked it, and the next process locks a new one
                if os.path.samestat(os.fstat(descriptor), os.stat(path)):  # noqa: PTH116 - compared with fstat
                    return descriptor
            except OSError:
                os.close(descriptor)
                raise
            os.close(descriptor)
    return None


def unlock(descriptor: int) -> None:
    """Release a lock, even if a forked process still has the descriptor."""
    if fcntl is not None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)
    os.close(descriptor)


def _flock(descriptor: int) -> bool:
    if fcntl is None:
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
