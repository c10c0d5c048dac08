"""All objects of one feature type, by the cheapest method that proves it has them all.

    first answer -> complete? -> page by page -> complete? -> all at once -> complete? -> box by box -> complete, or not

An answer is complete when it has as many objects as the vendor counts, and a second look shows that there are no more:
the count may be that of the answer only. The look is one small request for what comes next. Where the vendor does not
page, it is four smaller boxes; where it does not understand boxes either, a count of its own (`hits`). An answer with
fewer than ten objects needs no second look. Where the vendor does not count (WFS 1.0.0), the quadtree has to find the
same objects.
"""

from __future__ import annotations

from wfs_proxy.config import WfsSource
from wfs_proxy.errors import DecodeError, UpstreamError
from wfs_proxy.sources.completeness import (
    SMALLEST_CAP,
    CollectedFeatures,
    believable_count,
    looks_like_a_cap,
)
from wfs_proxy.sources.feature_page import FeaturePage
from wfs_proxy.sources.layer_parts import ReceivedPart
from wfs_proxy.sources.wfs.bbox_probe import probe_dialect
from wfs_proxy.sources.wfs.feature_type_client import FeatureTypeClient
from wfs_proxy.sources.wfs.paging import PagingEnd, look_behind, paginate
from wfs_proxy.sources.wfs.quadtree import fetch_by_quadtree, quarters_have_no_more
from wfs_proxy.sources.wfs.type_extent import TypeExtent, probe_extent

__all__ = ["DEFAULT_PAGE", "UNFILTERED_BOXES", "collect", "page_size"]

DEFAULT_PAGE = 2_000
"""Objects. Decoding more at once delays other requests by more than 15 ms (measured)."""

UNFILTERED_BOXES = (
    "the vendor does not combine a box with a filter, so objects are fetched unfiltered and filtered here"
)


def page_size(client: FeatureTypeClient, source: WfsSource, stated_cap: int | None) -> int | None:
    """Return how many objects to request at once; None: all of them."""
    if client.version == "1.0.0":
        return None
    if source.page_size is not None:
        return source.page_size
    return min(stated_cap or DEFAULT_PAGE, DEFAULT_PAGE) if client.version == "2.0.0" else None


async def collect(
    client: FeatureTypeClient, first: FeaturePage, source: WfsSource, stated_cap: int | None
) -> ReceivedPart:
    """Return all objects of a type, given the first answer.

    Raises:
        UpstreamError: the vendor failed on the way.
    """
    features = CollectedFeatures()
    features.add(first)
    features.matched = believable_count(first.batch.claims.matched, len(first))
    if features.matched is None:
        features.matched = believable_count(await client.count(), len(first))
    complete = _first_is_complete(features, first, source, stated_cap, client)
    result = ReceivedPart(features=features, complete=complete)
    if complete and len(first) >= SMALLEST_CAP:
        behind = await look_behind(client, features, features.matched or len(first))
        if behind is None:
            await _look_at_boxes(client, first, source, result)
            return result
        result.complete = behind == 0
    if not result.complete and client.version != "1.0.0":
        await _page_by_page(client, source, stated_cap, result)
    if not result.complete:
        await _box_by_box(client, first, source, result)
    return result


def _first_is_complete(
    features: CollectedFeatures,
    page: FeaturePage,
    source: WfsSource,
    stated_cap: int | None,
    client: FeatureTypeClient,
) -> bool:
    """Whether the first answer has all objects; only beyond doubt, since a count may stop where the answer does."""
    if len(page) == 0:
        return not features.matched
    if client.version == "1.0.0" and features.matched is None:
        return False
    cut = len(page) == page_size(client, source, stated_cap) or looks_like_a_cap(len(page), stated_cap)
    return features.count_reached and not cut


