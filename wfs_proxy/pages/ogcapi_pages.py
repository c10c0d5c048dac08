"""The pages of OGC API Features: what its documents say, for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from wfs_proxy.config import Layer
from wfs_proxy.pages.page_request import PageRequest
from wfs_proxy.pages.renderer import PageRenderer

__all__ = ["OgcApiPages"]

_API = "ogc/v1"

_EXPLAINED = (400, 404, 410, 503)
"""Statuses with a text of their own."""


class OgcApiPages:
    """Renders the pages."""

    def __init__(self, renderer: PageRenderer) -> None:
        self._renderer = renderer

    def landing(self, page: PageRequest) -> bytes:
        """Return the landing page."""
        return self._render("landing", page, _API)

    def conformance(self, page: PageRequest, classes: Sequence[str]) -> bytes:
        """Return the page of the conformance classes."""
        return self._render("conformance", page, f"{_API}/conformance", classes=classes)

    def collections(self, page: PageRequest, layers: Sequence[Layer]) -> bytes:
        """Return the list of collections."""
        listed = [(layer, _collection(layer)) for layer in layers]
        return self._render("collections", page, f"{_API}/collections", layers=listed)

    def collection(self, page: PageRequest, layer: Layer, document: Mapping[str, Any]) -> bytes:
        """Return the page of a collection.

        Args:
            page: what was requested.
            layer: the collection.
            document: the same in JSON.
        """
        boxes = document.get("extent", {}).get("spatial", {}).get("bbox", [None])
        return self._render(
            "collection", page, _collection(layer), layer=layer, extent=boxes[0], systems=document["crs"]
        )

    def schema(self, page: PageRequest, layer: Layer, document: Mapping[str, Any], *, queryables: bool) -> bytes:
        """Return the page of the queryables or of the schema of a collection.

        Args:
            page: what was requested.
            layer: the collection.
            document: the same in JSON.
            queryables: whether it is about filters.
        """
        path = f"{_collection(layer)}/{'queryables' if queryables else 'schema'}"
        return self._render("schema", page, path, layer=layer, properties=document["properties"], queryables=queryables)

    def items(self, page: PageRequest, layer: Layer, document: Mapping[str, Any]) -> bytes:
        """Return a page of objects.

        Args:
            page: what was requested.
            layer: the collection.
            document: the same in JSON.
        """
        features = document["features"]
        names = list(dict.fromkeys(name for feature in features for name in feature["properties"]))
        path = f"{_collection(layer)}/items"
        following = [link["href"] for link in document["links"] if link["rel"] == "next"]
        return self._render(
            "items",
            page,
            path,
            layer=layer,
            names=names,
            rows=[(f"{path}/{quote(feature['id'], safe='')}", feature) for feature in features],
            matched=document["numberMatched"],
            returned=document["numberReturned"],
            next_page=_for_people(following[0], page) if following else None,
        )

    def item(self, page: PageRequest, layer: Layer, feature: Mapping[str, Any], system: str | None) -> bytes:
        """Return the page of an object.

        Args:
            page: what was requested.
            layer: the collection.
            feature: the object in JSON.
            system: the title of the coordinate reference system; None for longitude and latitude.
        """
        path = f"{_collection(layer)}/items/{quote(feature['id'], safe='')}"
        position = ", ".join(str(number) for number in feature["geometry"]["coordinates"])
        return self._render("item", page, path, layer=layer, feature=feature, position=position, system=system)

    def error(self, page: PageRequest, path: str, status: int, detail: str, layer: Layer | None) -> bytes:
        """Return the page of an error.

        Args:
            page: what was requested.
            path: of the request, encoded, without the slash in front.
            status: of the answer.
            detail: what the same error says in JSON.
            layer: that the path names; None if there is no such layer.
        """
        kept = {name: value for name, value in page.parameters.items() if name not in {"f", "cursor"}}
        return self._render(
            "error",
            page,
            path,
            kind=str(status) if status in _EXPLAINED else "other",
            detail=detail,
            layer=layer,
            first_page=(page.query(**kept) or "?") if "cursor" in page.parameters else None,
        )

    def _render(self, template: str, page: PageRequest, path: str, **values: object) -> bytes:
        parameters = {name: value for name, value in page.parameters.items() if name != "f"}
        return self._renderer.render(
            f"ogcapi/{template}.html",
            page,
            api=_API,
            json_href=f"{page.root}{path}?{urlencode({**parameters, 'f': 'json'})}",
            **values,
        )


def _collection(layer: Layer) -> str:
    return f"{_API}/collections/{quote(layer.id, safe='')}"


def _for_people(href: str, page: PageRequest) -> str:
    """Return the query string of a link to JSON for the page instead, in the language of this one."""
    kept = {name: value for name, value in parse_qsl(urlsplit(href).query) if name != "f"}
    return page.query(**kept)
