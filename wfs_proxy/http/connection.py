"""One exchange with a server: concurrency limit, circuit breaker, time limit and size limit together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import httpx

from wfs_proxy.errors import UpstreamUnreachable
from wfs_proxy.http.bodies import BodyLimits, BoundedBody
from wfs_proxy.http.breaker import CircuitBreaker
from wfs_proxy.http.credentials import Credentials
from wfs_proxy.http.httpx_errors import translated
from wfs_proxy.http.limiter import ConcurrencyLimiter
from wfs_proxy.http.service_breaker import service_breaker

__all__ = ["CONNECT_TIMEOUT", "Connection", "Host"]

CONNECT_TIMEOUT = 5.0
"""Seconds: enough for three lost SYN packets (RFC 6298 repeats after 1, 2 and 4 s)."""

_T = TypeVar("_T")


@dataclass(frozen=True, kw_only=True)
class Host:
    """What all layers of one origin share."""

    limiter: ConcurrencyLimiter
    breaker: CircuitBreaker

    @classmethod
    def named(cls, name: str, clock: Callable[[], float]) -> Host:
        """Return a host without any requests yet; the name appears in messages."""
        return cls(limiter=ConcurrencyLimiter(), breaker=service_breaker(name, clock))


@dataclass(frozen=True, kw_only=True)
class Connection:
    """What all layers of one origin with the same `auth` and `tls` share."""

    host: Host
    client: httpx.AsyncClient
    credentials: Credentials

    async def exchange(
        self,
        request: httpx.Request,
        read: Callable[[httpx.Response, bytes], _T],
        *,
        seconds: float,
        limits: BodyLimits,
    ) -> _T:
        """Send a request and return what `read` makes of the response and its whole body.

        Errors that `read` raises count for the breaker too. `seconds` covers connecting, sending and receiving, but not
        the wait for the concurrency limit.

        Raises:
            WfsProxyError: the translated failure, or what `read` raises.
        """
        name = request.url.host
        request.extensions["timeout"] = httpx.Timeout(seconds, connect=min(seconds, CONNECT_TIMEOUT)).as_dict()
        async with self.host.limiter.admitted():
            with self.host.breaker.guard(), translated(name):
                response: httpx.Response | None = None
                try:
                    async with asyncio.timeout(seconds):
                        response = await self.client.send(request, stream=True)
                        try:
                            body = await _bounded(response, limits, name)
                        finally:
                            await response.aclose()
                except (TimeoutError, httpx.TimeoutException) as error:
                    if response is None:
                        raise
                    began = f"{name} did not answer in time: its answer began, but was not complete"
                    raise UpstreamUnreachable(began) from error
                return read(response, body)


async def _bounded(response: httpx.Response, limits: BodyLimits, name: str) -> bytes:
    body = BoundedBody(response.headers.get("Content-Encoding", ""), limits, name)
    async for chunk in response.aiter_raw():
        body.add(chunk)
    return body.whole()
