"""Describes the tiles of a layer as TileJSON 3.0, the address that maps are given."""

from __future__ import annotations

import html
from collections.abc import Mapping
from functools import cached_property

import orjson

from wfs_proxy.bbox import BBox
from wfs_proxy.config import Layer
from wfs_proxy.faces.tiles.object_tags import CLUSTER, COUNT, REPORTED, id_property
from wfs_proxy.faces.tiles.tile_address import tile_template
from wfs_proxy.faces.tiles.tile_content import LayerIndexes
from wfs_proxy.serve import LayerData, schema_of

__all__ = ["DEEPEST_REQUESTED", "TileJson", "tile_json_of_cells"]

DEEPEST_REQUESTED = 18
"""The deepest zoom level that maps request; they enlarge these tiles when people zoom in further. A unit of such a tile
is 4 cm or less."""

_CELLS_ZOOMED_OUT = 1
"""Zoom levels that tiles begin before the cells in which a layer is fetched. A tile then touches at most sixteen cells,
and a screen of tiles about as many as one box of the map endpoint may."""

_TYPES = {"integer": "Number", "number": "Number", "boolean": "Boolean"}
"""Type of a field -> what TileJSON calls it; all others are "String"."""


class TileJson:
    """The description of the tiles of a layer that is fetched whole."""

    def __init__(self, layer: Layer, public_url: str, indexes: LayerIndexes) -> None:
        self._layer = layer
        self._public_url = public_url
        self._indexes = indexes

    @cached_property
    def key(self) -> str:
        """What it contains besides the data."""
        return f"tilejson {_written(self._layer, self._public_url)!r}"

    def work(self, data: LayerData) -> float:
        """Return how many objects must be looked at."""
        return self._indexes.work(data.parts[0].snapshot)

    def draw(self, data: LayerData) -> bytes:
        """Return the document."""
        snapshot = data.parts[0].snapshot
        objects_from = self._indexes.objects_from(snapshot)
        return _written(
            self._layer, self._public_url, version=data.version, bounds=snapshot.bbox, objects_from=objects_from
        )


def tile_json_of_cells(layer: Layer, public_url: str) -> bytes:
    """Return the description of a layer that is fetched in cells."""
    minzoom = max(layer.fetch.cell_zoom - _CELLS_ZOOMED_OUT, 0)
    return _written(layer, public_url, minzoom=minzoom, bounds=layer.source.extent, objects_from=minzoom)


def _written(  # noqa: PLR0913 - the members that differ, by name
    layer: Layer,
    public_url: str,
    *,
    version: str | None = None,
    minzoom: int = 0,
    bounds: BBox | None = None,
    objects_from: int = 0,
) -> bytes:
    document = {
        "tilejson": "3.0.0",
        "name": layer.title,
        "description": _description(layer, objects_from, minzoom),
        "scheme": "xyz",
        "tiles": [tile_template(public_url, layer.id, version)],
        "minzoom": minzoom,
        "maxzoom": max(DEEPEST_REQUESTED, minzoom),
        **({} if bounds is None else {"bounds": list(bounds)}),
        # maps insert it as HTML
        "attribution": html.escape(layer.attribution),
        "vector_layers": [
            {
                "id": layer.id,
                "description": layer.title,
                "minzoom": minzoom,
                "maxzoom": max(DEEPEST_REQUESTED, minzoom),
                "fields": _fields(layer),
            }
        ],
    }
    return orjson.dumps(document, option=orjson.OPT_INDENT_2)


def _description(layer: Layer, objects_from: int, minzoom: int) -> str:
    if objects_from <= minzoom:
        return f"Points: the objects of {layer.title}."
    return f"Points: the objects of {layer.title} from zoom level {objects_from}, clusters of them before."


def _fields(layer: Layer) -> Mapping[str, str]:
    """Return attribute -> type of objects and clusters."""
    fields = {name: _TYPES.get(kind, "String") for name, kind in schema_of(layer).types.items()}
    clusters = {CLUSTER: "Boolean", COUNT: "Number", **({} if layer.reports is None else {REPORTED: "Number"})}
    return {id_property(tuple(fields)): "String", **clusters, **fields}
