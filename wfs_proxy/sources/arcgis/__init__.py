"""ArcGIS feature and map services: what a layer offers, and how all of its objects are fetched."""

from wfs_proxy.sources.arcgis.source import ArcgisFeatureSource

__all__ = ["ArcgisFeatureSource"]
