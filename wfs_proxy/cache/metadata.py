"""The metadata of a cache entry: everything that is stored of it except the objects, as checksummed JSON.

Processes and machines share it: which snapshot is served, how old it is, and how the last fetches went.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import pydantic
from pydantic import TypeAdapter

from wfs_proxy.features import FetchReport, PipelineReport
from wfs_proxy.snapshot import verified_content, with_checksum

__all__ = ["FORMAT", "EntryMetadata", "Failure", "FetchSummary", "Quarantined"]

FORMAT = 2
"""Increased when a member changes its meaning. Metadata of another format are ignored."""


@dataclass(frozen=True, kw_only=True)
class FetchSummary:
    """Everything known about a fetch except the objects."""

    count: int = 0
    """Objects that can be served."""

    report: FetchReport = field(default_factory=FetchReport)
    """How the vendor was asked."""

    pipeline: PipelineReport = field(default_factory=PipelineReport)
    """What happened between the vendor's document and the points."""


@dataclass(frozen=True, kw_only=True)
class Failure:
    """Why the last fetch failed."""

    title: str
    """The kind of failure."""

    detail: str
    """The message on one line. URLs in it have no user name, password or query."""

    failed_at: float
    """Seconds since 1970."""

    in_a_row: int
    """Failures since the last successful fetch, including this one."""

    unknown_type: str = ""
    """The type of the layer file that the vendor's service does not have; "" if that is not why."""

    nearest_types: tuple[str, ...] = ()
    """The types that it has, the most similar ones first."""


@dataclass(frozen=True, kw_only=True)
class Quarantined:
    """A fetch that did not replace the served snapshot because it looked wrong."""

    summary: FetchSummary
    reason: str
    fetched_at: float
    """Seconds since 1970."""


@dataclass(frozen=True, kw_only=True)
class EntryMetadata:
    """Everything stored about a cache entry except the objects."""

    version: str | None = None
    """The version of the stored snapshot; None when there is none."""

    fetched_at: float = 0.0
    """When the fetch ended that brought or confirmed it, in seconds since 1970."""

    modified_at: float = 0.0
    """When its content was first seen, in seconds since 1970."""

    received_at: float = 0.0
    """When the vendor last sent its content, in seconds since 1970; after that it said that nothing has changed."""

    summary: FetchSummary = field(default_factory=FetchSummary)
    """Of that fetch."""

    failure: Failure | None = None
    """Why the last fetch failed; None when it succeeded."""

    quarantined: Quarantined | None = None
    """The last fetch, if it was quarantined."""

    not_before: float = 0.0
    """No fetch starts earlier, in seconds since 1970."""

    format: int = FORMAT

    def encoded(self) -> bytes:
        """Return checksummed JSON."""
        return with_checksum(_METADATA.dump_json(self))

    @staticmethod
    def decoded(content: bytes) -> EntryMetadata | None:
        """Read what `encoded` returned; None for anything else."""
        document = verified_content(content)
        if document is None:
            return None
        try:
            metadata = _METADATA.validate_json(document)
        except pydantic.ValidationError:
            return None
        return metadata if metadata.format == FORMAT else None


_METADATA = TypeAdapter(EntryMetadata)
