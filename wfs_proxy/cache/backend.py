"""The interface of a cache backend: storage that outlives a process and is shared by processes.

One process at a time holds the lease of a key. It fetches from the vendor and writes the result; the others read it.
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
    """What a process last saw in the backend for a key."""

    tag: object
    """Equal tags mean that nothing was written in between."""

    version: str | None = None
    """The version of the stored snapshot; None when there is none."""

    snapshot: Snapshot | None = None
    """None when there is none, or when it is damaged."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Lookup:
    """What a read found."""

    metadata: EntryMetadata
    stored: StoredState
    problem: str | None = None
    """Why the snapshot that the metadata name is unusable; None when it is usable or they name none."""


class CacheBackend(Protocol):
    """What `EntryCache` needs from a backend. Keys are relative paths of letters, digits and `-_.`."""

    @property
    def error(self) -> str | None:
        """Why part of the backend is unavailable, although it works without that part; None when all of it works."""
        ...

    async def read(self, key: str, known: StoredState | None) -> Lookup | None:
        """Return what is stored; None when nothing is, or when it is what is `known` already.

        Raises:
            StorageError: the backend cannot be reached or read.
        """
        ...

    async def write(
        self, key: str, metadata: EntryMetadata, snapshot: Snapshot | None, *, in_folder: bool = False
    ) -> StoredState:
        """Replace what is stored. Call it only while holding the lease.

        Args:
            key: which entry.
            metadata: what to store about it. Without a `snapshot` they name the stored one.
            snapshot: what to store; None keeps the stored one. It is returned as the backend holds it, which may be a
                copy shared with other processes.
            in_folder: the snapshot was opened from `folder`, so it need not be written or opened again.

        Raises:
            StorageError: it cannot be stored.
        """
        ...

    def folder(self, key: str) -> Path | None:
        """Return where the holder of the lease may write a snapshot before `write`; None when there is no such place.

        `write` then finds the files that `write_snapshot` left there.
        """
        ...

    def lease(self, key: str) -> AbstractAsyncContextManager[bool]:
        """Try to get the exclusive right to fetch a key, until the context ends; its value is whether that succeeded.

        Released when its holder dies. If the backend cannot decide, every process gets it: a duplicate fetch beats
        none.
        """
        ...

    async def close(self) -> None:
        """Release resources at the end."""
        ...


class NullBackend:
    """Stores nothing and shares nothing."""

    error = None

    async def read(self, _key: str, _known: StoredState | None) -> Lookup | None:
        """Return None: nothing is stored."""
        return None

    async def write(
        self, _key: str, _metadata: EntryMetadata, snapshot: Snapshot | None, *, in_folder: bool = False
    ) -> StoredState:
        """Return the snapshot unchanged."""
        del in_folder
        return StoredState(tag=None, snapshot=snapshot)

    def folder(self, _key: str) -> Path | None:
        """Return None: there is no folder."""
        return None

    @asynccontextmanager
    async def lease(self, _key: str) -> AsyncIterator[bool]:
        """Grant every lease."""
        yield True

    async def close(self) -> None:
        """Do nothing."""
