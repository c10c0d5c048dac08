"""`FeatureBatch` to `PointBatch`: select, place, reproject, shape and identify."""

from wfs_proxy.pipeline.transform import points_from_features

__all__ = [
    "points_from_features",
]
