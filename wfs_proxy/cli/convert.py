"""Convert recorded answers to the GeoJSON that would be served, without a server."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from wfs_proxy.config import FileSource, HttpSource, Layer, WfsSource
from wfs_proxy.conversion import Converted, convert_batch
from wfs_proxy.decode import decode
from wfs_proxy.errors import ConfigurationError, WfsProxyError
from wfs_proxy.features import FeatureBatch, Payload, concatenate
from wfs_proxy.http import redacted_text
from wfs_proxy.sources import credentials_of
from wfs_proxy.sources.file import FileFeatureSource

__all__ = ["convert"]


def convert(layer: Layer, files: Sequence[Path]) -> Converted:
    """Convert recorded answers to the GeoJSON that would be served.

    Args:
        layer: the layer that the answers are for.
        files: the answers to GetFeature in order, together the whole layer.

    Raises:
        ConfigurationError: a file cannot be opened.
        DecodeError, UpstreamException: a file contains no features; the message names it.
        PlaceError: the locations of the objects could not be determined.
    """
    try:
        return convert_batch(layer, concatenate([_decoded(layer, file) for file in files]))
    except WfsProxyError as error:
        error.layer = layer.id
        # the message may quote the document, and vendors repeat what was sent
        if isinstance(layer.source, HttpSource):
            error.args = (redacted_text(str(error), credentials_of(layer.source)),)
        raise


def _decoded(layer: Layer, file: Path) -> FeatureBatch:
    if isinstance(layer.source, FileSource):
        source = layer.source.model_copy(update={"path": str(file)})
        return asyncio.run(FileFeatureSource(layer, source, asyncio.to_thread).fetch()).batch
    try:
        body = file.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{file} cannot be opened: {error.strerror or error}") from error
    geometry = layer.source.geometry if isinstance(layer.source, WfsSource) else None
    return decode(Payload(body=body, source=str(file)), geometry=geometry)
