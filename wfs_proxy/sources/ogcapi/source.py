"""An OGC API Features as a source: ask what it offers, collect one collection after another, merge.

For a whole layer, the service is asked anew at each fetch. Areas are many and small, so for them what was found out is
kept. One deadline holds for all requests of a fetch.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from wfs_proxy.bbox import BBox
from wfs_proxy.config import Layer, OgcApiSource
from wfs_proxy.errors import UpstreamUnreachable, WfsProxyError
from wfs_proxy.features import FeatureBatch, FetchReport
from wfs_proxy.http import VendorClients, redacted
from wfs_proxy.offload import Offload
from wfs_proxy.sources.async_ttl_cache import AsyncTtlCache, Clock
from wfs_proxy.sources.completeness import RequestBudget
from wfs_proxy.sources.layer_parts import ReceivedPart, joined, report_of, united_extent
from wfs_proxy.sources.ogcapi.areas import CollectionAreas, collection_areas
from wfs_proxy.sources.ogcapi.boxes import box_around
from wfs_proxy.sources.ogcapi.collection import OgcCollection
from wfs_proxy.sources.ogcapi.first_page import open_items
from wfs_proxy.sources.ogcapi.items_client import ItemsClient
from wfs_proxy.sources.ogcapi.page_walk import collect_items
from wfs_proxy.sources.ogcapi.service import OgcApiService, ServiceInspector
from wfs_proxy.sources.ogcapi.where import pushed_down
from wfs_proxy.sources.protocol import FetchedFeatures

__all__ = ["FEATURES_JSON", "OgcApiFeatureSource"]

FEATURES_JSON = "application/geo+json, application/json;q=0.9, */*;q=0.1"

_DEFAULT_PAGE = 1_000
"""Objects, where the OpenAPI document does not state a maximum. A server whose maximum is lower returns fewer (OGC
17-069r4, requirement /req/core/fc-limit-response-1), or refuses: then smaller pages are tried."""

_LARGEST_PAGE = 2_000
"""Objects. Decoding more at once delays other requests by more than 15 ms (measured with WFS)."""

_AROUND_EXTENT = 2_000.0
"""Metres around the layer's extent. Its objects may be up to a kilometre outside of it."""

_KNOWLEDGE_LASTS = 3_600.0
"""Seconds for which it is used for areas what a service offers: a change is noticed within an hour."""


@dataclass(frozen=True, kw_only=True, eq=False)
class _ServiceKnowledge:
    """What has to be known before areas can be requested."""

    service: OgcApiService
    areas: tuple[CollectionAreas, ...]
    """One per collection."""


