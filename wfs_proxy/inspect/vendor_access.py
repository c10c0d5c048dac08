"""The requests of one inspection: counted, bounded, and ended when the vendor stops answering."""

from __future__ import annotations

import asyncio
import math
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from wfs_proxy.config import Auth, Tls
from wfs_proxy.errors import UpstreamIncomplete, UpstreamUnreachable, WfsProxyError
from wfs_proxy.features import Payload
from wfs_proxy.http import BodyLimits, Endpoint, HttpClients, ReadError, VendorClient
from wfs_proxy.sources import RequestBudget

__all__ = ["MAX_REQUESTS", "REQUESTS_AT_ONCE", "InspectionClients", "VendorAccess"]

MAX_REQUESTS = 60
"""Of one inspection. A service with one type needs at most 16 and one more for each further type that is counted."""

REQUESTS_AT_ONCE = 2

PATIENCE = 10.0
"""Seconds after which a failed request is not repeated: a person is waiting."""

TIMEOUT = 28.0
"""Seconds for one request: slow servers take long for a first answer. The page of the setup promises that a server that
stops answering is noticed within a minute, also where https was tried first."""


@dataclass(frozen=True, kw_only=True)
class _InspectedHost:
    """The settings of a host, as `HttpClients` needs them."""

    url: str
    auth: Auth | None
    tls: Tls | None
    timeout: float
    requests_at_once: int = REQUESTS_AT_ONCE


@dataclass(kw_only=True)
class _HostState:
    """What all clients of a host share."""

    turn: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(REQUESTS_AT_ONCE))
    stopped: WfsProxyError | None = None


class VendorAccess:
    """Sends the requests of one inspection through a client of the vendor's host."""

    def __init__(self, client: VendorClient, budget: RequestBudget, state: _HostState) -> None:
        self._client = client
        self._budget = budget
        self._state = state

    @property
    def requests(self) -> int:
        """Requests made in this inspection, without retries."""
        return self._budget.spent

    @property
    def stopped(self) -> WfsProxyError | None:
        """Why no further request is made; None while there is no reason."""
        return self._state.stopped

    async def get(
        self,
        url: str,
        read_error: ReadError = lambda _: None,
        /,
        *,
        read_refusal: ReadError = lambda _: None,
        patience: float = math.inf,
    ) -> Payload:
        """Return the body of a response, as `VendorClient.get` does.

        After the vendor could not be reached, every further call raises that error at once: the report says which parts
        are missing, and a person does not wait for each of them.

        Raises:
            UpstreamIncomplete: too many requests.
            UpstreamError, DecodeError: as `VendorClient.get` does.
        """
        state = self._state
        async with state.turn:
            if state.stopped is None and self._budget.exhausted:
                state.stopped = UpstreamIncomplete(f"the inspection ended after {self._budget.limit} requests")
            if state.stopped is not None:
                raise state.stopped
            self._budget.spent += 1
            try:
                return await self._client.get(
                    url, read_error, read_refusal=read_refusal, patience=min(patience, PATIENCE)
                )
            except UpstreamUnreachable as error:
                state.stopped = error
                raise


class InspectionClients:
    """The clients of one inspection, with its credentials; the sources of layers can use them too."""

    def __init__(self, http: HttpClients, budget: RequestBudget, *, auth: Auth | None, tls: Tls | None) -> None:
        self._http = http
        self._budget = budget
        self._auth = auth
        self._tls = tls
        self._states: dict[str, _HostState] = {}

    @property
    def requests(self) -> int:
        """Requests made in this inspection, without retries."""
        return self._budget.spent

    def client(
        self, endpoint: Endpoint, *, accept: str | None = None, limits: BodyLimits | None = None
    ) -> VendorAccess:
        """Return the access to the host of an endpoint, as `HttpClients.client` does.

        Raises:
            ConfigurationError: its URL is invalid.
        """
        return self.to(endpoint.url, accept=accept, limits=limits)

    def to(self, url: str, *, accept: str | None = None, limits: BodyLimits | None = None) -> VendorAccess:
        """Return the access to the host of a URL. Raises as `client` does."""
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        host = _InspectedHost(url=origin, auth=self._auth, tls=self._tls, timeout=TIMEOUT)
        client = self._http.client(host, accept=accept, limits=limits)
        return VendorAccess(client, self._budget, self._states.setdefault(origin, _HostState()))
