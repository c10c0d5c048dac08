"""The open reports: the values that polling Signalen produces and that marks are made from.

A `Signal` (Signalen's word for a report) holds all that is ever kept of a report: no person, no text, no address, no
status text. An id is kept as the hash by which objects are found, because an answer that looks like an id may be
anything that a citizen typed. Even this stays inside the process: no `repr` shows an id or a place, so that a traceback
or a log line cannot become a list of reports.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

__all__ = ["AssetReference", "Place", "ReportedObjects", "Signal"]

Place = tuple[float, float]
"""Longitude, latitude in degrees (CRS84), finite."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AssetReference:
    """One object that an answer in a signal names."""

    id_hash: int | None = field(repr=False)
    """The hash (`snapshot.hash_of_name`) of the id that the form stored; None if it stored none, so that the object can
    be found by place only."""

    place: Place | None = field(repr=False)
    """The object's own point as the form stored it; None if it stored none."""

    question_key: str = field(repr=False)
    """The key of the question that was answered, such as "extra_straatverlichting_nummer"; "" if there is none, or if
    no layer names it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Signal:
    """What is kept of one signal."""

    id: int = field(repr=False)
    """Signalen's own id. Negative ids are made here for rows of the public geography, which have none."""

    state: str
    """The code of its state (`config.signalen_states`); "" in the public geography, which has open signals only."""

    category: str
    """The slug of its sub category."""

    created_at: datetime = field(repr=False)
    """When it was reported, in UTC."""

    updated_at: datetime = field(repr=False)
    """When it last changed, in UTC; in the public geography the same as `created_at`."""

    place: Place | None = field(repr=False)
    """Where the reporter put it. It may be a private garden, so it is never published."""

    assets: tuple[AssetReference, ...]
    """The objects that the answers name, in their order, each once."""


@dataclass(frozen=True, kw_only=True, eq=False)
class ReportedObjects:
    """The signals of one Signalen instance that are known to be open at one moment."""

    signals: Mapping[int, Signal] = field(repr=False)
    """By id. The mapping is never changed after it was handed over."""

    as_of: float
    """When the last successful poll began, in seconds since the epoch."""

    version: str
    """Differs whenever `signals` differs."""

    since: str = ""
    """The version that `changed` compares with."""

    changed: frozenset[int] | None = field(default=None, repr=False)
    """The ids of all signals that are new, changed or gone since the version `since`. None: not known, so both versions
    have to be compared."""

    public_only: bool = False
    """Whether they come from the public geography: place and category only, no assets, no states, half an hour late."""

    def __len__(self) -> int:
        return len(self.signals)
