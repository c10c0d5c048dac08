"""Leader election and publication among the processes of one machine.

The process that holds a file lock is the leader and polls Signalen. It publishes the reports in a file, which the other
processes read. The file contains the fields of `Signal` and nothing else, is readable by its owner only, and is always
replaced as a whole. Its modification time is the time of the poll, so a poll without changes only sets that time. A
second file has what the next leader needs to continue (`feed_progress`), a third what the leader found out about
Signalen (`poll_findings`).
The leader removes the files of older versions of this program, because they contain texts that citizens typed, and
those of other configurations that were not written for a month, because they contain the places of old reports.
"""

from __future__ import annotations

import os
import time
from collections.abc import Collection
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Literal, get_args

from wfs_proxy.cache import replace_file, try_lock, unlock
from wfs_proxy.marks import ReportedObjects
from wfs_proxy.reports.report_codec import BEGINNING, decode_reports, encode_reports, encoded_head, is_older_format

__all__ = ["FileCoordinator", "Kept"]

UNUSED_FOR = 30 * 86_400.0
"""Seconds without a write after which the files of another configuration are removed, as those of a layer are."""

Kept = Literal["progress", "findings"]
"""What a leader keeps beside the reports: what the next leader needs to continue; what it found out about Signalen."""


class FileCoordinator:
    """Elects the leader for one Signalen instance, and shares its reports.

    Args:
        directory: shared by the processes of the machine; None: every process is a leader, and nothing is shared.
        name: names the files. It depends on what is polled, so that different configurations do not mix.
    """

    def __init__(self, directory: Path | None, name: str) -> None:
        self._file = None if directory is None else directory / f"{name}.json"
        self._kept = {} if directory is None else {what: directory / f"{name}.{what}.json" for what in get_args(Kept)}
        self._lock = None if directory is None else directory / f"{name}.lock"
        self._descriptor: int | None = None
        self._known: ReportedObjects | None = None
        self._seen: tuple[int, int] | None = None

    def try_to_lead(self) -> bool:
        """Whether this process is the leader. A leader stays it until `close`, or until the process ends.

        Raises:
            OSError: the directory cannot be used.
        """
        if self._lock is None:
            return True
        if self._descriptor is None:
            self._descriptor = try_lock(self._lock)
        if self._descriptor is None:
            return False
        # again before every poll: a process of an older version may still be running, and publish again
        _remove_older_formats(self._lock.parent)
        _remove_unused(self._lock.parent, {self._file, *self._kept.values()})
        return True

    def publish(self, reported: ReportedObjects) -> None:
        """Publish what is reported.

        Raises:
            OSError: the file cannot be written.
        """
        if self._file is None:
            return
        if self._known is None or self._known.version != reported.version or not self._file.exists():
            # other processes must see the time of the poll with the new content
            replace_file(self._file, encode_reports(reported), modified_at=reported.as_of)
        os.utime(self._file, (reported.as_of, reported.as_of))
        self._known = reported

    def read_new(self) -> ReportedObjects | None:
        """Return what was published since the last call; None if nothing was, or if it is not readable.

        Raises:
            OSError: the file exists and cannot be read.
        """
        if self._file is None or not self._file.exists():
            return None
        with self._file.open("rb") as file:
            status = os.fstat(file.fileno())
            identity = (status.st_ino, status.st_mtime_ns)
            if identity == self._seen:
                return None
            self._seen = identity
            head = b"" if self._known is None else encoded_head(self._known)
            beginning = file.read(len(head))
            if self._known is None or beginning != head:
                self._known = decode_reports(beginning + file.read())
        if self._known is not None:
            self._known = replace(self._known, as_of=status.st_mtime)
        return self._known

    def save(self, what: Kept, content: bytes) -> None:
        """Keep something for the next leader, or for the other processes.

        Raises:
            OSError: the file cannot be written.
        """
        if what in self._kept:
            replace_file(self._kept[what], content)

    def read(self, what: Kept) -> bytes | None:
        """Return what a leader saved last; None if there is nothing.

        Raises:
            OSError: the file exists and cannot be read.
        """
        file = self._kept.get(what)
        return file.read_bytes() if file is not None and file.exists() else None

    def close(self) -> None:
        """Stop being the leader, so that another process can take over."""
        if self._descriptor is not None:
            unlock(self._descriptor)
            self._descriptor = None


def _remove_older_formats(directory: Path) -> None:
    """Remove the reports that older versions published or began to write, of any instance and configuration."""
    for path in (*directory.glob("*.json"), *directory.glob(".*.json.*")):
        with suppress(OSError):
            with path.open("rb") as file:
                older = is_older_format(file.read(BEGINNING))
            if older:
                path.unlink()


def _remove_unused(directory: Path, own: Collection[Path | None]) -> None:
    """Remove the files of other configurations that are no longer written: each change of one gives them new names."""
    for path in directory.glob("signalen-*.json"):
        with suppress(OSError):
            if path not in own and time.time() - path.stat().st_mtime > UNUSED_FOR:
                path.unlink()
