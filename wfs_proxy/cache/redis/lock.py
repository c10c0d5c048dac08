"""The lease in Redis: a lock that expires, so that it is released when its holder dies.

It is redis-py's `Lock` with one difference: `acquire` also extends a lock that this process already holds. Its result
therefore always says whether this process holds the lock now, even if an earlier answer or Redis's data were lost.
"""

from __future__ import annotations

import asyncio
import secrets
from contextlib import suppress

from redis.asyncio.lock import Lock as RedisPyAsyncLock
from redis.exceptions import LockError
from redis.lock import Lock as RedisPyLock

from wfs_proxy.cache.redis.connection import RedisConnection, redis_key
from wfs_proxy.errors import StorageError

__all__ = ["AsyncLock", "BlockingLock"]


class AsyncLock:
    """For an event loop."""

    def __init__(self, connection: RedisConnection, name: str, expires_after: float) -> None:
        """Acquire nothing yet.

        Args:
            connection: to Redis.
            name: what is locked.
            expires_after: seconds until it is released unless `acquire` or `keep` extends it.
        """
        self._connection = connection
        self._token = secrets.token_hex(8)
        self._expires_after = expires_after
        self._lock = RedisPyAsyncLock(
            connection.commands, redis_key("lock", name), timeout=expires_after, blocking=False, thread_local=False
        )

    async def acquire(self) -> bool:
        """Acquire or extend it; False while another process holds it.

        Raises:
            StorageError: Redis is unavailable.
        """
        with self._connection.exchange():
            if await self._lock.acquire(token=self._token):
                return True
            self._lock.local.token = self._token.encode()
            with suppress(LockError):
                return await self._lock.reacquire()
            return False

    async def keep(self) -> None:
        """Extend it until cancelled. Losing the lock does not stop the work: a duplicate fetch beats none."""
        while True:
            await asyncio.sleep(self._expires_after / 3)
            with suppress(StorageError):
                await self.acquire()

    async def release(self) -> None:
        """Release it if it is ours."""
        with suppress(StorageError), self._connection.exchange(), suppress(LockError):
            await self._lock.release()


class BlockingLock:
    """For threads. The holder calls `acquire` again before it expires."""

    def __init__(self, connection: RedisConnection, name: str, expires_after: float) -> None:
        """Acquire nothing yet; the arguments are those of `AsyncLock`."""
        self._connection = connection
        self._token = secrets.token_hex(8)
        self._lock = RedisPyLock(
            connection.blocking, redis_key("lock", name), timeout=expires_after, blocking=False, thread_local=False
        )

    def acquire(self) -> bool:
        """Acquire or extend it; False while another process holds it.

        Raises:
            StorageError: Redis is unavailable.
        """
        with self._connection.exchange():
            if self._lock.acquire(token=self._token):
                return True
            self._lock.local.token = self._token.encode()
            with suppress(LockError):
                return self._lock.reacquire()
            return False

    def release(self) -> None:
        """Release it if it is ours."""
        with suppress(StorageError), self._connection.exchange(), suppress(LockError):
            self._lock.release()
