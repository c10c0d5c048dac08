"""Inspection: ask a service everything that a layer file needs, and write the layer file."""

from wfs_proxy.inspect.addresses import PastedAddress, read_address
from wfs_proxy.inspect.fields import printable
from wfs_proxy.inspect.inspector import Inspector, Progress
from wfs_proxy.inspect.layer_text import layer_text
from wfs_proxy.inspect.proposal import LayerDraft, layer_id_of, propose
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
from wfs_proxy.inspect.secret_files import reference_to, secrets_in_address, write_secrets
from wfs_proxy.inspect.texts import PARTS, sentence

__all__ = [
    "PARTS",
    "CrsReport",
    "Diagnosis",
    "FieldReport",
    "Finding",
    "FormatReport",
    "IdCandidate",
    "InspectionStep",
    "Inspector",
    "LayerDraft",
    "MarkCandidate",
    "MissingPart",
    "PagingReport",
    "PastedAddress",
    "Progress",
    "ServiceReport",
    "TypeReport",
    "TypeSummary",
    "layer_id_of",
    "layer_text",
    "printable",
    "propose",
    "read_address",
    "reference_to",
    "secrets_in_address",
    "sentence",
    "write_secrets",
]
