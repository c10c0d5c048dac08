"""Answers what maps ask: the features in a box, or one feature.

    request -> layer -> entries of the cache -> rows in the box -> bytes

A request waits for the vendor only when the cache has nothing to serve.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from wfs_proxy.bbox import BBox
from wfs_proxy.cache import Entry, LayerCache
from wfs_proxy.config import Layer
from wfs_proxy.errors import NotFound
from wfs_proxy.filters import seconds_to_evaluate
from wfs_proxy.offload import Offload
from wfs_proxy.question import layer_path
from wfs_proxy.serve.content_coding import Codings, ContentCoding, encoded
from wfs_proxy.serve.feature_collection import GeoJsonWriter, SingleFeatureWriter
from wfs_proxy.serve.feature_writer import Drawing, FeatureWriter, LayerData, SelectedFeatures
from wfs_proxy.serve.layer_schema import mark_names, schema_of
from wfs_proxy.serve.live_catalogue import LiveCatalogue
from wfs_proxy.serve.mark_updater import MarkUpdater
from wfs_proxy.serve.marked_snapshot import MarkedSnapshot
from wfs_proxy.serve.query import FeatureQuery
from wfs_proxy.serve.representation import EncodedBody, Preconditions, Representation, validators
from wfs_proxy.serve.response_cache import ResponseCache
from wfs_proxy.serve.selection import Selection, select, select_all

__all__ = ["FeatureService"]

OFFLOAD_FROM = 50_000
"""Expected objects in a box from which the answer is made outside the event loop: finding the nearest 5,000 of a
million takes a tenth of a second."""

_SLOW_FILTER = 0.001
"""Seconds from which a filter is evaluated outside the event loop, and one at a time."""

IDENTITY_ONLY: Codings = (ContentCoding.IDENTITY,)
"""For a client that decodes nothing."""


class FeatureService:
    """Features of all layers. For use on one event loop."""

    def __init__(  # noqa: PLR0913 - its collaborators, by name
        self,
        catalogue: LiveCatalogue,
        cache: LayerCache,
        marks: MarkUpdater,
        *,
        clock: Callable[[], float],
        offload: Offload = asyncio.to_thread,
        public_url: str = "",
    ) -> None:
        """Serve what the cache holds.

        Args:
            catalogue: which layers there are.
            cache: their entries.
            marks: which marks are served with an entry.
            clock: seconds since 1970.
            offload: runs a function outside the event loop.
            public_url: the public address without a slash at its end, or "".
        """
        self._catalogue = catalogue
        self._cache = cache
        self._marks = marks
        self._clock = clock
        self._offload = offload
        self._public_url = public_url
        self._responses = ResponseCache()
        # slow filters compete with the event loop for Python's global lock
        self._slow_filters = asyncio.Lock()
        self._recent: WeakKeyDictionary[Entry, tuple[int, Layer, _RequestedData]] = WeakKeyDictionary()

    async def features(
        self, layer_id: str, query: FeatureQuery, preconditions: Preconditions, codings: Codings = IDENTITY_ONLY
    ) -> Representation:
        """Return the features that a query selects, as the FeatureCollection of the map endpoint; see `answer`."""
        writer = GeoJsonWriter(f"{self._public_url}{layer_path(layer_id)}/features?")
        return await self.answer(layer_id, query, writer, preconditions, codings)

    async def answer(  # noqa: PLR0913 - what an answer depends on, by name
        self,
        layer_id: str,
        query: FeatureQuery,
        writer: FeatureWriter,
        preconditions: Preconditions,
        codings: Codings = IDENTITY_ONLY,
        *,
        offload_from: int | None = None,
    ) -> Representation:
        """Return the features that a query selects, in the format of a writer.

        Args:
            layer_id: as in the catalogue.
            query: which features.
            writer: makes the bytes. An answer that is cached is not written again.
            preconditions: what the client has already.
            codings: what the client can decode, the preferred first.
            offload_from: expected objects from which the answer is made outside the event loop; None: as for maps.

        Raises:
            NotFound: there is no such layer.
            BadRequest: the layer is fetched in cells, and the box is too large or there is none.
            NotReady: there are no data, and the vendor could not be asked or did not answer in time.
            Gone: the query continues a page of data that were replaced, or sorts by marks that changed.
        """
        layer = self._catalogue.layer(layer_id)
        query = query.checked(schema_of(layer)) if query.names_properties else query
        entries, waited, query, swapped = await self._entries(layer, query)
        data = self._recent_data(layer, entries)
        if query.cursor is not None:
            query.require_version(data.order_version(query))
        etags = validators(f"{data.combined_version} {writer.key}{query}".encode(), codings)
        current = preconditions.current(etags, data.date)
        if current is not None:
            return data.not_modified(current, swapped=swapped)
        encoded_body = self._responses.get(etags[0])
        if encoded_body is None:
            make = partial(_written, data, query, writer, codings, etags)
            encoded_body = await self._made(make, _work(data, query), offload_from)
        return data.representation(encoded_body, waited=waited, unlimited=query.limit is None, swapped=swapped)

    async def drawn(
        self,
        layer_id: str,
        box: BBox | None,
        drawing: Drawing,
        preconditions: Preconditions,
        codings: Codings = IDENTITY_ONLY,
    ) -> Representation:
        """Return what a drawing makes of a layer.

        Args:
            layer_id: as in the catalogue.
            box: what it shows; of a layer in cells it gets the cells that the box touches, of another all objects.
            drawing: makes the bytes. An answer that is cached is not drawn again.
            preconditions: what the client has already.
            codings: what the client can decode, the preferred first.

        Raises:
            NotFound, BadRequest, NotReady: as for `answer`.
        """
        layer = self._catalogue.layer(layer_id)
        entries, waited = await self._cache.entries(layer, box)
        data = self._recent_data(layer, entries)
        etags = validators(f"{data.combined_version} {drawing.key}".encode(), codings)
        # a date proves nothing: a drawing depends on more than the objects, such as the layer file
        current = preconditions.current(etags, None)
        if current is not None:
            return data.not_modified(current)
        encoded_body = self._responses.get(etags[0])
        if encoded_body is None:
            shown = data.as_drawn()
            make = partial(_drawn, shown, drawing, codings, etags)
            encoded_body = await self._made(make, _Work(drawing.work(shown)))
        return data.representation(encoded_body, waited=waited)

    async def found(
        self,
        layer_id: str,
        query: FeatureQuery,
        key: str,
        preconditions: Preconditions,
        codings: Codings = IDENTITY_ONLY,
    ) -> tuple[Representation, SelectedFeatures | None]:
        """Return all features that a query selects, for an answer that is written while it is sent.

        Args:
            layer_id: as in the catalogue.
            query: which features; it has no limit, and all that match are returned.
            key: all that changes the bytes in addition to the data and the query, as for a `FeatureWriter`.
            preconditions: what the client has already.
            codings: what the client can decode; the caller encodes the body in the first of them.

        Returns:
            The answer without its body, and the features in the order of their ids; None if the client has them.

        Raises:
            NotFound, NotReady: as for `answer`.
            BadRequest: the layer is fetched in cells, and neither box nor filter says where.
        """
        layer = self._catalogue.layer(layer_id)
        query = query.checked(schema_of(layer)) if query.names_properties else query
        if layer.fetch.mode == "cells" and query.bounds is None:
            query = query._replace(filter=None)  # ids alone would be searched in memory only
        entries, waited, query, swapped = await self._entries(layer, query)
        data = self._recent_data(layer, entries)
        etags = validators(f"{data.combined_version} {key}{query}".encode(), codings)
        current = preconditions.current(etags, data.date)
        if current is not None:
            return data.not_modified(current, swapped=swapped), None
        find = partial(select_all, data.parts, query)
        selection: Selection = await self._done(find, _work(data, query))
        counts = {"matched": selection.matched, "returned": selection.matched}
        nothing_yet = EncodedBody(etag=etags[0], body=b"", coding=codings[0], **counts)
        answer = data.representation(nothing_yet, waited=waited, swapped=swapped)
        return answer, data.selected(query, selection)

    async def feature(
        self,
        layer_id: str,
        feature_id: str,
        preconditions: Preconditions,
        codings: Codings = IDENTITY_ONLY,
        *,
        writer: FeatureWriter | None = None,
    ) -> Representation:
        """Return one feature. A layer in cells is searched in memory only: where maps have looked lately.

        Args:
            layer_id: as in the catalogue.
            feature_id: the GeoJSON id, "<layer>.<id>", or only what follows the layer's name.
            preconditions: what the client has already.
            codings: what the client can decode, the preferred first.
            writer: makes the bytes; None: a GeoJSON Feature.

        Raises:
            NotFound: there is no such layer or feature.
            NotReady: as for `features`.
        """
        layer = self._catalogue.layer(layer_id)
        entries, waited = await self._searchable(layer)
        found = ((entry, row) for entry in entries if (row := entry.snapshot.find(feature_id)) is not None)
        entry, row = next(found, (None, 0))
        if entry is None:
            raise NotFound(f"The layer {layer.id} has no object {feature_id!r}.")
        data = self._data(layer, [entry])
        body = (writer or SingleFeatureWriter()).write(data.selected(FeatureQuery(), _only(row)))
        etags = validators(body, codings)
        current = preconditions.current(etags, data.date)
        if current is not None:
            return data.not_modified(current)
        return data.representation(_encoded_body(body, codings, etags), waited=waited)

    async def _made(self, make: Callable[[], EncodedBody], work: _Work, offload_from: int | None = None) -> EncodedBody:
        """Return what `make` returns, and offer it to the cache."""
        encoded_body: EncodedBody = await self._done(make, work, offload_from)
        self._responses.offer(encoded_body)
        return encoded_body

    async def _done(self, function: Callable[[], Any], work: _Work, offload_from: int | None = None) -> Any:
        """Return what a function returns. One with much work runs outside the event loop."""
        if work.filter_seconds > _SLOW_FILTER:
            async with self._slow_filters:
                return await self._offload(function)
        large = work.objects > (OFFLOAD_FROM if offload_from is None else offload_from)
        return await self._offload(function) if large else function()

    async def _entries(self, layer: Layer, query: FeatureQuery) -> tuple[Sequence[Entry], bool, FeatureQuery, bool]:
        """Return the entries for a query, whether they were waited for, the query for them, and whether it was swapped.

        A layer in cells has its extent from the layer file, one in memory that of its objects.
        """
        if layer.fetch.mode == "snapshot":
            entries, waited = await self._cache.entries(layer, query.box)
            return entries, waited, *query.within(entries[0].snapshot.bbox)
        query, swapped = query.within(layer.source.extent)
        if query.bounds is None and query.has_ids:
            return self._cache.cached(layer), False, query, swapped
        entries, waited = await self._cache.entries(layer, query.bounds)
        return entries, waited, query, swapped

    async def _searchable(self, layer: Layer) -> tuple[list[Entry], bool]:
        if layer.fetch.mode == "snapshot":
            return await self._cache.entries(layer, None)
        return self._cache.cached(layer), False

    def _recent_data(self, layer: Layer, entries: Sequence[Entry]) -> _RequestedData:
        """Return the data for a request. For one entry they are made once a second: header fields count in seconds."""
        if len(entries) != 1:
            return self._data(layer, entries)
        second = int(self._clock())
        known = self._recent.get(entries[0])
        if known is None or known[0] != second or known[1] is not layer:
            known = self._recent[entries[0]] = second, layer, self._data(layer, entries)
        return known[2]

    def _data(self, layer: Layer, entries: Sequence[Entry]) -> _RequestedData:
        now = self._clock()
        states = [self._marks.state(layer, entry, now) for entry in entries]
        parts = [
            MarkedSnapshot(entry.snapshot, None if state is None else state.marks)
            for entry, state in zip(entries, states, strict=True)
        ]
        marks_ttls = [state.ttl for state in states if state is not None and state.ttl is not None]
        modified_at = max([entry.modified_at for entry in entries], default=0.0)
        version = _joined([part.snapshot.version for part in parts])
        marks_version = _joined([part.marks.version for part in parts if part.marks is not None])
        return _RequestedData(
            layer=layer,
            parts=parts,
            version=version,
            combined_version=f"{version} {marks_version}",
            modified_at=modified_at,
            ttl=min([entry.ttl(now) for entry in entries], default=layer.fetch.fresh_for),
            marks_ttl=min(marks_ttls, default=None),
            date=modified_at if layer.reports is None else None,
        )


class _RequestedData(NamedTuple):
    """The data that answer a request, and until when they are fresh."""

    layer: Layer
    parts: list[MarkedSnapshot]
    version: str
    """Of the objects."""

    combined_version: str
    """Of the objects and the marks together."""

    modified_at: float
    """When the objects were first seen with this content, in seconds since 1970."""

    ttl: float
    """Seconds until the objects are stale; negative when they are."""

    marks_ttl: float | None
    """Seconds until the marks may change; None where only the vendor marks objects."""

    date: float | None
    """`modified_at` for If-Modified-Since; None for a layer with marks, which change without a date of their own."""

    def as_drawn(self) -> LayerData:
        """Return what a drawing gets."""
        return LayerData(layer=self.layer, parts=self.parts, version=self.combined_version)

    def representation(
        self, encoded_body: EncodedBody, *, waited: bool, unlimited: bool = False, swapped: bool = False
    ) -> Representation:
        """Return an answer with its freshness now.

        Args:
            encoded_body: what is sent.
            waited: the request waited for the vendor.
            unlimited: the client set no limit.
            swapped: the box of the request was read with latitude first.
        """
        return Representation(
            body=encoded_body.body,
            etag=encoded_body.etag,
            coding=encoded_body.coding,
            modified_at=self.modified_at,
            ttl=self.ttl,
            marks_ttl=self.marks_ttl,
            waited=waited,
            matched=encoded_body.matched,
            returned=encoded_body.returned,
            truncated=unlimited and encoded_body.returned != encoded_body.matched,
            swapped=swapped,
            version=self.combined_version,
        )

    def selected(self, query: FeatureQuery, selection: Selection) -> SelectedFeatures:
        """Return the features of a selection, for a writer."""
        return SelectedFeatures(
            layer=self.layer,
            parts=self.parts,
            selection=selection,
            query=query,
            version=self.order_version(query),
            modified_at=self.modified_at,
        )

    def order_version(self, query: FeatureQuery) -> str:
        """Return the version of what decides about the order of a query's objects, for page links."""
        if not query.sort or mark_names(self.layer).isdisjoint(key.property for key in query.sort):
            return self.version
        return _joined([self.version, self.combined_version])

    def not_modified(self, etag: str, *, swapped: bool = False) -> Representation:
        """Return the answer to a client that has this representation already."""
        return Representation(
            body=b"",
            etag=etag,
            modified_at=self.modified_at,
            ttl=self.ttl,
            marks_ttl=self.marks_ttl,
            not_modified=True,
            swapped=swapped,
            version=self.combined_version,
        )


