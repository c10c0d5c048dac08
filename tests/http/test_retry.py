"""The retry policy: what is repeated, how often, and after which pauses."""

from __future__ import annotations

import pytest

from wfs_proxy.errors import UpstreamError, UpstreamException, UpstreamRefused, UpstreamUnreachable
from wfs_proxy.http.policy import HttpPolicy
from wfs_proxy.http.retry import ATTEMPTS, LONGEST_PAUSE, with_retries

pytestmark = pytest.mark.anyio


class Request:
    """Fails with one error after another, then succeeds."""

    def __init__(self, *errors: UpstreamError) -> None:
        self.errors = list(errors)
        self.attempts = 0

    async def __call__(self) -> str:
        self.attempts += 1
        if self.errors:
            raise self.errors.pop(0)
        return "answer"


class Sleeper:
    """Records how long it should have slept."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.slept.append(seconds)


async def run(request: Request, jitter: float = 1.0) -> list[float]:
    """Return the pauses between the attempts."""
    sleeper = Sleeper()
    assert await with_retries(request, HttpPolicy(sleep=sleeper, jitter=lambda: jitter)) == "answer"
    return sleeper.slept


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
async def test_status_that_may_pass_is_retried(status: int):
    request = Request(UpstreamRefused("later", upstream_status=status))
    await run(request)

    assert request.attempts == 2


@pytest.mark.parametrize(
    "error",
    [
        *(UpstreamRefused("no", upstream_status=status) for status in (400, 401, 403, 404, 405, 410, 414, 501)),
        UpstreamException("no such type"),
    ],
)
async def test_other_errors_are_not_retried(error: UpstreamError):
    request = Request(error)
    with pytest.raises(type(error)) as caught:
        await run(request)

    assert caught.value is error
    assert request.attempts == 1


async def test_last_error_is_raised_after_all_attempts():
    errors = [UpstreamUnreachable(f"{number}") for number in range(ATTEMPTS + 1)]
    request = Request(*errors)
    with pytest.raises(UpstreamUnreachable) as caught:
        await run(request)

    assert caught.value is errors[ATTEMPTS - 1]
    assert request.attempts == ATTEMPTS


@pytest.mark.parametrize(("jitter", "slept"), [(1.0, [0.5, 1.0]), (0.0, [0.25, 0.5])])
async def test_pauses_double_and_have_jitter(jitter: float, slept: list[float]):
    assert await run(Request(UpstreamUnreachable("a"), UpstreamUnreachable("b")), jitter) == slept


@pytest.mark.parametrize(("retry_after", "slept"), [(3.0, 3.0), (3600.0, LONGEST_PAUSE), (None, 0.5), (0.1, 0.5)])
async def test_retry_after_is_respected_up_to_a_limit(retry_after: float | None, slept: float):
    assert await run(Request(UpstreamRefused("busy", upstream_status=503, retry_after=retry_after))) == [slept]


async def test_no_attempt_begins_when_the_patience_is_over():
    seconds = iter([0.0, 3.0, 11.0])
    request = Request(*[UpstreamUnreachable("lost")] * 3)
    with pytest.raises(UpstreamUnreachable):
        await with_retries(request, HttpPolicy(sleep=Sleeper(), clock=lambda: next(seconds)), patience=10.0)

    assert request.attempts == 2
