"""Walking through the private list by a time that only grows, instead of by page number.

Page numbers shift while rows are edited, so it is always page 1 that is asked for, of what lies at or after the last
time seen. Signalen's bounds are inclusive: rows at the seam come twice, and nothing between two pages is lost.
"""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from typing import Literal

from wfs_proxy.errors import UpstreamIncomplete
from wfs_proxy.marks import Signal
from wfs_proxy.reports.client import QueryParameters, SignalenClient, moment
from wfs_proxy.reports.signal_pages import SignalPage

__all__ = ["Keyset"]

LARGEST_PAGE = 20_000
"""Rows of one moment that a page may grow to hold. An import stamps thousands alike; at 2.4 kB each this is 48 MB."""


class Keyset:
    """One walk. `done` once the last row was read."""

    def __init__(
        self,
        client: SignalenClient,
        by: Literal["created", "updated"],
        *,
        filters: QueryParameters = (),
        after: datetime | None = None,
        page_size: int,
    ) -> None:
        self._client = client
        self._by = by
        self._filters = tuple(filters)
        self._after = after
        self._page_size = page_size
        self._asked = page_size
        self.done = False

    async def step(self) -> SignalPage:
        """The next page.

        A whole page of one and the same moment gives no new place to go on from: the same is asked again, twice as
        long.

        Raises:
            UpstreamError: Signalen did not answer or refused; the same step can be tried again.
            UpstreamIncomplete: going on would miss signals.
            MalformedDocument: what it answered is no page.
        """
        page = await self._client.private_page(self._question())
        moments = [self._moment(signal) for signal in page.signals]
        if any(later < earlier for earlier, later in pairwise(moments)):
            raise UpstreamIncomplete(f"Signalen does not sort its signals by {self._by}_at, so none can be relied on")
        more = page.rows < page.count if page.count is not None else page.rows >= self._asked
        if not more or not page.rows:
            self.done = True
        elif moments and (self._after is None or moments[-1] > self._after):
            self._after, self._asked = moments[-1], self._page_size
        else:
            self._grow()
        return page

    def _question(self) -> QueryParameters:
        yield "ordering", f"{self._by}_at"
        yield "page_size", str(self._asked)
        if self._after is not None:
            yield f"{self._by}_after", moment(self._after)
        yield from self._filters

    def _moment(self, signal: Signal) -> datetime:
        return signal.created_at if self._by == "created" else signal.updated_at

    def _grow(self) -> None:
        if self._asked >= LARGEST_PAGE:
            raise UpstreamIncomplete(
                f"Signalen has more than {LARGEST_PAGE} signals {self._by} at one and the same moment"
            )
        self._asked = min(2 * self._asked, LARGEST_PAGE)
