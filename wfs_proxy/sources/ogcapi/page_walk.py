"""From page to page of a collection, and when to believe that there are no more.

The links with the relation `next` lead from page to page (OGC 17-069r4, section 7.15.7). Four things end the walk: a
page without such a link, an empty page, a page that brings no new object, and the limits of the fetch. `numberMatched`
ends nothing: it is only compared with what was received.

A missing link proves little where the server has shown none so far, and after a page that is as long as a page can be
while no count says that it is the last one: some servers forget the link. Then a second look is taken. The last page is
requested again with one object less; what comes behind that page is known to exist, so a server that pages must link to
it. A server that does not link is asked by `offset`.
"""

from __future__ import annotations

import enum
from contextlib import suppress
from dataclasses import dataclass, field

from wfs_proxy.errors import DecodeError, UpstreamError, UpstreamException, UpstreamRefused
from wfs_proxy.http import with_parameters
from wfs_proxy.sources.completeness import SMALLEST_CAP, CollectedFeatures, believable_count, looks_like_a_cap
from wfs_proxy.sources.layer_parts import ReceivedPart
from wfs_proxy.sources.ogcapi.items_client import ItemsClient, ItemsPage
from wfs_proxy.sources.ogcapi.service_documents import error_is_final

__all__ = ["collect_items"]

_OFFSETS = ("offset", "startIndex", "startindex", "start")
"""Names of the parameter for the first object of a page; the standard has none."""

_LIMIT = "limit"


class _WalkEnd(enum.Enum):
    """Why the walk ended."""

    LAST_PAGE = "the last page has no link to a next one"
    EMPTY = "the last page is empty"
    REPEATED = "a page had no new object"
    REFUSED = "the vendor refused a page"
    EXHAUSTED = "too many requests"


class _ExpiredLink(Exception):
    """The vendor refuses the page that it linked to."""


async def collect_items(client: ItemsClient, first: ItemsPage, *, links: bool = False) -> ReceivedPart:
    """Return all objects, given the first page. Where a link has expired, the walk starts over once.

    Args:
        client: with the parameters of the first page.
        first: the first page.
        links: whether the vendor is known to link a page to a next one, so that a page without a link is the last.

    Raises:
        UpstreamUnreachable: the vendor stopped answering.
        UpstreamRefused: a link leads to another origin.
    """
    walk = _Walk(client=client, links=links)
    try:
        await walk.to_the_end(first)
    except _ExpiredLink as expired:
        note = f"a link to the next page was refused, so the pages were requested from the first one again: {expired}"
        walk = _Walk(client=client, links=links, notes=[note])
        try:
            await walk.to_the_end(await client.get_page())
        except _ExpiredLink as again:
            walk.end = _WalkEnd.REFUSED
            walk.notes.append(str(again))
    return walk.result()


