"""The size limits, HTTP proxy and clock of all requests, which tests and recordings replace."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.request import getproxies, proxy_bypass

from wfs_proxy.http.bodies import BodyLimits
from wfs_proxy.http.urls import origin_of

__all__ = ["HttpPolicy", "environment_proxy"]


def environment_proxy(url: str) -> str | None:
    """Return the proxy that HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY name for a URL; none for loopback."""
    scheme, host, _ = origin_of(url)
    proxies = getproxies()
    if _is_loopback(host) or proxy_bypass(host):
        return None
    return proxies.get(scheme) or proxies.get("all")


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True, kw_only=True)
class HttpPolicy:
    """The size limits, HTTP proxy and clock of all requests."""

    limits: BodyLimits = field(default_factory=BodyLimits)
    proxy_for: Callable[[str], str | None] = environment_proxy
    clock: Callable[[], float] = time.monotonic
    wall_clock: Callable[[], float] = time.time
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    jitter: Callable[[], float] = random.random
    """Returns a number from 0 to 1."""
