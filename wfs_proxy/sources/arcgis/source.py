"""An ArcGIS feature or map service as a source: describe the layers, collect one after the other, merge.

For a whole layer the description is read at each fetch. Areas are many and small, so for them descriptions, and how the
vendor understands boxes, are kept for an hour.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from http import HTTPStatus
from itertools import product

import numpy as np

from wfs_proxy.bbox import BBox
from wfs_proxy.config import ArcgisSource, Layer
from wfs_proxy.errors import (
    DecodeError,
    UpstreamError,
    UpstreamException,
    UpstreamRefused,
    UpstreamUnreachable,
    WfsProxyError,
)
from wfs_proxy.features import FeatureBatch, FetchReport, Payload
from wfs_proxy.geo import parse_srs_name
from wfs_proxy.http import VendorClients, redacted
from wfs_proxy.offload import Offload
from wfs_proxy.sources.arcgis.addresses import description_url, layer_number, layer_url, service_url
from wfs_proxy.sources.arcgis.collect import LayerCollection, collect
from wfs_proxy.sources.arcgis.layer_areas import SAMPLE, LayerAreas, layer_areas
from wfs_proxy.sources.arcgis.layer_client import LayerClient, QueryFormat, is_final
from wfs_proxy.sources.arcgis.layer_description import ArcgisLayer, ArcgisService, read_description
from wfs_proxy.sources.arcgis.token_errors import read_json_error, read_refused_login
from wfs_proxy.sources.arcgis.where_clause import LONGEST_CONDITION, WhereClause, where_clause
from wfs_proxy.sources.async_ttl_cache import AsyncTtlCache, Clock
from wfs_proxy.sources.completeness import RequestBudget
from wfs_proxy.sources.feature_page import FeaturePage
from wfs_proxy.sources.layer_parts import ReceivedPart, joined, report_of
from wfs_proxy.sources.protocol import FetchedFeatures
from wfs_proxy.sources.unknown_type import UnknownFeatureType

__all__ = ["ArcgisFeatureSource"]

LARGEST_PAGE = 2_000
"""Objects. Decoding more at once delays other requests."""

USUAL_PAGE = 1_000
"""Objects, if the layer does not say how many it returns at once."""

FORMATS: tuple[QueryFormat, ...] = ("json", "geojson")
"""The preferred format first."""

_MOST_NAMED = 20
_NEAREST = 3
"""Layers in a message about an unknown one, and those that were probably meant."""

_KNOWLEDGE_LASTS = 3_600.0
"""Seconds for which the results of describing and testing a layer are used for areas."""


@dataclass(frozen=True, kw_only=True, eq=False)
class _OpenLayer:
    """A layer with parameters that the vendor accepts, and its first page."""

    client: LayerClient
    first: FeaturePage
    notes: tuple[str, ...]


class ArcgisFeatureSource:
    """Fetches the layers of a `type: arcgis` source, whole or area by area."""

    def __init__(
        self,
        layer: Layer,
        source: ArcgisSource,
        http: VendorClients,
        offload: Offload,
        clock: Clock = time.monotonic,
    ) -> None:
        self._source = source
        self._key = layer.properties.id
        self._http = http.client(source)
        self._offload = offload
        self._clock = clock
        self._areas: AsyncTtlCache[tuple[LayerAreas, ...]] = AsyncTtlCache(ttl=_KNOWLEDGE_LASTS, clock=clock)
        self._clients: tuple[LayerClient, ...] = ()
        """Of the last whole fetch, or of the first sample: one per layer."""

    async def fetch(self, area: BBox | None = None, /) -> FetchedFeatures:
        """Return the objects of all layers, everywhere or in an area.

        Raises:
            UpstreamError: the vendor did not return them.
            DecodeError: its answers cannot be read.
        """
        return await (self._fetch_whole() if area is None else self._fetch_area(area))

    async def sample(self, count: int, /) -> FetchedFeatures:
        """Return at most `count` objects of each layer: one request per layer after a fetch or another sample.

        A layer that does not support paging returns more. Raises as `fetch` does.
        """
        budget = RequestBudget()
        pages: list[FeaturePage] = []
        clients: list[LayerClient] = []
        notes: list[str] = []
        if self._clients:
            clients = [replace(client, budget=budget, page_size=count) for client in self._clients]
            pages = [await client.first_page() for client in clients]
        else:
            for number in self._numbers():
                opened = await self._open(number, budget, count)
                clients.append(opened.client)
                pages.append(opened.first)
                notes += opened.notes
            self._clients = tuple(replace(client, page_size=self._page_size(client)) for client in clients)
        batch = _named([client.description.name for client in clients], [page.batch for page in pages])
        return FetchedFeatures(
            batch=batch, report=FetchReport(complete=False, requests=budget.spent, notes=tuple(notes))
        )

    async def _fetch_whole(self) -> FetchedFeatures:
        budget = RequestBudget()
        parts: list[ReceivedPart] = []
        clients: list[LayerClient] = []
        for number in self._numbers():
            client, collection = await self._collect(number, budget)
            parts.append(collection)
            clients.append(client)
        self._clients = tuple(clients)
        return _merged(clients, parts, budget)

    async def _collect(
        self, number: int | None, budget: RequestBudget, excluded: QueryFormat | None = None
    ) -> tuple[LayerClient, LayerCollection]:
        """Return all objects of a layer; in the other format if the first one fails on the way."""
        opened = await self._open(number, budget, excluded=excluded)
        client = opened.client
        collection = LayerCollection(notes=[*opened.notes])
        try:
            await collect(client, opened.first, collection)
        except (UpstreamError, DecodeError) as error:
            others = set(_formats(self._source, client.description)) - {client.output_format}
            if is_final(error) or excluded is not None or not others:
                raise
            try:
                client, collection = await self._collect(number, budget, client.output_format)
            except WfsProxyError:
                raise error from None
            collection.notes.append(f"fetching in {opened.client.output_format} failed on the way: {error}")
        return client, collection

    async def _fetch_area(self, area: BBox) -> FetchedFeatures:
        budget = RequestBudget()
        known = await self._areas.get(partial(self._explore, budget))
        try:
            parts = [await each.collect(area, budget) for each in known]
        except WfsProxyError:
            self._areas.forget(known)
            raise
        return _merged([each.client for each in known], parts, budget)

    async def _explore(self, budget: RequestBudget) -> tuple[LayerAreas, ...]:
        found: list[LayerAreas] = []
        for number in self._numbers():
            opened = await self._open(number, budget, SAMPLE)
            client = replace(opened.client, page_size=self._page_size(opened.client))
            areas = await layer_areas(client, opened.first, self._source, self._clock)
            areas.notes[:0] = opened.notes
            found.append(areas)
        return tuple(found)

    def _numbers(self) -> Sequence[int | None]:
        """Return the layers of the service; None for the one that the address names."""
        return self._source.layers or (None,)

    def _page_size(self, client: LayerClient) -> int:
        return _page_size(self._source, client.description)

    async def _open(
        self,
        number: int | None,
        budget: RequestBudget,
        count: int | None = None,
        excluded: QueryFormat | None = None,
    ) -> _OpenLayer:
        """Return a layer with its first page.

        Args:
            number: of the layer in its service; None for the one that the address names.
            budget: of the fetch.
            count: the objects of the first page; None for as many as usual.
            excluded: a format that does not work.

        Raises:
            UpstreamError, DecodeError: no parameters work.
        """
        url = layer_url(self._source.url, number)
        notes: list[str] = []
        try:
            url, description = await self._described(url, budget)
        except (UpstreamException, DecodeError, UpstreamRefused) as error:
            if isinstance(error, UnknownFeatureType) or (is_final(error) and not _is_absent(error)):
                raise
            description = ArcgisLayer()
            notes.append(f"the description of the layer cannot be read, so defaults apply: {error}")
        where = where_clause(self._source.where, description)
        wanted = self._client(url, description, budget, count, where)
        formats = [name for name in _formats(self._source, description) if name != excluded]
        try:
            client, first = await _first_that_works(wanted, formats)
        except (UpstreamException, DecodeError, UpstreamRefused) as error:
            raise await self._with_offer(error, layer_number(url), budget) from error
        return _OpenLayer(client=client, first=first, notes=(*notes, *_given_up(where, client)))

    async def _described(self, url: str, budget: RequestBudget) -> tuple[str, ArcgisLayer]:
        """Return the address and the description of a layer; that of the only layer if the address is a service.

        Raises:
            UpstreamRefused: the address is that of several layers, or of a group of them.
            UpstreamError, DecodeError: there is no description.
        """
        description = await self._read_description(url, budget)
        if isinstance(description, ArcgisService):
            if len(description.layers) != 1:
                raise _several_layers(url, description)
            (number,) = description.layers
            url = layer_url(url, number)
            description = await self._read_description(url, budget)
        if isinstance(description, ArcgisService) or description.sub_layers:
            raise _several_layers(url, description)
        return url, description

    async def _read_description(self, url: str, budget: RequestBudget) -> ArcgisLayer | ArcgisService:
        budget.spent += 1
        payload: Payload = await self._http.get(description_url(url), read_json_error, read_refusal=read_refused_login)
        found: ArcgisLayer | ArcgisService = await self._offload(read_description, payload)
        return found

    def _client(
        self, url: str, description: ArcgisLayer, budget: RequestBudget, count: int | None, where: WhereClause
    ) -> LayerClient:
        source = self._source
        return LayerClient(
            http=self._http,
            offload=self._offload,
            budget=budget,
            url=url,
            description=description,
            output_format=FORMATS[0],
            page_size=count or _page_size(source, description),
            pages=description.pages is not False,
            condition=where.sql if len(where.sql) <= LONGEST_CONDITION else "",
            out_sr=description.out_sr if source.srs_name is None else _code(source.srs_name),
            key=self._key,
        )

    async def _with_offer(self, error: WfsProxyError, number: int | None, budget: RequestBudget) -> WfsProxyError:
        """Return the error; with the layers of the service if it has none with this number."""
        if number is None or (is_final(error) and not _is_absent(error)):
            return error
        service = service_url(self._source.url)
        try:
            description = await self._read_description(service, budget)
        except WfsProxyError:
            return error
        if not isinstance(description, ArcgisService) or number in description.layers:
            return error
        return _unknown_layer(f"{redacted(service)} has no layer {number}", str(number), description.layers)


async def _first_that_works(wanted: LayerClient, formats: Sequence[QueryFormat]) -> tuple[LayerClient, FeaturePage]:
    """Return the first page, and the client with the parameters that got it.

    Raises:
        UpstreamError, DecodeError: no parameters work; the first error.
    """
    first_error: WfsProxyError | None = None
    for condition in dict.fromkeys([wanted.condition, ""]):
        for pages, name in product(dict.fromkeys([wanted.pages, False]), formats):
            client = replace(wanted, condition=condition, pages=pages, output_format=name)
            is_last = name == formats[-1]
            try:
                # a format that takes too long is not requested again while there is another one
                page = await replace(client, patience=math.inf if is_last else 0.0).first_page()
            except (UpstreamError, DecodeError) as error:
                if is_final(error):
                    raise
                first_error = first_error or error
                if is_last and isinstance(error, UpstreamUnreachable):
                    raise first_error from None
                continue
            if len(page) or not condition:
                return client, page
            # a vendor may compare differently: "1" with 1, or with the spaces of a fixed-width column
            break
    assert first_error is not None
    raise first_error


def _given_up(where: WhereClause, used: LayerClient) -> list[str]:
    """Return a note for each part of the layer file that the vendor does not apply."""
    notes = []
    if where.ours:
        notes.append(f"`where` on {', '.join(where.ours)} cannot be sent to the vendor, so it is only applied here")
    if where.sql and not used.condition:
        notes.append(
            "the condition for `where` is too long, or the vendor refuses it or finds nothing with it, so all objects "
            "are fetched and filtered here"
        )
    return notes


def _several_layers(url: str, description: ArcgisLayer | ArcgisService) -> UnknownFeatureType:
    if isinstance(description, ArcgisLayer):
        text = f"{redacted(url)} is a group of layers without objects of its own; choose one of its layers"
        return _unknown_layer(text, description.name, description.sub_layers)
    return _unknown_layer(
        f"{redacted(url)} is a service; set `layers` to those with the objects", "", description.layers
    )


def _unknown_layer(text: str, given: str, layers: Mapping[int, str]) -> UnknownFeatureType:
    named = [f"{number} ({name})" if name else f"{number}" for number, name in layers.items()]
    return UnknownFeatureType(
        f"{text}; it has {', '.join(named[:_MOST_NAMED]) or 'no layers'}",
        name=given or "layers",
        nearest=tuple(named[:_NEAREST]),
    )


def _is_absent(error: WfsProxyError) -> bool:
    return isinstance(error, UpstreamRefused) and error.upstream_status == HTTPStatus.NOT_FOUND


def _formats(source: ArcgisSource, description: ArcgisLayer) -> list[QueryFormat]:
    """Return the formats to try: that of the layer file, or those that the layer offers."""
    if source.output_format != "auto":
        return [source.output_format]
    offered = [name for name in FORMATS if description.formats is None or name in description.formats]
    return offered or [*FORMATS]


def _page_size(source: ArcgisSource, description: ArcgisLayer) -> int:
    return source.page_size or min(description.max_record_count or USUAL_PAGE, LARGEST_PAGE)


def _code(srs_name: str) -> int | None:
    """Return the code of a CRS for `outSR`; None where it has no number, such as CRS84."""
    code = parse_srs_name(srs_name).code
    return int(code) if code.isdecimal() else 4326


def _merged(clients: Iterable[LayerClient], parts: Sequence[ReceivedPart], budget: RequestBudget) -> FetchedFeatures:
    names = [client.description.name for client in clients]
    report = report_of(names, parts, requests=budget.spent)
    return FetchedFeatures(batch=_named(names, [part.features.batch() for part in parts]), report=report)


def _named(names: Iterable[str], batches: Iterable[FeatureBatch]) -> FeatureBatch:
    """Return the objects of all layers as one batch, each with the name and the position of its layer."""
    return joined(
        [
            replace(batch, type_names=np.full(len(batch), name, dtype=object))
            for name, batch in zip(names, batches, strict=True)
        ]
    )
