"""What is told about requests: counts and times for Prometheus, and a line in the log.

Never the client's address and never the query string: together they say where a citizen is looking. Paths appear as the
route they belong to, which also keeps scanners from filling the metrics.
"""

from __future__ import annotations

import logging
from functools import cache
from typing import Protocol

from wfs_proxy.web.metrics import Metrics

__all__ = ["Observe", "RequestObserver"]

LOG = logging.getLogger("wfs_proxy.access")

METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})

QUIET_ROUTES = frozenset({"/healthz", "/readyz", "/metrics"})
"""Asked for every few seconds by machines; telling of it helps nobody."""


class Observe(Protocol):
    """Takes note of one answered request."""

    def __call__(self, method: str, route: str, status: int, seconds: float, *, layer: str | None = None) -> None:
        """`route` is a path with its variable parts in braces; `layer` one of the catalogue."""


class RequestObserver:
    """Counts requests and writes the access log."""

    def __init__(self, metrics: Metrics, *, access_log: bool) -> None:
        # finding a child by its labels costs more than counting; methods and routes are few, so all are kept
        self._requests = cache(metrics.requests.labels)
        self._duration = cache(metrics.duration.labels)
        self._access_log = access_log

    def __call__(self, method: str, route: str, status: int, seconds: float, *, layer: str | None = None) -> None:
        """Take note of one answered request."""
        if route in QUIET_ROUTES:
            return
        method = method if method in METHODS else "other"
        self._requests(method, route, status).inc()
        self._duration(route).observe(seconds)
        if self._access_log:
            told = {"route": route, "status": status, "milliseconds": round(seconds * 1000, 2), "layer": layer}
            LOG.info("%s %s %s %d %.1f ms", method, route, layer or "-", status, seconds * 1000, extra=told)
