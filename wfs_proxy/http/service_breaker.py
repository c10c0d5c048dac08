"""The circuit breaker of a service that is reached by HTTP: which errors count, and what is raised while it is open."""

from __future__ import annotations

from collections.abc import Callable

from wfs_proxy.errors import UpstreamError, UpstreamUnreachable
from wfs_proxy.http.breaker import CircuitBreaker

__all__ = ["service_breaker"]


def service_breaker(name: str, clock: Callable[[], float]) -> CircuitBreaker:
    """Return a closed breaker; the name of the service appears in messages."""
    return CircuitBreaker(
        clock, is_failure=_is_failure, open_error=lambda failures, last: _circuit_open(name, failures, last)
    )


def _is_failure(error: Exception) -> bool:
    """Whether the service is unwell: only errors that may pass count; an exception report or a 404 is an answer."""
    return isinstance(error, UpstreamError) and error.retryable


def _circuit_open(name: str, failures: int, last: str) -> UpstreamUnreachable:
    error = UpstreamUnreachable(f"{name}: circuit open after {failures} consecutive failures; the last: {last}")
    error.retryable = False
    return error
