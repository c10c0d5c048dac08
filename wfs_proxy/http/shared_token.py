"""A token that all requests to one server share: asked for once, and renewed before it expires."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from wfs_proxy.http.service_breaker import service_breaker

__all__ = ["RENEW_BEFORE", "IssuedToken", "SharedToken"]

RENEW_BEFORE = 30.0
"""Seconds before its expiry at which a token is renewed, so that it does not expire during a request."""

_REMEMBERED = 8
"""Tokens. A message may repeat the one before the current one."""


class IssuedToken(NamedTuple):
    """A token as its issuer gave it."""

    text: str
    lifetime: float
    """Seconds from the request on."""


class SharedToken:
    """A token for concurrent requests on one event loop.

    It has a breaker of its own beside that of the issuer's host: the host may answer other requests while it issues no
    tokens, and each such answer would close the host's breaker.
    """

    def __init__(self, issue: Callable[[], Awaitable[IssuedToken]], *, issuer: str, clock: Callable[[], float]) -> None:
        """Ask for nothing yet.

        Args:
            issue: asks for a token.
            issuer: its name in messages.
            clock: seconds since any moment.
        """
        self._issue = issue
        self._clock = clock
        self._breaker = service_breaker(issuer, clock)
        self._lock = asyncio.Lock()
        self._current: str | None = None
        self._renew_at = 0.0
        self._recent: deque[str] = deque(maxlen=_REMEMBERED)

    @property
    def recent(self) -> tuple[str, ...]:
        """The tokens that were issued last."""
        return tuple(self._recent)

    async def get(self) -> str:
        """Return a token that does not expire within the next moments.

        Raises:
            UpstreamError: no token was issued.
        """
        async with self._lock:
            if self._current is None or self._clock() >= self._renew_at:
                with self._breaker.guard():
                    self._current = await self._renewed()
            return self._current

    def discard(self, token: str | None) -> None:
        """Discard a token that was refused, unless another request has replaced it already."""
        if self._current == token:
            self._current = None

    async def _renewed(self) -> str:
        requested_at = self._clock()
        token, lifetime = await self._issue()
        self._renew_at = requested_at + max(lifetime - RENEW_BEFORE, lifetime / 2)
        self._recent.append(token)
        return token
