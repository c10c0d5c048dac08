"""A shelf: where entries are kept that outlive a process, and where the processes that serve them meet.

One process at a time has its turn for a key; whoever has it asks the vendor and keeps what came, and the others look.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from wfs_proxy.cache.metadata import EntryMetadata
from wfs_proxy.snapshot import Snapshot

__all__ = ["CacheBackend", "Lookup", "NullBackend", "StoredState"]


@dataclass(frozen=True, kw_only=True, eq=False)
class StoredState:
    """What one process knows to be on the shelf for a key."""

    tag: object
    """Equal for as long as nobody keeps anything else there."""

    name: str | None = None
    """The name of the snapshot; None when there is none."""

    snapshot: Snapshot | None = None
    """None when there is none, or it is damaged."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Lookup:
    """What a look at the shelf brought."""

    record: EntryMetadata
    kept: StoredState
    fault: str | None = None
    """Why the snapshot of the record cannot be used; None when it can, or there is none."""


class CacheBackend(Protocol):
    """What the store needs of a shelf. Keys are relative paths of letters, digits and `-_.`."""

    @property
    def fault(self) -> str | None:
        """What does not work of it, though it goes on without that; None when all does."""
        ...

    async def look(self, key: str, seen: StoredState | None) -> Lookup | None:
        """What is there, unless it is what was seen; None then, and when nothing is there.

        Raises:
            StorageError: the shelf cannot be reached or read.
        """
        ...

    async def keep(self, key: str, record: EntryMetadata, snapshot: Snapshot | None) -> StoredState:
        """Put something there, for whoever has the turn; what was there before may go.

        Args:
            key: of what.
            record: what to tell; with the name of the snapshot that is there already where `snapshot` is None.
            snapshot: what to keep beside it; it comes back as the shelf holds it, perhaps shared with other processes.

        Raises:
            StorageError: it cannot be kept.
        """
        ...

    def folder(self, key: str) -> Path | None:
        """Where a snapshot may be written before it is kept, by whoever has the turn; None: nowhere.

        `store.files.write_snapshot` does that; `keep` then finds it there.
        """
        ...

    def turn(self, key: str) -> AbstractAsyncContextManager[bool]:
        """Whether it is this process's turn to fill a key: then no other process's until the context ends.

        Who is killed loses it. Where the shelf cannot tell, everybody has it: to ask twice is better than never.
        """
        ...

    async def close(self) -> None:
        """Let go of what it holds open, at the end."""
        ...


class NullBackend:
    """For a process that keeps nothing and meets nobody."""

    fault = None

    async def look(self, _key: str, _seen: StoredState | None) -> Lookup | None:
        """Nothing."""
        return None

    async def keep(self, _key: str, _record: EntryMetadata, snapshot: Snapshot | None) -> StoredState:
        """The snapshot as it is."""
        return StoredState(tag=None, snapshot=snapshot)

    def folder(self, _key: str) -> Path | None:
        """Nowhere."""
        return None

    @asynccontextmanager
    async def turn(self, _key: str) -> AsyncIterator[bool]:
        """Always."""
        yield True

    async def close(self) -> None:
        """Nothing to do."""
