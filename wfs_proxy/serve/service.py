"""The serve path, in `LayerService.features`, and how it gets its data.

    request -> layer -> entries (from memory; a fill is awaited only when there is none) -> rows in the box -> bytes

What is held, and how it is kept fresh, is the concern of `holdings.py`.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import NamedTuple
from weakref import WeakKeyDictionary

from wfs_proxy.cache import COLD_WAIT, CacheSlot, Entry, EntryCache, FetchSnapshot, Freshness, LayerCache, Outcome
from wfs_proxy.config import Catalogue, Layer
from wfs_proxy.errors import NotFound
from wfs_proxy.marks import ReportedObjects
from wfs_proxy.reports import PollStatus
from wfs_proxy.serve.content_coding import Codings, ContentCoding, encoded
from wfs_proxy.serve.layer_status import LayerDescription, LayerSummary, describe, layer_path, summarise
from wfs_proxy.serve.mark_updater import MarkUpdater
from wfs_proxy.serve.query import Cursor, FeatureQuery
from wfs_proxy.serve.representation import (
    EncodedBody,
    MarkedSnapshot,
    Preconditions,
    Representation,
    feature_collection,
    select,
    validators,
)
from wfs_proxy.serve.response_cache import ResponseCache
from wfs_proxy.sources import Offload

__all__ = ["FetchSnapshot", "LayerService"]

CROWD = 50_000
"""Objects that a box may be expected to hold before its answer is made away from the event loop: to find the nearest
5,000 of a million takes a tenth of a second."""

UNCODED: Codings = (ContentCoding.IDENTITY,)
"""For a client that decodes nothing."""


class LayerService:
    """Answers for all layers of a catalogue. For use on one event loop."""

    def __init__(  # noqa: PLR0913 - what the service needs of the outside world, by name
        self,
        catalogue: Catalogue,
        fill: FetchSnapshot,
        store: EntryCache,
        *,
        clock: Callable[[], float],
        offload: Offload = asyncio.to_thread,
        public_url: str = "",
        cold_wait: float = COLD_WAIT,
    ) -> None:
        self.catalogue = catalogue
        self._overlay = MarkUpdater(catalogue, store, clock=clock, offload=offload)
        self._holdings = LayerCache(catalogue, fill, store, self._overlay, clock=clock, cold_wait=cold_wait)
        self._store = store
        self._offload = offload
        self._clock = clock
        self._public_url = public_url
        self._answers = ResponseCache()
        self._worked_out: WeakKeyDictionary[Entry, tuple[int, str, _RequestedData]] = WeakKeyDictionary()
        self.catalogue_fault: str | None = None
        """Why the last set of layer files was refused; None when the files are what is served."""

        self.poll_status: Callable[[str], PollStatus | None] = lambda _: None
        """How the polls of an instance of Signalen go; set by whoever polls."""

    async def features(
        self, layer_id: str, query: FeatureQuery, preconditions: Preconditions, codings: Codings = UNCODED
    ) -> Representation:
        """The features that a query selects, as a FeatureCollection.

        Args:
            layer_id: as in the catalogue.
            query: which features.
            preconditions: what the client has already.
            codings: what the client can decode, the preferred first.

        Raises:
            NotFound: there is no such layer.
            BadRequest: the layer is fetched in cells, and the box is too large or there is none.
            NotReady: there are no data, and the vendor could not be asked or did not answer in time.
            Gone: the query continues a page of data that were replaced.
        """
        layer = self.layer(layer_id)
        entries, waited = await self._holdings.entries(layer, query.box)
        held = self._held_now(layer, entries)
        query.require_version(held.version)
        url = f"{self._public_url}{layer_path(layer.id)}/features?"
        etags = validators(f"{held.version} {held.marks_version} {url}{query}".encode(), codings)
        current = preconditions.current(etags, held.date)
        if current is not None:
            return held.unchanged(current)
        answer = self._answers.get(etags[0])
        if answer is None:
            make = partial(_collection, held, query, url, codings, etags)
            crowded = sum([part.snapshot.expected_in(query.box) for part in held.parts]) > CROWD
            answer = await self._offload(make) if crowded else make()
            self._answers.offer(answer)
        return held.representation(answer, waited=waited, unlimited=query.limit is None)

    async def feature(
        self, layer_id: str, feature_id: str, preconditions: Preconditions, codings: Codings = UNCODED
    ) -> Representation:
        """One feature. Of a layer that is fetched in cells: one that a map has shown lately.

        Args:
            layer_id: as in the catalogue.
            feature_id: the GeoJSON id, "<layer>.<id>", or only what follows the layer's name.
            preconditions: what the client has already.
            codings: what the client can decode, the preferred first.

        Raises:
            NotFound: there is no such layer or feature.
            NotReady: as for `features`.
        """
        layer = self.layer(layer_id)
        entries, waited = await self._all_entries(layer)
        found = ((entry, row) for entry in entries if (row := entry.snapshot.find(feature_id)) is not None)
        entry, row = next(found, (None, 0))
        if entry is None:
            raise NotFound(f"The layer {layer.id} has no object {feature_id!r}.")
        held = self._held(layer, [entry])
        body = held.parts[0].feature(row)
        etags = validators(body, codings)
        current = preconditions.current(etags, held.date)
        if current is not None:
            return held.unchanged(current)
        return held.representation(_answer(body, codings, etags), waited=waited)

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
            summarise(layer, self._holdings.slots(layer), now=now, public_url=self._public_url)
            for layer in self.catalogue.values()
        ]

    def description(self, layer_id: str) -> LayerDescription:
        """One layer in full.

        Raises:
            NotFound: there is no such layer.
        """
        layer, now = self.layer(layer_id), self._clock()
        slots = self._holdings.slots(layer)
        states = [self._overlay.state(layer, slot.entry, now) for slot in slots if slot.entry is not None]
        marks = [state for state in states if state is not None]
        asked = layer.reports.signalen if layer.reports is not None else None
        poll = self.poll_status(asked) if asked is not None else None
        return describe(layer, slots, marks, poll, now=now, public_url=self._public_url)

    def slots(self) -> dict[str, list[CacheSlot]]:
        """What the store knows about each layer: of the whole, or of the cells in memory."""
        return {layer_id: self._holdings.slots(layer) for layer_id, layer in self.catalogue.items()}

    @property
    def lookups(self) -> Counter[tuple[str, Freshness]]:
        """(layer, state of its data when it was asked for) -> how often."""
        return self._holdings.lookups

    @property
    def fills(self) -> Counter[tuple[str, Outcome]]:
        """(layer, how it ended) -> fills of this process."""
        return self._store.fills

    @property
    def fill_seconds(self) -> Mapping[str, float]:
        """Layer -> what its fills took together."""
        return self._store.fill_seconds

    @property
    def shelf_fault(self) -> str | None:
        """Why nothing can be kept; None when it can."""
        return self._store.shelf_fault

    def places(self) -> set[str]:
        """Where the layers are kept on the shelf; the rest of it is of other catalogues."""
        return self._holdings.places()

    def now(self) -> float:
        """Seconds since 1970, by the clock that freshness is measured with."""
        return self._clock()

    def warm(self) -> None:
        """Begin to get every layer, from the shelf or from its vendor, in the background."""
        self._holdings.warm()

    async def run(self) -> None:
        """Keep every layer fresh and follow the other processes, until cancelled."""
        await self._holdings.run()

    async def use_reported(self, instance: str, reported: ReportedObjects) -> None:
        """Mark what is reported at one instance of Signalen, and return when it is served.

        To be called after every good poll, for `reported` tells how old the marks are, news or not.
        """
        await self._overlay.use_reported(instance, reported)

    def use_catalogue(self, catalogue: Catalogue) -> None:
        """Serve another set of layers from now on. Data of layers whose file changed are dropped at once."""
        self.catalogue = catalogue
        self._worked_out.clear()
        self._overlay.use_catalogue(catalogue)
        self._holdings.use_catalogue(catalogue)
        self.catalogue_fault = None

    def keep_catalogue(self, fault: str) -> None:
        """Go on with the layers as they are: new files are faulty, as `catalogue_fault` tells until they are mended."""
        self.catalogue_fault = fault

    async def close(self) -> None:
        """Stop the fills and the marking under way."""
        await self._holdings.close()
        await self._overlay.close()

    async def _all_entries(self, layer: Layer) -> tuple[list[Entry], bool]:
        if layer.fetch.mode == "snapshot":
            return await self._holdings.entries(layer, None)
        return self._holdings.held(layer), False

    def _held_now(self, layer: Layer, entries: Sequence[Entry]) -> _RequestedData:
        """What answers a request. Of a whole layer worked out once a second, which no field of an answer can tell."""
        if len(entries) != 1:
            return self._held(layer, entries)
        second = int(self._clock())
        known = self._worked_out.get(entries[0])
        if known is None or known[:2] != (second, layer.id):
            known = self._worked_out[entries[0]] = second, layer.id, self._held(layer, entries)
        return known[2]

    def _held(self, layer: Layer, entries: Sequence[Entry]) -> _RequestedData:
        now = self._clock()
        states = [self._overlay.state(layer, entry, now) for entry in entries]
        parts = [
            MarkedSnapshot(entry.snapshot, None if state is None else state.marks)
            for entry, state in zip(entries, states, strict=True)
        ]
        marks_ttls = [state.ttl for state in states if state is not None and state.ttl is not None]
        return _RequestedData(
            parts=parts,
            version=_joined([part.snapshot.version for part in parts]),
            marks_version=_joined([part.marks.version for part in parts if part.marks is not None]),
            modified_at=max([entry.modified_at for entry in entries], default=0.0),
            ttl=min([entry.ttl(now) for entry in entries], default=layer.fetch.fresh_for),
            marks_ttl=min(marks_ttls, default=None),
            marked=layer.reports is not None,
        )


class _RequestedData(NamedTuple):
    """What answers a request, and until when."""

    parts: list[MarkedSnapshot]
    version: str
    """Of the objects."""
    marks_version: str
    modified_at: float
    """When the objects were first seen as they are, in seconds since 1970."""
    ttl: float
    marks_ttl: float | None
    marked: bool
    """Whether marks lie over the objects: then no date tells whether an answer is the same."""

    @property
    def date(self) -> float | None:
        """The date that tells; None when none does."""
        return None if self.marked else self.modified_at

    def representation(self, answer: EncodedBody, *, waited: bool, unlimited: bool = False) -> Representation:
        """An answer, with how fresh it is now; `unlimited`: the client set no limit."""
        return Representation(
            body=answer.body,
            etag=answer.etag,
            coding=answer.coding,
            modified_at=self.modified_at,
            ttl=self.ttl,
            marks_ttl=self.marks_ttl,
            waited=waited,
            matched=answer.matched,
            returned=answer.returned,
            truncated=unlimited and answer.returned != answer.matched,
        )

    def unchanged(self, etag: str) -> Representation:
        """The client has it already."""
        return Representation(
            body=b"",
            etag=etag,
            modified_at=self.modified_at,
            ttl=self.ttl,
            marks_ttl=self.marks_ttl,
            not_modified=True,
        )


def _collection(
    held: _RequestedData, query: FeatureQuery, url: str, codings: Codings, etags: Sequence[str]
) -> EncodedBody:
    """The features of a query; `url` is where they were asked for, up to the question mark."""
    selection = select(held.parts, query)
    cursor = Cursor(version=held.version, offset=selection.next) if selection.next is not None else None
    next_href = f"{url}{query.from_here(cursor)}" if cursor else None
    body = feature_collection(held.parts, selection, next_href=next_href)
    return _answer(body, codings, etags, matched=selection.matched, returned=selection.returned)


def _answer(body: bytes, codings: Codings, etags: Sequence[str], **counts: int) -> EncodedBody:
    """A body in the coding that suits it; `etags` are those of `codings`."""
    coded, coding = encoded(body, codings)
    return EncodedBody(etag=etags[codings.index(coding)], body=coded, coding=coding, **counts)


def _joined(versions: Sequence[str]) -> str:
    """One version of several."""
    if len(versions) == 1:
        return versions[0]
    return hashlib.blake2b(" ".join(versions).encode(), digest_size=12).hexdigest()
