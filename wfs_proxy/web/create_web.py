"""HTTP and nothing else: paths, header fields and status codes around what the service answers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI

from wfs_proxy.asgi import ASGIApp
from wfs_proxy.serve import LayerService
from wfs_proxy.web.api import Lifespan, create_api
from wfs_proxy.web.common_middleware import CommonMiddleware
from wfs_proxy.web.cors import Cors
from wfs_proxy.web.feature_endpoint import FeatureEndpoint
from wfs_proxy.web.metrics import Metrics, PollStatuses
from wfs_proxy.web.request_observer import RequestObserver
from wfs_proxy.web.worker_metrics import WorkerMetrics

__all__ = ["create_web"]


def create_web(  # noqa: PLR0913 - what HTTP needs of the rest, by name
    service: LayerService,
    *,
    lifespan: Lifespan,
    cors_origins: Iterable[str] = ("*",),
    access_log: bool = True,
    public_url: str = "",
    polls: PollStatuses = tuple,
    metrics_folder: Path | None = None,
) -> ASGIApp:
    """HTTP around a service: the feature endpoint outermost, the framework's app behind it.

    Args:
        service: answers.
        lifespan: what happens before the first request and after the last.
        cors_origins: the origins whose pages may read answers; "*" is any.
        access_log: whether each request gets a line in the log.
        public_url: the public address without a slash at its end, or "".
        polls: how the polls of each Signalen go.
        metrics_folder: where the workers of one port leave what they count; None: there is only this one.
    """
    metrics = Metrics(service, polls)
    cors = Cors(cors_origins)
    observe = RequestObserver(metrics, access_log=access_log)
    told: Callable[[], bytes] = metrics.text
    if metrics_folder is not None:
        shared = WorkerMetrics(metrics.text, metrics_folder)
        told, lifespan = shared.text, _both(lifespan, shared)
    api = create_api(service, told, lifespan=lifespan, public_url=public_url)
    rest = CommonMiddleware(api, cors=cors, observe=observe)
    return FeatureEndpoint(service, rest, cors=cors, observe=observe, metrics=metrics, public_url=public_url)


def _both(lifespan: Lifespan, shared: WorkerMetrics) -> Lifespan:
    @asynccontextmanager
    async def both(app: FastAPI) -> AsyncIterator[None]:
        async with lifespan(app), shared.published():
            yield

    return both
