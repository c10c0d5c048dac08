"""What costs requests is found out once."""

from __future__ import annotations

import asyncio

import pytest
from clocks import Clock

from wfs_proxy.errors import UpstreamUnreachable
from wfs_proxy.sources.async_ttl_cache import AsyncTtlCache

pytestmark = pytest.mark.anyio


class Errand:
    """Counts how often it is run; it takes until it is released."""

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


async def waiting(known: AsyncTtlCache[list[int]], errand: Errand, count: int) -> list[asyncio.Task]:
    tasks = [asyncio.create_task(known.get(errand)) for _ in range(count)]
    for _ in range(3):
        await asyncio.sleep(0)
    return tasks


async def test_all_who_wait_get_the_one_value():
    known, errand = AsyncTtlCache(ttl=10, clock=Clock()), Errand()
    tasks = await waiting(known, errand, 5)
    errand.released.set()

    assert await asyncio.gather(*tasks) == [[1]] * 5
    assert errand.runs == 1


async def test_all_who_wait_get_the_one_failure_and_the_next_tries_again():
    known, errand = AsyncTtlCache(ttl=10, clock=Clock()), Errand(fails=True)
    tasks = await waiting(known, errand, 5)
    errand.released.set()
    faults = await asyncio.gather(*tasks, return_exceptions=True)
    errand.fails = False

    assert [str(fault) for fault in faults] == ["away"] * 5
    assert await known.get(errand) == [2]


async def test_who_waits_goes_on_when_the_first_one_gives_up():
    known, errand = AsyncTtlCache(ttl=10, clock=Clock()), Errand()
    first, *others = await waiting(known, errand, 3)
    first.cancel()
    errand.released.set()

    assert await asyncio.gather(*others) == [[2], [2]]


async def test_value_is_found_out_anew_after_a_while_or_when_it_is_forgotten():
    clock = Clock()
    known, errand = AsyncTtlCache(ttl=10, clock=clock), Errand()
    errand.released.set()
    one = await known.get(errand)
    clock.now += 10
    same = await known.get(errand)
    clock.now += 1
    two = await known.get(errand)
    known.forget(one)
    still_two = await known.get(errand)
    known.forget(two)

    assert (one, same, two, still_two) == ([1], [1], [2], [2])
    assert await known.get(errand) == [3]
