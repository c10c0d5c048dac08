"""The addresses of tiles: `/layers/{id}/tiles/{z}/{x}/{y}`, with the version of their content.

The description of the tiles (TileJSON) has the version in the address of every tile. So a tile that is requested by the
current version may be kept for ever, and a browser that has read a newer description asks for other addresses.
"""

from __future__ import annotations

import hashlib
import re

from wfs_proxy import __version__
from wfs_proxy.errors import BadRequest, NotFound
from wfs_proxy.faces.tiles.places import DEEPEST
from wfs_proxy.geo import Cell
from wfs_proxy.question import layer_path

__all__ = ["tile_at", "tile_template", "version_in_address"]

_WHOLE_NUMBER = re.compile(r"[0-9]{1,9}", re.ASCII)
_ENDING = re.compile(r"\.(mvt|pbf)$", re.IGNORECASE)


def tile_at(zoom: str, column: str, row: str) -> Cell:
    """Return the tile at an address; the row may end with `.mvt` or `.pbf`, as some programs write it.

    Raises:
        BadRequest: a part of the address is not a whole number.
        NotFound: there is no such zoom level, or no such column or row at it.
    """
    row = _ENDING.sub("", row)
    for text in (zoom, column, row):
        if not _WHOLE_NUMBER.fullmatch(text):
            raise BadRequest(f"The tile {zoom}/{column}/{row} must be three whole numbers: zoom level, column and row.")
    tile = Cell(int(zoom), int(column), int(row))
    if tile.zoom > DEEPEST:
        raise NotFound(f"There are no tiles at zoom level {tile.zoom}; the zoom levels are 0 to {DEEPEST}.")
    last = (1 << tile.zoom) - 1
    if max(tile.x, tile.y) > last:
        raise NotFound(
            f"There is no tile {zoom}/{column}/{row}: at zoom level {tile.zoom}, columns and rows are 0 to {last}."
        )
    return tile


def version_in_address(version: str) -> str:
    """Return the version of tiles of a version of objects and marks; a release may change how they are drawn."""
    return hashlib.blake2b(f"{__version__} {version}".encode(), digest_size=8).hexdigest()


def tile_template(public_url: str, layer_id: str, version: str | None) -> str:
    """Return the address of all tiles of a layer, with the braces that programs replace.

    Args:
        public_url: the public address without a slash at its end, or "" for an address that begins with a slash.
        layer_id: the layer.
        version: of objects and marks; None for a layer in cells, whose tiles each have their own.
    """
    suffix = "" if version is None else f"?v={version_in_address(version)}"
    return f"{public_url}{layer_path(layer_id)}/tiles/{{z}}/{{x}}/{{y}}{suffix}"
