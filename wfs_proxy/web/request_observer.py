"""Counts requests for Prometheus, and writes the access log.

Neither contains the client's address or the query string: together they show where a citizen is looking. Paths appear
as their route, so that the paths that scanners try do not become metrics.
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
"""Requested every few seconds by machines; neither counted nor logged."""


class Observe(Protocol):
    """Records an answered request."""

    def __call__(self, method: str, route: str, status: int, seconds: float, *, layer: str | None = None) -> None:
        """Record it; `route` is a path with its variable parts in braces, `layer` a layer of the catalogue."""


class RequestObserver:
    """Counts requests and writes the access log."""

    def __init__(self, metrics: Metrics, *, access_log: bool) -> None:
        # finding a metric by its labels takes longer than counting; there are few combinations, so all are cached
        self._requests = cache(metrics.requests.labels)
        self._duration = cache(metrics.duration.labels)
        self._access_log = access_log

    def __call__(self, method: str, route: str, status: int, seconds: float, *, layer: str | None = None) -> None:
        """Count an answered request and log it."""
        if route in QUIET_ROUTES:
            return
        method = method if method in METHODS else "other"
        self._requests(method, route, status).inc()
        self._duration(route).observe(seconds)
        if self._access_log:
            attributes = {"route": route, "status": status, "milliseconds": round(seconds * 1000, 2), "layer": layer}
            LOG.info("%s %s %s %d %.1f ms", method, route, layer or "-", status, seconds * 1000, extra=attributes)
