"""The open signals of one instance, read without credentials from the public geography.

It has the place and category of open signals, half an hour late. It has no ids, states or assets, and only the
categories that the municipality made public. Each poll reads it completely.
"""

from __future__ import annotations

from collections.abc import Callable

from wfs_proxy.bbox import BBox
from wfs_proxy.config import SignalenInstance
from wfs_proxy.errors import UpstreamIncomplete, UpstreamRefused
from wfs_proxy.geo import SERVICE_AREA
from wfs_proxy.marks import ReportedObjects
from wfs_proxy.reports.client import InvalidChoice, QueryParameters, SignalenClient
from wfs_proxy.reports.open_signals import OpenSignals, SignalFilter
from wfs_proxy.reports.signal_pages import SignalPage

__all__ = ["PUBLIC_STATE", "PublicFeed"]

PUBLIC_STATE = ""
"""The state of signals of the public geography, which has open signals only."""

MARGIN = 0.005
"""Degrees around the objects, some 300 to 500 m, because a report is not exactly where its object is."""

MOST_PAGES = 200
"""Pages per poll. With a thousand rows each, this is far more than all public reports of the country."""

ROWS = 1000
"""Rows per page. A row has 300 bytes, far less than one of the private list."""

_NO_SUCH_PAGE = 404


class PublicFeed:
    """The open signals of one instance, from its public geography."""

    public_only = True

    def __init__(
        self,
        client: SignalenClient,
        instance: SignalenInstance,
        signal_filter: SignalFilter,
        clock: Callable[[], float],
        box: Callable[[], BBox | None],
    ) -> None:
        self._client = client
        self._instance = instance
        self._categories = signal_filter.categories
        self._filter = SignalFilter(
            states=frozenset({PUBLIC_STATE}), categories=signal_filter.categories, questions=frozenset()
        )
        self._clock = clock
        self._box = box
        self._open = OpenSignals(self._filter)
        self._next_check = 0.0
        self.malformed = 0
        self.unknown: tuple[str, ...] = ()
        self.categories: tuple[str, ...] = ()
        self.error: str | None = None

    async def refresh(self) -> bool:
        """Read all pages. Return True: nothing is left to read.

        Raises:
            UpstreamError: Signalen did not answer, or refused a request.
            DecodeError: the answer is not what Signalen returns.
        """
        box = bbox_parameter(self._box())
        if self._clock() >= self._next_check:
            self.unknown = await self._hidden_categories(box)
            self.categories = await self._client.category_slugs() if self.unknown else ()
            self._next_check = self._clock() + self._instance.full_sync
        found = OpenSignals(self._filter)
        for number in range(1, MOST_PAGES + 1):
            page = await self._page(box, number)
            found.apply(page.signals)
            self.malformed += page.malformed
            if page.rows < ROWS:
                break
        else:
            raise UpstreamIncomplete(f"the public geography of Signalen has more than {MOST_PAGES} pages")
        await self._client.offload(self._open.replace_all, found)
        return True

    async def find_disappeared(self) -> bool:
        """Return False: a refresh has read everything."""
        return False

    def progress(self) -> bytes | None:
        """Return None: nothing is needed to continue."""
        return None

    def resume(self, progress: bytes, published: ReportedObjects | None) -> None:
        """Do nothing."""

    def reported(self, as_of: float) -> ReportedObjects:
        """Return the signals that are open, as of a moment."""
        return self._open.reported(as_of, public_only=True)

    async def _page(self, box: str, number: int) -> SignalPage:
        try:
            return await self._client.public_page(_parameters(box, number))
        except UpstreamRefused as error:
            if number > 1 and error.upstream_status == _NO_SUCH_PAGE:
                return SignalPage(signals=(), rows=0, count=None)  # the page before was the last one, and full
            raise

    async def _hidden_categories(self, box: str) -> tuple[str, ...]:
        """Return the layers' categories that are not public, or that Signalen does not know."""
        hidden = []
        for slug in sorted(self._categories or ()):
            try:
                await self._client.public_page([("bbox", box), ("category_slug", slug), ("page_size", "1")])
            except InvalidChoice:
                hidden.append(slug)
        return tuple(hidden)


def _parameters(box: str, number: int) -> QueryParameters:
    yield "bbox", box
    yield "page_size", str(ROWS)
    yield "geopage", str(number)


def bbox_parameter(box: BBox | None) -> str:
    """Return the box with a margin, as the value of Signalen's `bbox`; the whole service area if there is no box."""
    if box is None:
        return ",".join(f"{number:.4f}" for number in SERVICE_AREA)
    west, south, east, north = box
    return f"{west - MARGIN:.4f},{south - MARGIN:.4f},{east + MARGIN:.4f},{north + MARGIN:.4f}"
