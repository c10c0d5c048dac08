"""A Web Feature Service (WFS 1.0.0, 1.1.0 and 2.0.0) as a source."""

from wfs_proxy.sources.wfs.source import WfsFeatureSource

__all__ = ["WfsFeatureSource"]
