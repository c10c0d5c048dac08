"""The objects of OGC API Features in GeoJSON: `/ogc/v1/collections/{id}/items`, and one of them.

Requests for pages and all other paths are passed on (`ogcapi_routes.py`).
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple
from urllib.parse import parse_qs

from wfs_proxy.asgi import ASGIApp, Headers, Response, Scope
from wfs_proxy.faces.ogcapi import (
    API_PATH,
    QUERYABLES,
    SCHEMA_JSON,
    ApiAddresses,
    CoordinateSystem,
    Format,
    ItemsWriter,
    ItemWriter,
    chosen_format,
    read_item_request,
    read_items_request,
)
from wfs_proxy.serve import GEOJSON, FeatureService, LiveCatalogue, Representation
from wfs_proxy.web.common_headers import CommonHeaders
from wfs_proxy.web.layer_endpoint import LayerEndpoint
from wfs_proxy.web.representations import VARIES_BY_ACCEPT, accepted_codings, preconditions, response_of
from wfs_proxy.web.request_observer import Observe

__all__ = ["OgcApiEndpoint"]


class ItemsTarget(NamedTuple):
    """The collection or the object that a path names."""

    layer_id: str
    feature_id: str | None
    """None for the collection. It may contain slashes."""

    @property
    def route(self) -> str:
        """Return the path with its variable parts in braces."""
        collection = f"{API_PATH}/collections/{{layer_id}}/items"
        return collection if self.feature_id is None else f"{collection}/{{feature_id}}"


class OgcApiEndpoint(LayerEndpoint[ItemsTarget]):
    """Answers requests for objects in GeoJSON, and passes all others on."""

    def __init__(  # noqa: PLR0913 - its collaborators, by name
        self,
        features: FeatureService,
        rest: ASGIApp,
        *,
        catalogue: LiveCatalogue,
        common: CommonHeaders,
        observe: Observe,
        public_url: str = "",
    ) -> None:
        super().__init__(rest, catalogue=catalogue, common=common, observe=observe, public_url=public_url)
        self._features = features
        self._addresses = ApiAddresses(public_url)

    def _target(self, path: str) -> ItemsTarget | None:
        return _target(path)

    async def _answer(self, target: ItemsTarget, scope: Scope, fields: dict[bytes, bytes]) -> Response | None:
        query = scope["query_string"].decode("latin-1")
        if _format(query, fields) == "html":
            return None
        known, codings = preconditions(fields), accepted_codings(fields)
        layer_id, feature_id = target
        if feature_id is None:
            request = read_items_request(query, self._catalogue.layer(layer_id))
            writer = ItemsWriter(self._addresses, layer_id, request)
            found = await self._features.answer(
                layer_id, request.query, writer, known, codings, offload_from=writer.offload_from
            )
            return self._response(found, request.system, layer_id)
        asked = read_item_request(query)
        one = ItemWriter(self._addresses, layer_id, feature_id, asked)
        found = await self._features.feature(layer_id, feature_id, known, codings, writer=one)
        return self._response(found, asked.system, layer_id)

    def _response(self, found: Representation, system: CoordinateSystem, layer_id: str) -> Response:
        response = response_of(found, GEOJSON, _described(system.uri, self._addresses, layer_id))
        return response._replace(headers=[*response.headers, VARIES_BY_ACCEPT])


@lru_cache(maxsize=1024)
def _described(crs: str, addresses: ApiAddresses, layer_id: str) -> Headers:
    """Return the header fields that say what the coordinates mean (OGC 18-058r1) and what a filter can use."""
    queryables = f'<{addresses.queryables(layer_id)}>; rel="{QUERYABLES}"; type="{SCHEMA_JSON}"'
    return (b"content-crs", f"<{crs}>".encode()), (b"link", queryables.encode())


def _format(query: str, fields: dict[bytes, bytes]) -> Format:
    accept = fields.get(b"accept")
    given = parse_qs(query, keep_blank_values=True).get("f") if "f=" in query else None
    return chosen_format(given[0] if given else None, accept.decode("latin-1") if accept is not None else None, GEOJSON)


@lru_cache(maxsize=256)
def _target(path: str) -> ItemsTarget | None:
    """Return the target of a decoded path; None if the path is not the endpoint's."""
    if not path.startswith(f"{API_PATH}/"):
        return None
    match path.removeprefix(API_PATH).split("/", 4):
        case ["", "collections", layer_id, "items"]:
            return ItemsTarget(layer_id, None)
        case ["", "collections", layer_id, "items", feature_id] if feature_id:
            return ItemsTarget(layer_id, feature_id)
    return None
