"""A limit on the number of simultaneous requests to one host."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

__all__ = ["ConcurrencyLimiter"]


class ConcurrencyLimiter:
    """Admits a bounded number of tasks at once; the others wait, first come, first served.

    Unlike a semaphore its bound can be lowered while tasks are inside or waiting.
    """

    def __init__(self) -> None:
        self._limit: int | None = None
        self._inside = 0
        self._changed = asyncio.Condition()

    def __repr__(self) -> str:
        return f"<ConcurrencyLimiter {self._inside} of {self._limit}>"

    def lower(self, limit: int) -> None:
        """Admit at most this many. Where layers of one host differ, the lowest limit applies."""
        self._limit = limit if self._limit is None else min(self._limit, limit)

    @asynccontextmanager
    async def admitted(self) -> AsyncIterator[None]:
        """Wait until there are fewer than the limit inside, and count as one of them until the block ends."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._limit is None or self._inside < self._limit)
            self._inside += 1
        try:
            yield
        finally:
            async with self._changed:
                self._inside -= 1
                self._changed.notify(1)
