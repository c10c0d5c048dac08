"""The cache slots in memory: those of whole layers stay, those of cells share a number of bytes."""

from __future__ import annotations

from functools import partial

from cachetools import Cache, LRUCache

from wfs_proxy.cache.entry import CacheSlot
from wfs_proxy.cache.key import CacheKey
from wfs_proxy.geo import Cell

__all__ = ["CELLS_IN_MEMORY", "SlotMemory"]

CELLS_IN_MEMORY = 256 << 20
"""Bytes of cells that a process holds in memory."""

_EMPTY_SLOT = 2_000
"""Bytes, approximately."""


class SlotMemory:
    """Slots by key."""

    def __init__(self, limit: int) -> None:
        """Start empty.

        Args:
            limit: bytes of cells; the least recently used ones are removed.
        """
        # LRUCache never removes items without weight
        limit = max(limit, 1)
        self._layers: dict[CacheKey, CacheSlot] = {}
        self._cells: LRUCache[CacheKey, CacheSlot] = LRUCache(limit, getsizeof=partial(_weight, limit))

    def slot(self, key: CacheKey) -> CacheSlot:
        """Return the slot of a key, a new one if necessary."""
        slots = self._layers if key.cell is None else self._cells
        slot = slots.get(key)
        if slot is None:
            slot = slots[key] = CacheSlot()
        return slot

    def peek(self, key: CacheKey) -> CacheSlot | None:
        """Return the slot of a key if there is one; this does not count as a use of a cell."""
        if key.cell is None:
            return self._layers.get(key)
        return Cache.__getitem__(self._cells, key) if key in self._cells else None

    def cells(self, layer_id: str) -> dict[Cell, CacheSlot]:
        """Return the slots of a layer's cells."""
        keys = [key for key in self._cells if key.layer_id == layer_id]
        return {key.cell: slot for key in keys if key.cell is not None and (slot := self.peek(key)) is not None}

    def weigh(self, key: CacheKey, slot: CacheSlot) -> None:
        """Account for a slot whose entry has changed; a cell that was removed in the meantime comes back."""
        if key.cell is not None:
            self._cells[key] = slot

    def drop(self, layer_id: str) -> list[CacheSlot]:
        """Remove the slots of a layer and of its cells, and return them."""
        layer = self._layers.pop(CacheKey(layer_id), None)
        cells = [self._cells.pop(CacheKey(layer_id, cell)) for cell in self.cells(layer_id)]
        return cells if layer is None else [layer, *cells]


def _weight(limit: int, slot: CacheSlot) -> int:
    """Return the bytes that a slot takes, at most half of the limit.

    Without that cap the empty cells around a large one would push it out, and each request would fetch it again.
    """
    return min(max(limit // 2, 1), _EMPTY_SLOT + (slot.entry.snapshot.memory if slot.entry is not None else 0))
