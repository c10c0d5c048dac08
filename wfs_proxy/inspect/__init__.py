"""Inspection: ask a service everything that a layer file needs, and write the layer file."""

from wfs_proxy.inspect.addresses import PastedAddress, read_address
from wfs_proxy.inspect.composed_layer import ComposedLayer, check_layer, compose_layer, write_layer
from wfs_proxy.inspect.diagnosis import missing_part, needs_login
from wfs_proxy.inspect.fields import describe_fields, describe_ids, is_stable, printable
from wfs_proxy.inspect.findings import USELESS
from wfs_proxy.inspect.inspector import Inspector, Progress
from wfs_proxy.inspect.login import LOGIN_KINDS, Login, login_from_address, new_login
from wfs_proxy.inspect.owslib_reader import read_types_of_fields
from wfs_proxy.inspect.proposal import LayerDraft, may_be_served, propose, with_id_field
from wfs_proxy.inspect.report import (
    CrsReport,
    Diagnosis,
    FieldReport,
    Finding,
    FormatReport,
    IdCandidate,
    InspectionStep,
    MarkCandidate,
    MissingPart,
    PagingReport,
    ServiceReport,
    TypeReport,
    TypeSummary,
)
from wfs_proxy.inspect.roles import is_personal, role_of
from wfs_proxy.inspect.secret_files import reference_to
from wfs_proxy.inspect.texts import PARTS, reading_line, sentence, technical

__all__ = [
    "LOGIN_KINDS",
    "PARTS",
    "USELESS",
    "ComposedLayer",
    "CrsReport",
    "Diagnosis",
    "FieldReport",
    "Finding",
    "FormatReport",
    "IdCandidate",
    "InspectionStep",
    "Inspector",
    "LayerDraft",
    "Login",
    "MarkCandidate",
    "MissingPart",
    "PagingReport",
    "PastedAddress",
    "Progress",
    "ServiceReport",
    "TypeReport",
    "TypeSummary",
    "check_layer",
    "compose_layer",
    "describe_fields",
    "describe_ids",
    "is_personal",
    "is_stable",
    "login_from_address",
    "may_be_served",
    "missing_part",
    "needs_login",
    "new_login",
    "printable",
    "propose",
    "read_address",
    "read_types_of_fields",
    "reading_line",
    "reference_to",
    "role_of",
    "sentence",
    "technical",
    "with_id_field",
    "write_layer",
]
