"""Vector tiles of points, for maps that draw many objects."""

from wfs_proxy.faces.tiles.places import DEEPEST, box_around
from wfs_proxy.faces.tiles.tile_address import tile_at, version_in_address
from wfs_proxy.faces.tiles.tile_content import LayerIndexes
from wfs_proxy.faces.tiles.tile_drawing import GeoJsonTile, VectorTile
from wfs_proxy.faces.tiles.tile_json import TileJson, tile_json_of_cells

__all__ = [
    "DEEPEST",
    "GeoJsonTile",
    "LayerIndexes",
    "TileJson",
    "VectorTile",
    "box_around",
    "tile_at",
    "tile_json_of_cells",
    "version_in_address",
]
