"""What is held of the layers, and how it is kept: whole, or in cells of the map.

    request -> cells of its box (or the layer) -> an entry each: from memory, from the shelf, from the vendor
    every second: what do other processes keep? what is due? -> the same, in the background

Both modes have one interface, a list of entries. No answer waits for the vendor while there is something to serve.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import math
from collections import Counter
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Protocol

from cachetools import TTLCache

from wfs_proxy.bbox import BBox
from wfs_proxy.cache.entry import CacheSlot, Entry, EntrySpec, FetchedSnapshot, Freshness
from wfs_proxy.cache.entry_cache import CELL_MARK, EntryCache
from wfs_proxy.cache.eviction import WHOLE
from wfs_proxy.config import Catalogue, Layer
from wfs_proxy.errors import BadRequest, NotReady, WfsProxyError
from wfs_proxy.geo import Cell, cells_in, count_in, neighbours

__all__ = ["FetchSnapshot", "LayerCache", "Marker"]

LOG = logging.getLogger(__name__)

FetchSnapshot = Callable[[Layer, "Cell | None", "Path | None"], Awaitable[FetchedSnapshot]]
"""Fetches a layer whole, or one cell of it; a large snapshot may be written into the folder that is given. It may raise
any `WfsProxyError`."""


class Marker(Protocol):
    """Puts marks on what is fetched."""

    async def marked(self, layer: Layer, cell: Cell | None, filled: FetchedSnapshot) -> FetchedSnapshot:
        """What was fetched, with its marks; `served` is to be called once it is served."""
        ...

    def served(self, layer: Layer, cell: Cell | None) -> None:
        """What `marked` returned is served now."""
        ...


COLD_WAIT = 20.0
"""Seconds that a request waits for the first data of a layer; below the 30 and 60 s that proxies before us allow."""

LOOK_EVERY = 1.0
"""Seconds between two looks at what other processes keep and at what is due."""

MOST_CELLS = 64
"""Cells that one box may touch: of 740 m, some six kilometres square, more than a screen shows at the zoom at which
objects appear. Each may cost a request to the vendor."""

MOST_FILLS = 256
"""Fills that may be under way or waiting in one process before a request for another cell is told to come back."""

MOST_PREFETCHES = 16
"""Fills under way beyond which no cell is fetched before somebody asks for it."""

MOST_PREFETCHED = 10_000
"""Sets of cells of which it is remembered that what lies around them was asked for."""

LONGEST_RETRY_AFTER = 30
SHORTEST_RETRY_AFTER = 1
"""Bounds of Retry-After in seconds."""

RETRY_DURING_FILL = 5
"""Retry-After in seconds while a fill is under way that took longer than the request may wait."""


WHOLE_LAYER: tuple[Cell | None, ...] = (None,)
"""Instead of cells."""

SERVED = frozenset({Freshness.FRESH, Freshness.STALE})


class LayerCache:
    """The entries of all layers of a catalogue. For use on one event loop."""

    def __init__(  # noqa: PLR0913 - what it brings together, by name
        self,
        catalogue: Catalogue,
        fill: FetchSnapshot,
        store: EntryCache,
        marker: Marker,
        *,
        clock: Callable[[], float],
        cold_wait: float = COLD_WAIT,
    ) -> None:
        self._catalogue = catalogue
        self._fill = fill
        self._store = store
        self._marker = marker
        self._clock = clock
        self._cold_wait = cold_wait
        self._places: dict[str, tuple[Layer, str]] = {}
        self._prefetched: TTLCache[tuple[str, tuple[Cell | None, ...]], bool] = TTLCache(
            MOST_PREFETCHED, LOOK_EVERY, clock
        )
        self._background: set[asyncio.Task[None]] = set()
        self.lookups: Counter[tuple[str, Freshness]] = Counter()
        """(layer, state of its data when it was asked for) -> requests, of cells and of layers."""

    async def entries(self, layer: Layer, box: BBox | None) -> tuple[list[Entry], bool]:
        """What answers a box, and whether the vendor had to be waited for.

        Args:
            layer: one of the catalogue.
            box: None asks for all of it.

        Raises:
            BadRequest: the layer is fetched in cells, and the box is too large or there is none.
            NotReady: something of it was never fetched, and cannot be now or not in time.
        """
        cells = WHOLE_LAYER if layer.fetch.mode == "snapshot" else self._cells(layer, box)
        entries = [self._ready(layer, cell) for cell in cells]
        absent = [number for number, entry in enumerate(entries) if entry is None]
        brought = await asyncio.gather(*(self._brought(layer, cells[number]) for number in absent)) if absent else []
        for number, (entry, _) in zip(absent, brought, strict=True):
            entries[number] = entry
        self._prefetch(layer, cells)
        return [entry for entry in entries if entry is not None], any(waited for _, waited in brought)

    def held(self, layer: Layer) -> list[Entry]:
        """What can be served of a layer without waiting for anything."""
        now = self._clock()
        return [entry for slot in self.slots(layer) if (entry := slot.servable(now)) is not None]

    def slots(self, layer: Layer) -> list[CacheSlot]:
        """What is known of a layer: of the whole, or of the cells in memory."""
        if layer.fetch.mode == "snapshot":
            return [self._store.slot(layer.id)]
        return list(self._store.cells(layer.id).values())

    def warm(self) -> None:
        """Begin to get every layer, from the shelf or from its vendor, in the background."""
        for layer in self._whole_layers():
            self._in_background(self._renew(layer))

    async def run(self) -> None:
        """Keep every layer fresh and follow the other processes, until cancelled."""
        while True:
            for layer in self._whole_layers():
                try:
                    await self._renew(layer)
                except Exception:
                    LOG.exception("%s could not be looked after, and nobody foresaw why", layer.id)
            await asyncio.sleep(LOOK_EVERY)

    def use_catalogue(self, catalogue: Catalogue) -> None:
        """Hold another set of layers from now on.

        Data of layers whose file changed are dropped at once: what a file no longer names must not leave the house.
        """
        for layer_id, layer in self._catalogue.items():
            if catalogue.get(layer_id) != layer:
                self._store.drop(layer_id)
                self._places.pop(layer_id, None)
        self._catalogue = catalogue
        self.warm()

    def places(self) -> set[str]:
        """Where the layers are kept on the shelf: the first parts of their keys."""
        return {self._place(layer) for layer in self._catalogue.values()}

    async def close(self) -> None:
        """Stop what is under way."""
        for task in self._background:
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)
        await self._store.close()

    def _whole_layers(self) -> list[Layer]:
        return [layer for layer in self._catalogue.values() if layer.fetch.mode == "snapshot"]

    def _cells(self, layer: Layer, box: BBox | None) -> tuple[Cell | None, ...]:
        """The cells that hold the objects of a box; none outside the layer's extent.

        Raises:
            BadRequest: there are too many.
        """
        if box is None:
            raise BadRequest(f"The layer {layer.id} is fetched piece by piece: give bbox=west,south,east,north.")
        zoom = layer.fetch.cell_zoom
        box = _within(layer, box)
        if box is None:
            return ()
        count = count_in(box, zoom)
        if count > MOST_CELLS:
            raise BadRequest(
                f"The box touches {count} squares of the map, and the layer {layer.id} is fetched in squares, at most "
                f"{MOST_CELLS} at once: zoom in, or ask for a smaller box."
            )
        return cells_in(box, zoom)

    def _ready(self, layer: Layer, cell: Cell | None) -> Entry | None:
        """What can be served at once; a stale one is asked for again behind the answer (RFC 5861, section 3)."""
        slot = self._store.slot(_key(layer, cell))
        now = self._clock()
        freshness = slot.freshness(now)
        self.lookups[layer.id, freshness] += 1
        if freshness is Freshness.STALE and self._store.filling < MOST_FILLS:
            self._store.refill(slot, self._recipe(layer, cell))
        return slot.entry if freshness in SERVED else None

    async def _brought(self, layer: Layer, cell: Cell | None) -> tuple[Entry, bool]:
        """What was not in memory, and whether the vendor had to be waited for."""
        slot = self._store.slot(_key(layer, cell))
        if slot.filling is None:
            await self._store.look(slot, self._recipe(layer, cell))
        entry = slot.servable(self._clock())
        return (entry, False) if entry is not None else (await self._awaited(layer, cell, slot), True)

    async def _awaited(self, layer: Layer, cell: Cell | None, slot: CacheSlot) -> Entry:
        if slot.filling is None and self._store.filling >= MOST_FILLS:
            raise NotReady(f"Too much of {layer.id} is being fetched already.", retry_after=RETRY_DURING_FILL)
        filling = self._store.refill(slot, self._recipe(layer, cell))
        if filling is not None:
            await asyncio.wait({filling}, timeout=self._cold_wait)
        entry = slot.servable(self._clock())
        if entry is None:
            raise _not_ready(layer, slot, self._clock())
        return entry

    async def _renew(self, layer: Layer) -> None:
        """Take over what others keep of a layer, and fetch it when it is due."""
        recipe = self._recipe(layer, None)
        slot = self._store.slot(recipe.key)
        await self._store.look(slot, recipe)
        entry, now = slot.entry, self._clock()
        if entry is None or entry.ttl(now) <= 0 or now >= entry.refresh_at:
            self._store.refill(slot, recipe)

    def _prefetch(self, layer: Layer, cells: tuple[Cell | None, ...]) -> None:
        """Begin to get the cells around, where a map goes next; not at every move of the map over the same cells."""
        if cells is WHOLE_LAYER or (layer.id, cells) in self._prefetched:
            return
        self._prefetched[layer.id, cells] = True
        wanted = dict.fromkeys(near for cell in cells if cell is not None for near in neighbours(cell))
        for cell in wanted:
            if self._store.filling >= MOST_PREFETCHES:
                return
            slot = self._store.slot(_key(layer, cell))
            if slot.tried or _within(layer, cell.box) is None:
                continue
            self._store.refill(slot, self._recipe(layer, cell))

    def _recipe(self, layer: Layer, cell: Cell | None) -> EntrySpec:
        return EntrySpec(
            key=_key(layer, cell),
            shelf_key=f"{self._place(layer)}/{WHOLE if cell is None else cell.key}",
            fill=partial(self._fetched, layer, cell),
            mark=partial(self._marker.marked, layer, cell),
            served=partial(self._marker.served, layer, cell),
            fresh_for=layer.fetch.fresh_for,
            stale_for=layer.fetch.stale_for,
        )

    async def _fetched(self, layer: Layer, cell: Cell | None, folder: Path | None) -> FetchedSnapshot:
        try:
            return await self._fill(layer, cell, folder)
        except WfsProxyError as error:
            error.layer = layer.id
            raise

    def _place(self, layer: Layer) -> str:
        known = self._places.get(layer.id)
        if known is None or known[0] is not layer:
            known = self._places[layer.id] = (layer, shelf_name(layer))
        return known[1]

    def _in_background(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)


def shelf_name(layer: Layer) -> str:
    """Where a layer is kept: its id, and a hash of all in its file that decides what is served."""
    content = layer.model_dump_json(
        include={
            "id": True,
            "source": True,
            "fetch": {"mode", "cell_zoom"},
            "point": True,
            "properties": True,
            "reports": True,
        },
        exclude={"source": {"auth", "tls", "timeout", "requests_at_once"}},
    )
    return f"{layer.id}.{hashlib.blake2b(content.encode(), digest_size=6).hexdigest()}"


def _key(layer: Layer, cell: Cell | None) -> str:
    return layer.id if cell is None else f"{layer.id}{CELL_MARK}{cell.key}"


def _within(layer: Layer, box: BBox) -> BBox | None:
    """Return the part of a box that is in the layer's extent; None where they share nothing."""
    extent = layer.source.extent
    return box if extent is None else box.intersection(extent)


def _not_ready(layer: Layer, slot: CacheSlot, now: float) -> NotReady:
    if slot.failure is None:
        return NotReady(f"The layer {layer.id} is being fetched; there are no data yet.", retry_after=RETRY_DURING_FILL)
    retry_after = min(max(math.ceil(slot.not_before - now), SHORTEST_RETRY_AFTER), LONGEST_RETRY_AFTER)
    reason = f"{slot.failure.title}: {slot.failure.detail}"
    return NotReady(
        f"The layer {layer.id} has no data yet, and none can be fetched now. {reason}", retry_after=retry_after
    )
