"""All objects of a layer, or of an area of it, by the cheapest method that proves it has them all.

    first page -> page by page (resultOffset) -> complete? -> by object ids -> complete, or not

A count (returnCountOnly), `exceededTransferLimit` and the length of a page are claims. Pages end where one is empty, or
where a shorter one than the largest agrees with the count and with exceededTransferLimit. Objects are counted by what
they are, so a page that repeats one and lacks another does not reach the count. Where paging is not supported or
breaks, the vendor lists the ids (returnIdsOnly, which no limit applies to), and the objects that are still missing are
requested by ranges of ids. The list also proves that nothing is missing, if it is longer than a page or if there is no
object with a higher id: a vendor that cuts off its answers may cut off the list and the count in the same way.

Invariant: a layer that is called complete has every object, whatever the vendor counts, lists, repeats and refuses
(`test_layer_that_is_called_complete_has_every_object`).
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from math import ceil

from wfs_proxy.errors import DecodeError, UpstreamException, UpstreamRefused, UpstreamTooLarge
from wfs_proxy.sources.arcgis.layer_client import LayerClient, is_final
from wfs_proxy.sources.completeness import SMALLEST_CAP, believable_count, looks_like_a_cap
from wfs_proxy.sources.feature_page import FeaturePage
from wfs_proxy.sources.layer_parts import ReceivedPart

__all__ = ["LayerCollection", "collect"]

_SPARE_PAGES = 20
"""Pages beyond three times those that the count needs: a count may be wrong, but pages must end."""

_MOST_SKIPPED, _MOST_SKIPPED_AT_END = 20, 2
"""Empty pages that have more behind them, as the vendor says; and if as many objects as it counts were received."""

_INTEGER = re.compile(r"-?[0-9]{1,18}")

_MOST_REFUSALS = 10
"""In a row. A vendor that refuses so many parts will refuse the others too."""

_REFUSALS = (UpstreamException, UpstreamRefused, UpstreamTooLarge, DecodeError)
"""A query that the vendor cannot answer, while it may answer another one."""


class OffsetEnd(enum.Enum):
    """Why paging by resultOffset ended."""

    COUNT_REACHED = "as many objects as the vendor counts were received"
    EMPTY_PAGE = "a page is empty"
    NOTHING_NEW = "a page has no new object"
    REFUSED = "the vendor refuses a page"
    ENDLESS = "there are many more pages than the count of the vendor needs"
    EXHAUSTED = "too many requests"
    UNSUPPORTED = "the layer does not support it"


@dataclass(kw_only=True)
class LayerCollection(ReceivedPart):
    """What was received of one layer, or of an area of it, and what paging has to know of that."""

    received: int = 0
    """Members of all pages, repeated and unreadable ones too: where the next page starts."""

    largest: int = 0
    """Members of the largest page: the vendor cuts no page off below it."""

    ids: set[str] = field(default_factory=set)
    without_id: int = 0

    skipped_pages: int = 0
    """Empty pages that had more behind them, as the vendor said."""

    def add(self, page: FeaturePage) -> int:
        """Keep the objects of a page that are new, and return how many they are."""
        new = self.features.add(page)
        members = _members(page)
        self.received += members
        self.largest = max(self.largest, members)
        known = [each for each in page.batch.ids.tolist() if each is not None]
        self.ids.update(known)
        self.without_id += len(page) - len(known) if new else 0
        return new

    def missing(self, ids: Iterable[int]) -> list[int]:
        """Return those of the ids that were not received."""
        return [each for each in ids if str(each) not in self.ids]

    def is_last(self, page: FeaturePage) -> bool:
        """Whether everything says that a page is the last one."""
        shorter = _members(page) < self.largest or self.received < SMALLEST_CAP
        return shorter and self.features.count_reached and not page.batch.claims.exceeded_limit


async def collect(client: LayerClient, first: FeaturePage, collection: LayerCollection) -> None:
    """Add all objects of a query to a collection, given the first page.

    Raises:
        UpstreamError, DecodeError: the vendor failed on the way.
    """
    features = collection.features
    features.matched = await client.count()
    collection.add(first)
    features.matched = believable_count(features.matched, len(features))
    end = await _page_by_page(client, first, collection) if client.pages else OffsetEnd.UNSUPPORTED
    counted_out = features.matched is None or features.count_reached
    is_end = end is OffsetEnd.COUNT_REACHED or (end is OffsetEnd.EMPTY_PAGE and counted_out)
    collection.complete = is_end and not collection.skipped_pages
    if not collection.complete:
        await _by_ids(client, collection, end)


async def _page_by_page(client: LayerClient, page: FeaturePage, collection: LayerCollection) -> OffsetEnd:
    """Add all pages after the first one. Pages start after what was received: servers return fewer than requested."""
    if collection.is_last(page):
        return OffsetEnd.COUNT_REACHED
    allowed = _allowed_pages(collection)
    start = collection.received or (client.page_size if page.batch.claims.exceeded_limit else 0)
    while not client.budget.exhausted and allowed != 0:
        allowed -= 1
        try:
            page = await client.get_page(start=start, count=client.page_size)
        except _REFUSALS as error:
            if is_final(error):
                raise
            return OffsetEnd.REFUSED
        end = _added(page, collection)
        if end is not None:
            return end
        start += _members(page) or client.page_size
    return OffsetEnd.ENDLESS if allowed == 0 else OffsetEnd.EXHAUSTED


def _added(page: FeaturePage, collection: LayerCollection) -> OffsetEnd | None:
    """Add a page, and return why it is the last one; None if another one may follow."""
    if _members(page) == 0:
        # more may be behind it: some vendors filter after they count (REST API, "Query")
        says_more = page.batch.claims.exceeded_limit
        collection.skipped_pages += says_more
        most = _MOST_SKIPPED_AT_END if collection.features.count_reached else _MOST_SKIPPED
        return None if says_more and collection.skipped_pages <= most else OffsetEnd.EMPTY_PAGE
    if collection.add(page) == 0 and len(page):
        return OffsetEnd.NOTHING_NEW
    return OffsetEnd.COUNT_REACHED if collection.is_last(page) else None


def _allowed_pages(collection: LayerCollection) -> int:
    """Return how many further pages may be requested; -1 for as many as the budget allows, where nothing is counted."""
    matched = collection.features.matched
    if matched is None:
        return -1
    return 3 * ceil(matched / max(collection.largest, 1)) + _SPARE_PAGES


async def _by_ids(client: LayerClient, collection: LayerCollection, end: OffsetEnd) -> None:
    """Request by their ids what paging did not return, and compare what was received with the list of ids."""
    features = collection.features
    ids = await client.ids() if client.object_id is not None else None
    if ids is None:
        collection.notes.append(_without_ids(client, collection, end))
        nothing_above = await _nothing_above(client, collection)
        # a vendor that ignores resultOffset has repeated all objects, and its count agrees
        capped = looks_like_a_cap(len(features), client.description.max_record_count)
        agrees = features.count_reached and nothing_above and not capped
        collection.complete = end in {OffsetEnd.NOTHING_NEW, OffsetEnd.EMPTY_PAGE} and agrees
        return
    if end not in {OffsetEnd.UNSUPPORTED, OffsetEnd.EMPTY_PAGE, OffsetEnd.COUNT_REACHED}:
        collection.notes.append(f"paging does not work ({end.value}), so objects are requested by their ids")
    await _request_missing(client, collection, ids)
    missing = collection.missing(ids)
    if missing:
        # objects may have been removed since the list was made
        missing = sorted(set(missing) & set(await client.ids() or missing))
    features.matched = believable_count(max(len(ids), features.matched or 0), len(features))
    collection.notes += _contradictions(collection, len(ids), len(missing), end)
    collection.complete = not missing and await _list_is_all(client, collection, ids, end)


async def _list_is_all(client: LayerClient, collection: LayerCollection, ids: Sequence[int], end: OffsetEnd) -> bool:
    """Whether nothing shows that there are objects beyond the ids that the vendor lists."""
    features = collection.features
    if end is OffsetEnd.EMPTY_PAGE and not collection.skipped_pages:
        return True
    if end is OffsetEnd.ENDLESS and len(features) > len(ids):
        return False
    if not ids and not len(features):
        return not features.matched
    longer_than_a_page = len(ids) > collection.largest
    nothing_above = await _nothing_above(client, collection)
    covers_received = collection.ids <= set(map(str, ids))
    counted_out = features.count_reached or (features.matched is None and not collection.without_id)
    return covers_received and counted_out and (nothing_above or longer_than_a_page)


async def _nothing_above(client: LayerClient, collection: LayerCollection) -> bool:
    """Whether there are no objects with higher ids than those received; what there is, is added to the collection.

    This works without paging and without a list of ids. False where the vendor refuses or ignores the condition.
    """
    while not client.budget.exhausted:
        highest = max((int(each) for each in collection.ids if _INTEGER.fullmatch(each)), default=None)
        if client.object_id is None or highest is None:
            return False
        try:
            page = await client.get_above(highest)
        except _REFUSALS as error:
            if is_final(error):
                raise
            return False
        if collection.add(page) == 0:
            return len(page) == 0
    return False


def _contradictions(collection: LayerCollection, listed: int, missing: int, end: OffsetEnd) -> Iterator[str]:
    features = collection.features
    if missing:
        yield f"the vendor lists {missing} ids of objects that it does not return"
    elif features.matched is not None and not features.count_reached:
        yield f"the vendor counts {features.matched} objects, but lists only {listed} ids"
    if end is OffsetEnd.ENDLESS and len(features) > listed:
        yield f"the vendor lists {listed} ids, but returns {len(features)} objects or more"


def _without_ids(client: LayerClient, collection: LayerCollection, end: OffsetEnd) -> str:
    reason = "does not list them" if client.object_id is not None else "names no field with ids"
    return (
        f"paging does not return the whole layer ({end.value}; {len(collection.features)} objects), and the vendor "
        f"{reason}, so objects cannot be requested by their ids"
    )


async def _request_missing(client: LayerClient, collection: LayerCollection, ids: Sequence[int]) -> None:
    """Request the objects that are still missing: by ranges of ids or, where the vendor refuses those, by lists.

    What is cut off is requested again in smaller parts.

    Raises:
        UpstreamError, DecodeError: the vendor refuses many parts.
    """
    missing = collection.missing(ids)
    size = min(client.page_size, collection.largest or client.page_size)
    waiting = [missing[start : start + size] for start in range(0, len(missing), size)][::-1]
    get = client.get_range
    refused = 0
    while waiting and not client.budget.exhausted:
        part = collection.missing(waiting.pop())
        if not part:
            continue
        try:
            page = await get(part)
        except _REFUSALS as error:
            refused += 1
            if is_final(error) or refused > _MOST_REFUSALS:
                raise
            waiting += [part] if get == client.get_range else _halves(part)
            get = client.get_objects
            continue
        refused = 0
        new = collection.add(page)
        left = collection.missing(part)
        if new and left:
            waiting.append(left)
        elif len(left) > 1:
            waiting += _halves(left)


def _halves(part: list[int]) -> list[list[int]]:
    middle = len(part) // 2
    return [half for half in (part[middle:], part[:middle]) if half]


def _members(page: FeaturePage) -> int:
    return len(page) + sum(page.batch.left_out.values())
