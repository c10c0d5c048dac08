"""Everything but the features: what there is, whether it works, and the description of it all."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from starlette.exceptions import HTTPException

from wfs_proxy import __version__, asgi
from wfs_proxy.errors import NotFound, WfsProxyError
from wfs_proxy.serve import LayerDescription, LayerSummary, Readiness, StatusService
from wfs_proxy.web.docs import add_docs
from wfs_proxy.web.openapi import FEATURE_PATHS, FEATURE_SCHEMAS, problem_response
from wfs_proxy.web.problems import PROBLEMS, method_not_allowed, own_mistake, plain_problem, problem_of

__all__ = ["create_api"]

LOG = logging.getLogger(__name__)

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


@dataclass(frozen=True, kw_only=True)
class Layers:
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


class Api(FastAPI):
    """The framework's app, describing the feature endpoint beside its own routes."""

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document of the whole service."""
        schema = super().openapi()
        schema["paths"].update(FEATURE_PATHS)
        schema.setdefault("components", {}).setdefault("schemas", {}).update(FEATURE_SCHEMAS)
        return schema


class Routes:
    """The functions of the routes."""

    def __init__(self, status: StatusService, metrics: Callable[[], bytes]) -> None:
        self._status = status
        self._metrics = metrics

    async def layers(self) -> Layers:
        """All layers."""
        return Layers(layers=self._status.summaries())

    async def layer(self, layer_id: str) -> LayerDescription:
        """One layer: its properties, its state, and how to put it in a Signalen question."""
        return self._status.description(layer_id)

    async def healthz(self) -> Health:
        """Whether this process lives; asks nobody else."""
        return Health(status="UP", version=__version__)

    async def readyz(self, response: Response) -> Readiness:
        """200 once every layer was fetched or tried once, else 503; neither an absent vendor nor a reload undoes it."""
        readiness = self._status.readiness()
        response.status_code = 200 if readiness.ready else 503
        return readiness

    async def metrics(self) -> Response:
        """Counts, times and the state of each layer, for Prometheus."""
        return Response(self._metrics(), headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4})

    async def problem(self, name: str) -> ProblemType:
        """What a problem's `type` means."""
        error = PROBLEMS.get(name)
        if error is None:
            raise NotFound(f"There is no problem {name!r}.")
        return ProblemType(title=error.title, status=error.status, description=inspect.getdoc(error) or "")


def create_api(
    status: StatusService, metrics: Callable[[], bytes], *, lifespan: Lifespan, public_url: str = ""
) -> FastAPI:
    """The app behind the feature endpoint; `metrics` gives them in Prometheus' text format 0.0.4."""
    app = Api(
        title="wfs_proxy",
        version=__version__,
        description="Objects of municipal asset vendors as points for the map of Signalen.",
        docs_url=None,
        redoc_url=None,
        # a redirect would be built from the Host field
        redirect_slashes=False,
        responses={"default": problem_response("What went wrong.")},
        lifespan=lifespan,
    )
    routes = Routes(status, metrics)
    app.add_api_route("/layers", summary="All layers", endpoint=routes.layers, tags=["layers"])
    app.add_api_route("/layers/{layer_id}", summary="One layer and its state", endpoint=routes.layer, tags=["layers"])
    app.add_api_route("/problems/{name}", summary="What a problem means", endpoint=routes.problem, tags=["layers"])
    app.add_api_route("/healthz", summary="Liveness", endpoint=routes.healthz, tags=["operation"])
    app.add_api_route(
        "/readyz",
        summary="Readiness",
        endpoint=routes.readyz,
        tags=["operation"],
        responses={503: {"model": Readiness}},
    )
    app.add_api_route(
        "/metrics", summary="Metrics", endpoint=routes.metrics, tags=["operation"], response_class=Response
    )
    add_docs(app)
    _add_problem_handlers(app, public_url)
    return app


def _add_problem_handlers(app: FastAPI, public_url: str) -> None:
    async def on_error(request: Request, error: WfsProxyError) -> Response:
        layer = request.path_params.get("layer_id")
        return _framework_response(problem_of(error, layer=layer, public_url=public_url))

    async def on_http_error(request: Request, error: HTTPException) -> Response:
        if error.status_code == NotFound.status:
            missing = NotFound(f"There is nothing at {request.url.path}; /docs tells what there is.")
            return _framework_response(problem_of(missing, layer=None, public_url=public_url))
        if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            return _framework_response(method_not_allowed(request.method))
        return _framework_response(plain_problem(error.status_code, str(error.detail)))

    async def on_invalid(_: Request, error: RequestValidationError) -> Response:
        detail = "; ".join(str(fault["msg"]) for fault in error.errors())
        return _framework_response(plain_problem(400, detail))

    async def on_mistake(_: Request, error: Exception) -> Response:
        LOG.error("An answer failed", exc_info=error)
        return _framework_response(own_mistake())

    app.exception_handler(WfsProxyError)(on_error)
    app.exception_handler(HTTPException)(on_http_error)
    app.exception_handler(RequestValidationError)(on_invalid)
    app.exception_handler(Exception)(on_mistake)


def _framework_response(response: asgi.Response) -> Response:
    made = Response(response.body, status_code=response.status)
    made.raw_headers = [*response.headers, (b"content-length", b"%d" % len(response.body))]
    return made
