"""Layer files: their model, the loader, and the problems that it reports with file and line."""

from wfs_proxy.config.auth import (
    Auth,
    BasicAuth,
    BearerToken,
    HeaderAuth,
    LoginAuth,
    MutualTls,
    OAuth2,
    OidcClient,
    SignalenAuth,
    Tls,
)
from wfs_proxy.config.catalogue import (
    SIGNALEN_FILES,
    Catalogue,
    CatalogueError,
    load_catalogue,
    load_layer,
    load_layer_file,
)
from wfs_proxy.config.data_problems import (
    NOTICES,
    category_problems,
    data_problems,
    extent_line,
    type_problem,
    without_moot,
)
from wfs_proxy.config.diagnostics import (
    SEVERITIES,
    FileProblem,
    Problem,
    Remark,
    Severity,
    advice,
    as_sentence,
    path_of,
    rank,
    render,
)
from wfs_proxy.config.layer import FieldRule, Layer, PointRule, Properties
from wfs_proxy.config.layer_file import read_signalen_file
from wfs_proxy.config.layer_rules import file_warnings, form_problems, looks_swapped, unused_blocks
from wfs_proxy.config.messages import Language, Text
from wfs_proxy.config.object_labels import name_field, type_field
from wfs_proxy.config.placeholders import Variable
from wfs_proxy.config.question_rules import IconName
from wfs_proxy.config.report_rules import MarkRule, Match, Reports, VendorMarks, type_of_mark
from wfs_proxy.config.scalars import LAYER_ID, NAME_IN_TEMPLATE, template_names
from wfs_proxy.config.signalen_file import SignalenInstance
from wfs_proxy.config.signalen_states import STATES, open_states, word_of
from wfs_proxy.config.similar_names import nearest, nearest_names
from wfs_proxy.config.source import (
    ArcgisSource,
    FileSource,
    GeoJsonSource,
    HttpSource,
    OgcApiSource,
    SourceBlock,
    WfsSource,
)
from wfs_proxy.config.unconfigured import Unconfigured
from wfs_proxy.config.unread_files import LAYER_SUFFIXES
from wfs_proxy.config.url_template import BOX, fill_template, is_address
from wfs_proxy.config.used_attributes import used_attributes
from wfs_proxy.config.vendor_names import vendor_names
from wfs_proxy.config.watched_file import watched_file
from wfs_proxy.config.yaml12 import read_yaml
from wfs_proxy.config.yaml_file import read_yaml_file
from wfs_proxy.config.yaml_text import scalar

__all__ = [
    "BOX",
    "LAYER_ID",
    "LAYER_SUFFIXES",
    "NAME_IN_TEMPLATE",
    "NOTICES",
    "SEVERITIES",
    "SIGNALEN_FILES",
    "STATES",
    "ArcgisSource",
    "Auth",
    "BasicAuth",
    "BearerToken",
    "Catalogue",
    "CatalogueError",
    "FieldRule",
    "FileProblem",
    "FileSource",
    "GeoJsonSource",
    "HeaderAuth",
    "HttpSource",
    "IconName",
    "Language",
    "Layer",
    "LoginAuth",
    "MarkRule",
    "Match",
    "MutualTls",
    "OAuth2",
    "OgcApiSource",
    "OidcClient",
    "PointRule",
    "Problem",
    "Properties",
    "Remark",
    "Reports",
    "Severity",
    "SignalenAuth",
    "SignalenInstance",
    "SourceBlock",
    "Text",
    "Tls",
    "Unconfigured",
    "Variable",
    "VendorMarks",
    "WfsSource",
    "advice",
    "as_sentence",
    "category_problems",
    "data_problems",
    "extent_line",
    "file_warnings",
    "fill_template",
    "form_problems",
    "is_address",
    "load_catalogue",
    "load_layer",
    "load_layer_file",
    "looks_swapped",
    "name_field",
    "nearest",
    "nearest_names",
    "open_states",
    "path_of",
    "rank",
    "read_signalen_file",
    "read_yaml",
    "read_yaml_file",
    "render",
    "scalar",
    "template_names",
    "type_field",
    "type_of_mark",
    "type_problem",
    "unused_blocks",
    "used_attributes",
    "vendor_names",
    "watched_file",
    "without_moot",
    "word_of",
]