class _Work(NamedTuple):
    """What an answer takes."""

    objects: float
    """About how many objects are looked at."""

    filter_seconds: float = 0.0
    """About how long the filter takes."""


def _work(data: _RequestedData, query: FeatureQuery) -> _Work:
    expected = [part.snapshot.expected_in(query.bounds) for part in data.parts]
    if query.filter is None:
        return _Work(sum(expected))
    seconds = [seconds_to_evaluate(query.filter, *each) for each in zip(data.parts, expected, strict=True)]
    return _Work(sum(expected), sum(seconds))


def _written(
    data: _RequestedData, query: FeatureQuery, writer: FeatureWriter, codings: Codings, etags: Sequence[str]
) -> EncodedBody:
    """Return the features of a query in the format of a writer."""
    selection = select(data.parts, query)
    body = writer.write(data.selected(query, selection))
    return _encoded_body(body, codings, etags, matched=selection.matched, returned=selection.returned)


def _drawn(data: LayerData, drawing: Drawing, codings: Codings, etags: Sequence[str]) -> EncodedBody:
    return _encoded_body(drawing.draw(data), codings, etags)


def _only(row: int) -> Selection:
    """Return the selection of one row of the first part."""
    return Selection(runs=((0, np.array([row], dtype=np.uint32)),), matched=1)


def _encoded_body(body: bytes, codings: Codings, etags: Sequence[str], **counts: int) -> EncodedBody:
    """Return a body in the most suitable of `codings`, whose ETags are `etags`."""
    coded, coding = encoded(body, codings)
    return EncodedBody(etag=etags[codings.index(coding)], body=coded, coding=coding, **counts)


def _joined(versions: Sequence[str]) -> str:
    """Return one version for several."""
    if len(versions) == 1:
        return versions[0]
    return hashlib.blake2b(" ".join(versions).encode(), digest_size=12).hexdigest()
