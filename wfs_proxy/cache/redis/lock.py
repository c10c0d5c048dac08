"""A lock in Redis that ends by itself when whoever holds it does.

Each holder has a token of its own, so nobody lengthens or frees the lock of somebody else. To take it and to lengthen
it is the same: it is ours now, or another's. A lock that vanished while it was held, with a Redis that lost its memory,
is taken again.
"""

from __future__ import annotations

import asyncio
import secrets
from contextlib import suppress

from wfs_proxy.cache.redis.connection import RedisConnection, redis_key
from wfs_proxy.errors import StorageError

__all__ = ["BlockingLock", "Lock"]

_TAKE = """
local held = redis.call('get', KEYS[1])
if held and held ~= ARGV[1] then return 0 end
redis.call('set', KEYS[1], ARGV[1], 'px', ARGV[2])
return 1
"""

_FREE = """
if redis.call('get', KEYS[1]) == ARGV[1] then redis.call('del', KEYS[1]) end
"""


class Lock:
    """For an event loop."""

    def __init__(self, link: RedisConnection, name: str, lasts: float) -> None:
        """Prepare.

        Args:
            link: to the Redis.
            name: what is locked.
            lasts: seconds until it ends without `hold`.
        """
        self._link = link
        self._key = redis_key("lock", name)
        self._token = secrets.token_hex(8)
        self._lasts = lasts
        self._take = link.commands.register_script(_TAKE)
        self._free = link.commands.register_script(_FREE)

    async def take(self) -> bool:
        """Whether it is ours now; False while another holds it.

        Raises:
            StorageError: Redis cannot tell.
        """
        with self._link.asked():
            return bool(await self._take([self._key], [self._token, int(self._lasts * 1000)]))

    async def hold(self) -> None:
        """Lengthen it, until cancelled. Who works under a lock that was lost goes on: twice is better than never."""
        while True:
            await asyncio.sleep(self._lasts / 3)
            with suppress(StorageError):
                await self.take()

    async def free(self) -> None:
        """Let go, if it is ours."""
        with suppress(StorageError), self._link.asked():
            await self._free([self._key], [self._token])


class BlockingLock:
    """For threads: must be taken again before it ends."""

    def __init__(self, link: RedisConnection, name: str, lasts: float) -> None:
        """Prepare; as for `Lock`."""
        self._link = link
        self._key = redis_key("lock", name)
        self._token = secrets.token_hex(8)
        self._lasts = lasts
        self._take = link.blocking.register_script(_TAKE)
        self._free = link.blocking.register_script(_FREE)

    def take(self) -> bool:
        """Whether it is ours now; False while another holds it.

        Raises:
            StorageError: Redis cannot tell.
        """
        with self._link.asked():
            return bool(self._take([self._key], [self._token, int(self._lasts * 1000)]))

    def free(self) -> None:
        """Let go, if it is ours."""
        with suppress(StorageError), self._link.asked():
            self._free([self._key], [self._token])
