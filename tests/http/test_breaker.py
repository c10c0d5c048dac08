"""The breaker by itself: what no server can be made to do on time."""

from __future__ import annotations

import asyncio

import pytest
from clocks import Clock

from wfs_proxy.http.breaker import OPEN_FOR, OPENS_AFTER, CircuitBreaker


class Down(Exception):
    """A failure."""


class Answered(Exception):
    """An exception that a healthy service causes."""


class Open(Exception):
    """What an open breaker raises."""


def breaker_on(clock: Clock) -> CircuitBreaker:
    return CircuitBreaker(
        clock,
        is_failure=lambda error: isinstance(error, Down),
        open_error=lambda failures, last: Open(f"{failures}, {last}"),
    )


def fail(breaker: CircuitBreaker, error: Exception | None = None) -> None:
    error = error or Down("timeout")
    with pytest.raises(type(error)), breaker.guard():
        raise error


def opened(clock: Clock) -> CircuitBreaker:
    breaker = breaker_on(clock)
    for _ in range(OPENS_AFTER):
        fail(breaker)
    return breaker


def test_breaker_opens_after_consecutive_failures():
    breaker = breaker_on(Clock(0.0))
    for _ in range(OPENS_AFTER - 1):
        fail(breaker)
    assert breaker.state == "closed"
    fail(breaker)

    assert breaker.state == "open"
    assert repr(breaker) == f"<CircuitBreaker open failures={OPENS_AFTER}>"


def test_open_breaker_raises_the_callers_error_and_calls_nothing():
    breaker = opened(Clock(0.0))
    called = []

    with pytest.raises(Open, match=f"^{OPENS_AFTER}, timeout$"), breaker.guard():
        called.append(1)

    assert called == []


def test_own_threshold_and_duration():
    clock = Clock(0.0)
    breaker = CircuitBreaker(
        clock, is_failure=lambda _: True, open_error=lambda _, last: Open(last), opens_after=1, open_for=5.0
    )
    fail(breaker)
    clock.now = 4.9
    still = breaker.state
    clock.now = 5.0

    assert (still, breaker.state) == ("open", "half-open")


def test_success_in_between_starts_the_count_again():
    breaker = breaker_on(Clock(0.0))
    for _ in range(OPENS_AFTER - 1):
        fail(breaker)
    with breaker.guard():
        pass
    fail(breaker)

    assert breaker.state == "closed"


def test_other_exceptions_are_answers_of_a_healthy_service():
    breaker = breaker_on(Clock(0.0))
    for _ in range(OPENS_AFTER - 1):
        fail(breaker)
    fail(breaker, Answered("no such type"))
    fail(breaker)

    assert breaker.state == "closed"


def test_half_open_breaker_admits_one_probe():
    clock = Clock(0.0)
    breaker = opened(clock)
    clock.now = OPEN_FOR

    with breaker.guard(), pytest.raises(Open), breaker.guard():
        pass

    assert breaker.state == "closed"


def test_failed_probe_opens_for_the_same_time_again():
    clock = Clock(0.0)
    breaker = opened(clock)
    clock.now = OPEN_FOR
    fail(breaker)
    clock.now = 2 * OPEN_FOR - 1

    assert breaker.state == "open"


def test_cancelled_probe_lets_the_next_call_probe():
    clock = Clock(0.0)
    breaker = opened(clock)
    clock.now = OPEN_FOR
    with pytest.raises(asyncio.CancelledError), breaker.guard():
        raise asyncio.CancelledError
    with breaker.guard():
        pass

    assert breaker.state == "closed"
