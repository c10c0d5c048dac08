"""Serves features to maps and the state of layers to operators, and runs the background work."""

from wfs_proxy.serve.catalogue_log import log_catalogue
from wfs_proxy.serve.content_coding import Codings, ContentCoding, acceptable, encoded, encoded_pieces
from wfs_proxy.serve.feature_collection import feature_collection, feature_pieces
from wfs_proxy.serve.feature_service import FeatureService
from wfs_proxy.serve.feature_writer import Drawing, FeatureWriter, LayerData, SelectedFeatures
from wfs_proxy.serve.layer_schema import schema_of
from wfs_proxy.serve.layer_status import LayerDescription, LayerSummary
from wfs_proxy.serve.live_catalogue import LiveCatalogue
from wfs_proxy.serve.mark_targets import marks_of_vendor
from wfs_proxy.serve.mark_updater import MarkUpdater
from wfs_proxy.serve.marked_snapshot import MarkedSnapshot
from wfs_proxy.serve.object_names import object_names
from wfs_proxy.serve.problem_log import ProblemLog
from wfs_proxy.serve.query import (
    DEFAULT_LIMIT,
    MAXIMUM_LIMIT,
    SELECTING,
    Cursor,
    ExplicitBox,
    FeatureQuery,
    SortKey,
    parse_feature_query,
    read_coordinate,
    read_cursor,
    read_limit,
)
from wfs_proxy.serve.reports_area import reports_area
from wfs_proxy.serve.representation import GEOJSON, Preconditions, Representation, validators
from wfs_proxy.serve.runtime import Runtime
from wfs_proxy.serve.selection import Selection
from wfs_proxy.serve.status_service import Measurements, Readiness, StatusService
from wfs_proxy.serve.unknown_parameters import require_known_parameters

__all__ = [
    "DEFAULT_LIMIT",
    "GEOJSON",
    "MAXIMUM_LIMIT",
    "SELECTING",
    "Codings",
    "ContentCoding",
    "Cursor",
    "Drawing",
    "ExplicitBox",
    "FeatureQuery",
    "FeatureService",
    "FeatureWriter",
    "LayerData",
    "LayerDescription",
    "LayerSummary",
    "LiveCatalogue",
    "MarkUpdater",
    "MarkedSnapshot",
    "Measurements",
    "Preconditions",
    "ProblemLog",
    "Readiness",
    "Representation",
    "Runtime",
    "SelectedFeatures",
    "Selection",
    "SortKey",
    "StatusService",
    "acceptable",
    "encoded",
    "encoded_pieces",
    "feature_collection",
    "feature_pieces",
    "log_catalogue",
    "marks_of_vendor",
    "object_names",
    "parse_feature_query",
    "read_coordinate",
    "read_cursor",
    "read_limit",
    "reports_area",
    "require_known_parameters",
    "schema_of",
    "validators",
]
