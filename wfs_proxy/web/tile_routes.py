"""Tiles at `/layers/{id}/tiles/{z}/{x}/{y}`, and their description at `/layers/{id}/tiles`."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from wfs_proxy.errors import BadRequest
from wfs_proxy.faces.tiles import (
    GeoJsonTile,
    LayerIndexes,
    TileJson,
    VectorTile,
    tile_at,
    tile_json_of_cells,
    version_in_address,
)
from wfs_proxy.serve import FeatureService, LiveCatalogue, require_known_parameters
from wfs_proxy.web.negotiation import negotiated
from wfs_proxy.web.problems import problem_response
from wfs_proxy.web.representations import accepted_codings, fields_of, framework_response, preconditions, response_of

__all__ = ["TileRoutes", "add_tiles"]

_JSON = "application/json"
_FORMATS = {"mvt": VectorTile, "json": GeoJsonTile}
"""Value of `f` -> the drawing."""

_PARAMETERS = ("v", "f")
"""Of a tile. A filter that was ignored would give a map other objects than it asked for."""

_LASTING = b"public, max-age=31536000, immutable"
"""Cache-Control of a tile that was requested by its version: a year, because another content has another address."""

_FEW_MINUTES = "public, max-age=300"

_Part = Annotated[str, Path(description="A whole number.")]


class TileRoutes:
    """The functions of the routes."""

    def __init__(self, features: FeatureService, catalogue: LiveCatalogue, public_url: str) -> None:
        self._features = features
        self._catalogue = catalogue
        self._public_url = public_url
        self._indexes = LayerIndexes()

    async def description(self, request: Request, layer_id: str) -> Response:
        """TileJSON: where the tiles are, and what they have. A map needs only this address."""
        layer = self._catalogue.layer(layer_id)
        if layer.fetch.mode == "cells":
            body = tile_json_of_cells(layer, self._public_url)
            return negotiated(request, body, _JSON, headers={"Cache-Control": _FEW_MINUTES})
        fields = fields_of(request.scope["headers"])
        drawing = TileJson(layer, self._public_url, self._indexes)
        representation = await self._features.drawn(
            layer_id, None, drawing, preconditions(fields), accepted_codings(fields)
        )
        return framework_response(response_of(representation, _JSON))

    async def tile(  # noqa: PLR0913 - the parts of the address, by name
        self,
        request: Request,
        layer_id: str,
        z: _Part,
        x: _Part,
        y: _Part,
        *,
        v: Annotated[str, Query(description="The version, from the TileJSON.")] = "",
        f: Annotated[
            str, Query(description="mvt (the default), or json: GeoJSON without what is around the tile.")
        ] = "mvt",
    ) -> Response:
        """A tile of WebMercatorQuad: the objects in it, or clusters where there are too many."""
        require_known_parameters(request.query_params, _PARAMETERS)
        kind = _FORMATS.get(f.lower())
        if kind is None:
            raise BadRequest(f"f= must be one of {', '.join(_FORMATS)}, got {f!r}.")
        drawing = kind(self._catalogue.layer(layer_id).id, tile_at(z, x, y), self._indexes)
        fields = fields_of(request.scope["headers"])
        representation = await self._features.drawn(
            layer_id, drawing.box, drawing, preconditions(fields), accepted_codings(fields)
        )
        lasting = _LASTING if version_in_address(representation.version) == v else None
        return framework_response(response_of(representation, drawing.media_type, lasting=lasting))


def add_tiles(router: APIRouter, routes: TileRoutes) -> None:
    """Add the routes."""
    router.add_api_route(
        "/layers/{layer_id}/tiles",
        routes.description,
        summary="Where the tiles of a layer are",
        tags=["tiles"],
        response_class=Response,
        responses={200: _content(_JSON, "TileJSON 3.0."), **_NOT_READY},
    )
    router.add_api_route(
        "/layers/{layer_id}/tiles/{z}/{x}/{y}",
        routes.tile,
        summary="A tile of a layer",
        tags=["tiles"],
        response_class=Response,
        responses={
            200: _content(VectorTile.media_type, "The tile; empty without objects."),
            400: problem_response("A part of the address is not a number, or the tile is too large for the layer."),
            404: problem_response("There is no such layer, or no such tile."),
            **_NOT_READY,
        },
    )


def _content(media_type: str, description: str) -> dict[str, Any]:
    return {"content": {media_type: {}}, "description": description}


_NOT_READY: dict[int | str, dict[str, Any]] = {
    503: problem_response("The layer has no data yet, and none can be fetched now.")
}
