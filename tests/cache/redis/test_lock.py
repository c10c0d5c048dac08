"""The lock in Redis, with a real server."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import redis_server
from clocks import Clock
from redis_server import RedisServer
from running_proxy import eventually

from wfs_proxy.cache.redis.connection import PAUSE, RedisConnection, redis_key
from wfs_proxy.cache.redis.lock import AsyncLock, BlockingLock
from wfs_proxy.errors import StorageError

LONG = 600.0
"""Seconds; no test takes so long."""

KEY = redis_key("lock", "a")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    with redis_server.serving(tmp_path / "redis") as running:
        yield running


@contextlib.asynccontextmanager
async def kept(lock: AsyncLock) -> AsyncIterator[None]:
    task = asyncio.create_task(lock.keep())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})


def test_one_holder_at_a_time_and_it_may_acquire_again(server):
    async def scenario() -> None:
        async with RedisConnection(server.url) as connection:
            mine, theirs = AsyncLock(connection, "a", LONG), AsyncLock(connection, "a", LONG)
            assert await mine.acquire()
            assert await mine.acquire()
            assert not await theirs.acquire()
            await mine.release()
            assert await theirs.acquire()

    asyncio.run(scenario())


def test_only_the_holder_can_release_or_extend(server):
    async def scenario() -> None:
        async with RedisConnection(server.url) as connection:
            mine, theirs = AsyncLock(connection, "a", LONG), AsyncLock(connection, "a", LONG)
            assert await mine.acquire()
            server.client.pexpire(KEY, 60_000)
            assert not await theirs.acquire()
            assert server.client.pttl(KEY) <= 60_000
            await theirs.release()
            assert not await theirs.acquire()

    asyncio.run(scenario())


def test_it_is_extended_while_it_is_kept(server):
    async def scenario() -> None:
        async with RedisConnection(server.url) as connection:
            mine = AsyncLock(connection, "a", 3.0)
            assert await mine.acquire()
            server.client.pexpire(KEY, 2_500)

            async def is_extended() -> bool:
                return server.client.pttl(KEY) > 2_500

            async with kept(mine):
                await eventually(is_extended)

    asyncio.run(scenario())


def test_it_expires_when_its_holder_is_gone(server):
    async def scenario() -> None:
        async with RedisConnection(server.url) as connection:
            mine, theirs = AsyncLock(connection, "a", 0.3), AsyncLock(connection, "a", LONG)
            assert await mine.acquire()
            await eventually(theirs.acquire)
            await mine.release()
            assert not await mine.acquire()

    asyncio.run(scenario())


def test_a_lock_that_redis_lost_is_acquired_again(server):
    async def scenario() -> None:
        async with RedisConnection(server.url) as connection:
            mine = AsyncLock(connection, "a", 0.3)
            assert await mine.acquire()
            server.client.flushall()

            async def is_back() -> bool:
                return bool(server.keys("lock"))

            async with kept(mine):
                await eventually(is_back)

    asyncio.run(scenario())


@pytest.mark.parametrize("kind", [AsyncLock, BlockingLock])
def test_a_lock_is_ours_although_the_answer_to_acquire_was_lost(server, kind, monkeypatch):
    async def scenario() -> None:
        clock = Clock()
        async with RedisConnection(server.url, clock=clock) as connection:
            lock = kind(connection, "a", LONG)
            client = connection.commands if kind is AsyncLock else connection.blocking
            command = client.set

            def losing(*arguments, **options):
                result = command(*arguments, **options)
                if kind is BlockingLock:
                    raise ConnectionError

                async def lost():
                    await result
                    raise ConnectionError

                return lost()

            with monkeypatch.context() as patched:
                patched.setattr(client, "set", losing)
                with pytest.raises(StorageError, match="cannot be reached"):
                    await acquired(lock)
            clock.now += PAUSE
            assert await acquired(lock)
            assert not await AsyncLock(connection, "a", LONG).acquire()

    asyncio.run(scenario())


async def acquired(lock: AsyncLock | BlockingLock) -> bool:
    return await lock.acquire() if isinstance(lock, AsyncLock) else lock.acquire()


def test_threads_have_the_same_lock(server):
    async def scenario() -> None:
        async with RedisConnection(server.url) as connection:
            mine, theirs = BlockingLock(connection, "a", LONG), AsyncLock(connection, "a", LONG)
            assert mine.acquire()
            assert mine.acquire()
            assert not await theirs.acquire()
            mine.release()
            assert await theirs.acquire()
            mine.release()
            assert not mine.acquire()

    asyncio.run(scenario())
