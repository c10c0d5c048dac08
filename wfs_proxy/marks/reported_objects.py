"""What is reported: the values that lie between those who ask Signalen and those who mark objects.

A `Signal` (Signalen's word for a report) holds the only things of it that ever enter memory: no person, no text, no
address, no status text. Even these stay inside, so no `repr` shows an id or a place: a traceback or a log line must
not become a list of reports (the contract "Privacy").
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

    id: str = field(repr=False)
    """The id as the form stored it, trimmed; "" where it stored none, and the object can be found by place only."""

    place: Place | None = field(repr=False)
    """The object's own point as the form stored it; None where it stored none."""

    question_key: str = field(repr=False)
    """The key of the question that was answered ("extra_straatverlichting_nummer"); "" where there is none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Signal:
    """What is kept of one signal."""

    id: int = field(repr=False)
    """Signalen's own id. Negative: invented here for a row of the public geography, which has none."""

    state: str
    """The code of its state (`reports.states`); "" in the public geography, which tells open signals only."""

    category: str
    """The slug of its sub category."""

    created_at: datetime = field(repr=False)
    """When it was reported, in UTC."""

    updated_at: datetime = field(repr=False)
    """When it last changed, in UTC; in the public geography the same as `created_at`."""

    place: Place | None = field(repr=False)
    """Where the reporter put it; perhaps a private garden, so never published."""

    assets: tuple[AssetReference, ...]
    """The objects that it names, in the order of the answers, each once."""


@dataclass(frozen=True, kw_only=True, eq=False)
class ReportedObjects:
    """All that one instance of Signalen is known to have open at one moment."""

    signals: Mapping[int, Signal] = field(repr=False)
    """By id. A mapping that is never changed after it was handed over."""

    as_of: float
    """When the last good poll was asked for, in seconds since the epoch."""

    version: str
    """Another text whenever `signals` differs."""

    since: str = ""
    """The version that `changed` compares with."""

    changed: frozenset[int] | None = field(default=None, repr=False)
    """The ids of all signals that are new, other or gone since the version `since`; None: not known, so who wants to
    know compares."""

    public_only: bool = False
    """True for the public geography: place and category only, no asset, no state, half an hour late."""

    def __len__(self) -> int:
        return len(self.signals)
