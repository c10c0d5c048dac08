"""All objects of one feature type, by the cheapest way that proves it.

    first answer -> whole? -> page by page -> whole? -> all at once -> whole? -> box by box -> whole, or incomplete

An answer is whole when it has as many objects as the vendor counts and their number does not look like a cap. Where the
vendor does not count (1.0.0), boxes have to agree with it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from wfs_proxy.config import WfsSource
from wfs_proxy.errors import DecodeError, UpstreamError
from wfs_proxy.sources.wfs.bbox_dialects import TypeExtent
from wfs_proxy.sources.wfs.completeness import CollectedFeatures, believable, looks_like_a_cap
from wfs_proxy.sources.wfs.feature_type_client import FeatureTypeClient
from wfs_proxy.sources.wfs.pages import FeaturePage
from wfs_proxy.sources.wfs.paging import End, paginate
from wfs_proxy.sources.wfs.quadtree import agree_on_boxes, ask_by_boxes, probe_extent

__all__ = ["DEFAULT_PAGE", "CollectionResult", "collect", "page_size"]

DEFAULT_PAGE = 2_000
"""Objects: decoding more at once holds up the event loop for longer than an answer may take (measured: 15 ms)."""


@dataclass(kw_only=True)
class CollectionResult:
    """What came of one feature type."""

    tally: CollectedFeatures
    complete: bool
    notes: list[str] = field(default_factory=list)


def page_size(asker: FeatureTypeClient, source: WfsSource, stated_cap: int | None) -> int | None:
    """How many objects to ask for at once; None: all of them."""
    if asker.version == "1.0.0":
        return None
    if source.page_size is not None:
        return source.page_size
    return min(stated_cap or DEFAULT_PAGE, DEFAULT_PAGE) if asker.version == "2.0.0" else None


async def collect(
    asker: FeatureTypeClient, first: FeaturePage, source: WfsSource, stated_cap: int | None
) -> CollectionResult:
    """All objects of a type, given the first answer.

    Raises:
        UpstreamError: the vendor failed on the way.
    """
    tally = CollectedFeatures()
    tally.add(first)
    tally.matched = believable(first.batch.claims.matched, len(first))
    if tally.matched is None:
        tally.matched = believable(await asker.count(), len(first))
    collected = CollectionResult(tally=tally, complete=_is_whole(tally, first, source, stated_cap, asker))
    if not collected.complete and asker.version != "1.0.0":
        await _page_on(asker, first, source, stated_cap, collected)
    if not collected.complete:
        await _by_boxes(asker, first, source, collected)
    return collected


def _is_whole(
    tally: CollectedFeatures, page: FeaturePage, source: WfsSource, stated_cap: int | None, asker: FeatureTypeClient
) -> bool:
    """Whether the first answer is all: nothing beyond doubt, since a count may stop where the answer does."""
    if len(page) == 0:
        return not tally.matched
    if asker.version == "1.0.0" and tally.matched is None:
        return False
    cut = len(page) == page_size(asker, source, stated_cap) or looks_like_a_cap(len(page), stated_cap)
    return tally.reached and not cut


async def _page_on(
    asker: FeatureTypeClient, first: FeaturePage, source: WfsSource, stated_cap: int | None, collected: CollectionResult
) -> None:
    tally, count = collected.tally, page_size(asker, source, stated_cap)
    end = await paginate(asker, tally, first, count)
    collected.complete = end is End.REACHED or (end is End.EMPTY and (tally.matched is None or tally.reached))
    if not collected.complete:
        collected.notes.append(f"paging does not bring the whole layer: {end.value} ({len(tally)} objects)")
        await _all_at_once(asker, source, stated_cap, collected, count)


async def _all_at_once(
    asker: FeatureTypeClient, source: WfsSource, stated_cap: int | None, collected: CollectionResult, count: int | None
) -> None:
    """Without a limit, unless that was tried, is forbidden by the layer file, or cannot be enough."""
    tally = collected.tally
    if count is None or source.page_size is not None:
        return
    if stated_cap is not None and tally.matched is not None and tally.matched > stated_cap:
        return
    try:
        page = await asker.page()
    except (UpstreamError, DecodeError):
        return
    tally.add(page)
    collected.complete = tally.reached and not looks_like_a_cap(len(page), stated_cap)


async def _by_boxes(
    asker: FeatureTypeClient, first: FeaturePage, source: WfsSource, collected: CollectionResult
) -> None:
    tally = collected.tally
    ground: TypeExtent | None = await asker.offload(probe_extent, first, source, asker.feature_type.extent)
    if ground is None:
        collected.notes.append("no object has a geometry, so the layer cannot be fetched in parts")
        return
    filtered = bool(asker.where)
    asker, proven = await agree_on_boxes(asker, first, ground, source)
    if filtered and not asker.where:
        # what is counted and what is fetched must be the same objects
        tally.matched = believable(await asker.count(), len(tally))
        collected.notes.append("the vendor takes no box beside a filter, so all objects are fetched and filtered here")
    if proven is None:
        collected.notes.append("the vendor does not understand a box, so the layer cannot be fetched in parts")
        return
    dialect = proven.dialect
    whole = await ask_by_boxes(asker, tally, len(first), ground, dialect)
    counted = None if tally.matched is None or tally.reached else await asker.count(ground.plane, dialect)
    located = len(tally) - tally.placeless
    collected.complete = whole and (tally.matched is None or tally.reached or counted == located)
    collected.notes.append(
        f"boxes agree that the {len(first)} objects of one answer are all"
        if len(tally) == len(first)
        else f"fetched box by box, since one answer holds {len(first)} objects"
    )
    if collected.complete and tally.matched is not None and not tally.reached:
        collected.notes.append(
            f"{tally.matched - len(tally)} of {tally.matched} objects lie in no box: they have no geometry"
        )
