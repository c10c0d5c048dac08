"""What processes tell each other about a key, as JSON: which snapshot is served, how fresh it is, how fills went."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import pydantic
from pydantic import TypeAdapter

from wfs_proxy.features import PipelineReport
from wfs_proxy.snapshot import sealed, unsealed

__all__ = ["EntryMetadata", "Failure", "FetchReport", "FetchSummary", "Quarantined"]

FORMAT = 1
"""Goes up when a member changes its meaning. A record of another format is as good as none."""


@dataclass(frozen=True, kw_only=True)
class FetchSummary:
    """What a fill brought, in figures: enough to judge whether it may replace what is served."""

    count: int
    """Objects."""

    complete: bool
    """Whether the vendor's answers prove that these are all."""

    absent_fields: tuple[str, ...] = ()
    """Configured attributes that no object has."""


@dataclass(frozen=True, kw_only=True)
class Failure:
    """Why the last fill failed."""

    title: str
    """The kind of failure."""

    detail: str
    """The message on one line. Addresses in it have no user, password or query, whoever forgot to leave them out."""

    failed_at: float
    """Seconds since 1970."""

    in_a_row: int
    """Failures since the last fill that succeeded, this one included."""


@dataclass(frozen=True, kw_only=True)
class Quarantined:
    """A fill that did not replace what is served."""

    look: FetchSummary
    reason: str
    fetched_at: float
    """Seconds since 1970."""


@dataclass(frozen=True, kw_only=True)
class FetchReport:
    """What is known of a fill beside the objects."""

    complete: bool = True
    """Whether the vendor's answers prove that these are all."""

    matched: int | None = None
    """Objects that the vendor says there are."""

    requests: int = 0
    """How many requests it took."""

    notes: tuple[str, ...] = ()
    """What is worth telling about how they were fetched."""

    vendor_modified: datetime | None = None
    """The vendor's Last-Modified."""

    report: PipelineReport = field(default_factory=PipelineReport)
    """What happened on the way."""


@dataclass(frozen=True, kw_only=True)
class EntryMetadata:
    """All that outlives a process about one key, but for the objects themselves."""

    snapshot: str | None = None
    """The name of the snapshot that is served; None when there is none."""

    fetched_at: float = 0.0
    """When the fill that brought or confirmed it ended, in seconds since 1970."""

    modified_at: float = 0.0
    """When its content was first seen, in seconds since 1970."""

    facts: FetchReport = field(default_factory=FetchReport)
    """Of that fill."""

    failure: Failure | None = None
    held_back: Quarantined | None = None
    not_before: float = 0.0
    """No fill is started earlier, in seconds since 1970."""

    format: int = FORMAT

    def encoded(self) -> bytes:
        """As JSON under its checksum."""
        return sealed(_RECORDS.dump_json(self))

    @staticmethod
    def decoded(content: bytes) -> EntryMetadata | None:
        """What `encoded` wrote; None for anything else."""
        told = unsealed(content)
        if told is None:
            return None
        try:
            record = _RECORDS.validate_json(told)
        except pydantic.ValidationError:
            return None
        return record if record.format == FORMAT else None


_RECORDS = TypeAdapter(EntryMetadata)
