"""GeoJSON and JSON-FG documents to a `FeatureBatch`."""
