"""What the process that serves and the one that fetches say to each other. Both are this version of this program."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from wfs_proxy.cache import MAPPED_FROM, FetchedSnapshot, FetchSummary, open_snapshot, write_snapshot
from wfs_proxy.config import Layer
from wfs_proxy.errors import WfsProxyError
from wfs_proxy.geo import Cell

__all__ = ["Cancel", "Done", "Job", "SnapshotOnDisk"]


@dataclass(frozen=True, kw_only=True)
class Job:
    """Fetch something."""

    number: int
    layer: Layer
    cell: Cell | None
    """None: the whole layer."""

    folder: Path | None
    """Where a large snapshot may be written; None: nowhere."""


@dataclass(frozen=True, kw_only=True)
class Cancel:
    """Nobody waits for a job any more."""

    number: int


@dataclass(frozen=True, kw_only=True, eq=False)
class SnapshotOnDisk:
    """A fill whose snapshot lies in a folder."""

    folder: Path
    summary: FetchSummary

    @classmethod
    def put(cls, filled: FetchedSnapshot, folder: Path | None) -> SnapshotOnDisk | FetchedSnapshot:
        """A fill to send: with its snapshot on disk, unless that is small or the disk takes nothing."""
        if folder is None or filled.snapshot.memory < MAPPED_FROM:
            return filled
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            name = write_snapshot(filled.snapshot, folder)
        except OSError:
            return filled
        return cls(folder=folder / name, summary=filled.summary)

    def taken(self) -> FetchedSnapshot:
        """The fill with its snapshot, mapped.

        Raises:
            StorageError, OSError: it is not there any more, or damaged.
        """
        return FetchedSnapshot(snapshot=open_snapshot(self.folder), summary=self.summary, in_folder=True)


@dataclass(frozen=True, kw_only=True, eq=False)
class Done:
    """What came of a job."""

    number: int
    outcome: FetchedSnapshot | SnapshotOnDisk | WfsProxyError
