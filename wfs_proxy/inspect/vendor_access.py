"""The requests of one inspection: counted, bounded, and ended when the vendor stops answering."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from wfs_proxy.errors import UpstreamIncomplete, UpstreamUnreachable, WfsProxyError
from wfs_proxy.features import Payload
from wfs_proxy.http import VendorClient
from wfs_proxy.sources import RequestBudget

__all__ = ["MAX_REQUESTS", "REQUESTS_AT_ONCE", "VendorAccess"]

MAX_REQUESTS = 60
"""Of one inspection. A service with one type needs at most 16 and one more for each further type that is counted."""

REQUESTS_AT_ONCE = 2

PATIENCE = 10.0
"""Seconds after which a failed request is not repeated: a person is waiting."""


class VendorAccess:
    """Sends the requests of one inspection through the client of the vendor's host."""

    def __init__(self, client: VendorClient, budget: RequestBudget) -> None:
        self._client = client
        self._budget = budget
        self._turn = asyncio.Semaphore(REQUESTS_AT_ONCE)
        self.stopped: WfsProxyError | None = None
        """Why no further request is made; None while there is no reason."""

    @property
    def requests(self) -> int:
        """Requests made in this inspection, without retries."""
        return self._budget.spent

    async def get(self, url: str, read_error: Callable[[Payload], WfsProxyError | None] = lambda _: None) -> Payload:
        """Return the body of a response, as `VendorClient.get` does.

        After the vendor could not be reached, every further call raises that error at once: the report says which parts
        are missing, and a person does not wait for each of them.

        Raises:
            UpstreamIncomplete: too many requests.
            UpstreamError, DecodeError: as `VendorClient.get` does.
        """
        async with self._turn:
            return await self._next(url, read_error)

    async def _next(self, url: str, read_error: Callable[[Payload], WfsProxyError | None]) -> Payload:
        if self.stopped is None and self._budget.exhausted:
            self.stopped = UpstreamIncomplete(f"the inspection ended after {self._budget.limit} requests")
        if self.stopped is not None:
            raise self.stopped
        self._budget.spent += 1
        try:
            return await self._client.get(url, read_error, patience=PATIENCE)
        except UpstreamUnreachable as error:
            self.stopped = error
            raise
