"""Where the objects of a layer come from: one package per kind of source, behind one protocol."""

from wfs_proxy.sources.completeness import RequestBudget, believable_count, looks_like_a_cap
from wfs_proxy.sources.feature_page import FeaturePage
from wfs_proxy.sources.open_source import open_source
from wfs_proxy.sources.protocol import (
    ConditionalSource,
    FeatureSource,
    FetchedFeatures,
    SampledSource,
    fetch_if_changed,
)
from wfs_proxy.sources.redacting import credentials_in, credentials_of
from wfs_proxy.sources.unknown_type import UnknownFeatureType

__all__ = [
    "ConditionalSource",
    "FeaturePage",
    "FeatureSource",
    "FetchedFeatures",
    "RequestBudget",
    "SampledSource",
    "UnknownFeatureType",
    "believable_count",
    "credentials_in",
    "credentials_of",
    "fetch_if_changed",
    "looks_like_a_cap",
    "open_source",
]
