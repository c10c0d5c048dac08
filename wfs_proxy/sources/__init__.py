"""Where a layer's objects come from."""

from wfs_proxy.sources.open_source import open_source
from wfs_proxy.sources.protocol import FeatureSource, Offload

__all__ = [
    "FeatureSource",
    "Offload",
    "open_source",
]
