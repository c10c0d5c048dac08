"""`FeatureBatch` to `PointBatch`: select, locate, reproject, project the fields, identify."""

from wfs_proxy.pipeline.transform import points_from_features

__all__ = [
    "points_from_features",
]