@dataclass(kw_only=True)
class _Walk:
    """One walk from the first page on."""

    client: ItemsClient
    links: bool
    notes: list[str] = field(default_factory=list)
    features: CollectedFeatures = field(default_factory=CollectedFeatures)
    end: _WalkEnd = _WalkEnd.LAST_PAGE
    confirmed: bool = True
    """False while a missing link may have been forgotten."""

    _visited: set[str] = field(default_factory=set)
    _lost: set[str] = field(default_factory=set)
    _behind: ItemsPage | None = None
    """The last page that was linked to, also if it had no new object."""

    async def to_the_end(self, first: ItemsPage) -> None:
        """Receive all pages.

        Raises:
            _ExpiredLink: the vendor refuses a page that it linked to.
            UpstreamUnreachable: it stopped answering.
            UpstreamRefused: a link leads to another origin.
        """
        self._visited.add(first.url)
        self.features.add(first.features)
        self.features.matched = believable_count(first.features.batch.claims.matched, len(first.features))
        last = await self._follow_links(first)
        if self.end is _WalkEnd.LAST_PAGE and self._may_be_forgotten(last):
            await self._look_behind(last)
        elif not self._counted_out:
            await self._page_by_offset()

    @property
    def _counted_out(self) -> bool:
        return self.features.matched is None or self.features.count_reached

    def result(self) -> ReceivedPart:
        """Return what was received, and whether it is all."""
        certain = {
            _WalkEnd.LAST_PAGE: self.confirmed and self._counted_out,
            _WalkEnd.EMPTY: self._counted_out,
            _WalkEnd.REPEATED: self.features.count_reached,
        }
        complete = certain.get(self.end, False)
        if self._lost:
            names = ", ".join(sorted(self._lost))
            self.notes.append(f"the vendor's links to the next page lose or change {names}, so it is added again")
        if not complete and self.end is not _WalkEnd.LAST_PAGE:
            self.notes.append(f"paging does not return all objects: {self.end.value} ({len(self.features)} objects)")
        return ReceivedPart(features=self.features, complete=complete, notes=self.notes)

    async def _follow_links(self, page: ItemsPage) -> ItemsPage:
        """Receive the pages behind one, and return the last one that had new objects."""
        self.end = _WalkEnd.LAST_PAGE
        while page.next_link is not None:
            self.links = True
            following = await self._page_behind(page, page.next_link)
            if following is None:
                break
            page = following
        return page

    async def _page_behind(self, page: ItemsPage, link: str) -> ItemsPage | None:
        """Return the page that a link leads to; None, with the reason in `end`, if that brings nothing new."""
        target = self.client.next_page(page, link)
        self._lost.update(target.lost)
        self.end = _WalkEnd.REPEATED
        for url in target.urls:
            if url in self._visited:
                continue
            if self.client.budget.exhausted:
                self.end = _WalkEnd.EXHAUSTED
                return None
            self._visited.add(url)
            found = self._behind = await self._get_linked(url, is_last=url == target.urls[-1])
            if found is not None and self.features.add(found.features):
                self.end = _WalkEnd.LAST_PAGE
                return found
            if found is not None and found.is_empty:
                self.end = _WalkEnd.EMPTY
        return None

    async def _get_linked(self, url: str, *, is_last: bool) -> ItemsPage | None:
        """Return a page; None if the vendor refuses it and there is another way to write its URL.

        Raises:
            _ExpiredLink: the vendor refuses it.
        """
        try:
            return await self.client.get(url)
        except (UpstreamException, UpstreamRefused, DecodeError) as error:
            if error_is_final(error) or (isinstance(error, UpstreamError) and error.retryable):
                raise
            if is_last:
                raise _ExpiredLink(str(error)) from error
            return None

    def _may_be_forgotten(self, page: ItemsPage) -> bool:
        """Whether a page without a link may not be the last one."""
        count = len(page.features)
        is_full = self.client.limit is None or count >= self.client.limit
        return count >= SMALLEST_CAP and (not self.links or (is_full and not self.features.count_reached))

    async def _look_behind(self, last: ItemsPage) -> None:
        """Take a second look at what comes behind the last page, and continue if there is more."""
        linked = self.links
        self.confirmed = False
        count = len(last.features)
        shorter: ItemsPage | None = None
        with suppress(UpstreamException, UpstreamRefused, DecodeError):
            shorter = await self.client.get(with_parameters(last.url, {_LIMIT: str(count - 1)}))
        if shorter is not None and (self.features.add(shorter.features) or _begins_alike(shorter, last)):
            if shorter.next_link is not None:
                await self._follow_links(shorter)
                if self._behind is not None and self._behind.next_link is None and self.end is _WalkEnd.REPEATED:
                    # the object that the shorter page lacked, and nothing behind it
                    self.end = _WalkEnd.LAST_PAGE
                self.confirmed = True
                return
            linked = False
        # otherwise a cursor is only valid with the `limit` that it was made for (PDOK), so the look shows nothing
        self.confirmed = linked
        if not self.confirmed:
            await self._page_by_offset()
        if not self.confirmed and shorter is not None and len(shorter.features) >= count:
            # the server has no pages: it returns what it has, unless that is a round number
            self.confirmed = not looks_like_a_cap(count, self.client.limit)
        if not self.confirmed:
            self.notes.append(
                f"the vendor returned {len(self.features)} objects and links to no further page, and nothing confirms "
                "that these are all; ask the vendor for links to the next page"
            )

    async def _page_by_offset(self) -> None:
        """Request the objects behind those received, as many servers allow, until a page is empty."""
        named = [name for name in _OFFSETS if name in self.client.collection.parameters.names]
        name = named[0] if named else _OFFSETS[0]
        while not self.client.budget.exhausted:
            try:
                page = await self.client.get_page(**{name: len(self.features)})
            except (UpstreamException, UpstreamRefused, DecodeError):
                return
            if page.is_empty:
                self.confirmed, self.end = True, _WalkEnd.EMPTY
                return
            if self.features.add(page.features) == 0:
                return
        self.end = _WalkEnd.EXHAUSTED


def _begins_alike(shorter: ItemsPage, page: ItemsPage) -> bool:
    """Whether a shorter page has the first objects of another one."""
    keys = shorter.features.keys
    return keys == page.features.keys[: len(keys)]
