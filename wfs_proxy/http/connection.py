"""One exchange with a vendor's server: at the host's gate, under its breaker, within its time, of bounded size."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import httpx

from wfs_proxy.http.auth import Credentials
from wfs_proxy.http.bodies import BodyLimits, BoundedBody
from wfs_proxy.http.breaker import CircuitBreaker
from wfs_proxy.http.httpx_errors import translated
from wfs_proxy.http.limiter import ConcurrencyLimiter

__all__ = ["CONNECT_TIMEOUT", "Connection", "Host"]

CONNECT_TIMEOUT = 5.0
"""Seconds: three lost SYN packets (RFC 6298 repeats after 1, 2 and 4) are a host that is away."""

_T = TypeVar("_T")


@dataclass(frozen=True, kw_only=True)
class Host:
    """What all layers of one origin share."""

    gate: ConcurrencyLimiter
    breaker: CircuitBreaker


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
        """Send, and give the response with its whole body to `read`, from whose faults the breaker learns too.

        `seconds` is for all of it, but not for waiting at the gate.

        Raises:
            WfsProxyError: what `translated` makes of a failure, and what `read` raises.
        """
        name = request.url.host
        request.extensions["timeout"] = httpx.Timeout(seconds, connect=min(seconds, CONNECT_TIMEOUT)).as_dict()
        async with self.host.gate.turn():
            with self.host.breaker.guard(), translated(name):
                async with asyncio.timeout(seconds):
                    response = await self.client.send(request, stream=True)
                    try:
                        body = await _bounded(response, limits, name)
                    finally:
                        await response.aclose()
                return read(response, body)


async def _bounded(response: httpx.Response, limits: BodyLimits, name: str) -> bytes:
    body = BoundedBody(response.headers.get("Content-Encoding", ""), limits, name)
    async for chunk in response.aiter_raw():
        body.add(chunk)
    return body.whole()
