"""Inspection: ask a service everything that a layer file needs, and write the layer file."""

from wfs_proxy.inspect.inspector import Inspector, Progress
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
    "MarkCandidate",
    "MissingPart",
    "PagingReport",
    "Progress",
    "ServiceReport",
    "TypeReport",
    "TypeSummary",
    "sentence",
]
