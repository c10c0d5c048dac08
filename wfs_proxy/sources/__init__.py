"""Where a layer's objects come from: what to ask of a vendor, how, and when to believe that it is all.

open_source(layer, http, offload) -> Source;  await source.harvest(area) -> Harvest
"""

from __future__ import annotations

from wfs_proxy.errors import ConfigurationError
from wfs_proxy.layers import GeoJsonSource, Layer, WfsSource
from wfs_proxy.sources.geojson import GeoJsonHarvester
from wfs_proxy.sources.harvest import Harvest, Offload, Source
from wfs_proxy.sources.http import HttpClients, HttpPolicy
from wfs_proxy.sources.wfs import WfsHarvester

__all__ = ["Harvest", "HttpClients", "HttpPolicy", "Offload", "Source", "open_source"]


def open_source(layer: Layer, http: HttpClients, offload: Offload) -> Source:
    """The source of a layer. Nothing is asked of the vendor yet.

    Raises:
        ConfigurationError: this version cannot fetch such a source, or the layer names a file that cannot be read.
    """
    source = layer.source
    if isinstance(source, WfsSource):
        return WfsHarvester(layer, source, http, offload)
    if isinstance(source, GeoJsonSource):
        return GeoJsonHarvester(source, http, offload)
    raise ConfigurationError(f"this version cannot fetch a source of the type {source.type} yet; wfs and geojson work")
