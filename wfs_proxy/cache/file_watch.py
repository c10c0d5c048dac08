"""Which layers come from a file that has changed since it was read.

The serving process looks at the files, never in the event loop, because a network file system may be slow or hang. A
fetch is due as soon as a file has changed, and one that has not changed is not read again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from wfs_proxy.cache.entry import CacheSlot
from wfs_proxy.cache.key import CacheKey
from wfs_proxy.config import Layer, watched_file
from wfs_proxy.features import FetchReport

__all__ = ["FileWatch", "LookAtFile"]

LookAtFile = Callable[[Path], Awaitable["str | None"]]
"""Returns the state of a file (`file_state`)."""

_LONGEST_LOOK = 1.0
"""Seconds that the other layers wait for a file system."""


class FileWatch:
    """The files of all layers. For use on one event loop."""

    def __init__(self, look: LookAtFile) -> None:
        self._look = look
        self._looking: dict[Path, asyncio.Future[str | None]] = {}
        """The looks that are not done. A file system that hangs gets no second one, which would hang too."""
        self._read: dict[CacheKey, str] = {}
        """Key -> the state in which this process read its file last.

        The state that is stored with the data may be another machine's, which knows the same file under other numbers.
        """

    async def is_due(self, layer: Layer, slot: CacheSlot, key: CacheKey) -> bool:
        """Whether the file must be read although its data are fresh: it has changed, or the last attempt failed."""
        path = watched_file(layer)
        if path is None or slot.entry is None:
            return False
        if slot.failure is not None or slot.quarantined is not None:
            return True
        return await self._is_as_read(path, slot.entry.summary.report, key) is False

    async def is_unchanged(self, layer: Layer, slot: CacheSlot, key: CacheKey) -> bool:
        """Whether reading the file would give what is served."""
        path = watched_file(layer)
        if path is None or slot.entry is None or slot.quarantined is not None:
            return False
        return await self._is_as_read(path, slot.entry.summary.report, key) is True

    def has_read(self, key: CacheKey, report: FetchReport) -> None:
        """Note that this process has read the file."""
        if report.file_state is not None:
            self._read[key] = report.file_state

    def forget(self, layer_id: str) -> None:
        """Forget a layer and its cells."""
        self._read = {key: state for key, state in self._read.items() if key.layer_id != layer_id}

    async def _is_as_read(self, path: Path, report: FetchReport, key: CacheKey) -> bool | None:
        """Return whether the file is as it was read; None while the file system does not answer."""
        looking = self._looking.get(path)
        if looking is None:
            looking = self._looking[path] = asyncio.ensure_future(self._look(path))
            await asyncio.wait({looking}, timeout=_LONGEST_LOOK)
        if not looking.done():
            return None
        self._looking.pop(path, None)
        state = looking.result()
        return state is not None and state in {report.file_state, self._read.get(key)}
