"""The serve path, in `LayerService.features`, and how it gets its data.

    request -> layer -> entry (from memory; a fill is awaited only when there is none) -> rows in the box -> bytes

No request makes more than one fill of a layer run, and no answer waits for the vendor while there are data to serve.
"""

from __future__ import annotations

import asyncio
import hashlib
import math
from collections import Counter
from collections.abc import Awaitable, Callable

from wfs_proxy.catalogue import Catalogue
from wfs_proxy.description import LayerDescription, LayerSummary, describe, layer_path, summarise
from wfs_proxy.errors import NotFound, NotReady, WfsProxyError
from wfs_proxy.layers import Layer
from wfs_proxy.overlay import MarksState, Overlay
from wfs_proxy.query import FeatureQuery
from wfs_proxy.reported import ReportedObjects
from wfs_proxy.reports.status import PollStatus
from wfs_proxy.representation import Preconditions, Representation, feature_collection, select
from wfs_proxy.snapshot import FRAGMENT_END
from wfs_proxy.sources import Offload
from wfs_proxy.store import Entry, Filled, Freshness, LayerStore, Slot

__all__ = ["Fill", "LayerService"]

Fill = Callable[[Layer], Awaitable[Filled]]
"""Fetches a layer whole. It may raise any `WfsProxyError`."""

COLD_WAIT = 20.0
"""Seconds that a request waits for the first data of a layer; below the 30 and 60 s that proxies before us allow."""

LONGEST_RETRY_AFTER = 30
SHORTEST_RETRY_AFTER = 1
"""Bounds of Retry-After in seconds."""

RETRY_DURING_FILL = 5
"""Retry-After in seconds while a fill is under way that took longer than the request may wait."""


