"""What the process that serves and the one that fetches say to each other. Both are this version of this program."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from wfs_proxy.cells import Cell
from wfs_proxy.errors import WfsProxyError
from wfs_proxy.layers import Layer
from wfs_proxy.store import Facts, Filled
from wfs_proxy.store.files import MAPPED_FROM, open_snapshot, write_snapshot

__all__ = ["Cancel", "Done", "Job", "OnDisk"]


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
class OnDisk:
    """A fill whose snapshot lies in a folder."""

    folder: Path
    count: int
    """Objects."""

    facts: Facts

    @classmethod
    def put(cls, filled: Filled, folder: Path | None) -> OnDisk | Filled:
        """A fill to send: with its snapshot on disk, unless that is small or the disk takes nothing."""
        if folder is None or filled.snapshot.memory < MAPPED_FROM:
            return filled
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            name = write_snapshot(filled.snapshot, folder)
        except OSError:
            return filled
        return cls(folder=folder / name, count=len(filled.snapshot), facts=filled.facts)

    def taken(self) -> Filled:
        """The fill with its snapshot, mapped.

        Raises:
            StorageError, OSError: it is not there any more, or damaged.
        """
        return Filled(snapshot=open_snapshot(self.folder), facts=self.facts)


@dataclass(frozen=True, kw_only=True, eq=False)
class Done:
    """What came of a job."""

    number: int
    outcome: Filled | OnDisk | WfsProxyError
