"""A Web Feature Service as a source: negotiate, then collect one feature type after another, then merge.

A whole layer is negotiated for each time. For areas, which are many and small, what was found out is remembered.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import product

import numpy as np

from wfs_proxy.bbox import BBox
from wfs_proxy.config import Layer, WfsSource
from wfs_proxy.errors import DecodeError, UnsafeDocument, UpstreamException, WfsProxyError
from wfs_proxy.features import Encoding, FeatureBatch, FetchReport, concatenate
from wfs_proxy.http import HttpClients
from wfs_proxy.sources.async_ttl_cache import AsyncTtlCache, Clock
from wfs_proxy.sources.protocol import FetchedFeatures, Offload, latest
from wfs_proxy.sources.wfs.areas import AreaStrategy, area_strategy, sample_size
from wfs_proxy.sources.wfs.capabilities import FeatureType
from wfs_proxy.sources.wfs.collect import CollectionResult, collect, page_size
from wfs_proxy.sources.wfs.completeness import Budget
from wfs_proxy.sources.wfs.feature_type_client import FeatureTypeClient
from wfs_proxy.sources.wfs.fes import filter_document
from wfs_proxy.sources.wfs.kvp import VERSIONS
from wfs_proxy.sources.wfs.negotiation import ServiceProfile, negotiate
from wfs_proxy.sources.wfs.pages import FeaturePage

__all__ = ["WfsFeatureSource"]

_MOST_DEGREES = 180

_LONGEST_FILTER = 2_500
"""Characters, before they are percent-encoded to half as much again; servers take addresses of 8,000 (RFC 9110, section
4.1), and a box may have to go in beside."""

_KNOWLEDGE_LASTS = 3_600.0
"""Seconds for which a vendor is believed to be as it was found: a new version or cap is noticed within the hour."""


@dataclass(frozen=True, kw_only=True, eq=False)
class _Knowledge:
    """What has to be known before areas can be asked for."""

    terms: ServiceProfile
    approaches: tuple[AreaStrategy, ...]
    """One a type."""

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
        self._client = http.client(source)
        self._offload = offload
        self._clock = clock
        self._knowledge: AsyncTtlCache[_Knowledge] = AsyncTtlCache(lasts=_KNOWLEDGE_LASTS, clock=clock)

    async def fetch(self, area: BBox | None = None, /) -> FetchedFeatures:
        """All objects of all types, or those in an area.

        Raises:
            UpstreamError: the vendor did not give them.
            DecodeError: what it gave cannot be read.
        """
        return await (self._whole() if area is None else self._in(area))

    async def _in(self, area: BBox) -> FetchedFeatures:
        budget = Budget()
        known = await self._knowledge.get(partial(self._explore, budget))
        try:
            collected = [await each.collect(area, budget) for each in known.approaches]
        except WfsProxyError:
            self._knowledge.forget(known)
            raise
        return _merged(self._source, known.terms, collected, [*known.terms.notes, *known.notes], budget)

    async def _explore(self, budget: Budget) -> _Knowledge:
        source = self._source
        terms = await negotiate(source, self._client, self._offload, budget)
        count = sample_size(source, terms.count_default)
        asker, sample, notes = await self._begin(self._asker(terms, terms.types[0], budget), terms, lambda _: count)
        approaches: list[AreaStrategy] = []
        for feature_type in terms.types:
            if approaches:
                asker = replace(asker, feature_type=feature_type)
                sample = await asker.page(count=count)
            labelled = replace(sample, batch=_labelled(sample.batch, feature_type, source))
            approaches.append(await area_strategy(asker, labelled, source, terms.count_default, self._clock))
        return _Knowledge(terms=terms, approaches=tuple(approaches), notes=tuple(notes))

    async def _whole(self) -> FetchedFeatures:
        budget = Budget()
        terms = await negotiate(self._source, self._client, self._offload, budget)
        size = partial(page_size, source=self._source, stated_cap=terms.count_default)
        asker, first, notes = await self._begin(self._asker(terms, terms.types[0], budget), terms, size)
        collected = [await collect(asker, first, self._source, terms.count_default)]
        for feature_type in terms.types[1:]:
            asker = replace(asker, feature_type=feature_type)
            first = await asker.page(count=size(asker))
            collected.append(await collect(asker, first, self._source, terms.count_default))
        return _merged(self._source, terms, collected, [*terms.notes, *notes], budget)

    def _asker(self, terms: ServiceProfile, feature_type: FeatureType, budget: Budget) -> FeatureTypeClient:
        source = self._source
        return FeatureTypeClient(
            client=self._client,
            offload=self._offload,
            budget=budget,
            url=source.url,
            version=terms.version,
            feature_type=feature_type,
            output_format=terms.output_format,
            srs_name=source.srs_name,
            sort_by=source.sort_by,
            where=source.where,
            geometry=source.geometry,
            key=self._key,
        )

    async def _begin(
        self, asker: FeatureTypeClient, terms: ServiceProfile, size: Callable[[FeatureTypeClient], int | None]
    ) -> tuple[FeatureTypeClient, FeaturePage, list[str]]:
        """The first answer, if need be after giving up what the vendor does not take, which the notes then tell.

        `size` says how many objects to ask for.

        Raises:
            UpstreamError, DecodeError: nothing helps; the first fault, with what is on offer.
        """
        first_fault: WfsProxyError | None = None
        for way in self._ways(asker, terms):
            try:
                page = await way.page(count=size(way))
            except UnsafeDocument:
                raise
            except (UpstreamException, DecodeError) as fault:
                first_fault = first_fault or fault
                continue
            if len(page) == 0 and way.where:
                # a vendor may compare otherwise than we do: "1" with 1, or with the spaces of a fixed-width column
                continue
            return way, page, _given_up(asker, way)
        assert first_fault is not None
        raise _with_offer(first_fault, self._source, terms)

    def _ways(self, asker: FeatureTypeClient, terms: ServiceProfile) -> Iterator[FeatureTypeClient]:
        """How to ask, the best first."""
        guess = not terms.known and self._source.version == "auto"
        formats = [asker.output_format] if self._source.output_format != "auto" else [asker.output_format, None]
        fits = len(filter_document(asker.where, asker.version) or "") <= _LONGEST_FILTER
        wheres = [asker.where, {}] if asker.where and fits else [{}]
        for version, where, output_format in product(
            VERSIONS if guess else (asker.version,), wheres, dict.fromkeys(formats)
        ):
            yield replace(asker, version=version, where=where, output_format=output_format)


def _given_up(asked: FeatureTypeClient, way: FeatureTypeClient) -> list[str]:
    notes = []
    if way.version != asked.version:
        notes.append(f"the vendor speaks WFS {way.version}, not {asked.version}")
    if way.output_format != asked.output_format:
        notes.append(f"the vendor offers {asked.output_format} but does not deliver it, so GML is fetched")
    if way.where != asked.where:
        notes.append(
            "the filter on `where` is too long, is refused or finds nothing there, "
            "so all objects are fetched and filtered here"
        )
    return notes


def _with_offer(fault: WfsProxyError, source: WfsSource, terms: ServiceProfile) -> WfsProxyError:
    """The fault with what the vendor has instead of what the layer file wants."""
    if not isinstance(fault, UpstreamException):
        return fault
    hints = []
    feature_type = terms.types[0]
    if source.srs_name is not None and feature_type.crs is not None:
        offered = [feature_type.crs, *feature_type.other_crs]
        if source.srs_name not in offered:
            hints.append(f"`srs_name` is {source.srs_name}, on offer: {', '.join(offered)}")
    if source.output_format not in {"auto", *terms.output_formats} and terms.output_formats:
        hints.append(f"`output_format` is {source.output_format}, on offer: {', '.join(terms.output_formats)}")
    if not hints:
        return fault
    return UpstreamException("; ".join([str(fault), *hints]), code=fault.code, locator=fault.locator)


def _merged(
    source: WfsSource, terms: ServiceProfile, collected: list[CollectionResult], notes: list[str], budget: Budget
) -> FetchedFeatures:
    batches = [
        _labelled(each.tally.batch(), feature_type, source)
        for each, feature_type in zip(collected, terms.types, strict=True)
    ]
    counts = [each.tally.matched for each in collected]
    for each, feature_type in zip(collected, terms.types, strict=True):
        notes += [f"{feature_type.name}: {note}" for note in each.notes]
        if not each.complete:
            counted = "an unknown number of" if each.tally.matched is None else f"{each.tally.matched}"
            notes.append(f"{feature_type.name}: incomplete, {len(each.tally)} of {counted} objects")
    report = FetchReport(
        complete=all(each.complete for each in collected),
        matched=None if None in counts else sum(count or 0 for count in counts),
        requests=budget.spent,
        notes=tuple(notes),
        last_modified=latest(header for each in collected for header in each.tally.last_modified),
    )
    batch = replace(concatenate(batches), declared_extent=_united([each.extent for each in terms.types]))
    return FetchedFeatures(batch=batch, report=report)


def _labelled(batch: FeatureBatch, feature_type: FeatureType, source: WfsSource) -> FeatureBatch:
    """The type's name where the document tells none (GeoJSON), and the type's own CRS where it must be meant."""
    names = batch.type_names.copy()
    names[names == ""] = feature_type.name.rpartition(":")[2]
    batch = replace(batch, type_names=names)
    unlabelled = batch.srs_index < 0
    if feature_type.crs is None or source.srs_name is not None or not unlabelled.any():
        return batch
    bounds = FeaturePage(batch=batch, keys=()).bounds[unlabelled]
    # without a label GeoJSON is in degrees (RFC 7946, section 4), unless the numbers are none
    if batch.encoding is Encoding.GEOJSON and not np.nanmax(np.abs(bounds), initial=0.0) > _MOST_DEGREES:
        return batch
    index = batch.srs_index.copy()
    index[unlabelled] = len(batch.srs_names)
    return replace(batch, srs_index=index, srs_names=(*batch.srs_names, feature_type.crs))


def _united(extents: list[BBox | None]) -> BBox | None:
    known = [extent for extent in extents if extent is not None]
    return BBox.union(known) if len(known) == len(extents) else None
