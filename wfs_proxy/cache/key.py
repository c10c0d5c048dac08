"""The names under which layers and cells are cached: in memory, on disk and in Redis.

    memory          CacheKey("masten", Cell(15, 16812, 10753))
    log             masten/15-16812-10753
    disk and Redis  masten.0123456789ab/15-16812-10753    masten.0123456789ab/whole

The hash covers everything in the layer file that affects the served data. After such a change the data stored before
are no longer found, so a field that the file no longer names is never served.
"""

from __future__ import annotations

import hashlib
from typing import NamedTuple

from wfs_proxy.config import Layer
from wfs_proxy.geo import Cell

__all__ = ["CacheKey", "is_cell_name", "layer_folder"]

_WHOLE = "whole"
"""Takes the place of the cell for a layer that is fetched whole."""


class CacheKey(NamedTuple):
    """Identifies what is fetched and cached together: a whole layer, or one cell of it."""

    layer_id: str
    cell: Cell | None = None

    def __str__(self) -> str:
        return self.layer_id if self.cell is None else f"{self.layer_id}/{self.cell.key}"

    def stored_in(self, folder: str) -> str:
        """Return the key in a cache backend.

        Args:
            folder: the layer's, from `layer_folder`.
        """
        return f"{folder}/{_WHOLE if self.cell is None else self.cell.key}"


def layer_folder(layer: Layer) -> str:
    """Return the first part of a layer's keys in a cache backend: its id and the hash."""
    content = layer.model_dump_json(
        include={
            "id": True,
            "source": True,
            "fetch": {"mode", "cell_zoom"},
            "point": True,
            "properties": True,
            "reports": True,
        },
        exclude={"source": {"auth", "tls", "timeout", "requests_at_once"}},
    )
    return f"{layer.id}.{hashlib.blake2b(content.encode(), digest_size=6).hexdigest()}"


def is_cell_name(name: str) -> bool:
    """Whether the last part of a key in a cache backend is that of a cell."""
    return name != _WHOLE
