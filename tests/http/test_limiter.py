"""The concurrency limiter by itself."""

from __future__ import annotations

import asyncio

import pytest

from wfs_proxy.http.limiter import ConcurrencyLimiter

pytestmark = pytest.mark.anyio


async def pass_through(limiter: ConcurrencyLimiter) -> None:
    async with limiter.admitted():
        pass


async def test_cancelled_waiter_takes_no_place():
    limiter = ConcurrencyLimiter()
    limiter.lower(1)

    async with limiter.admitted():
        waiter = asyncio.create_task(pass_through(limiter))
        await asyncio.sleep(0)
        waiter.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiter

    assert repr(limiter) == "<ConcurrencyLimiter 0 of 1>"
    await asyncio.wait_for(pass_through(limiter), 5)


async def test_lowest_limit_applies():
    limiter = ConcurrencyLimiter()
    for limit in (3, 1, 2):
        limiter.lower(limit)

    assert repr(limiter) == "<ConcurrencyLimiter 0 of 1>"
