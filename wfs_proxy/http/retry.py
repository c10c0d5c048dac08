"""The retry policy: which requests are repeated, how often, and after which pause.

Only GET is repeated, and only after errors that may pass (`UpstreamError.retryable`): no connection, a timeout, a lost
connection, and the statuses 408, 425, 429, 500, 502, 503 and 504. The pause grows exponentially with jitter, so that
many clients of one server do not return at the same moment; a longer Retry-After is respected.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Awaitable, Callable
from typing import TypeVar

from wfs_proxy.errors import UpstreamError, UpstreamRefused
from wfs_proxy.http.policy import HttpPolicy

__all__ = ["ATTEMPTS", "FIRST_PAUSE", "LONGEST_PAUSE", "with_retries"]

_LOG = logging.getLogger(__name__)

ATTEMPTS = 3
"""For one GET, the first included."""

FIRST_PAUSE = 0.5
"""Seconds before the second attempt, doubled before each further one; jitter takes off up to half."""

LONGEST_PAUSE = 8.0
"""Seconds. A longer Retry-After is cut to this: a person or a lease may be waiting."""

_T = TypeVar("_T")


async def with_retries(attempt: Callable[[], Awaitable[_T]], policy: HttpPolicy, *, patience: float = math.inf) -> _T:
    """Run `attempt` until it succeeds, fails with an error that will not pass, or has run `ATTEMPTS` times.

    Args:
        attempt: makes the request.
        policy: has the clock.
        patience: seconds after which no further attempt begins.

    Raises:
        UpstreamError: of the last attempt, or the first that is not retryable.
    """
    started = policy.clock()
    for number in range(1, ATTEMPTS):
        try:
            return await attempt()
        except UpstreamError as error:
            if not error.retryable or policy.clock() - started > patience:
                raise
            _LOG.info("attempt %d of %d failed: %s", number, ATTEMPTS, error)
            await policy.sleep(_pause(number, error, policy.jitter()))
    return await attempt()


def _pause(number: int, error: UpstreamError, jitter: float) -> float:
    """Return the seconds to wait after attempt `number`: backoff with jitter, or Retry-After if that is longer."""
    backoff: float = min(FIRST_PAUSE * 2 ** (number - 1), LONGEST_PAUSE) * (0.5 + jitter / 2)
    requested = (error.retry_after if isinstance(error, UpstreamRefused) else None) or 0.0
    return max(backoff, min(requested, LONGEST_PAUSE))
