"""ArcGIS feature and map services: what a layer offers, and how all of its objects are fetched."""

from wfs_proxy.sources.arcgis.addresses import (
    configured_url,
    description_url,
    directory_url,
    layer_number,
    layer_url,
    plain_url,
    service_url,
)
from wfs_proxy.sources.arcgis.catalogue import CatalogueOfLayers, CatalogueOfServices, read_catalogue
from wfs_proxy.sources.arcgis.layer_client import LayerClient
from wfs_proxy.sources.arcgis.layer_description import ArcgisLayer, ArcgisService, read_description
from wfs_proxy.sources.arcgis.source import ArcgisFeatureSource
from wfs_proxy.sources.arcgis.token_errors import read_json_error, read_refused_login

__all__ = [
    "ArcgisFeatureSource",
    "ArcgisLayer",
    "ArcgisService",
    "CatalogueOfLayers",
    "CatalogueOfServices",
    "LayerClient",
    "configured_url",
    "description_url",
    "directory_url",
    "layer_number",
    "layer_url",
    "plain_url",
    "read_catalogue",
    "read_description",
    "read_json_error",
    "read_refused_login",
    "service_url",
]