async def _look_at_boxes(
    client: FeatureTypeClient, first: FeaturePage, source: WfsSource, result: ReceivedPart
) -> None:
    """Take the second look where the vendor does not page: at smaller boxes, else at a count of its own."""
    features = result.features
    try:
        extent: TypeExtent | None = await client.offload(probe_extent, first, source, client.feature_type.extent)
        boxed, probed = (client, None) if extent is None else await probe_dialect(client, first, extent, source)
        if extent is not None and probed is not None and len(boxed.where) == len(client.where):
            if not await quarters_have_no_more(boxed, features, first, extent, probed.dialect):
                result.complete = await fetch_by_quadtree(boxed, features, len(first), extent, probed.dialect)
            result.notes += _box_notes(result, len(first))
            return
    except (UpstreamError, DecodeError):
        # the layer itself was received, and is complete as far as its own count says
        pass
    await _compare_with_hits(client, result)


async def _compare_with_hits(client: FeatureTypeClient, result: ReceivedPart) -> None:
    features = result.features
    count = await client.count()
    features.matched = believable_count(count, len(features))
    result.complete = features.count_reached
    if not result.complete:
        result.notes.append(
            f"the vendor counts {len(features)} objects in its answer, and neither pages, boxes nor counts otherwise, "
            "so nothing confirms that these are all; ask the vendor for paging (startIndex)"
        )


async def _page_by_page(
    client: FeatureTypeClient, source: WfsSource, stated_cap: int | None, result: ReceivedPart
) -> None:
    features, count = result.features, page_size(client, source, stated_cap)
    end = await paginate(client, features, len(features), count)
    if end is PagingEnd.COUNT_REACHED and looks_like_a_cap(features.matched or 0, None):
        behind = await look_behind(client, features, features.matched or 0)
        if behind:
            end = await paginate(client, features, len(features), count)
        elif behind is None:
            # the vendor may count and page no further than this (Elasticsearch: 10,000)
            end, features.matched = PagingEnd.REFUSED, None
    counted_out = features.matched is None or features.count_reached
    result.complete = end is PagingEnd.COUNT_REACHED or (end is PagingEnd.EMPTY and counted_out)
    if not result.complete:
        result.notes.append(f"paging does not return the whole layer: {end.value} ({len(features)} objects)")
        await _all_at_once(client, source, stated_cap, result, count)


async def _all_at_once(
    client: FeatureTypeClient, source: WfsSource, stated_cap: int | None, result: ReceivedPart, count: int | None
) -> None:
    """Request without a count, unless that was done, the layer file sets a page size, or the stated cap is too low."""
    features = result.features
    if count is None or source.page_size is not None:
        return
    if stated_cap is not None and features.matched is not None and features.matched > stated_cap:
        return
    try:
        page = await client.get_page()
    except (UpstreamError, DecodeError):
        return
    features.add(page)
    result.complete = features.count_reached and not looks_like_a_cap(len(page), stated_cap)


async def _box_by_box(client: FeatureTypeClient, first: FeaturePage, source: WfsSource, result: ReceivedPart) -> None:
    features = result.features
    extent: TypeExtent | None = await client.offload(probe_extent, first, source, client.feature_type.extent)
    if extent is None:
        result.notes.append("no object has a geometry, so the layer cannot be fetched box by box")
        return
    filtered = bool(client.where)
    client, probed = await probe_dialect(client, first, extent, source)
    if filtered and not client.where:
        # count what is fetched now: objects without the filter
        features.matched = believable_count(await client.count(), len(features))
        result.notes.append(UNFILTERED_BOXES)
    if probed is None:
        result.notes.append("the vendor does not understand a box, so the layer cannot be fetched box by box")
        return
    whole = await fetch_by_quadtree(client, features, len(first), extent, probed.dialect)
    known = features.matched is None or features.count_reached
    in_boxes = None if known else await client.count(probed.dialect.area(extent).plane, probed.dialect)
    result.complete = whole and (known or in_boxes == len(features) - features.without_geometry)
    result.notes += _box_notes(result, len(first))


def _box_notes(result: ReceivedPart, first: int) -> list[str]:
    features = result.features
    if len(features) == first:
        notes = [f"confirmed box by box that the {first} objects of one answer are all"]
    else:
        notes = [f"fetched box by box, since one answer has only {first} objects"]
    if result.complete and features.matched is not None and not features.count_reached:
        missing = features.matched - len(features)
        notes.append(f"{missing} of {features.matched} objects have no geometry, so no box returns them")
    return notes
