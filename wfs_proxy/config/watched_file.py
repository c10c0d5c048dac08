"""The file that a layer comes from, if it comes from one."""

from __future__ import annotations

from pathlib import Path

from wfs_proxy.config.layer import Layer
from wfs_proxy.config.source import FileSource

__all__ = ["watched_file"]


def watched_file(layer: Layer) -> Path | None:
    """Return the file whose changes make a layer due; None for a layer from an address."""
    source = layer.source
    return Path(source.path) if isinstance(source, FileSource) else None
