"""The breaker and the gate by themselves: what no server can be made to do on time."""

from __future__ import annotations

import asyncio

import pytest
from clocks import Clock

from wfs_proxy.errors import UpstreamException, UpstreamUnreachable
from wfs_proxy.http.breaker import OPEN_FOR, OPENS_AFTER, CircuitBreaker
from wfs_proxy.http.limiter import ConcurrencyLimiter


def fail(breaker: CircuitBreaker, fault: Exception | None = None) -> None:
    with pytest.raises(type(fault) if fault else UpstreamUnreachable), breaker.guard():
        raise fault or UpstreamUnreachable("away")


def opened(clock: Clock) -> CircuitBreaker:
    breaker = CircuitBreaker("vendor.example", clock)
    for _ in range(OPENS_AFTER):
        fail(breaker)
    return breaker


def test_breaker_opens_after_failures_in_a_row():
    assert repr(opened(Clock(0.0))) == f"<CircuitBreaker vendor.example open failures={OPENS_AFTER}>"


def test_open_breaker_tells_why_and_is_not_worth_a_retry():
    breaker = opened(Clock(0.0))

    with pytest.raises(UpstreamUnreachable, match=r"left alone .* the last: away") as caught, breaker.guard():
        pass

    assert not caught.value.retryable


def test_success_in_between_starts_the_count_again():
    breaker = CircuitBreaker("vendor.example", Clock(0.0))
    for _ in range(OPENS_AFTER - 1):
        fail(breaker)
    with breaker.guard():
        pass
    fail(breaker)

    assert breaker.state == "closed"


def test_exception_report_is_an_answer_of_a_healthy_host():
    breaker = CircuitBreaker("vendor.example", Clock(0.0))
    for _ in range(OPENS_AFTER):
        fail(breaker, UpstreamException("no such type"))

    assert breaker.state == "closed"


def test_half_open_breaker_lets_one_probe_through():
    clock = Clock(0.0)
    breaker = opened(clock)
    clock.now = OPEN_FOR

    with breaker.guard(), pytest.raises(UpstreamUnreachable), breaker.guard():
        pass

    assert breaker.state == "closed"


def test_failed_probe_opens_for_another_while():
    clock = Clock(0.0)
    breaker = opened(clock)
    clock.now = OPEN_FOR
    fail(breaker)
    clock.now = 2 * OPEN_FOR - 1

    assert breaker.state == "open"


def test_cancelled_probe_leaves_room_for_the_next():
    clock = Clock(0.0)
    breaker = opened(clock)
    clock.now = OPEN_FOR
    with pytest.raises(asyncio.CancelledError), breaker.guard():
        raise asyncio.CancelledError
    with breaker.guard():
        pass

    assert breaker.state == "closed"


@pytest.mark.anyio
async def test_waiter_that_gives_up_takes_no_turn():
    gate = ConcurrencyLimiter()
    gate.narrow(1)

    async def pass_through() -> None:
        async with gate.turn():
            pass

    async with gate.turn():
        waiter = asyncio.create_task(pass_through())
        await asyncio.sleep(0)
        waiter.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiter

    assert repr(gate) == "<ConcurrencyLimiter 0 of 1>"
    await asyncio.wait_for(pass_through(), 5)
