"""`FeatureBatch` to `PointBatch`: select, locate, reproject, project the fields, identify."""

from wfs_proxy.pipeline.nested_attributes import with_nested_attributes
from wfs_proxy.pipeline.observations import field_summaries
from wfs_proxy.pipeline.transform import points_from_features
from wfs_proxy.pipeline.twins import FARTHEST_TWIN

__all__ = [
    "FARTHEST_TWIN",
    "field_summaries",
    "points_from_features",
    "with_nested_attributes",
]
