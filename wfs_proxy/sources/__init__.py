"""Where the objects of a layer come from: one module or package per kind of source, behind one protocol."""

from wfs_proxy.sources.open_source import open_source
from wfs_proxy.sources.protocol import FeatureSource, FetchedFeatures, SampledSource
from wfs_proxy.sources.redacting import credentials_in

__all__ = [
    "FeatureSource",
    "FetchedFeatures",
    "SampledSource",
    "credentials_in",
    "open_source",
]
