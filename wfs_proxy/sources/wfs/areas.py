"""The objects of one feature type in an area.

It takes one request, once it is known how the vendor understands a box. A sample of the type tells: it shows in which
CRS and order the answers are, and has an object that a box must bring which touches no more than its outermost vertex
(MapServer, asked for a layer in RD in degrees, looks a hundred metres beside the box). It also shows how many objects
the vendor gives at once, so that a smaller answer needs no proof that it was not cut.

Where no box is understood nothing may be missing for that: the type is fetched whole, kept for a while, and what
touches the area is picked out of it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from wfs_proxy.bbox import BBox
from wfs_proxy.config import WfsSource
from wfs_proxy.sources.async_ttl_cache import AsyncTtlCache, Clock
from wfs_proxy.sources.wfs.bbox_dialects import BoxDialect, TypeExtent, grown, smallest, written_area
from wfs_proxy.sources.wfs.collect import CollectionResult, collect, page_size
from wfs_proxy.sources.wfs.completeness import Budget, CollectedFeatures, ResponseCap
from wfs_proxy.sources.wfs.feature_type_client import FeatureTypeClient
from wfs_proxy.sources.wfs.kvp import NativeBox
from wfs_proxy.sources.wfs.pages import FeaturePage
from wfs_proxy.sources.wfs.quadtree import Boxes, agree_on_boxes, probe_extent

__all__ = ["AreaStrategy", "area_strategy", "sample_size"]

_SAMPLE = 1_000
"""Objects: more than most cells have, and decoded without holding up the event loop for long."""

_WHOLE_LASTS = 300.0
"""Seconds for which a type that is fetched whole serves its areas: what is picked out of it counts as fetched now."""


def sample_size(source: WfsSource, stated_cap: int | None) -> int:
    """How many objects to look at before areas are asked for."""
    return source.page_size or min(stated_cap or _SAMPLE, _SAMPLE)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Whole:
    """All objects of a type."""

    page: FeaturePage
    complete: bool
    notes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class AreaStrategy:
    """How to get the objects of one type in an area."""

    asker: FeatureTypeClient
    source: WfsSource
    stated_cap: int | None

    ground: TypeExtent | None
    """None where no object in the sample has a geometry."""

    boxes: Boxes | None
    """None where no box is understood."""

    none_of_it: FeaturePage
    """No object, but all attributes: one that is null in a whole area is left out of its answer, not of the type."""

    whole: AsyncTtlCache[_Whole]
    """For want of boxes."""

    notes: tuple[str, ...]

    async def collect(self, area: BBox, budget: Budget) -> CollectionResult:
        """The objects that touch the area or come within a metre of it; a few others may come along.

        Raises:
            UpstreamError, DecodeError: the vendor did not give them.
        """
        tally = CollectedFeatures()
        tally.add(self.none_of_it)
        collected = CollectionResult(tally=tally, complete=True, notes=list(self.notes))
        box = _written(area, self.ground)
        if self.boxes is None:
            await self._pick(box, collected, budget)
        elif box is not None:
            boxes = replace(self.boxes, asker=replace(self.boxes.asker, budget=budget))
            collected.complete = await boxes.ask(box, tally)
        return collected

    async def _pick(self, box: NativeBox | None, collected: CollectionResult, budget: Budget) -> None:
        """Add what touches the box, or all where nobody can tell what does."""
        whole = await self.whole.get(partial(self._fetch_whole, budget))
        collected.tally.add(whole.page if box is None else whole.page.take(whole.page.touching(box)))
        collected.complete = whole.complete
        collected.notes += whole.notes

    async def _fetch_whole(self, budget: Budget) -> _Whole:
        asker = replace(self.asker, budget=budget)
        first = await asker.page(count=page_size(asker, self.source, self.stated_cap))
        collected = await collect(asker, first, self.source, self.stated_cap)
        page: FeaturePage = await asker.offload(collected.tally.page)
        return _Whole(page=page, complete=collected.complete, notes=tuple(collected.notes))


def _written(area: BBox, ground: TypeExtent | None) -> NativeBox | None:
    """The area with a metre around it, in the coordinates of the answers; None where it has no place there."""
    return None if ground is None or ground.crs is None else written_area(area, ground.crs, ground.order)


async def area_strategy(
    asker: FeatureTypeClient, sample: FeaturePage, source: WfsSource, stated_cap: int | None, clock: Clock
) -> AreaStrategy:
    """Find out how to ask for areas of a type.

    Args:
        asker: for the type, the way that works.
        sample: `sample_size` objects of it, or all that there are.
        source: the layer's.
        stated_cap: out of the capabilities.
        clock: for what is kept.

    Raises:
        UpstreamUnreachable: the vendor went away meanwhile.
    """
    ground: TypeExtent | None = await asker.offload(probe_extent, sample, source, asker.feature_type.extent)
    found = AreaStrategy(
        asker=asker,
        source=source,
        stated_cap=stated_cap,
        ground=ground,
        boxes=None,
        none_of_it=sample.take(np.zeros(len(sample), dtype=bool)),
        whole=AsyncTtlCache(lasts=_WHOLE_LASTS, clock=clock),
        notes=(),
    )
    if ground is not None and ground.crs is not None:
        found = await _with_boxes(found, sample, ground)
    if found.boxes is None and len(sample):
        note = "the vendor does not understand a box as it should, so all is fetched for a cell; write `mode: snapshot`"
        way_out = "" if source.srs_name is None else f", or leave out `srs_name` ({source.srs_name})"
        found = replace(found, notes=(note + way_out,))
    return found


async def _with_boxes(found: AreaStrategy, sample: FeaturePage, ground: TypeExtent) -> AreaStrategy:
    asker, proven = await agree_on_boxes(found.asker, sample, ground, found.source)
    if proven is None or not await _is_exact(asker, sample, ground, proven.dialect):
        return found
    limit = ResponseCap(stated=found.stated_cap)
    limit.learn(sample)
    # around one object: a vendor that has counted more has counted the layer
    limit.counts_boxes = not limit.may_cut(proven.answer)
    unfiltered = "the vendor takes no box beside a filter, so all objects of an area are fetched and filtered here"
    return replace(
        found,
        boxes=Boxes(asker=asker, ground=ground, dialect=proven.dialect, limit=limit),
        notes=(unfiltered,) if found.asker.where and not asker.where else (),
    )


async def _is_exact(asker: FeatureTypeClient, sample: FeaturePage, ground: TypeExtent, dialect: BoxDialect) -> bool:
    """Whether boxes that touch no more than an outermost vertex of an object bring it, in all four directions.

    Then boxes are where they should be, and it is enough to touch one.
    """
    bounds = sample.bounds
    row = smallest(bounds)
    assert row is not None
    for first, second in sample.outermost(row).tolist():
        box = grown(NativeBox(first, second, first, second), geographic=ground.geographic)
        page = await asker.box(box, dialect)
        if not (page.bounds == bounds[row]).all(axis=1).any():
            return False
    return True
