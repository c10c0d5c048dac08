"""The messages between the serving process and the fetch process, pickled. Both run this version of the program."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from wfs_proxy.cache import MAPPED_FROM, FetchedSnapshot, FetchSummary, open_snapshot, write_snapshot
from wfs_proxy.config import Layer
from wfs_proxy.errors import WfsProxyError
from wfs_proxy.features import Validators
from wfs_proxy.geo import Cell

__all__ = ["CancelJob", "FetchJob", "JobResult", "WrittenSnapshot"]


@dataclass(frozen=True, kw_only=True)
class FetchJob:
    """To the fetch process: fetch a layer or a cell."""

    number: int
    layer: Layer
    cell: Cell | None
    """None for the whole layer."""

    folder: Path | None
    """Where a large snapshot may be written; None when there is no such place."""

    known: Validators | None = None
    """What identifies the document that is known already; None if nothing is."""


@dataclass(frozen=True, kw_only=True)
class CancelJob:
    """To the fetch process: the result of a job is not needed any more."""

    number: int


@dataclass(frozen=True, kw_only=True, eq=False)
class WrittenSnapshot:
    """A fetched snapshot that was written to disk, so that it need not go through the pipe."""

    path: Path
    summary: FetchSummary

    @classmethod
    def write(cls, fetched: FetchedSnapshot, folder: Path | None) -> WrittenSnapshot | FetchedSnapshot:
        """Write a large snapshot to disk; return a small one, and one that cannot be written, unchanged."""
        if folder is None or fetched.snapshot.memory < MAPPED_FROM:
            return fetched
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            version = write_snapshot(fetched.snapshot, folder)
        except OSError:
            return fetched
        return cls(path=folder / version, summary=fetched.summary)

    def opened(self) -> FetchedSnapshot:
        """Open it.

        Raises:
            StorageError: it is damaged.
            OSError: it is not there any more, or cannot be read.
        """
        return FetchedSnapshot(snapshot=open_snapshot(self.path), summary=self.summary, in_folder=True)


@dataclass(frozen=True, kw_only=True, eq=False)
class JobResult:
    """From the fetch process: how a job ended."""

    number: int
    outcome: FetchedSnapshot | WrittenSnapshot | WfsProxyError | None
    """None: the vendor still has the known document."""
