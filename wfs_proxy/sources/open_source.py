"""Where a layer's objects come from: what to ask of a vendor, how, and when to believe that it is all.

open_source(layer, http, offload) -> Source;  await source.harvest(area) -> Harvest
"""

from __future__ import annotations

from wfs_proxy.config import GeoJsonSource, Layer, WfsSource
from wfs_proxy.errors import ConfigurationError
from wfs_proxy.http import HttpClients, HttpPolicy
from wfs_proxy.sources.geojson import GeoJsonFeatureSource
from wfs_proxy.sources.protocol import FeatureSource, FetchedFeatures, Offload
from wfs_proxy.sources.wfs.source import WfsFeatureSource

__all__ = ["FeatureSource", "FetchedFeatures", "HttpClients", "HttpPolicy", "Offload", "open_source"]


def open_source(layer: Layer, http: HttpClients, offload: Offload) -> FeatureSource:
    """The source of a layer. Nothing is asked of the vendor yet.

    Raises:
        ConfigurationError: this version cannot fetch such a source, or the layer names a file that cannot be read.
    """
    source = layer.source
    if isinstance(source, WfsSource):
        return WfsFeatureSource(layer, source, http, offload)
    if isinstance(source, GeoJsonSource):
        return GeoJsonFeatureSource(source, http, offload)
    raise ConfigurationError(f"this version cannot fetch a source of the type {source.type} yet; wfs and geojson work")
