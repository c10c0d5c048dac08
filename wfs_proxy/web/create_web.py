"""Builds the HTTP interface on top of the services."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from wfs_proxy.asgi import ASGIApp
from wfs_proxy.faces.downloads import SpooledFiles
from wfs_proxy.faces.wfs import WfsFace
from wfs_proxy.pages import Assets
from wfs_proxy.serve import FeatureService, LiveCatalogue, StatusService
from wfs_proxy.web.api import create_api
from wfs_proxy.web.common_headers import CommonHeaders
from wfs_proxy.web.common_middleware import CommonMiddleware
from wfs_proxy.web.cors import Cors
from wfs_proxy.web.download_routes import DownloadRoutes
from wfs_proxy.web.feature_endpoint import FeatureEndpoint
from wfs_proxy.web.metrics import Metrics
from wfs_proxy.web.ogcapi_endpoint import OgcApiEndpoint
from wfs_proxy.web.ogcapi_routes import OgcApiRoutes
from wfs_proxy.web.page_routes import PageRoutes
from wfs_proxy.web.question_routes import QuestionRoutes
from wfs_proxy.web.request_observer import RequestObserver
from wfs_proxy.web.tile_routes import TileRoutes
from wfs_proxy.web.wfs_endpoint import WfsEndpoint
from wfs_proxy.web.worker_metrics import WorkerMetrics

__all__ = ["create_web"]

Running = Callable[[], AbstractAsyncContextManager[None]]
"""Work that runs from the start of the app to its end."""


def create_web(  # noqa: PLR0913 - what HTTP needs of the rest, by name
    features: FeatureService,
    status: StatusService,
    catalogue: LiveCatalogue,
    *,
    running: Running,
    cors_origins: Iterable[str] = ("*",),
    access_log: bool = True,
    public_url: str = "",
    map_tiles: str | None = None,
    metrics_folder: Path | None = None,
    contact: dict[str, Any] | None = None,
    spool_folder: Path | None = None,
) -> ASGIApp:
    """Return the endpoints outside the framework; they pass every other path to the framework's app.

    Args:
        features: answers for maps.
        status: answers for operators.
        catalogue: its layers may be named in the access log.
        running: is entered before the first request and left after the last.
        cors_origins: the origins whose pages may read answers; "*" is any.
        access_log: whether each request gets a line in the log.
        public_url: the public address without a slash at its end, or "".
        map_tiles: the URL template of the background tiles that the map offers; None: it offers none.
        metrics_folder: where the workers of one port share their metrics; None: there is one process only.
        contact: name, email and url of the organisation that answers questions about the interface; None: unknown.
        spool_folder: for downloads that are written before they are sent; None: the system's temporary folder.
    """
    metrics = Metrics(status)
    common = CommonHeaders(Cors(cors_origins), public_url=public_url)
    observe = RequestObserver(metrics, access_log=access_log)
    contexts = [running]
    metrics_text: Callable[[], bytes] = metrics.text
    if metrics_folder is not None:
        shared = WorkerMetrics(metrics.text, metrics_folder)
        metrics_text = shared.text
        contexts.append(shared.published)
    assets = Assets.installed()
    pages = PageRoutes(features, status, catalogue, assets=assets, tiles=map_tiles, public_url=public_url)
    questions = QuestionRoutes(catalogue, public_url)
    tiles = TileRoutes(features, catalogue, public_url)
    ogcapi = OgcApiRoutes(features, status, catalogue, assets=assets, public_url=public_url, contact=contact)
    api = create_api(
        status,
        metrics_text,
        pages=pages,
        questions=questions,
        tiles=tiles,
        downloads=DownloadRoutes(features, SpooledFiles(spool_folder), metrics),
        ogcapi=ogcapi,
        lifespan=_lifespan(contexts),
        public_url=public_url,
        contact=contact,
    )
    rest = CommonMiddleware(api, common=common, observe=observe, public_url=public_url)
    face = WfsFace(features, status, catalogue, public_url)
    wfs = WfsEndpoint(face, rest, common=common, observe=observe, metrics=metrics, public_url=public_url)
    items = OgcApiEndpoint(features, wfs, catalogue=catalogue, common=common, observe=observe, public_url=public_url)
    return FeatureEndpoint(
        features, items, catalogue=catalogue, common=common, observe=observe, metrics=metrics, public_url=public_url
    )


def _lifespan(contexts: Iterable[Running]) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for context in contexts:
                await stack.enter_async_context(context())
            yield

    return lifespan
