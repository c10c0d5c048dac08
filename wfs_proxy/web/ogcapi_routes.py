"""OGC API Features except objects in GeoJSON: the documents, their pages, and the pages of objects.

Every resource is JSON or a page, as `f` or Accept says; `ogcapi_endpoint.py` answers for objects in GeoJSON.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response

from wfs_proxy.config import Layer
from wfs_proxy.faces.ogcapi import (
    API_PATH,
    CONFORMANCE_CLASSES,
    CRS84,
    JSON,
    OPENAPI,
    SCHEMA_JSON,
    ApiAddresses,
    ApiDocuments,
    Collected,
    ItemsWriter,
    ItemWriter,
    chosen_format,
    collection_schema,
    openapi_document,
    queryables_schema,
    read_item_request,
    read_items_request,
    read_parameters,
)
from wfs_proxy.pages import Assets, OgcApiPages, PageRenderer, PageRequest
from wfs_proxy.serve import FeatureService, LiveCatalogue, Preconditions, StatusService
from wfs_proxy.web.api_version import API_VERSION
from wfs_proxy.web.docs_page import docs_page
from wfs_proxy.web.negotiation import negotiated, wants_html
from wfs_proxy.web.page_routes import HTML, NEGOTIATED, page_headers

__all__ = ["OgcApiRoutes", "add_ogcapi"]

ROWS = 50
"""Objects on a page for people, unless `limit` says otherwise."""

MOST_ROWS = 1_000


class OgcApiRoutes:
    """The functions of the routes."""

    def __init__(  # noqa: PLR0913 - what the documents and pages show, by name
        self,
        features: FeatureService,
        status: StatusService,
        catalogue: LiveCatalogue,
        *,
        assets: Assets,
        public_url: str,
        contact: Mapping[str, Any] | None = None,
    ) -> None:
        self._features = features
        self._status = status
        self._catalogue = catalogue
        self._documents = ApiDocuments(public_url)
        self._addresses = ApiAddresses(public_url)
        self._contact = contact
        self._pages = OgcApiPages(PageRenderer(assets))

    async def landing(self, request: Request) -> Response:
        """Return the landing page."""
        return _answer(request, JSON, self._documents.landing, lambda page, _: self._pages.landing(page))

    async def conformance(self, request: Request) -> Response:
        """Return the conformance classes."""
        return _answer(
            request,
            JSON,
            self._documents.conformance,
            lambda page, _: self._pages.conformance(page, CONFORMANCE_CLASSES),
        )

    async def api(self, request: Request) -> Response:
        """Return the OpenAPI document, or the documentation made of it."""
        read_parameters(request.url.query)
        if _format(request, OPENAPI) == "html":
            return docs_page(root=_root(request), document="openapi.json")
        return self._openapi(request)

    async def openapi(self, request: Request) -> Response:
        """Return the OpenAPI document, at the path that the Dutch API Design Rules ask for."""
        read_parameters(request.url.query)
        return self._openapi(request)

    async def collections(self, request: Request) -> Response:
        """Return all collections."""
        layers = list(self._catalogue.current.values())
        return _answer(
            request,
            JSON,
            lambda: self._documents.collections(self._collected(layers)),
            lambda page, _: self._pages.collections(page, layers),
        )

    async def collection(self, request: Request, layer_id: str) -> Response:
        """Return one collection."""
        layer = self._catalogue.layer(layer_id)
        return _answer(
            request,
            JSON,
            lambda: self._documents.collection(self._collected([layer])[0]),
            lambda page, document: self._pages.collection(page, layer, document),
        )

    async def queryables(self, request: Request, layer_id: str) -> Response:
        """Return what a filter can use."""
        layer = self._catalogue.layer(layer_id)
        return _answer(
            request,
            SCHEMA_JSON,
            lambda: queryables_schema(layer, self._addresses),
            lambda page, document: self._pages.schema(page, layer, document, queryables=True),
        )

    async def schema(self, request: Request, layer_id: str) -> Response:
        """Return the properties of the objects."""
        layer = self._catalogue.layer(layer_id)
        return _answer(
            request,
            SCHEMA_JSON,
            lambda: collection_schema(layer, self._addresses),
            lambda page, document: self._pages.schema(page, layer, document, queryables=False),
        )

    async def items(self, request: Request, layer_id: str) -> Response:
        """Return the page of objects."""
        layer = self._catalogue.layer(layer_id)
        asked = read_items_request(request.url.query, layer, default_limit=ROWS)
        query = asked.query._replace(limit=min(asked.query.limit or ROWS, MOST_ROWS))
        writer = ItemsWriter(self._addresses, layer_id, asked)
        found = await self._features.answer(layer_id, query, writer, Preconditions(), offload_from=writer.offload_from)
        return _page(request, self._pages.items(_page_request(request), layer, orjson.loads(found.body)))

    async def item(self, request: Request, layer_id: str, feature_id: str) -> Response:
        """Return the page of one object."""
        layer = self._catalogue.layer(layer_id)
        asked = read_item_request(request.url.query)
        writer = ItemWriter(self._addresses, layer_id, feature_id, asked)
        found = await self._features.feature(layer_id, feature_id, Preconditions(), writer=writer)
        system = None if asked.system is CRS84 else asked.system.title
        return _page(request, self._pages.item(_page_request(request), layer, orjson.loads(found.body), system))

    def error(self, request: Request, response: Response, detail: str) -> Response:
        """Return the answer to an error: a page where a page was asked for.

        Args:
            request: any.
            response: the answer as problem+json.
            detail: what it says.
        """
        path = request.scope["path"]
        if not path.startswith(f"{API_PATH}/") or not _asks_for_page(request):
            return response
        layer = self._catalogue.current.get(path.removeprefix(f"{API_PATH}/collections/").partition("/")[0])
        page = _page_request(request)
        # as it was sent: an encoded slash of a feature id is not one of the path
        here = (request.scope.get("raw_path") or path.encode()).decode("latin-1").lstrip("/")
        body = self._pages.error(page, here, response.status_code, detail, layer)
        kept = {name: response.headers[name] for name in ("Retry-After", "Allow") if name in response.headers}
        headers = {**page_headers(page), "Cache-Control": "no-store", **kept}
        return negotiated(request, body, HTML, status=response.status_code, headers=headers)

    def _openapi(self, request: Request) -> Response:
        document = openapi_document(
            self._catalogue.current.values(), self._addresses.landing, version=API_VERSION, contact=self._contact
        )
        return negotiated(request, orjson.dumps(document), OPENAPI, headers={"Vary": "Accept"})

    def _collected(self, layers: list[Layer]) -> list[Collected]:
        extents = self._status.extents()
        return [Collected(layer, extents.get(layer.id)) for layer in layers]


def add_ogcapi(app: FastAPI, routes: OgcApiRoutes) -> None:
    """Add the routes to the app. They have an OpenAPI document of their own."""
    collection = f"{API_PATH}/collections/{{layer_id}}"
    endpoints: dict[str, Callable[..., Any]] = {
        API_PATH: routes.landing,
        f"{API_PATH}/": routes.landing,
        f"{API_PATH}/conformance": routes.conformance,
        f"{API_PATH}/api": routes.api,
        f"{API_PATH}/openapi.json": routes.openapi,
        f"{API_PATH}/collections": routes.collections,
        collection: routes.collection,
        f"{collection}/queryables": routes.queryables,
        f"{collection}/schema": routes.schema,
        f"{collection}/items": routes.items,
        f"{collection}/items/{{feature_id:path}}": routes.item,
    }
    for path, endpoint in endpoints.items():
        app.add_api_route(path, endpoint, include_in_schema=False, response_class=Response)


def _answer(
    request: Request,
    media_type: str,
    document: Callable[[], dict[str, object]],
    page: Callable[[PageRequest, Mapping[str, Any]], bytes],
) -> Response:
    """Return a resource without parameters of its own, as JSON or as a page."""
    read_parameters(request.url.query)
    if _format(request, media_type) == "html":
        return _page(request, page(_page_request(request), document()))
    return negotiated(request, orjson.dumps(document()), media_type, headers={"Vary": NEGOTIATED})


def _page(request: Request, body: bytes) -> Response:
    return negotiated(request, body, HTML, headers=page_headers(_page_request(request)))


def _asks_for_page(request: Request) -> bool:
    """Whether an error is to be a page: with `f` only if that says so, else for a browser."""
    asked = request.query_params.get("f")
    return wants_html(request) if asked is None else asked == "html"


def _format(request: Request, media_type: str) -> str:
    accept = ", ".join(request.headers.getlist("accept")) or None
    return chosen_format(request.query_params.get("f"), accept, media_type)


def _page_request(request: Request) -> PageRequest:
    languages = ",".join(request.headers.getlist("accept-language")) or None
    known = tuple(name for name in request.query_params if name != "lang")
    return PageRequest.read(request.query_params, languages, known=known, root=_root(request))


def _root(request: Request) -> str:
    """Return the relative path from this page to the root of the proxy: encoded slashes do not count."""
    raw = request.scope.get("raw_path") or request.scope["path"].encode()
    return "../" * (raw.count(b"/") - 1) or "./"
