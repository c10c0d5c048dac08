"""Choose the source of a layer by its `type`."""

from __future__ import annotations

from wfs_proxy.config import ArcgisSource, FileSource, GeoJsonSource, Layer, OgcApiSource, WfsSource
from wfs_proxy.http import HttpClients
from wfs_proxy.offload import Offload
from wfs_proxy.sources.arcgis import ArcgisFeatureSource
from wfs_proxy.sources.file import FileFeatureSource
from wfs_proxy.sources.geojson import GeoJsonFeatureSource
from wfs_proxy.sources.ogcapi import OgcApiFeatureSource
from wfs_proxy.sources.protocol import SampledSource
from wfs_proxy.sources.redacting import RedactingSource
from wfs_proxy.sources.wfs import WfsFeatureSource

__all__ = ["open_source"]


def open_source(layer: Layer, http: HttpClients, offload: Offload) -> SampledSource:
    """Return the source of a layer. No request is made yet.

    Raises:
        ConfigurationError: the layer names a certificate file that cannot be read.
    """
    source = layer.source
    if isinstance(source, FileSource):
        return FileFeatureSource(layer, source, offload)
    return RedactingSource(_source_behind_address(layer, source, http, offload), source, http)


def _source_behind_address(
    layer: Layer,
    source: WfsSource | ArcgisSource | OgcApiSource | GeoJsonSource,
    http: HttpClients,
    offload: Offload,
) -> SampledSource:
    if isinstance(source, WfsSource):
        return WfsFeatureSource(layer, source, http, offload)
    if isinstance(source, ArcgisSource):
        return ArcgisFeatureSource(layer, source, http, offload)
    if isinstance(source, OgcApiSource):
        return OgcApiFeatureSource(layer, source, http, offload)
    return GeoJsonFeatureSource(source, http, offload)
