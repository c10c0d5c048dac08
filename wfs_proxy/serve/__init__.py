"""From a request to bytes."""

from wfs_proxy.serve.content_coding import Codings, ContentCoding, acceptable
from wfs_proxy.serve.layer_status import LayerDescription, LayerSummary
from wfs_proxy.serve.mark_updater import marks_of_vendor
from wfs_proxy.serve.query import DEFAULT_LIMIT, MAXIMUM_LIMIT, parse_feature_query
from wfs_proxy.serve.representation import (
    GEOJSON,
    MarkedSnapshot,
    Preconditions,
    Representation,
    Selection,
    feature_collection,
)
from wfs_proxy.serve.service import LayerService

__all__ = [
    "DEFAULT_LIMIT",
    "GEOJSON",
    "MAXIMUM_LIMIT",
    "Codings",
    "ContentCoding",
    "LayerDescription",
    "LayerService",
    "LayerSummary",
    "MarkedSnapshot",
    "Preconditions",
    "Representation",
    "Selection",
    "acceptable",
    "feature_collection",
    "marks_of_vendor",
    "parse_feature_query",
]
