"""Helpers of the cache's tests: compare snapshots, and build entry caches on disk whose vendor is a function."""

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
from wfs_proxy.cache.key import CacheKey
from wfs_proxy.cache.plausibility import reason_to_quarantine
from wfs_proxy.geo import Cell
from wfs_proxy.snapshot.snapshot import Snapshot

FRESH_FOR, STALE_FOR = 100.0, 1000.0
FOLDER = "masten.0123456789ab"
LAYER = CacheKey("masten")


def content(snapshot: Snapshot) -> tuple[object, ...]:
    """Return all parts of a snapshot, for comparison."""
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
    values = [
        (name, None if array is None else (array.dtype.str, array.shape, array.tobytes()))
        for name, array in arrays.items()
    ]
    columns = [(name, column.kind, column.to_list()) for name, column in snapshot.columns.items()]
    return snapshot.layer_id, snapshot.version, snapshot.ending, snapshot.vendor_texts, columns, *values


def answers(snapshot: Snapshot) -> tuple[object, ...]:
    """Return the answers of a snapshot: all objects, a box around half of them, and each object by its id."""
    rows = np.arange(len(snapshot), dtype=np.uint32)
    ids = [snapshot.ids[rank].decode() for rank in range(len(snapshot))]
    half = snapshot.rows_in(BBox(4.3, 51.0, 4.3005, 53.0)).tolist()
    return snapshot.features.take(rows), half, [snapshot.find(text) for text in ids], snapshot.bbox


def disk_backend(root: Path) -> DiskBackend:
    return DiskBackend(root, offload=asyncio.to_thread)


def disk_cache(root: Path, clock: Callable[[], float]) -> EntryCache:
    """The entry cache of one process; two of them on one folder behave like two processes."""
    return EntryCache(clock=clock, policy=reason_to_quarantine, backend=disk_backend(root), jitter=lambda: 0.0)


def key_of(cell: str = "") -> CacheKey:
    """The key of the layer, or of one of its cells."""
    return CacheKey("masten", Cell.parse(cell))


def spec(vendor: Callable[..., Awaitable[FetchedSnapshot]], *, cell: str = "") -> EntrySpec:
    """How to fetch a layer, or one of its cells, from a vendor."""

    async def mark(fetched: FetchedSnapshot) -> FetchedSnapshot:
        return fetched

    key = key_of(cell)
    return EntrySpec(
        key=key,
        storage_key=key.stored_in(FOLDER),
        fetch=vendor,
        fetch_if_changed=vendor,
        mark=mark,
        on_served=lambda: None,
        fresh_for=FRESH_FOR,
        stale_for=STALE_FOR,
    )


def giving(count: int, **report: Any) -> Callable[..., Awaitable[FetchedSnapshot]]:
    """Return a vendor with this number of objects."""

    async def vendor(*_: object) -> FetchedSnapshot:
        return points.fetched(points.grid(count), **report)

    return vendor


async def fetch(cache: EntryCache, wanted: EntrySpec) -> CacheSlot:
    """Fetch now, unless the cache refuses to."""
    slot = cache.slot(wanted.key)
    task = cache.fetch(slot, wanted)
    if task is not None:
        await task
    return slot


async def read(cache: EntryCache, wanted: EntrySpec) -> bool:
    """Read the backend; whether it had something new."""
    slot = cache.slot(wanted.key)
    known = slot.stored
    await cache.read(slot, wanted)
    return slot.stored is not known
