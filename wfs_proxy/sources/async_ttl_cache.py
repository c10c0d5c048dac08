"""One value that is expensive to find out: found once for concurrent callers, and kept for a while."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from wfs_proxy.errors import WfsProxyError

__all__ = ["AsyncTtlCache", "Clock"]

Clock = Callable[[], float]
"""Seconds since any moment."""

_T = TypeVar("_T")


class AsyncTtlCache(Generic[_T]):
    """Keeps one value for `ttl` seconds. For use on one event loop."""

    def __init__(self, *, ttl: float, clock: Clock) -> None:
        self._ttl = ttl
        self._clock = clock
        self._lock = asyncio.Lock()
        self._attempts = 0
        self._error: WfsProxyError | None = None
        self._value: _T | None = None
        self._since = 0.0

    async def get(self, find_out: Callable[[], Awaitable[_T]]) -> _T:
        """Return the value; `find_out` is called if there is none, or if it is older than the TTL.

        Callers that wait during an attempt get its value or its error; they make no attempt of their own.

        Raises:
            WfsProxyError: as `find_out` does. Errors are not kept: the next caller makes a new attempt.
        """
        attempts = self._attempts
        async with self._lock:
            if self._error is not None and self._attempts > attempts:
                raise self._error
            if self._value is None or self._clock() - self._since > self._ttl:
                self._value = await self._attempt(find_out)
                self._since = self._clock()
            return self._value

    async def _attempt(self, find_out: Callable[[], Awaitable[_T]]) -> _T:
        self._value = self._error = None
        try:
            value = await find_out()
        except WfsProxyError as error:
            self._error = error
            self._attempts += 1
            raise
        self._attempts += 1
        return value

    def forget(self, value: _T) -> None:
        """Discard this value, unless it has been replaced already."""
        if self._value is value:
            self._value = None
