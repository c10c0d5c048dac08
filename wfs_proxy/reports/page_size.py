"""The number of signals in one request: as many as Signalen answers in a few seconds, at most the configured number.

Signalen needs about 12 ms for each signal, and six times as long when it is busy. Its web server, or a gateway in front
of it, cuts off requests that take too long (`harakiri` of uWSGI, often 15 s), so a request that failed is repeated for
fewer signals. The size is kept from request to request.
"""

from __future__ import annotations

from collections.abc import Callable

from wfs_proxy.errors import UpstreamError, UpstreamRefused, UpstreamTooLarge, UpstreamUnreachable
from wfs_proxy.reports.client import QueryParameters, SignalenClient
from wfs_proxy.reports.signal_pages import SignalPage

__all__ = ["PageSize"]

COMFORTABLE = 5.0
"""Seconds that a request should take at most: a third of the usual time limit."""

CUT_BY = 4
"""A request that was cut off is repeated for this fraction of the signals. With larger steps than halves, a page of a
thousand becomes small enough before the circuit breaker opens."""

SMALLEST_SLOW_PAGE = 25
"""Signals. A slow answer makes pages no smaller than this, because a part of the time does not depend on the page."""

_CUT_OFF = {500, 502, 504}
"""Statuses with which servers and gateways answer when a request takes too long."""


class PageSize:
    """The size of pages that fits one Signalen now.

    Args:
        most: the configured number of signals.
        clock: in seconds.
    """

    def __init__(self, most: int, clock: Callable[[], float]) -> None:
        self._most = most
        self._clock = clock
        self.rows = most
        """Signals in the next request."""
        self._hint = ""

    async def ask(self, client: SignalenClient, parameters: Callable[[int], QueryParameters]) -> tuple[SignalPage, int]:
        """Return a page, and the number of signals that it was asked for.

        Args:
            client: sends the request, and repeats it.
            parameters: number of signals -> parameters of the request.

        Raises:
            WfsProxyError: see `SignalenClient.private_page`. The message of a request that may have been cut off says
                what to set.
        """
        while True:
            attempt = _Attempt(self, parameters, self._clock)
            try:
                page = await client.private_page_anew(attempt)
            except UpstreamError as error:
                last = self.rows
                if _may_be_cut_off(error):
                    self._hint = _hint(last)
                    self.cut()
                # an open circuit breaker repeats the last failure without the hint
                error.args = (f"{error}{self._hint}",)
                if not isinstance(error, UpstreamTooLarge) or last == 1:
                    raise
            else:
                self._hint = ""
                if page.rows >= attempt.rows:
                    self._filled(attempt.rows, self._clock() - attempt.began)
                return page, attempt.rows

    def cut(self) -> None:
        """Ask for fewer signals after a request that failed."""
        self.rows = max(self.rows // CUT_BY, 1)

    def resume(self, rows: int) -> None:
        """Continue with the size that an earlier process found."""
        self.rows = min(max(rows, 1), self._most)

    def _filled(self, rows: int, seconds: float) -> None:
        """Adapt the size to what a full page took."""
        fitting = int(rows * COMFORTABLE / seconds) if seconds > 0 else self._most
        if fitting < rows:
            self.rows = min(rows, max(fitting, SMALLEST_SLOW_PAGE))
        else:
            self.rows = min(2 * rows, fitting, self._most)


class _Attempt:
    """The parameters of each attempt of one request; each repetition asks for fewer signals."""

    def __init__(
        self, size: PageSize, parameters: Callable[[int], QueryParameters], clock: Callable[[], float]
    ) -> None:
        self._size = size
        self._parameters = parameters
        self._clock = clock
        self.rows = 0
        self.began = 0.0

    def __call__(self) -> QueryParameters:
        if self.rows:
            self._size.cut()
        self.rows, self.began = self._size.rows, self._clock()
        return self._parameters(self.rows)


def _may_be_cut_off(error: UpstreamError) -> bool:
    if isinstance(error, UpstreamRefused):
        return error.upstream_status in _CUT_OFF
    return isinstance(error, UpstreamTooLarge) or (isinstance(error, UpstreamUnreachable) and error.retryable)


def _hint(rows: int) -> str:
    if rows == 1:
        return " (the request was for a single report; a longer `timeout` in signalen.yaml may help)"
    return (
        f" (the request was for {rows} reports, and the next one is for fewer;"
        " a lower `page_size` or a longer `timeout` in signalen.yaml may help)"
    )
