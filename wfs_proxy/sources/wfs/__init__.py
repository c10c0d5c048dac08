"""Web Feature Services: what they offer, and how all objects of a feature type are fetched."""

from wfs_proxy.sources.wfs.capabilities import Capabilities, FeatureType, read_capabilities, read_report, read_root
from wfs_proxy.sources.wfs.collect import DEFAULT_PAGE
from wfs_proxy.sources.wfs.completeness import RequestBudget, believable_count, looks_like_a_cap
from wfs_proxy.sources.wfs.feature_page import FeaturePage
from wfs_proxy.sources.wfs.feature_type_client import FeatureTypeClient
from wfs_proxy.sources.wfs.kvp import VERSIONS, Version, capabilities_url, describe_url
from wfs_proxy.sources.wfs.negotiation import UnknownFeatureType, geojson_format, types_named
from wfs_proxy.sources.wfs.source import WfsFeatureSource, with_labels

__all__ = [
    "DEFAULT_PAGE",
    "VERSIONS",
    "Capabilities",
    "FeaturePage",
    "FeatureType",
    "FeatureTypeClient",
    "RequestBudget",
    "UnknownFeatureType",
    "Version",
    "WfsFeatureSource",
    "believable_count",
    "capabilities_url",
    "describe_url",
    "geojson_format",
    "looks_like_a_cap",
    "read_capabilities",
    "read_report",
    "read_root",
    "types_named",
    "with_labels",
]
