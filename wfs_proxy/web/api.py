"""The framework's app: every path that no endpoint outside it answers."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from starlette.exceptions import HTTPException

from wfs_proxy import __version__
from wfs_proxy.errors import NotFound, WfsProxyError
from wfs_proxy.serve import LayerDescription, LayerSummary, Readiness, StatusService
from wfs_proxy.web.api_version import API_VERSION, VERSION_PREFIX
from wfs_proxy.web.docs_page import add_docs_page
from wfs_proxy.web.download_routes import DownloadRoutes, add_downloads
from wfs_proxy.web.feature_docs import add_feature_docs
from wfs_proxy.web.ogcapi_routes import OgcApiRoutes, add_ogcapi
from wfs_proxy.web.openapi_document import add_openapi
from wfs_proxy.web.page_routes import NEGOTIATED, PageRoutes, add_pages
from wfs_proxy.web.problems import (
    PROBLEMS,
    error_problem,
    internal_error,
    method_not_allowed,
    problem_response,
    status_problem,
)
from wfs_proxy.web.question_routes import QuestionRoutes, add_icons, add_questions
from wfs_proxy.web.representations import framework_response
from wfs_proxy.web.tile_routes import TileRoutes, add_tiles

__all__ = ["create_api"]

LOG = logging.getLogger(__name__)

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


@dataclass(frozen=True, kw_only=True)
class LayerList:
    """The answer of `/layers`."""

    layers: list[LayerSummary]


@dataclass(frozen=True, kw_only=True)
class Health:
    """The answer of `/healthz`."""

    status: str
    version: str


@dataclass(frozen=True, kw_only=True)
class ProblemType:
    """The answer of `/problems/{name}`."""

    title: str
    status: int
    description: str


class Routes:
    """The functions of the routes."""

    def __init__(self, status: StatusService, metrics: Callable[[], bytes], pages: PageRoutes) -> None:
        self._status = status
        self._metrics = metrics
        self._pages = pages

    async def layers(self) -> LayerList:
        """All layers."""
        return LayerList(layers=self._status.summaries())

    async def layer(self, layer_id: str, request: Request, response: Response) -> object:
        """One layer: its properties, its state, and how to use it in a Signalen question. A page for browsers."""
        page = self._pages.layer(request, layer_id)
        if page is not None:
            return page
        response.headers["Vary"] = NEGOTIATED
        return self._status.description(layer_id)

    async def healthz(self) -> Health:
        """Whether this process is alive; checks nothing else."""
        return Health(status="UP", version=__version__)

    async def readyz(self, response: Response) -> Readiness:
        """200 once every layer was fetched or tried once, else 503; an absent vendor never undoes it."""
        readiness = self._status.readiness()
        response.status_code = 200 if readiness.ready else 503
        return readiness

    async def metrics(self) -> Response:
        """Counts, durations and the state of each layer, for Prometheus."""
        return Response(self._metrics(), headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4})

    async def problem(self, name: str) -> ProblemType:
        """The meaning of a problem's `type`."""
        error = PROBLEMS.get(name)
        if error is None:
            raise NotFound(f"There is no problem {name!r}.")
        return ProblemType(title=error.title, status=error.status, description=inspect.getdoc(error) or "")


def create_api(  # noqa: PLR0913 - what the routes need, by name
    status: StatusService,
    metrics: Callable[[], bytes],
    *,
    pages: PageRoutes,
    questions: QuestionRoutes,
    tiles: TileRoutes,
    downloads: DownloadRoutes,
    ogcapi: OgcApiRoutes,
    lifespan: Lifespan,
    public_url: str = "",
    contact: dict[str, Any] | None = None,
) -> FastAPI:
    """Return the app.

    Args:
        status: answers for operators.
        metrics: returns them in Prometheus' text format 0.0.4.
        pages: the HTML pages.
        questions: the questions of layers, and their pictures.
        tiles: the tiles of layers.
        downloads: layers as files.
        ogcapi: OGC API Features.
        lifespan: is entered before the first request and left after the last.
        public_url: the public address without a slash at its end, or "".
        contact: name, email and url of the organisation that answers questions; None where it is not set.
    """
    app = FastAPI(
        title="wfs_proxy",
        version=API_VERSION,
        description="Objects of municipal asset vendors as points for the map of Signalen.",
        contact=contact,
        servers=[{"url": f"{public_url}{VERSION_PREFIX}"}],
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        # a redirect would be built from the Host field
        redirect_slashes=False,
        responses={"default": problem_response("An error.")},
        lifespan=lifespan,
    )
    routes = Routes(status, metrics, pages)
    add_pages(app, pages)
    add_icons(app, questions)
    add_ogcapi(app, ogcapi)
    resources = _resources(routes, questions, tiles, downloads)
    app.include_router(resources)
    app.include_router(resources, prefix=VERSION_PREFIX, include_in_schema=False)
    for path, endpoint in (("/healthz", routes.healthz), ("/readyz", routes.readyz), ("/metrics", routes.metrics)):
        app.add_api_route(path, endpoint, include_in_schema=False)
    add_docs_page(app)
    add_openapi(app)
    _add_problem_handlers(app, public_url, ogcapi)
    return app


def _resources(routes: Routes, questions: QuestionRoutes, tiles: TileRoutes, downloads: DownloadRoutes) -> APIRouter:
    """Return the routes that exist with and without a version."""
    router = APIRouter()
    router.add_api_route("/layers", summary="All layers", endpoint=routes.layers, tags=["layers"])
    router.add_api_route(
        "/layers/{layer_id}",
        summary="One layer and its state",
        endpoint=routes.layer,
        response_model=LayerDescription,
        responses={200: {"content": {"text/html": {}}, "description": "The layer, or its page for browsers."}},
        tags=["layers"],
    )
    add_feature_docs(router)
    add_tiles(router, tiles)
    add_downloads(router, downloads)
    add_questions(router, questions)
    router.add_api_route(
        "/problems/{name}", summary="The meaning of a problem", endpoint=routes.problem, tags=["layers"]
    )
    return router


def _add_problem_handlers(app: FastAPI, public_url: str, ogcapi: OgcApiRoutes) -> None:
    async def on_error(request: Request, error: WfsProxyError) -> Response:
        layer = request.path_params.get("layer_id")
        problem = framework_response(error_problem(error, layer=layer, public_url=public_url))
        return ogcapi.error(request, problem, str(error))

    async def on_http_error(request: Request, error: HTTPException) -> Response:
        if error.status_code == NotFound.status:
            missing = NotFound(f"There is nothing at {request.url.path}; /docs lists all paths.")
            return await on_error(request, missing)
        if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            return framework_response(method_not_allowed(request.method))
        return framework_response(status_problem(error.status_code, str(error.detail)))

    async def on_invalid(_: Request, error: RequestValidationError) -> Response:
        detail = "; ".join(str(details["msg"]) for details in error.errors())
        return framework_response(status_problem(400, detail))

    async def on_unexpected(request: Request, error: Exception) -> Response:
        LOG.error("Unexpected error while answering", exc_info=error)
        return ogcapi.error(request, framework_response(internal_error()), "Internal error; see the proxy log.")

    app.exception_handler(WfsProxyError)(on_error)
    app.exception_handler(HTTPException)(on_http_error)
    app.exception_handler(RequestValidationError)(on_invalid)
    app.exception_handler(Exception)(on_unexpected)
