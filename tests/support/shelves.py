"""What the tests of the store share: how to compare snapshots, and a store on a shelf whose vendor is a function."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import numpy as np
import points

from wfs_proxy.bbox import BBox
from wfs_proxy.cache.disk import DiskBackend
from wfs_proxy.cache.entry import CacheSlot, EntrySpec, FetchedSnapshot
from wfs_proxy.cache.entry_cache import EntryCache
from wfs_proxy.cache.plausibility import reason_to_quarantine
from wfs_proxy.snapshot.snapshot import Snapshot

FRESH_FOR, STALE_FOR = 100.0, 1000.0
PLACE = "masten.0123456789ab"


def content(snapshot: Snapshot) -> tuple[object, ...]:
    """All that a snapshot consists of, to be compared."""
    arrays = {
        "lonlat": snapshot.lonlat,
        "index": snapshot.index,
        "features": snapshot.features.content,
        "offsets": snapshot.features.offsets,
        "ids": snapshot.ids.content,
        "id_offsets": snapshot.ids.offsets,
        "by_rank": snapshot.by_rank,
        "ranks": snapshot.ranks,
        "hashes": None if snapshot.names is None else snapshot.names.hashes,
        "rows": None if snapshot.names is None else snapshot.names.rows,
        "codes": snapshot.vendor_codes,
    }
    told = [
        (name, None if array is None else (array.dtype.str, array.shape, array.tobytes()))
        for name, array in arrays.items()
    ]
    return snapshot.layer_id, snapshot.version, snapshot.ending, snapshot.vendor_texts, *told


def answers(snapshot: Snapshot) -> tuple[object, ...]:
    """What a snapshot answers: everything, a box around half of it, and each object by its id."""
    rows = np.arange(len(snapshot), dtype=np.uint32)
    ids = [snapshot.ids[rank].decode() for rank in range(len(snapshot))]
    half = snapshot.rows_in(BBox(4.3, 51.0, 4.3005, 53.0)).tolist()
    return snapshot.features.take(rows), half, [snapshot.find(text) for text in ids], snapshot.bbox


def disk_shelf(root: Path) -> DiskBackend:
    return DiskBackend(root, offload=asyncio.to_thread)


def disk_store(root: Path, clock: Callable[[], float]) -> EntryCache:
    """A store as one process has it; two of them on one folder are two processes to each other."""
    return EntryCache(clock=clock, judge=reason_to_quarantine, shelf=disk_shelf(root), jitter=lambda: 0.0)


def recipe(fill: Callable[..., Awaitable[FetchedSnapshot]], *, cell: str = "") -> EntrySpec:
    """How to get a layer, or a cell of it, from a vendor that is `fill`."""

    async def mark(filled: FetchedSnapshot) -> FetchedSnapshot:
        return filled

    return EntrySpec(
        key=f"masten/{cell}" if cell else "masten",
        shelf_key=f"{PLACE}/{cell or 'whole'}",
        fill=fill,
        mark=mark,
        served=lambda: None,
        fresh_for=FRESH_FOR,
        stale_for=STALE_FOR,
    )


def giving(count: int, **facts: Any) -> Callable[..., Awaitable[FetchedSnapshot]]:
    """A vendor that has so many objects."""

    async def fill(*_: object) -> FetchedSnapshot:
        return points.filled(points.grid(count), **facts)

    return fill


async def refill(store: EntryCache, wanted: EntrySpec) -> CacheSlot:
    """Fetch now, unless the store does not want to."""
    slot = store.slot(wanted.key)
    task = store.refill(slot, wanted)
    if task is not None:
        await task
    return slot


async def look(store: EntryCache, wanted: EntrySpec) -> bool:
    """Look at the shelf; whether there was news."""
    slot = store.slot(wanted.key)
    seen = slot.kept
    await store.look(slot, wanted)
    return slot.kept is not seen
