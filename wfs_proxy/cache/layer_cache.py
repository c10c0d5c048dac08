"""The cached data of all layers of a catalogue, fetched whole or in cells of the map.

    request -> the layer, or the cells of its box -> an entry each: from memory, from the backend, from the vendor
    every second -> read what other processes wrote, look at files, fetch what is due, in the background

Both modes have one interface, a list of entries. No request waits for the vendor while there is something to serve.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Protocol

from cachetools import TTLCache

from wfs_proxy.bbox import BBox
from wfs_proxy.cache.entry import CacheSlot, Entry, EntrySpec, FetchedSnapshot, Freshness
from wfs_proxy.cache.entry_cache import EntryCache
from wfs_proxy.cache.file_watch import FileWatch, LookAtFile
from wfs_proxy.cache.key import CacheKey, layer_folder
from wfs_proxy.config import Catalogue, Layer, watched_file
from wfs_proxy.errors import BadRequest, NotReady, WfsProxyError
from wfs_proxy.features import Validators
from wfs_proxy.file_state import file_state
from wfs_proxy.geo import Cell, cells_in, count_in, neighbours

__all__ = ["COLD_WAIT", "FetchSnapshot", "LayerCache", "Marker"]

LOG = logging.getLogger(__name__)


class FetchSnapshot(Protocol):
    """Fetches from a vendor."""

    async def __call__(
        self, layer: Layer, cell: Cell | None, folder: Path | None, known: Validators | None = None, /
    ) -> FetchedSnapshot | None:
        """Fetch a layer, or one cell of it.

        Args:
            layer: what to fetch.
            cell: None for the whole layer.
            folder: where a large snapshot may be written; None when there is no such place.
            known: what identifies the vendor's document that is known already. The result is None if it has not
                changed.

        Raises:
            WfsProxyError: of any kind.
        """
        ...


class Marker(Protocol):
    """Adds the marks to what is fetched."""

    async def marked(self, layer: Layer, cell: Cell | None, fetched: FetchedSnapshot, /) -> FetchedSnapshot:
        """Return what was fetched with its marks; `served` is called once it is served."""
        ...

    def served(self, layer: Layer, cell: Cell | None, /) -> None:
        """Note that what `marked` returned is served now."""
        ...


COLD_WAIT = 20.0
"""Seconds that a request waits for the first data of a layer; below the 30 to 60 s that reverse proxies allow."""

FOLLOW_EVERY = 1.0
"""Seconds between two reads of what other processes wrote, and two checks of what is due."""

MOST_CELLS = 64
"""Cells that one box may touch. Of 740 m each that is some six kilometres square, more than a screen shows at the zoom
levels at which objects appear. Each cell may cost the vendor a request."""

MOST_FETCHES = 256
"""Fetches that may run or wait in one process before a request that needs another cell gets 503."""

MOST_PREFETCHES = 16
"""Running fetches above which no cell is fetched before a request needs it."""

MOST_PREFETCHED = 10_000
"""Sets of cells of which it is remembered that the cells around them were prefetched."""

LONGEST_RETRY_AFTER = 30
SHORTEST_RETRY_AFTER = 1
"""Bounds of Retry-After in seconds."""

RETRY_DURING_FETCH = 5
"""Retry-After in seconds when a fetch takes longer than the request may wait."""


WHOLE_LAYER: tuple[Cell | None, ...] = (None,)
"""Takes the place of the cells of a layer that is fetched whole."""

SERVED = frozenset({Freshness.FRESH, Freshness.STALE})


class LayerCache:
    """The cached data of all layers of a catalogue. For use on one event loop."""

    def __init__(  # noqa: PLR0913 - what it brings together, by name
        self,
        catalogue: Catalogue,
        fetch: FetchSnapshot,
        entries: EntryCache,
        marker: Marker,
        *,
        clock: Callable[[], float],
        cold_wait: float = COLD_WAIT,
        look: LookAtFile | None = None,
    ) -> None:
        self._catalogue = catalogue
        self._fetch = fetch
        self._entries = entries
        self._marker = marker
        self._clock = clock
        self._cold_wait = cold_wait
        self._files = FileWatch(look or _look)
        self._folders: dict[str, tuple[Layer, str]] = {}
        self._prefetched: TTLCache[tuple[str, tuple[Cell | None, ...]], bool] = TTLCache(
            MOST_PREFETCHED, FOLLOW_EVERY, clock
        )
        self._background: set[asyncio.Task[None]] = set()
        self.lookups: Counter[tuple[str, Freshness]] = Counter()
        """(layer, freshness of its data when they were requested) -> how often, counting each cell of a request."""

    async def entries(self, layer: Layer, box: BBox | None) -> tuple[list[Entry], bool]:
        """Return the entries that cover a box, and whether the request had to wait for the vendor.

        Args:
            layer: a layer of the catalogue.
            box: None for the whole layer.

        Raises:
            BadRequest: the layer is fetched in cells, and the box is too large or there is none.
            NotReady: some of it was never fetched, and could not be fetched now or in time.
        """
        cells = WHOLE_LAYER if layer.fetch.mode == "snapshot" else self._cells(layer, box)
        entries = [self._ready(layer, cell) for cell in cells]
        absent = [number for number, entry in enumerate(entries) if entry is None]
        loaded = await asyncio.gather(*(self._load(layer, cells[number]) for number in absent)) if absent else []
        for number, (entry, _) in zip(absent, loaded, strict=True):
            entries[number] = entry
        self._prefetch(layer, cells)
        return [entry for entry in entries if entry is not None], any(waited for _, waited in loaded)

    def cached(self, layer: Layer) -> list[Entry]:
        """Return the entries of a layer that can be served without waiting."""
        now = self._clock()
        return [entry for slot in self.slots(layer) if (entry := slot.servable(now)) is not None]

    def slots(self, layer: Layer) -> list[CacheSlot]:
        """Return the slot of a layer that is fetched whole, or those of its cells in memory."""
        if layer.fetch.mode == "snapshot":
            return [self._entries.slot(CacheKey(layer.id))]
        return list(self._entries.cells(layer.id).values())

    def warm(self) -> None:
        """Start loading every layer in the background, from the backend or from its vendor."""
        for layer in self._whole_layers():
            self._in_background(self._renew(layer))

    async def run(self) -> None:
        """Keep every layer fresh and follow the other processes, until cancelled."""
        while True:
            for layer in self._whole_layers():
                try:
                    await self._renew(layer)
                except Exception:
                    LOG.exception("Unexpected error while refreshing %s", layer.id)
            await asyncio.sleep(FOLLOW_EVERY)

    def use_catalogue(self, catalogue: Catalogue) -> None:
        """Replace the set of layers.

        Data of layers whose file has changed are dropped at once, because fields that the file no longer names must not
        be served.
        """
        for layer_id, layer in self._catalogue.items():
            if catalogue.get(layer_id) != layer:
                self._entries.drop(layer_id)
                self._files.forget(layer_id)
                self._folders.pop(layer_id, None)
        self._catalogue = catalogue
        self.warm()

    def folders(self) -> set[str]:
        """Return the folders of the layers in the backend: the first parts of their keys."""
        return {self._folder(layer) for layer in self._catalogue.values()}

    async def close(self) -> None:
        """Stop the background work, and close the entry cache."""
        for task in self._background:
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)
        await self._entries.close()

    def _whole_layers(self) -> list[Layer]:
        return [layer for layer in self._catalogue.values() if layer.fetch.mode == "snapshot"]

    def _cells(self, layer: Layer, box: BBox | None) -> tuple[Cell | None, ...]:
        """Return the cells that a box touches within the layer's extent.

        Raises:
            BadRequest: there are too many, or there is no box.
        """
        if box is None:
            raise BadRequest(f"The layer {layer.id} is fetched in cells: give bbox=west,south,east,north.")
        zoom = layer.fetch.cell_zoom
        box = _within(layer, box)
        if box is None:
            return ()
        count = count_in(box, zoom)
        if count > MOST_CELLS:
            raise BadRequest(
                f"The box touches {count} cells of the layer {layer.id}; a request may touch at most {MOST_CELLS} "
                "cells: zoom in, or ask for a smaller box."
            )
        return cells_in(box, zoom)

    def _ready(self, layer: Layer, cell: Cell | None) -> Entry | None:
        """Return the entry if it can be served; a stale one is fetched in the background (RFC 5861, section 3)."""
        slot = self._entries.slot(CacheKey(layer.id, cell))
        now = self._clock()
        freshness = slot.freshness(now)
        self.lookups[layer.id, freshness] += 1
        if freshness is Freshness.STALE and self._entries.fetching < MOST_FETCHES:
            self._entries.fetch(slot, self._spec(layer, cell))
        return slot.entry if freshness in SERVED else None

    async def _load(self, layer: Layer, cell: Cell | None) -> tuple[Entry, bool]:
        """Return what was not in memory, and whether that took a fetch."""
        slot = self._entries.slot(CacheKey(layer.id, cell))
        if slot.fetching is None:
            await self._entries.read(slot, self._spec(layer, cell))
        entry = slot.servable(self._clock())
        return (entry, False) if entry is not None else (await self._awaited(layer, cell, slot), True)

    async def _awaited(self, layer: Layer, cell: Cell | None, slot: CacheSlot) -> Entry:
        if slot.fetching is None and self._entries.fetching >= MOST_FETCHES:
            raise NotReady(f"Too many parts of {layer.id} are being fetched already.", retry_after=RETRY_DURING_FETCH)
        fetching = self._entries.fetch(slot, self._spec(layer, cell))
        if fetching is not None:
            await asyncio.wait({fetching}, timeout=self._cold_wait)
        entry = slot.servable(self._clock())
        if entry is None:
            raise _not_ready(layer, slot, self._clock())
        return entry

    async def _renew(self, layer: Layer) -> None:
        """Read what other processes wrote of a layer, and fetch it when it is due."""
        spec = self._spec(layer, None)
        slot = self._entries.slot(spec.key)
        await self._entries.read(slot, spec)
        entry, now = slot.entry, self._clock()
        too_old = entry is None or entry.ttl(now) <= 0 or now >= entry.refresh_at
        if too_old or await self._files.is_due(layer, slot, spec.key):
            self._entries.fetch(slot, spec)

    async def _renew_cells(self, layer: Layer, cells: tuple[Cell | None, ...]) -> None:
        """Fetch the cells whose file has changed."""
        for cell in cells:
            spec = self._spec(layer, cell)
            slot = self._entries.slot(spec.key)
            if await self._files.is_due(layer, slot, spec.key):
                self._entries.fetch(slot, spec)

    def _prefetch(self, layer: Layer, cells: tuple[Cell | None, ...]) -> None:
        """Start fetching the cells around, where a map may go next; once a second for the same set of cells.

        The cells themselves are fetched again if they come from a file that has changed.
        """
        if cells is WHOLE_LAYER or (layer.id, cells) in self._prefetched:
            return
        self._prefetched[layer.id, cells] = True
        if watched_file(layer) is not None:
            self._in_background(self._renew_cells(layer, cells))
        around = dict.fromkeys(near for cell in cells if cell is not None for near in neighbours(cell))
        for cell in around:
            if self._entries.fetching >= MOST_PREFETCHES:
                return
            slot = self._entries.slot(CacheKey(layer.id, cell))
            if slot.tried or _within(layer, cell.box) is None:
                continue
            self._entries.fetch(slot, self._spec(layer, cell))

    def _spec(self, layer: Layer, cell: Cell | None) -> EntrySpec:
        key = CacheKey(layer.id, cell)
        return EntrySpec(
            key=key,
            storage_key=key.stored_in(self._folder(layer)),
            fetch=partial(self._fetch_for, layer, cell),
            fetch_if_changed=partial(self._fetch_if_changed, layer, cell),
            mark=partial(self._marker.marked, layer, cell),
            on_served=partial(self._marker.served, layer, cell),
            fresh_for=layer.fetch.fresh_for,
            stale_for=layer.fetch.stale_for,
            is_unchanged=partial(self._files.is_unchanged, layer, key=key),
        )

    async def _fetch_for(self, layer: Layer, cell: Cell | None, folder: Path | None) -> FetchedSnapshot:
        with _about(layer):
            fetched = await self._fetch(layer, cell, folder)
        assert fetched is not None
        self._files.has_read(CacheKey(layer.id, cell), fetched.summary.report)
        return fetched

    async def _fetch_if_changed(
        self, layer: Layer, cell: Cell | None, folder: Path | None, known: Validators
    ) -> FetchedSnapshot | None:
        with _about(layer):
            return await self._fetch(layer, cell, folder, known)

    def _folder(self, layer: Layer) -> str:
        known = self._folders.get(layer.id)
        if known is None or known[0] is not layer:
            known = self._folders[layer.id] = (layer, layer_folder(layer))
        return known[1]

    def _in_background(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)


async def _look(path: Path) -> str | None:
    return await asyncio.to_thread(file_state, path)


@contextmanager
def _about(layer: Layer) -> Iterator[None]:
    """Add the layer to errors: the code below does not know it."""
    try:
        yield
    except WfsProxyError as error:
        error.layer = layer.id
        raise


def _within(layer: Layer, box: BBox) -> BBox | None:
    """Return the part of a box that is in the layer's extent; None where they share nothing."""
    extent = layer.source.extent
    return box if extent is None else box.intersection(extent)


def _not_ready(layer: Layer, slot: CacheSlot, now: float) -> NotReady:
    if slot.failure is None:
        return NotReady(f"The layer {layer.id} is being fetched; there is no data yet.", retry_after=RETRY_DURING_FETCH)
    retry_after = min(max(math.ceil(slot.not_before - now), SHORTEST_RETRY_AFTER), LONGEST_RETRY_AFTER)
    reason = f"{slot.failure.title}: {slot.failure.detail}"
    return NotReady(f"The layer {layer.id} has no data yet, and fetching it fails. {reason}", retry_after=retry_after)
