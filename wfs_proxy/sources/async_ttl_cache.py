"""What costs requests to find out is found out once, by whoever needs it first, and believed for a while."""

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
    """One value, for all who need it at the same time and for those who come soon after."""

    def __init__(self, *, lasts: float, clock: Clock) -> None:
        self._lasts = lasts
        self._clock = clock
        self._lock = asyncio.Lock()
        self._attempts = 0
        self._fault: WfsProxyError | None = None
        self._value: _T | None = None
        self._since = 0.0

    async def get(self, find_out: Callable[[], Awaitable[_T]]) -> _T:
        """The value, found out if need be. Of those who wait meanwhile nobody asks a second time, nor after a failure.

        Raises:
            WfsProxyError: as `find_out` does; it is not remembered for those who come later.
        """
        attempts = self._attempts
        async with self._lock:
            if self._fault is not None and self._attempts > attempts:
                raise self._fault
            if self._value is None or self._clock() - self._since > self._lasts:
                self._value = await self._attempt(find_out)
                self._since = self._clock()
            return self._value

    async def _attempt(self, find_out: Callable[[], Awaitable[_T]]) -> _T:
        self._value = self._fault = None
        try:
            value = await find_out()
        except WfsProxyError as fault:
            self._fault = fault
            self._attempts += 1
            raise
        self._attempts += 1
        return value

    def forget(self, value: _T) -> None:
        """Find it out again next time, unless that has been done since this value was given."""
        if self._value is value:
            self._value = None
