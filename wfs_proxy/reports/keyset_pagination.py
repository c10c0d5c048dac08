"""Keyset pagination of the private list: by time instead of by page number.

Rows move between numbered pages while signals are edited. So each request asks for page 1 of the signals at or after
the last time seen, sorted by that time. Signalen's bounds are inclusive: signals with exactly that time are read twice,
and none between two pages is missed.

After an import or a bulk change, more signals than fit on a page have exactly one time, and there is no later time to
continue from. The signals of that moment are then read by page number, sorted by id. A signal that changes leaves the
moment, and those after it move to earlier pages; so these pages are read from the last one to the first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Literal

from wfs_proxy.errors import UpstreamIncomplete, UpstreamRefused
from wfs_proxy.reports.client import QueryParameters, SignalenClient, moment
from wfs_proxy.reports.page_size import PageSize
from wfs_proxy.reports.signal_pages import SignalPage

__all__ = ["Keyset", "Position"]

_NO_SUCH_PAGE = 404

_NEXT_MOMENT = timedelta(microseconds=1)
"""The resolution of PostgreSQL's times (its documentation, section 8.5), which Signalen's API writes in full."""


@dataclass(frozen=True, kw_only=True)
class Position:
    """How far a pass through the list has come."""

    after: datetime | None = None
    """All signals before this time were read; None at the beginning."""

    left: int | None = None
    """The signals of exactly this time that are still to be read, counted from the one with the lowest id; None if the
    signals of this time are read together with later ones."""

    known: int = 0
    """How many signals there were of exactly this time."""


class Keyset:
    """One pass through the list. `done` is True once the last row was read."""

    def __init__(
        self,
        client: SignalenClient,
        by: Literal["created", "updated"],
        *,
        filters: QueryParameters = (),
        size: PageSize,
        position: Position,
    ) -> None:
        self._client = client
        self._by = by
        self._filters = tuple(filters)
        self._size = size
        self.position = position
        """Where another pass with the same filters can continue."""
        self.done = False

    async def step(self) -> SignalPage:
        """Read the next page.

        Raises:
            UpstreamError: Signalen did not answer, or refused the request. The same step can be tried again.
            UpstreamIncomplete: continuing would miss signals.
            MalformedDocument: the answer is not a page of the list.
        """
        if self.position.after is None or self.position.left is None:
            return await self._next_page(self.position.after)
        return await self._page_of_moment(self.position.after, self.position.left, self.position.known)

    async def _next_page(self, after: datetime | None) -> SignalPage:
        page, asked = await self._size.ask(self._client, lambda rows: self._from(after, rows))
        moments = page.created if self._by == "created" else page.updated
        more = page.rows < page.count if page.count is not None else page.rows >= asked
        self._check_order(moments, after if more else None)
        if not more or not page.rows:
            self.done = True
        elif not moments:
            raise UpstreamIncomplete(f"Signalen sent a page of reports without any readable {self._by}_at")
        elif moments[0] == moments[-1]:
            await self._begin_moment(moments[-1])
        else:
            self.position = Position(after=moments[-1])
        return page

    def _check_order(self, moments: tuple[datetime, ...], after: datetime | None) -> None:
        sorted_by_time = all(earlier <= later for earlier, later in pairwise(moments))
        if not sorted_by_time or (moments and after is not None and moments[0] < after):
            raise UpstreamIncomplete(
                f"Signalen does not sort its signals by {self._by}_at, so reading them page by page would miss some"
            )

    async def _begin_moment(self, when: datetime) -> None:
        """Continue with the signals of exactly this time, of which there may be more than fit on a page."""
        first = await self._client.private_page(self._at(when, rows=1, number=1))
        if first.count is None:
            raise UpstreamIncomplete(f"Signalen does not say how many reports have the same {self._by}_at")
        self.position = Position(after=when, left=first.count, known=first.count)
        self._end_moment()

    async def _page_of_moment(self, when: datetime, left: int, known: int) -> SignalPage:
        try:
            page, asked = await self._size.ask(
                self._client, lambda rows: self._at(when, rows=rows, number=_number(left, rows))
            )
        except UpstreamRefused as error:
            if error.upstream_status != _NO_SUCH_PAGE:
                raise
            await self._begin_moment(when)  # so many signals left this moment that it has no such page any more
            return SignalPage(signals=(), rows=0, count=None)
        count = known if page.count is None else page.count
        before = (_number(left, asked) - 1) * asked
        # signals that came to this moment push others to later pages, perhaps to one that was read already
        self.position = Position(after=when, left=min(before + max(count - known, 0), count), known=count)
        self._end_moment()
        return page

    def _end_moment(self) -> None:
        if self.position.left == 0 and self.position.after is not None:
            self.position = Position(after=self.position.after + _NEXT_MOMENT)

    def _from(self, after: datetime | None, rows: int) -> QueryParameters:
        yield "ordering", f"{self._by}_at"
        yield "page_size", str(rows)
        if after is not None:
            yield f"{self._by}_after", moment(after)
        yield from self._filters

    def _at(self, when: datetime, *, rows: int, number: int) -> QueryParameters:
        yield "ordering", "id"
        yield "page_size", str(rows)
        yield "page", str(number)
        yield f"{self._by}_after", moment(when)
        yield f"{self._by}_before", moment(when)
        yield from (item for item in self._filters if item[0] != f"{self._by}_before")  # the last of a name counts


def _number(left: int, rows: int) -> int:
    """Return the number of the last page that has some of the first `left` rows."""
    return -(-left // rows)
