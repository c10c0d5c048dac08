"""Paging with startIndex, and when to believe that a page was the last.

OGC 09-025r2, section 7.7.4.4; servers of 1.1.0 accept startIndex too, or ignore it. The URLs of pages are built here,
because the `next` links of real servers are missing before the last page (MapServer) and present after it (GeoServer).
A short page is not the last one (MapServer drops objects from a page when it reprojects), so only three things end
paging: the vendor's count is reached, a page is empty, or a page has no new object.

A count that may only be that of an answer, or the most that the vendor counts, is believed after a second look: a
request for the two objects behind it.
"""

from __future__ import annotations

import enum

from wfs_proxy.errors import DecodeError, UpstreamError, UpstreamException, UpstreamRefused
from wfs_proxy.sources.completeness import CollectedFeatures
from wfs_proxy.sources.wfs.feature_type_client import FeatureTypeClient

__all__ = ["PagingEnd", "look_behind", "paginate"]

_LOOK = 2
"""Objects of a second look: a vendor that counts from one repeats the last object, and shows a further one."""


class PagingEnd(enum.Enum):
    """Why paging ended."""

    COUNT_REACHED = "as many objects as the vendor counts were received"
    EMPTY = "the last page is empty"
    REPEATED = "a page had no new object"
    REFUSED = "the vendor refused a page"
    EXHAUSTED = "too many requests"


async def paginate(
    client: FeatureTypeClient, collected: CollectedFeatures, received: int, count: int | None
) -> PagingEnd:
    """Add all pages after the first `received` objects to `collected`.

    The next page starts after the objects received, not after those requested: servers return fewer than `count`.
    """
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


async def look_behind(client: FeatureTypeClient, collected: CollectedFeatures, start: int) -> int | None:
    """Add up to two objects from number `start` on to `collected`, and return how many the vendor sent.

    Returns:
        0 when there is none; None when the vendor does not show it, because it refuses or ignores startIndex.
    """
    try:
        page = await client.get_page(count=_LOOK, start=start)
    except (UpstreamError, DecodeError):
        return None
    last = collected.last
    if collected.add(page):
        return len(page)
    at_the_end = len(page) == 0 or (len(page) < _LOOK and page.keys[-1] == last)
    return 0 if at_the_end and not page.batch.left_out else None
