"""Layer files: their model, the loader, and the problems that it reports with file and line."""

from wfs_proxy.config.auth import (
    Auth,
    BasicAuth,
    BearerToken,
    HeaderAuth,
    MutualTls,
    OAuth2,
    OidcClient,
    SignalenAuth,
    Tls,
)
from wfs_proxy.config.catalogue import Catalogue, CatalogueError, load_catalogue, load_layer, load_layer_file
from wfs_proxy.config.diagnostics import FileProblem, Remark, nearest, render, sentence
from wfs_proxy.config.layer import FieldRule, Layer, PointRule, Properties
from wfs_proxy.config.layer_file import read_signalen_file
from wfs_proxy.config.layer_rules import form_problems, shared_key_problem, unused_blocks
from wfs_proxy.config.messages import Language, Text
from wfs_proxy.config.object_labels import name_field, type_field
from wfs_proxy.config.question_rules import IconName, QuestionLabels
from wfs_proxy.config.report_rules import MarkRule, Match, Reports, VendorMarks
from wfs_proxy.config.scalars import NAME_IN_TEMPLATE, template_names
from wfs_proxy.config.signalen_file import SignalenInstance
from wfs_proxy.config.signalen_states import STATES, open_states, word_of
from wfs_proxy.config.source import GeoJsonSource, HttpSource, WfsSource

__all__ = [
    "NAME_IN_TEMPLATE",
    "STATES",
    "Auth",
    "BasicAuth",
    "BearerToken",
    "Catalogue",
    "CatalogueError",
    "FieldRule",
    "FileProblem",
    "GeoJsonSource",
    "HeaderAuth",
    "HttpSource",
    "IconName",
    "Language",
    "Layer",
    "MarkRule",
    "Match",
    "MutualTls",
    "OAuth2",
    "OidcClient",
    "PointRule",
    "Properties",
    "QuestionLabels",
    "Remark",
    "Reports",
    "SignalenAuth",
    "SignalenInstance",
    "Text",
    "Tls",
    "VendorMarks",
    "WfsSource",
    "form_problems",
    "load_catalogue",
    "load_layer",
    "load_layer_file",
    "name_field",
    "nearest",
    "open_states",
    "read_signalen_file",
    "render",
    "sentence",
    "shared_key_problem",
    "template_names",
    "type_field",
    "unused_blocks",
    "word_of",
]
