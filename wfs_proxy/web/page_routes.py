"""The HTML pages and their files: `/` and `/assets/`.

`/` is HTML for a browser and JSON with links for other clients. `wfs_proxy.pages` makes the pages; this module asks the
services for what they show.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import orjson
from fastapi import FastAPI, Request, Response

from wfs_proxy import __version__
from wfs_proxy.config import Layer
from wfs_proxy.errors import BadRequest, Gone, NotFound, NotReady
from wfs_proxy.pages import (
    PARAMETERS,
    PUBLIC_URL,
    ROWS,
    Assets,
    LayerPage,
    MapPage,
    ObjectPage,
    PageRenderer,
    PageRequest,
    ShownLayer,
    content_policy,
    frequent_kinds_of,
    object_page,
)
from wfs_proxy.serve import (
    FeatureService,
    LiveCatalogue,
    Preconditions,
    StatusService,
    parse_feature_query,
)
from wfs_proxy.web.api_version import VERSION_PREFIX
from wfs_proxy.web.negotiation import negotiated, wants_html

__all__ = ["HTML", "NEGOTIATED", "PageRoutes", "add_pages", "page_headers"]

HTML = "text/html; charset=utf-8"

NEGOTIATED = "Accept, Accept-Language"
"""The fields of a request on which a page, and the JSON in its place, depends."""

_ONE_YEAR = "public, max-age=31536000, immutable"
"""For a file under its version (RFC 8246)."""


@dataclass(frozen=True, kw_only=True)
class RootLink:
    """A link of the root (RFC 8288)."""

    rel: str
    href: str
    type: str
    title: str


@dataclass(frozen=True, kw_only=True)
class Root:
    """The answer of `/` in JSON."""

    title: str
    version: str
    links: list[RootLink]


class _Shown(NamedTuple):
    """The list of objects on the map page, with the status of the answer."""

    objects: ObjectPage | None
    status: int = 200
    retry_after: int | None = None
    """Seconds."""


def page_headers(page: PageRequest, tiles: str | None = None) -> dict[str, str]:
    """Return the header fields of every HTML page.

    Args:
        page: what was requested.
        tiles: the URL template of background tiles that the page may load; None without them.
    """
    return {
        "Content-Language": page.language,
        "Content-Security-Policy": content_policy(tiles),
        "Referrer-Policy": "no-referrer",
        "Vary": NEGOTIATED,
    }


class PageRoutes:
    """The functions of the routes."""

    def __init__(  # noqa: PLR0913 - what the pages show, by name
        self,
        features: FeatureService,
        status: StatusService,
        catalogue: LiveCatalogue,
        *,
        assets: Assets,
        tiles: str | None,
        public_url: str,
    ) -> None:
        self._features = features
        self._status = status
        self._catalogue = catalogue
        self._assets = assets
        self._tiles = tiles
        self._public_url = public_url
        renderer = PageRenderer(assets)
        self._map = MapPage(renderer, tiles)
        self._layer = LayerPage(renderer, public_url)

    async def root(self, request: Request) -> Response:
        """The map for browsers; links to everything else for other clients."""
        if not wants_html(request):
            return negotiated(request, orjson.dumps(self._links()), "application/json", headers={"Vary": NEGOTIATED})
        page = _page_request(request, known=PARAMETERS)
        shown = await self._objects(page)
        body = self._map.render(page, self._layers(), shown.objects)
        headers = page_headers(page, self._tiles)
        if shown.retry_after is not None:
            headers["Retry-After"] = str(shown.retry_after)
        return negotiated(request, body, HTML, status=shown.status, headers=headers)

    def layer(self, request: Request, layer_id: str) -> Response | None:
        """The page of a layer for browsers; None for other clients, and with `f=json`."""
        if not wants_html(request) or request.query_params.get("f") == "json":
            return None
        page = _page_request(request, known=(PUBLIC_URL,), root="../")
        layer = self._catalogue.current.get(layer_id)
        if layer is None:
            body = self._layer.missing(page, layer_id, self._catalogue.current.nearest(layer_id))
            return negotiated(request, body, HTML, status=NotFound.status, headers=page_headers(page))
        body = self._layer.render(page, layer, self._status.description(layer_id))
        return negotiated(request, body, HTML, headers=page_headers(page))

    async def asset(self, request: Request, version: str, name: str) -> Response:
        """A file of the pages. Under another version, as during an update, it is sent but not kept."""
        asset = self._assets.find(name)
        if asset is None:
            raise NotFound("There is no such file.")
        headers = {"Cache-Control": _ONE_YEAR if version == self._assets.version else "no-cache"}
        return negotiated(request, asset.body, asset.media_type, headers=headers, compressed=asset.compressed)

    def _links(self) -> Root:
        def link(rel: str, path: str, media_type: str, title: str) -> RootLink:
            return RootLink(rel=rel, href=f"{self._public_url}{path}", type=media_type, title=title)

        return Root(
            title="wfs_proxy",
            version=__version__,
            links=[
                link("self", "/", "application/json", "This document"),
                link("alternate", "/", "text/html", "The map"),
                link("data", "/layers", "application/json", "All layers"),
                link("service-desc", "/openapi.json", "application/vnd.oai.openapi+json;version=3.1", "The API"),
                link("service-doc", "/docs", "text/html", "The API, for people"),
                link("status", "/readyz", "application/json", "Readiness"),
            ],
        )

    def _layers(self) -> list[ShownLayer]:
        return [
            ShownLayer(layer, self._status.description(layer.id), self._frequent_kinds(layer))
            for layer in self._catalogue.current.values()
        ]

    def _frequent_kinds(self, layer: Layer) -> list[str]:
        needed = frequent_kinds_of(layer)
        return [] if needed is None else self._status.frequent_values(layer.id, *needed)

    async def _objects(self, page: PageRequest) -> _Shown:
        """Return the list of the layer in the URL."""
        layer = self._catalogue.current.get(page.parameters.get("layer", ""))
        if layer is None:
            return _Shown(ObjectPage(problem="unknown_layer"), 404) if "layer" in page.parameters else _Shown(None)
        try:
            cursor = page.parameters.get("cursor")
            query = parse_feature_query(f"limit={ROWS}" + (f"&cursor={cursor}" if cursor else ""))
            representation = await self._features.features(layer.id, query, Preconditions())
        except NotReady as error:
            return _Shown(ObjectPage(problem="not_ready"), 503, error.retry_after)
        except Gone:
            return _Shown(ObjectPage(problem="refreshed"), 410)
        except BadRequest:
            if layer.fetch.mode == "cells":
                return _Shown(ObjectPage(problem="only_on_map"))
            return _Shown(ObjectPage(problem="refreshed"), 400)
        offset = query.cursor.offset if query.cursor is not None else 0
        return _Shown(object_page(layer, representation.body, cursor_offset=offset))


def add_pages(app: FastAPI, routes: PageRoutes) -> None:
    """Add the pages to the app."""
    app.add_api_route(
        "/",
        routes.root,
        summary="The map, or links",
        response_model=Root,
        responses={200: {"content": {"text/html": {}}, "description": "Links, or the map for browsers."}},
        tags=["layers"],
    )
    for path in (VERSION_PREFIX, f"{VERSION_PREFIX}/"):
        app.add_api_route(path, routes.root, response_model=Root, include_in_schema=False)
    app.add_api_route("/assets/{version}/{name:path}", routes.asset, include_in_schema=False)


def _page_request(request: Request, *, known: tuple[str, ...] = (), root: str = "./") -> PageRequest:
    languages = ",".join(request.headers.getlist("accept-language")) or None
    return PageRequest.read(request.query_params, languages, known=known, root=root)
