"""Page by page with startIndex, and when to believe the end.

OGC 09-025r2, section 7.7.4.4; servers of 1.1.0 take startIndex too, or ignore it. We build the addresses ourselves: the
`next` links of real servers are absent before the end (MapServer) and present after it (GeoServer). A short page is not
the last one (MapServer drops objects from a page when it reprojects), so only three things end the walk: as many
objects as there are, an empty page, and a page without anything new.
"""

from __future__ import annotations

import enum

from wfs_proxy.errors import DecodeError, UpstreamException, UpstreamRefused
from wfs_proxy.sources.wfs.completeness import CollectedFeatures
from wfs_proxy.sources.wfs.feature_type_client import FeatureTypeClient
from wfs_proxy.sources.wfs.pages import FeaturePage

__all__ = ["End", "paginate"]


class End(enum.Enum):
    """How the walk ended."""

    REACHED = "there are as many as there should be"
    EMPTY = "the page after the last is empty"
    REPEATED = "a page brought nothing new"
    REFUSED = "the vendor refused a page"
    EXHAUSTED = "too many requests"


async def paginate(asker: FeatureTypeClient, tally: CollectedFeatures, first: FeaturePage, count: int | None) -> End:
    """Add all pages after the first to the tally.

    The next page starts after what was received, not after what was asked: servers give less than `count`.
    """
    received = len(first)
    while not asker.budget.exhausted:
        try:
            page = await asker.page(count=count, start=received)
        except (UpstreamException, UpstreamRefused, DecodeError):
            # such as "Cannot do natural order without a primary key" (GeoServer)
            return End.REFUSED
        if len(page) == 0:
            return End.EMPTY
        if tally.add(page) == 0:
            return End.REPEATED
        received += len(page)
        if tally.reached:
            return End.REACHED
    return End.EXHAUSTED
