"""GeoJSON documents as a source: whole, for a box, in pages, or in a file."""

from wfs_proxy.sources.geojson.source import GeoJsonFeatureSource

__all__ = ["GeoJsonFeatureSource"]
