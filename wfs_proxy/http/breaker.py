"""Leave a failing host alone for a while: it recovers sooner, and nobody waits for what will not come."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from wfs_proxy.errors import UpstreamError, UpstreamUnreachable

__all__ = ["OPENS_AFTER", "OPEN_FOR", "CircuitBreaker"]

OPENS_AFTER = 5
"""Failures in a row: more than the tries of one request, so one unlucky request does not open it."""

OPEN_FOR = 30.0
"""Seconds until one request may find out whether the host is back."""


class CircuitBreaker:
    """One for each host. Closed: all may pass. Open: none. Half-open: one may, and its fate decides."""

    def __init__(self, host: str, clock: Callable[[], float]) -> None:
        self._host = host
        self._clock = clock
        self._failures = 0
        self._opened_at: float | None = None
        self._probing = False
        self._last = ""

    def __repr__(self) -> str:
        return f"<CircuitBreaker {self._host} {self.state} failures={self._failures}>"

    @property
    def state(self) -> str:
        """closed, open or half-open."""
        if self._opened_at is None:
            return "closed"
        return "half-open" if self._clock() - self._opened_at >= OPEN_FOR else "open"

    @contextmanager
    def guard(self) -> Iterator[None]:
        """Pass one request through, and learn from what becomes of it.

        Only faults that say that the host is ill count: those that may pass (`retryable`). An exception report or a
        refused login is an answer.

        Raises:
            UpstreamUnreachable: not let through.
        """
        probe = self._enter()
        try:
            yield
        except UpstreamError as fault:
            if fault.retryable:
                self._failed(fault, probe=probe)
            else:
                self._succeeded()
            raise
        except Exception:
            self._succeeded()
            raise
        else:
            self._succeeded()
        finally:
            if probe:
                self._probing = False

    def _enter(self) -> bool:
        """Whether this request is the probe."""
        state = self.state
        if state == "open" or (state == "half-open" and self._probing):
            raise _left_alone(self._host, self._failures, self._last)
        self._probing = probe = state == "half-open"
        return probe

    def _failed(self, fault: UpstreamError, *, probe: bool) -> None:
        self._failures += 1
        self._last = str(fault)
        if probe or self._failures >= OPENS_AFTER:
            self._opened_at = self._clock()

    def _succeeded(self) -> None:
        self._failures = 0
        self._opened_at = None


def _left_alone(host: str, failures: int, last: str) -> UpstreamUnreachable:
    fault = UpstreamUnreachable(
        f"{host} is left alone for a moment after {failures} failures in a row; the last: {last}"
    )
    fault.retryable = False
    return fault