class LayerService:
    """Answers for all layers of a catalogue. For use on one event loop."""

    def __init__(  # noqa: PLR0913 - what the service needs of the outside world, by name
        self,
        catalogue: Catalogue,
        fill: Fill,
        store: LayerStore,
        *,
        clock: Callable[[], float],
        offload: Offload = asyncio.to_thread,
        public_url: str = "",
        cold_wait: float = COLD_WAIT,
    ) -> None:
        self.catalogue = catalogue
        self._overlay = Overlay(catalogue, store, clock=clock, offload=offload)
        self._fill = fill
        self._store = store
        self._clock = clock
        self._public_url = public_url
        self._cold_wait = cold_wait
        self.lookups: Counter[tuple[str, Freshness]] = Counter()
        """(layer, state of its data when it was asked for) -> requests."""

        self.catalogue_fault: str | None = None
        """Why the last set of layer files was refused; None when the files are what is served."""

        self.poll_status: Callable[[str], PollStatus | None] = lambda _: None
        """How the polls of an instance of Signalen go; set by whoever polls."""

    async def features(self, layer_id: str, query: FeatureQuery, preconditions: Preconditions) -> Representation:
        """The features that a query selects, as a FeatureCollection.

        Raises:
            NotFound: there is no such layer.
            NotReady: there are no data, and the vendor could not be asked or did not answer in time.
            Gone: the query continues a page of a snapshot that was replaced.
        """
        layer = self.layer(layer_id)
        entry, waited = await self._entry(layer)
        snapshot = entry.snapshot
        query.require_version(snapshot.version)
        url = f"{self._public_url}{layer_path(layer.id)}/features?"
        marks = self._overlay.state(layer, entry, self._clock())
        etag = _etag(f"{snapshot.version} {_version(marks)} {url}{query}".encode())
        if preconditions.met_by(etag, None if marks else entry.modified_at):
            return self._unchanged(entry, marks, etag)
        selection = select(snapshot, query)
        matched, returned = selection.matched, len(selection.rows)
        next_href = f"{url}{query.from_here(selection.next)}" if selection.next else None
        return Representation(
            body=feature_collection(
                snapshot.encoded(selection.rows),
                ends=marks.marks.ends(selection.rows) if marks else None,
                matched=matched,
                returned=returned,
                next_href=next_href,
            ),
            etag=etag,
            modified_at=entry.modified_at,
            ttl=entry.ttl(self._clock()),
            marks_ttl=marks.ttl if marks else None,
            waited=waited,
            matched=matched,
            returned=returned,
            truncated=query.limit is None and returned < matched,
        )

    async def feature(self, layer_id: str, feature_id: str, preconditions: Preconditions) -> Representation:
        """One feature.

        Args:
            layer_id: as in the catalogue.
            feature_id: the GeoJSON id, "<layer>.<id>", or only what follows the layer's name.
            preconditions: what the client has already.

        Raises:
            NotFound: there is no such layer or feature.
            NotReady: as for `features`.
        """
        layer = self.layer(layer_id)
        entry, waited = await self._entry(layer)
        row = entry.snapshot.find(feature_id)
        if row is None:
            raise NotFound(f"The layer {layer.id} has no object {feature_id!r}.")
        marks = self._overlay.state(layer, entry, self._clock())
        body = entry.snapshot.fragment(row) + (marks.marks.end(row) if marks else FRAGMENT_END)
        etag = _etag(body)
        if preconditions.met_by(etag, None if marks else entry.modified_at):
            return self._unchanged(entry, marks, etag)
        return Representation(
            body=body,
            etag=etag,
            modified_at=entry.modified_at,
            ttl=entry.ttl(self._clock()),
            marks_ttl=marks.ttl if marks else None,
            waited=waited,
        )

    def layer(self, layer_id: str) -> Layer:
        """A layer of the catalogue.

        Raises:
            NotFound: there is none of that name; names the nearest.
        """
        layer = self.catalogue.get(layer_id)
        if layer is None:
            nearest = self.catalogue.nearest(layer_id)
            hint = f"did you mean {nearest!r}?" if nearest else "/layers tells which there are."
            raise NotFound(f"There is no layer {layer_id!r}; {hint}")
        return layer

    def summaries(self) -> list[LayerSummary]:
        """All layers, in the order of the catalogue."""
        now = self._clock()
        return [
            summarise(layer, self._store.slot(layer.id), now=now, public_url=self._public_url)
            for layer in self.catalogue.values()
        ]

    def description(self, layer_id: str) -> LayerDescription:
        """One layer in full.

        Raises:
            NotFound: there is no such layer.
        """
        layer, now = self.layer(layer_id), self._clock()
        slot = self._store.slot(layer.id)
        marks = self._overlay.state(layer, slot.entry, now) if slot.entry else None
        asked = layer.reports.signalen if layer.reports is not None else None
        poll = self.poll_status(asked) if asked is not None else None
        return describe(layer, slot, marks, poll, now=now, public_url=self._public_url)

    def slots(self) -> dict[str, Slot]:
        """What the store knows about each layer."""
        return {layer_id: self._store.slot(layer_id) for layer_id in self.catalogue}

    def now(self) -> float:
        """Seconds since 1970, by the clock that freshness is measured with."""
        return self._clock()

    def warm(self) -> None:
        """Start to fetch every layer that has no fresh data, in the background."""
        now = self._clock()
        for layer in self.catalogue.values():
            if self._store.slot(layer.id).freshness(now) is not Freshness.FRESH:
                self._refill(layer)

    async def use_reported(self, instance: str, reported: ReportedObjects) -> None:
        """Mark what is reported at one instance of Signalen, and return when it is served.

        To be called after every good poll, for `reported` tells how old the marks are, news or not.
        """
        await self._overlay.use_reported(instance, reported)

    def use_catalogue(self, catalogue: Catalogue) -> None:
        """Serve another set of layers from now on.

        Data of layers whose file changed are dropped at once: what a file no longer names must not leave the house.
        """
        for layer_id, layer in self.catalogue.items():
            if catalogue.get(layer_id) != layer:
                self._store.drop(layer_id)
        self.catalogue = catalogue
        self._overlay.use_catalogue(catalogue)
        self.catalogue_fault = None
        self.warm()

    def keep_catalogue(self, fault: str) -> None:
        """Go on with the layers as they are: new files are faulty, as `catalogue_fault` tells until they are mended."""
        self.catalogue_fault = fault

    async def close(self) -> None:
        """Stop the fills and the marking under way."""
        await self._store.close()
        await self._overlay.close()

    async def _entry(self, layer: Layer) -> tuple[Entry, bool]:
        """What can be served now, and whether the vendor had to be waited for."""
        slot = self._store.slot(layer.id)
        now = self._clock()
        self.lookups[layer.id, slot.freshness(now)] += 1
        entry = slot.servable(now)
        if entry is not None:
            if entry.freshness(now) is Freshness.STALE:
                self._refill(layer)
            return entry, False
        filling = self._refill(layer)
        if filling is not None:
            await asyncio.wait({filling}, timeout=self._cold_wait)
        entry = slot.servable(self._clock())
        if entry is None:
            raise _not_ready(layer, slot, self._clock())
        return entry, True

    def _refill(self, layer: Layer) -> asyncio.Task[None] | None:
        async def fill() -> Filled:
            try:
                filled = await self._overlay.marked(layer, await self._fill(layer))
            except WfsProxyError as error:
                error.layer = layer.id
                raise
            # when the loop comes to it the store has what is returned here
            asyncio.get_running_loop().call_soon(self._overlay.published, layer)
            return filled

        return self._store.refill(layer.id, fill, fresh_for=layer.fetch.fresh_for, stale_for=layer.fetch.stale_for)

    def _unchanged(self, entry: Entry, marks: MarksState | None, etag: str) -> Representation:
        return Representation(
            body=b"",
            etag=etag,
            modified_at=entry.modified_at,
            ttl=entry.ttl(self._clock()),
            marks_ttl=marks.ttl if marks else None,
            not_modified=True,
        )


def _version(state: MarksState | None) -> str:
    return state.marks.version if state else ""


def _etag(content: bytes) -> str:
    return f'"{hashlib.blake2b(content, digest_size=12).hexdigest()}"'


def _not_ready(layer: Layer, slot: Slot, now: float) -> NotReady:
    if slot.failure is None:
        return NotReady(f"The layer {layer.id} is being fetched; there are no data yet.", retry_after=RETRY_DURING_FILL)
    retry_after = min(max(math.ceil(slot.not_before - now), SHORTEST_RETRY_AFTER), LONGEST_RETRY_AFTER)
    reason = f"{slot.failure.title}: {slot.failure.detail}"
    return NotReady(
        f"The layer {layer.id} has no data yet, and none can be fetched now. {reason}", retry_after=retry_after
    )
