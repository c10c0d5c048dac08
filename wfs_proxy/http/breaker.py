"""A circuit breaker: stop calling a service that keeps failing, and let one call at a time test whether it is back.

It knows nothing of HTTP: the caller says which exceptions count as failures and which one to raise while it is open.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal

__all__ = ["OPENS_AFTER", "OPEN_FOR", "CircuitBreaker"]

OPENS_AFTER = 5
"""Consecutive failures. More than the attempts of one request, so that one unlucky request does not open it."""

OPEN_FOR = 30.0
"""Seconds before a single call may test whether the service is back."""


class CircuitBreaker:
    """One per service. Closed: every call passes. Open: none does. Half-open: one passes, and its outcome decides.

    It may be shared by threads and by the tasks of an event loop.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        *,
        is_failure: Callable[[Exception], bool],
        open_error: Callable[[int, str], Exception],
        opens_after: int = OPENS_AFTER,
        open_for: float = OPEN_FOR,
    ) -> None:
        """Start closed.

        Args:
            clock: seconds since any moment.
            is_failure: whether an exception means that the service is unwell. Any other one is an answer, and closes
                the breaker as a success does.
            open_error: (consecutive failures, text of the last) -> what `guard` raises for a call that may not pass.
            opens_after: consecutive failures.
            open_for: seconds.
        """
        self._clock = clock
        self._is_failure = is_failure
        self._open_error = open_error
        self._opens_after = opens_after
        self._open_for = open_for
        self._failures = 0
        self._last_failure = ""
        self._opened_at: float | None = None
        self._probing = False
        self._entering = threading.Lock()

    def __repr__(self) -> str:
        return f"<CircuitBreaker {self.state} failures={self._failures}>"

    @property
    def state(self) -> Literal["closed", "open", "half-open"]:
        """Whether calls pass now."""
        if self._opened_at is None:
            return "closed"
        return "half-open" if self._clock() - self._opened_at >= self._open_for else "open"

    @contextmanager
    def guard(self) -> Iterator[None]:
        """Surround one call, and count its outcome. A cancelled call counts as neither success nor failure.

        Raises:
            Exception: the call may not pass (`open_error`), or what the call raised.
        """
        probe = self._enter()
        try:
            yield
        except Exception as error:
            if self._is_failure(error):
                self._failed(error, probe=probe)
            else:
                self._succeeded()
            raise
        else:
            self._succeeded()
        finally:
            if probe:
                self._probing = False

    def _enter(self) -> bool:
        """Return whether this call is the one that tests a half-open breaker."""
        with self._entering:
            state = self.state
            if state == "open" or (state == "half-open" and self._probing):
                raise self._open_error(self._failures, self._last_failure)
            probe = state == "half-open"
            self._probing = self._probing or probe
            return probe

    def _failed(self, error: Exception, *, probe: bool) -> None:
        self._failures += 1
        self._last_failure = str(error)  # not the exception: its traceback would keep the answer in memory
        if probe or self._failures >= self._opens_after:
            self._opened_at = self._clock()

    def _succeeded(self) -> None:
        self._failures = 0
        self._opened_at = None
