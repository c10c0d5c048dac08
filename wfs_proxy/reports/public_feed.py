"""Without credentials: the public geography, which tells place and category of open signals, half an hour late.

It has no ids, states or assets, and only the categories that the municipality made public. It is read whole each time.
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
"""What `reports.signals` gives a row of the public geography for its state: it tells open signals only."""

MARGIN = 0.005
"""Degrees around the objects, some 300 to 500 m: a report lies beside its object."""

LONGEST_PAGES = 200
"""Pages of one reading; with a thousand rows each far more than a country reports in public."""

ROWS = 1000
"""Of a page; the size is far below that of the private list, for a row has 300 bytes."""

_NO_SUCH_PAGE = 404


class PublicFeed:
    """The open signals of one instance as the public may see them."""

    public_only = True

    def __init__(
        self,
        client: SignalenClient,
        instance: SignalenInstance,
        scope: SignalFilter,
        clock: Callable[[], float],
        box: Callable[[], BBox | None],
    ) -> None:
        self._client = client
        self._instance = instance
        self._categories = scope.categories
        self._scope = SignalFilter(states=frozenset({PUBLIC_STATE}), categories=scope.categories)
        self._clock = clock
        self._box = box
        self._register = OpenSignals(self._scope)
        self._next_check = 0.0
        self.malformed = 0
        self.unknown: tuple[str, ...] = ()
        self.error: str | None = None

    async def refresh(self) -> None:
        """Read all of it.

        Raises:
            UpstreamError: Signalen did not answer or refused.
            DecodeError: it answered something else.
        """
        box = bbox_parameter(self._box())
        if self._clock() >= self._next_check:
            self.unknown = await self._hidden_categories(box)
            self._next_check = self._clock() + self._instance.full_sync
        found = OpenSignals(self._scope)
        for number in range(1, LONGEST_PAGES + 1):
            page = await self._page(box, number)
            found.apply(page.signals)
            self.malformed += page.malformed
            if page.rows < ROWS:
                break
        else:
            raise UpstreamIncomplete(f"the public geography of Signalen has more than {LONGEST_PAGES} pages")
        await self._client.offload(self._register.become, found)

    def reported(self, as_of: float) -> ReportedObjects:
        """What is open, as of a moment."""
        return self._register.reported(as_of, public_only=True)

    async def _page(self, box: str, number: int) -> SignalPage:
        try:
            return await self._client.public_page(_question(box, number))
        except UpstreamRefused as fault:
            if number > 1 and fault.upstream_status == _NO_SUCH_PAGE:
                return SignalPage(signals=(), rows=0, count=None)  # the page before was the last, and full
            raise

    async def _hidden_categories(self, box: str) -> tuple[str, ...]:
        """The layers' categories that are not public, or that Signalen does not know: no report of them will show."""
        hidden = []
        for slug in sorted(self._categories or ()):
            try:
                await self._client.public_page([("bbox", box), ("category_slug", slug), ("page_size", "1")])
            except InvalidChoice:
                hidden.append(slug)
        return tuple(hidden)


def _question(box: str, number: int) -> QueryParameters:
    yield "bbox", box
    yield "page_size", str(ROWS)
    yield "geopage", str(number)


def bbox_parameter(box: BBox | None) -> str:
    """The box with a margin, as Signalen takes it; without one: wherever Signalen is in use."""
    if box is None:
        return ",".join(f"{number:.4f}" for number in SERVICE_AREA)
    west, south, east, north = box
    return f"{west - MARGIN:.4f},{south - MARGIN:.4f},{east + MARGIN:.4f},{north + MARGIN:.4f}"