class OgcApiFeatureSource:
    """Fetches the collections of a `type: ogcapi` source, whole or area by area."""

    def __init__(
        self,
        layer: Layer,
        source: OgcApiSource,
        http: VendorClients,
        offload: Offload,
        clock: Clock = time.monotonic,
    ) -> None:
        self._source = source
        self._key = layer.properties.id
        self._clients = http
        self._http = http.client(source, accept=FEATURES_JSON)
        self._offload = offload
        self._clock = clock
        self._area_knowledge: AsyncTtlCache[_ServiceKnowledge] = AsyncTtlCache(ttl=_KNOWLEDGE_LASTS, clock=clock)
        self._sampled: tuple[OgcApiService, tuple[ItemsClient, ...]] | None = None
        """Of the last whole fetch, or of the first sample: a client per collection, with the parameters that worked."""

    async def fetch(self, area: BBox | None = None, /) -> FetchedFeatures:
        """Return the objects of all collections, everywhere or in an area.

        Raises:
            UpstreamError: the vendor did not return them, or not before the deadline.
            DecodeError: its answers cannot be read.
        """
        budget = RequestBudget()
        fetching = self._fetch_whole(budget) if area is None else self._fetch_area(area, budget)
        return await self._before_deadline(fetching, budget)

    async def sample(self, count: int, /) -> FetchedFeatures:
        """Return some `count` objects of each collection: one request for each after a fetch or another sample.

        Raises:
            UpstreamError, DecodeError: as `fetch` does.
        """
        budget = RequestBudget()
        return await self._before_deadline(self._sample(count, budget), budget)

    async def _before_deadline(self, fetching: Awaitable[FetchedFeatures], budget: RequestBudget) -> FetchedFeatures:
        seconds = self._source.deadline
        try:
            async with asyncio.timeout(seconds):
                return await fetching
        except TimeoutError as error:
            late = UpstreamUnreachable(
                f"{redacted(self._source.url)} did not return all pages in {seconds:g} s ({budget.spent} requests); "
                "set a longer `deadline` in the layer's source, or fetch less: with `extent`, `where` or `mode: cells`"
            )
            late.retryable = False
            raise late from error

    async def _fetch_whole(self, budget: RequestBudget) -> FetchedFeatures:
        service = await self._describe(budget)
        clients: list[ItemsClient] = []
        results: list[ReceivedPart] = []
        for collection in service.collections:
            client, first, notes = await open_items(self._client(service, collection, budget))
            found = await collect_items(client, first)
            found.notes[:0] = notes
            clients.append(client)
            results.append(found)
        self._sampled = service, tuple(clients)
        return _merged(service, results, budget)

    async def _fetch_area(self, area: BBox, budget: RequestBudget) -> FetchedFeatures:
        known = await self._area_knowledge.get(partial(self._explore, budget))
        try:
            results = [await each.collect(area, budget) for each in known.areas]
        except WfsProxyError:
            self._area_knowledge.forget(known)
            raise
        return _merged(known.service, results, budget)

    async def _explore(self, budget: RequestBudget) -> _ServiceKnowledge:
        service = await self._describe(budget)
        areas = []
        for collection in service.collections:
            client, first, notes = await open_items(self._client(service, collection, budget))
            areas.append(await collection_areas(client, first, self._source, notes, self._clock))
        return _ServiceKnowledge(service=service, areas=tuple(areas))

    async def _sample(self, count: int, budget: RequestBudget) -> FetchedFeatures:
        notes: list[str] = []
        if self._sampled is None:
            service = await self._describe(budget)
            clients = tuple(self._client(service, each, budget) for each in service.collections)
            opened = [await open_items(_with_fewer(client, count)) for client in clients]
            notes = [note for _, _, given_up in opened for note in given_up]
            self._sampled = service, tuple(client for client, _, _ in opened)
            pages = [page for _, page, _ in opened]
        else:
            service, clients = self._sampled
            pages = [await _with_fewer(replace(client, budget=budget), count).get_page() for client in clients]
        report = FetchReport(complete=False, requests=budget.spent, notes=tuple(notes))
        return FetchedFeatures(batch=_placed([page.features.batch for page in pages], service), report=report)

    async def _describe(self, budget: RequestBudget) -> OgcApiService:
        inspector = ServiceInspector(source=self._source, http=self._clients, offload=self._offload, budget=budget)
        return await inspector.describe()

    def _client(self, service: OgcApiService, collection: OgcCollection, budget: RequestBudget) -> ItemsClient:
        """Return a client for all objects of a collection that the layer may have."""
        source = self._source
        return ItemsClient(
            http=self._http,
            offload=self._offload,
            budget=budget,
            address=service.address,
            collection=collection,
            limit=source.page_size or min(collection.parameters.most or _DEFAULT_PAGE, _LARGEST_PAGE),
            crs=collection.crs,
            where=pushed_down(source.where, collection.filters),
            box=None if source.extent is None else box_around(source.extent, _AROUND_EXTENT),
            key=self._key,
        )


def _merged(service: OgcApiService, parts: Sequence[ReceivedPart], budget: RequestBudget) -> FetchedFeatures:
    report = report_of([each.id for each in service.collections], parts, requests=budget.spent)
    return FetchedFeatures(batch=_placed([part.features.batch() for part in parts], service), report=report)


def _with_fewer(client: ItemsClient, count: int) -> ItemsClient:
    """Return a client for pages of at most `count` objects, and of no more than the server allows."""
    return replace(client, limit=count if client.limit is None else min(client.limit, count))


def _placed(batches: Sequence[FeatureBatch], service: OgcApiService) -> FeatureBatch:
    """Return the objects of all collections as one batch, each with the position of its collection."""
    return replace(joined(batches), declared_extent=united_extent(each.extent for each in service.collections))
