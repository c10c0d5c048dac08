"""How many requests may be under way at one host."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

__all__ = ["ConcurrencyLimiter"]


class ConcurrencyLimiter:
    """Lets a bounded number through at once; whoever comes later waits for a turn, first come, first served."""

    def __init__(self) -> None:
        self._limit: int | None = None
        self._inside = 0
        self._changed = asyncio.Condition()

    def __repr__(self) -> str:
        return f"<ConcurrencyLimiter {self._inside} of {self._limit}>"

    def narrow(self, limit: int) -> None:
        """Allow at most this many. Where layers of one host differ, the most careful one wins."""
        self._limit = limit if self._limit is None else min(self._limit, limit)

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Be inside."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._limit is None or self._inside < self._limit)
            self._inside += 1
        try:
            yield
        finally:
            async with self._changed:
                self._inside -= 1
                self._changed.notify(1)
