"""One poller a machine: a lock elects it, a file tells the other processes what it found.

The file holds the allow-listed values of signals and nothing else, is readable by its owner only, and is replaced
whole. Its time of modification is the moment of the poll, so that a poll without news costs no writing.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from wfs_proxy.cache import replace_file, try_lock, unlock
from wfs_proxy.marks import ReportedObjects
from wfs_proxy.reports.report_codec import decode_reports, encode_reports, encoded_head

__all__ = ["FileCoordinator"]


class FileCoordinator:
    """What one poller publishes, under a name that its configuration is part of; without a directory nothing is."""

    def __init__(self, directory: Path | None, name: str) -> None:
        self._file = None if directory is None else directory / f"{name}.json"
        self._lock = None if directory is None else directory / f"{name}.lock"
        self._descriptor: int | None = None
        self._known: ReportedObjects | None = None
        self._seen: tuple[int, int] | None = None

    def try_to_lead(self) -> bool:
        """Whether this process polls. Once it does, it does so until `close` or its end, which frees the lock.

        Raises:
            OSError: the directory cannot be used.
        """
        if self._lock is None or self._descriptor is not None:
            return True
        self._descriptor = try_lock(self._lock)
        return self._descriptor is not None

    def publish(self, reported: ReportedObjects) -> None:
        """Let the others see it.

        Raises:
            OSError: it cannot be written.
        """
        if self._file is None:
            return
        if self._known is None or self._known.version != reported.version or not self._file.exists():
            # other processes must see the time of the poll with the new content
            replace_file(self._file, encode_reports(reported), modified_at=reported.as_of)
        os.utime(self._file, (reported.as_of, reported.as_of))
        self._known = reported

    def read_new(self) -> ReportedObjects | None:
        """What was published since the last call; None when nothing was, or nothing readable.

        Raises:
            OSError: the file is there and cannot be read.
        """
        if self._file is None or not self._file.exists():
            return None
        with self._file.open("rb") as file:
            told = os.fstat(file.fileno())
            state = (told.st_ino, told.st_mtime_ns)
            if state == self._seen:
                return None
            self._seen = state
            head = b"" if self._known is None else encoded_head(self._known)
            beginning = file.read(len(head))
            if self._known is None or beginning != head:
                self._known = decode_reports(beginning + file.read())
        if self._known is not None:
            self._known = replace(self._known, as_of=told.st_mtime)
        return self._known

    def close(self) -> None:
        """Leave polling to another process."""
        if self._descriptor is not None:
            unlock(self._descriptor)
            self._descriptor = None
