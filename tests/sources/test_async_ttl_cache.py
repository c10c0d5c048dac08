"""One value for concurrent callers, kept for a while."""

from __future__ import annotations

import asyncio

import pytest
from clocks import Clock

from wfs_proxy.errors import UpstreamUnreachable
from wfs_proxy.sources.async_ttl_cache import AsyncTtlCache

pytestmark = pytest.mark.anyio


class Slow:
    """Counts how often it runs; each run waits until it is released."""

    def __init__(self, *, fails: bool = False) -> None:
        self.runs = 0
        self.fails = fails
        self.released = asyncio.Event()

    async def __call__(self) -> list[int]:
        self.runs += 1
        await self.released.wait()
        if self.fails:
            raise UpstreamUnreachable("away")
        return [self.runs]


async def waiting_callers(known: AsyncTtlCache[list[int]], slow: Slow, count: int) -> list[asyncio.Task]:
    tasks = [asyncio.create_task(known.get(slow)) for _ in range(count)]
    for _ in range(3):
        await asyncio.sleep(0)
    return tasks


async def test_concurrent_callers_get_one_value():
    known, slow = AsyncTtlCache(ttl=10, clock=Clock()), Slow()
    tasks = await waiting_callers(known, slow, 5)
    slow.released.set()

    assert await asyncio.gather(*tasks) == [[1]] * 5
    assert slow.runs == 1


async def test_concurrent_callers_get_one_error_and_the_next_caller_tries_again():
    known, slow = AsyncTtlCache(ttl=10, clock=Clock()), Slow(fails=True)
    tasks = await waiting_callers(known, slow, 5)
    slow.released.set()
    errors = await asyncio.gather(*tasks, return_exceptions=True)
    slow.fails = False

    assert [str(error) for error in errors] == ["away"] * 5
    assert await known.get(slow) == [2]


async def test_next_caller_tries_when_the_first_is_cancelled():
    known, slow = AsyncTtlCache(ttl=10, clock=Clock()), Slow()
    first, *others = await waiting_callers(known, slow, 3)
    first.cancel()
    slow.released.set()

    assert await asyncio.gather(*others) == [[2], [2]]


async def test_value_is_found_out_again_after_the_ttl_or_when_it_is_forgotten():
    clock = Clock()
    known, slow = AsyncTtlCache(ttl=10, clock=clock), Slow()
    slow.released.set()
    one = await known.get(slow)
    clock.now += 10
    same = await known.get(slow)
    clock.now += 1
    two = await known.get(slow)
    known.forget(one)
    still_two = await known.get(slow)
    known.forget(two)

    assert (one, same, two, still_two) == ([1], [1], [2], [2])
    assert await known.get(slow) == [3]
