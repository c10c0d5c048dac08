"""OGC API Features: what a service offers, and how all objects of a collection are fetched."""

from wfs_proxy.sources.ogcapi.source import OgcApiFeatureSource

__all__ = ["OgcApiFeatureSource"]
