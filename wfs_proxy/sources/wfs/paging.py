"""Paging with startIndex, and when to believe that a page was the last.

OGC 09-025r2, section 7.7.4.4; servers of 1.1.0 accept startIndex too, or ignore it. The URLs of pages are built here,
because the `next` links of real servers are missing before the last page (MapServer) and present after it (GeoServer).
A short page is not the last one (MapServer drops objects from a page when it reprojects), so only three things end
paging: the vendor's count is reached, a page is empty, or a page has no new object.
"""

from __future__ import annotations

import enum

from wfs_proxy.errors import DecodeError, UpstreamException, UpstreamRefused
from wfs_proxy.sources.wfs.completeness import CollectedFeatures
from wfs_proxy.sources.wfs.feature_page import FeaturePage
from wfs_proxy.sources.wfs.feature_type_client import FeatureTypeClient

__all__ = ["PagingEnd", "paginate"]


class PagingEnd(enum.Enum):
    """Why paging ended."""

    COUNT_REACHED = "as many objects as the vendor counts were received"
    EMPTY = "the last page is empty"
    REPEATED = "a page had no new object"
    REFUSED = "the vendor refused a page"
    EXHAUSTED = "too many requests"


async def paginate(
    client: FeatureTypeClient, collected: CollectedFeatures, first: FeaturePage, count: int | None
) -> PagingEnd:
    """Add all pages after the first to `collected`.

    The next page starts after the objects received, not after those requested: servers return fewer than `count`.
    """
    received = len(first)
    while not client.budget.exhausted:
        try:
            page = await client.get_page(count=count, start=received)
        except (UpstreamException, UpstreamRefused, DecodeError):
            # such as "Cannot do natural order without a primary key" (GeoServer)
            return PagingEnd.REFUSED
        if len(page) == 0:
            return PagingEnd.EMPTY
        if collected.add(page) == 0:
            return PagingEnd.REPEATED
        received += len(page)
        if collected.count_reached:
            return PagingEnd.COUNT_REACHED
    return PagingEnd.EXHAUSTED
