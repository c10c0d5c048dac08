"""The objects of one feature type in an area.

An area takes one request, once it is known how the vendor understands a box. A sample of the type is fetched first. It
shows the CRS and axis order of the answers, and contains an object to probe boxes with (`bbox_probe`). The vendor
returned that many objects at once, so a smaller answer needs no proof that it was not cut off.

Where boxes do not work, the whole type is fetched and kept for some minutes, and the objects that touch the area are
selected from it. So no object is missing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from wfs_proxy.bbox import BBox
from wfs_proxy.config import WfsSource
from wfs_proxy.sources.async_ttl_cache import AsyncTtlCache, Clock
from wfs_proxy.sources.boxes import area_in_crs
from wfs_proxy.sources.completeness import CollectedFeatures, RequestBudget, ResponseCap
from wfs_proxy.sources.feature_page import FeaturePage
from wfs_proxy.sources.layer_parts import WHOLE_LASTS, ReceivedPart, WholePart, kept_whole
from wfs_proxy.sources.native_box import NativeBox
from wfs_proxy.sources.wfs.bbox_probe import is_exact, probe_dialect
from wfs_proxy.sources.wfs.collect import UNFILTERED_BOXES, collect, page_size
from wfs_proxy.sources.wfs.feature_type_client import FeatureTypeClient
from wfs_proxy.sources.wfs.quadtree import BoxFetcher
from wfs_proxy.sources.wfs.type_extent import TypeExtent, probe_extent

__all__ = ["AreaStrategy", "area_strategy", "sample_size"]

_SAMPLE = 1_000
"""Objects: more than most cells have, and few enough to decode without delaying other requests."""


def sample_size(source: WfsSource, stated_cap: int | None) -> int:
    """Return how many objects to look at before areas are requested."""
    return source.page_size or min(stated_cap or _SAMPLE, _SAMPLE)


@dataclass(frozen=True, kw_only=True, eq=False)
class AreaStrategy:
    """How to fetch the objects of one type in an area: by a box, or from the whole type."""

    client: FeatureTypeClient
    source: WfsSource
    stated_cap: int | None

    extent: TypeExtent | None
    """None if no object in the sample has a geometry."""

    boxes: BoxFetcher | None
    """None if boxes do not work."""

    empty_page: FeaturePage
    """No objects, but every attribute: an attribute that is null throughout an area is absent from its answer."""

    whole_type: AsyncTtlCache[WholePart]
    """Used if boxes do not work."""

    notes: tuple[str, ...]

    async def collect(self, area: BBox, budget: RequestBudget) -> ReceivedPart:
        """Return the objects that touch the area or are within a metre of it, and possibly a few others.

        Raises:
            UpstreamError, DecodeError: the vendor did not return them.
        """
        features = CollectedFeatures()
        features.add(self.empty_page)
        result = ReceivedPart(features=features, complete=True, notes=list(self.notes))
        box = _native_box(area, self.extent)
        if self.boxes is None:
            await self._select(box, result, budget)
        elif box is not None:
            boxes = replace(self.boxes, client=replace(self.boxes.client, budget=budget))
            result.complete = await boxes.fetch(box, features)
        return result

    async def _select(self, box: NativeBox | None, result: ReceivedPart, budget: RequestBudget) -> None:
        """Add the objects of the whole type that touch the box, or all if the CRS of the answers is unknown."""
        whole = await self.whole_type.get(partial(self._fetch_whole_type, budget))
        whole.add_to(result, None if box is None else whole.page.touching(box))

    async def _fetch_whole_type(self, budget: RequestBudget) -> WholePart:
        client = replace(self.client, budget=budget)
        first = await client.get_page(count=page_size(client, self.source, self.stated_cap))
        return await kept_whole(await collect(client, first, self.source, self.stated_cap), client.offload)


def _native_box(area: BBox, extent: TypeExtent | None) -> NativeBox | None:
    """Return the area with a margin of a metre, in the coordinates of the answers; None if it has none there."""
    return None if extent is None or extent.crs is None else area_in_crs(area, extent.crs, extent.order)


async def area_strategy(
    client: FeatureTypeClient, sample: FeaturePage, source: WfsSource, stated_cap: int | None, clock: Clock
) -> AreaStrategy:
    """Find out how to request areas of a type.

    Args:
        client: for the type, with the parameters that the vendor accepts.
        sample: `sample_size` objects of the type, or all if there are fewer.
        source: the layer's.
        stated_cap: in the capabilities.
        clock: for the whole type that is kept.

    Raises:
        UpstreamUnreachable: the vendor stopped answering.
    """
    extent: TypeExtent | None = await client.offload(probe_extent, sample, source, client.feature_type.extent)
    strategy = AreaStrategy(
        client=client,
        source=source,
        stated_cap=stated_cap,
        extent=extent,
        boxes=None,
        empty_page=sample.take(np.zeros(len(sample), dtype=bool)),
        whole_type=AsyncTtlCache(ttl=WHOLE_LASTS, clock=clock),
        notes=(),
    )
    if extent is not None and extent.crs is not None:
        strategy = await _with_boxes(strategy, sample, extent)
    if strategy.boxes is None and len(sample):
        strategy = replace(strategy, notes=(_no_boxes_note(source),))
    return strategy


def _no_boxes_note(source: WfsSource) -> str:
    remedy = "" if source.srs_name is None else f" or leave out `srs_name` ({source.srs_name})"
    return (
        "the vendor does not understand a box correctly, so the whole layer is fetched for a cell; "
        f"use `mode: snapshot`{remedy}"
    )


async def _with_boxes(strategy: AreaStrategy, sample: FeaturePage, extent: TypeExtent) -> AreaStrategy:
    """Return the strategy with boxes, if the vendor understands them exactly."""
    client, probed = await probe_dialect(strategy.client, sample, extent, strategy.source)
    if probed is None or not await is_exact(client, sample, extent, probed.dialect):
        return strategy
    cap = ResponseCap(stated=strategy.stated_cap)
    cap.learn(sample)
    # the box was around one object: a vendor that counts more than it returned has counted the whole type
    cap.counts_boxes = not cap.may_cut(probed.answer)
    return replace(
        strategy,
        boxes=BoxFetcher(client=client, extent=extent, dialect=probed.dialect, cap=cap),
        notes=(UNFILTERED_BOXES,) if strategy.client.where and not client.where else (),
    )
