"""Web Feature Services: what they offer, and how all objects of a feature type are fetched."""

from wfs_proxy.sources.wfs.capabilities import Capabilities, FeatureType, read_capabilities, read_report, read_root
from wfs_proxy.sources.wfs.collect import DEFAULT_PAGE
from wfs_proxy.sources.wfs.feature_type_client import FeatureTypeClient
from wfs_proxy.sources.wfs.kvp import VERSIONS, Version, capabilities_url, describe_url
from wfs_proxy.sources.wfs.negotiation import geojson_format, types_named
from wfs_proxy.sources.wfs.source import WfsFeatureSource, with_labels

__all__ = [
    "DEFAULT_PAGE",
    "VERSIONS",
    "Capabilities",
    "FeatureType",
    "FeatureTypeClient",
    "Version",
    "WfsFeatureSource",
    "capabilities_url",
    "describe_url",
    "geojson_format",
    "read_capabilities",
    "read_report",
    "read_root",
    "types_named",
    "with_labels",
]
