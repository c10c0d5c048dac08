"""A Web Feature Service as a source: negotiate, collect one feature type after another, merge.

For a whole layer, negotiation is repeated at each fetch. Areas are many and small, so for them the results of
negotiation and probing are kept.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import product

from wfs_proxy.bbox import BBox
from wfs_proxy.config import Layer, WfsSource
from wfs_proxy.errors import DecodeError, UnsafeDocument, UpstreamException, WfsProxyError
from wfs_proxy.features import FeatureBatch, FetchReport
from wfs_proxy.http import HttpClients
from wfs_proxy.offload import Offload
from wfs_proxy.sources.async_ttl_cache import AsyncTtlCache, Clock
from wfs_proxy.sources.completeness import RequestBudget
from wfs_proxy.sources.feature_page import FeaturePage
from wfs_proxy.sources.labels import with_own_crs, with_type_name
from wfs_proxy.sources.layer_parts import ReceivedPart, joined, report_of, united_extent
from wfs_proxy.sources.protocol import FetchedFeatures
from wfs_proxy.sources.wfs.area_strategy import AreaStrategy, area_strategy, sample_size
from wfs_proxy.sources.wfs.capabilities import FeatureType
from wfs_proxy.sources.wfs.collect import collect, page_size
from wfs_proxy.sources.wfs.feature_type_client import FeatureTypeClient
from wfs_proxy.sources.wfs.fes import filter_document
from wfs_proxy.sources.wfs.kvp import VERSIONS
from wfs_proxy.sources.wfs.negotiation import ServiceProfile, negotiate

__all__ = ["WfsFeatureSource", "with_labels"]

_LONGEST_FILTER = 2_500
"""Characters, before percent-encoding adds half as many. Servers accept URLs of 8,000 (RFC 9110, section 4.1), and the
filter may get a box as well."""

_PageSize = Callable[[FeatureTypeClient], int | None]
"""Returns how many objects to request at once; None: all of them."""

_KNOWLEDGE_LASTS = 3_600.0
"""Seconds for which the results of negotiation and probing are used: a new version or cap is noticed within an hour."""


@dataclass(frozen=True, kw_only=True, eq=False)
class _AreaKnowledge:
    """What has to be known before areas can be requested."""

    profile: ServiceProfile
    strategies: tuple[AreaStrategy, ...]
    """One per type."""

    notes: tuple[str, ...]


class WfsFeatureSource:
    """Fetches the feature types of a `type: wfs` source, whole or area by area."""

    def __init__(
        self,
        layer: Layer,
        source: WfsSource,
        http: HttpClients,
        offload: Offload,
        clock: Clock = time.monotonic,
    ) -> None:
        self._source = source
        self._key = layer.properties.id
        self._http = http.client(source)
        self._offload = offload
        self._clock = clock
        self._area_knowledge: AsyncTtlCache[_AreaKnowledge] = AsyncTtlCache(ttl=_KNOWLEDGE_LASTS, clock=clock)
        self._clients: tuple[FeatureTypeClient, ...] = ()
        """Of the last whole fetch, or of the first sample: one per type, with the parameters that worked."""

    async def fetch(self, area: BBox | None = None, /) -> FetchedFeatures:
        """Return the objects of all types, everywhere or in an area.

        Raises:
            UpstreamError: the vendor did not return them.
            DecodeError: its answers cannot be read.
        """
        return await (self._fetch_whole() if area is None else self._fetch_area(area))

    async def sample(self, count: int, /) -> FetchedFeatures:
        """Return at most `count` objects of each type: one request per type after a fetch or another sample.

        Raises:
            UpstreamError: the vendor did not return them.
            DecodeError: its answers cannot be read.
        """
        budget = RequestBudget()
        clients = self._clients
        pages: list[FeaturePage] = []
        notes: list[str] = []
        if not clients:
            profile = await negotiate(self._source, self._http, self._offload, budget)
            clients, first, notes = await self._open(profile, lambda _: count, budget)
            pages.append(first)
        others = [replace(client, budget=budget) for client in clients[len(pages) :]]
        pages += [await client.get_page(count=count) for client in others]
        self._clients = clients
        types = [client.feature_type for client in clients]
        report = FetchReport(complete=False, requests=budget.spent, notes=tuple(notes))
        return FetchedFeatures(batch=_labelled([page.batch for page in pages], types, self._source), report=report)

    async def _fetch_area(self, area: BBox) -> FetchedFeatures:
        budget = RequestBudget()
        known = await self._area_knowledge.get(partial(self._explore, budget))
        try:
            results = [await strategy.collect(area, budget) for strategy in known.strategies]
        except WfsProxyError:
            self._area_knowledge.forget(known)
            raise
        return _merged(self._source, known.profile, results, [*known.notes], budget)

    async def _explore(self, budget: RequestBudget) -> _AreaKnowledge:
        source = self._source
        profile = await negotiate(source, self._http, self._offload, budget)
        count = sample_size(source, profile.stated_cap)
        clients, sample, notes = await self._open(profile, lambda _: count, budget)
        strategies: list[AreaStrategy] = []
        for client in clients:
            if strategies:
                sample = await client.get_page(count=count)
            labelled = replace(sample, batch=with_labels(sample.batch, client.feature_type, source))
            strategies.append(await area_strategy(client, labelled, source, profile.stated_cap, self._clock))
        return _AreaKnowledge(profile=profile, strategies=tuple(strategies), notes=tuple(notes))

    async def _fetch_whole(self) -> FetchedFeatures:
        budget = RequestBudget()
        profile = await negotiate(self._source, self._http, self._offload, budget)
        size = partial(page_size, source=self._source, stated_cap=profile.stated_cap)
        clients, first, notes = await self._open(profile, size, budget)
        results: list[ReceivedPart] = []
        for client in clients:
            if results:
                first = await client.get_page(count=size(client))
            results.append(await collect(client, first, self._source, profile.stated_cap))
        self._clients = clients
        return _merged(self._source, profile, results, notes, budget)

    async def _open(
        self, profile: ServiceProfile, size: _PageSize, budget: RequestBudget
    ) -> tuple[tuple[FeatureTypeClient, ...], FeaturePage, list[str]]:
        """Return a client for each type, with parameters that work; the first answer for the first type; and notes.

        Raises:
            UpstreamError, DecodeError: as for the first page.
        """
        client = self._first_client(profile, budget)
        client, first, notes = await self._first_page(client, profile, size)
        clients = tuple(replace(client, feature_type=feature_type) for feature_type in profile.types)
        return clients, first, [*profile.notes, *notes]

    def _first_client(self, profile: ServiceProfile, budget: RequestBudget) -> FeatureTypeClient:
        source = self._source
        return FeatureTypeClient(
            http=self._http,
            offload=self._offload,
            budget=budget,
            url=source.url,
            version=profile.version,
            feature_type=profile.types[0],
            output_format=profile.output_format,
            srs_name=source.srs_name,
            sort_by=source.sort_by,
            where=source.where,
            geometry=source.geometry,
            key=self._key,
        )

    async def _first_page(
        self, client: FeatureTypeClient, profile: ServiceProfile, size: _PageSize
    ) -> tuple[FeatureTypeClient, FeaturePage, list[str]]:
        """Return the first answer, the client that got it, and notes on the parameters that it had to give up.

        Raises:
            UpstreamError, DecodeError: no parameters work; the first error, with what the service offers.
        """
        first_error: WfsProxyError | None = None
        for variant in self._variants(client, profile):
            try:
                page = await variant.get_page(count=size(variant))
            except UnsafeDocument:
                raise
            except (UpstreamException, DecodeError) as error:
                first_error = first_error or error
                continue
            if len(page) == 0 and variant.where:
                # a vendor may compare differently: "1" with 1, or with the spaces of a fixed-width column
                continue
            return variant, page, _given_up(client, variant)
        assert first_error is not None
        raise _with_offer(first_error, self._source, profile)

    def _variants(self, client: FeatureTypeClient, profile: ServiceProfile) -> Iterator[FeatureTypeClient]:
        """Yield clients with the parameters to try, the best first."""
        guess_version = not profile.from_capabilities and self._source.version == "auto"
        formats = [client.output_format] if self._source.output_format != "auto" else [client.output_format, None]
        fits = len(filter_document(client.where, client.version) or "") <= _LONGEST_FILTER
        wheres = [client.where, {}] if client.where and fits else [{}]
        for version, where, output_format in product(
            VERSIONS if guess_version else (client.version,), wheres, dict.fromkeys(formats)
        ):
            yield replace(client, version=version, where=where, output_format=output_format)


def _given_up(wanted: FeatureTypeClient, used: FeatureTypeClient) -> list[str]:
    """Return a note for each parameter that did not work."""
    notes = []
    if used.version != wanted.version:
        notes.append(f"the vendor answers in WFS {used.version}, not {wanted.version}")
    if used.output_format != wanted.output_format:
        notes.append(f"the vendor offers {wanted.output_format} but does not deliver it, so GML is fetched")
    if used.where != wanted.where:
        notes.append(
            "the filter for `where` is too long, or the vendor refuses it or finds nothing with it, "
            "so all objects are fetched and filtered here"
        )
    return notes


def _with_offer(error: WfsProxyError, source: WfsSource, profile: ServiceProfile) -> WfsProxyError:
    """Return the error with what the service offers in place of wrong settings of the layer file."""
    if not isinstance(error, UpstreamException):
        return error
    hints = []
    feature_type = profile.types[0]
    if source.srs_name is not None and feature_type.crs is not None:
        offered = [feature_type.crs, *feature_type.other_crs]
        if source.srs_name not in offered:
            hints.append(f"`srs_name` is {source.srs_name}, the service offers {', '.join(offered)}")
    if source.output_format not in {"auto", *profile.output_formats} and profile.output_formats:
        offered_formats = ", ".join(profile.output_formats)
        hints.append(f"`output_format` is {source.output_format}, the service offers {offered_formats}")
    if not hints:
        return error
    return UpstreamException("; ".join([str(error), *hints]), code=error.code, locator=error.locator)


def _merged(
    source: WfsSource, profile: ServiceProfile, parts: list[ReceivedPart], notes: list[str], budget: RequestBudget
) -> FetchedFeatures:
    types = profile.types
    report = report_of([each.name for each in types], parts, requests=budget.spent, notes=notes)
    return FetchedFeatures(batch=_labelled([part.features.batch() for part in parts], types, source), report=report)


def _labelled(batches: Sequence[FeatureBatch], types: Sequence[FeatureType], source: WfsSource) -> FeatureBatch:
    """Return the objects of all types as one batch, each with its type."""
    labelled = [with_labels(batch, each, source) for batch, each in zip(batches, types, strict=True)]
    return replace(joined(labelled), declared_extent=united_extent(each.extent for each in types))


def with_labels(batch: FeatureBatch, feature_type: FeatureType, source: WfsSource) -> FeatureBatch:
    """Return the batch with the type's name, and its CRS if no other one was requested, where the document has none."""
    batch = with_type_name(batch, feature_type.name.rpartition(":")[2])
    return batch if source.srs_name is not None else with_own_crs(batch, feature_type.crs)
