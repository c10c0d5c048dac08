"""Keyset pagination of the private list: by time instead of by page number.

Rows move between numbered pages while signals are edited. So each request asks for page 1 of the signals at or after
the last time seen, sorted by that time. Signalen's bounds are inclusive: signals with exactly that time are read twice,
and none between two pages is missed.
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
"""Rows. A page grows up to this size if all its signals have the same time, as after an import of thousands of signals.
At 2.4 kB per row this is 48 MB."""


class Keyset:
    """One pass through the list. `done` is True once the last row was read."""

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
        self._rows = page_size
        self.done = False

    async def step(self) -> SignalPage:
        """Read the next page.

        If all signals of a page have the same time, there is no later time to continue from. The next step then asks
        for the same page with twice as many rows.

        Raises:
            UpstreamError: Signalen did not answer, or refused the request. The same step can be tried again.
            UpstreamIncomplete: continuing would miss signals.
            MalformedDocument: the answer is not a page of the list.
        """
        page = await self._client.private_page(self._parameters())
        moments = [self._moment(signal) for signal in page.signals]
        if any(later < earlier for earlier, later in pairwise(moments)):
            raise UpstreamIncomplete(
                f"Signalen does not sort its signals by {self._by}_at, so reading them page by page would miss some"
            )
        more = page.rows < page.count if page.count is not None else page.rows >= self._rows
        if not more or not page.rows:
            self.done = True
        elif moments and (self._after is None or moments[-1] > self._after):
            self._after, self._rows = moments[-1], self._page_size
        else:
            self._grow()
        return page

    def _parameters(self) -> QueryParameters:
        yield "ordering", f"{self._by}_at"
        yield "page_size", str(self._rows)
        if self._after is not None:
            yield f"{self._by}_after", moment(self._after)
        yield from self._filters

    def _moment(self, signal: Signal) -> datetime:
        return signal.created_at if self._by == "created" else signal.updated_at

    def _grow(self) -> None:
        if self._rows >= LARGEST_PAGE:
            raise UpstreamIncomplete(
                f"Signalen has more than {LARGEST_PAGE} signals that were {self._by} at the same moment"
            )
        self._rows = min(2 * self._rows, LARGEST_PAGE)
