"""What the proxy tells about a layer: what it serves, in what state, and how to put it in a Signalen question.

The values are what `/layers` and `/layers/{id}` answer, field by field.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from urllib.parse import quote

from wfs_proxy.bbox import BBox
from wfs_proxy.cache import CacheSlot, Entry, Failure, Quarantined, least_fresh
from wfs_proxy.config import Layer
from wfs_proxy.features import PipelineReport
from wfs_proxy.reports import PollStatus
from wfs_proxy.serve.representation import GEOJSON
from wfs_proxy.serve.served_marks import MarksState

__all__ = ["LayerDescription", "LayerSummary", "describe", "layer_path", "summarise"]

OVERDUE = 60.0
"""Seconds that a poll of Signalen may be late before it is told."""


@dataclass(frozen=True, kw_only=True)
class Link:
    """Where to go from here (RFC 8288)."""

    rel: str
    href: str
    type: str
    title: str


@dataclass(frozen=True, kw_only=True)
class Property:
    """One output property."""

    name: str
    type: str
    """string, integer, number, boolean, date, datetime or geometry; any may be null."""


@dataclass(frozen=True, kw_only=True)
class FetchFailure:
    """Why the last attempt to fetch the layer failed."""

    title: str
    detail: str
    failed_at: datetime
    in_a_row: int


@dataclass(frozen=True, kw_only=True)
class QuarantineStatus:
    """A fetch that does not replace what is served until a second look finds the same."""

    reason: str
    count: int
    fetched_at: datetime


@dataclass(frozen=True, kw_only=True)
class ServedData:
    """What is served, and how it was got."""

    version: str
    fetched_at: datetime
    modified_at: datetime
    """When this content was first seen."""

    fresh_until: datetime
    served_until: datetime
    """Until then it is served should the vendor stay away."""

    complete: bool
    """Whether the vendor's answers prove that this is the whole layer."""

    vendor_count: int | None
    """Objects that the vendor says there are."""

    vendor_modified: datetime | None
    requests: int
    notes: tuple[str, ...]
    report: PipelineReport


@dataclass(frozen=True, kw_only=True)
class ReportedState:
    """Which objects are marked as reported, who says so, and how old that is."""

    sources: tuple[str, ...]
    """Who is believed now: signalen, vendor, both or neither."""

    signalen: str | None
    """The instance of Signalen that is asked; None when none is."""

    as_of: datetime | None
    """When Signalen was last asked with success; None before that."""

    age: float | None
    """Seconds since `as_of`."""

    weak: bool
    """Signalen is only asked for what is public: place and category, half an hour late."""

    note: str | None
    """What an administrator should know; None when all is as it should be."""

    fault: str | None
    """Why Signalen could not be asked the last time; None when it could."""

    unknown_categories: tuple[str, ...]
    """Categories of the layer that Signalen does not know, or does not make public: nothing is marked for them."""

    count: int
    """Objects that are marked."""

    by_signalen: int
    by_vendor: int
    signals: int
    """Open signals about objects of this layer's categories."""

    ambiguous: int
    """References to objects that fit several, so that none is marked."""

    void: int
    """References with an id that is only known more than 50 m away."""

    unmatched: int
    """References that fit no object."""


@dataclass(frozen=True, kw_only=True)
class QuestionSettings:
    """How to put the layer in a Signalen question (Question.meta)."""

    endpoint: str
    """For `endpoint`: the map fills in what is in braces. Where it starts with a slash, put the public address of the
    proxy before it, or set WFS_PROXY_PUBLIC_URL."""

    id_field: str | None
    """For `idField`: the property that holds the vendor's own key; None when the layer does not serve it."""


@dataclass(frozen=True, kw_only=True)
class LayerSummary:
    """A layer in one line."""

    id: str
    title: str
    organisation: str
    count: int | None
    """Objects served, of a layer in cells those in memory; None when there are no data."""

    bbox: tuple[float, float, float, float] | None
    """west, south, east, north in degrees; None when there is no object."""

    freshness: str
    """fresh; stale: served while the vendor is asked again; expired or absent: not served."""

    links: tuple[Link, ...]


@dataclass(frozen=True, kw_only=True)
class LayerDescription(LayerSummary):
    """A layer in full."""

    attribution: str
    properties: tuple[Property, ...]
    held: ServedData | None
    """None when there are no data. Of a layer in cells: the oldest cell."""

    failure: FetchFailure | None
    """None when the last attempt succeeded."""

    held_back: QuarantineStatus | None
    reported: ReportedState | None
    """None when the layer has no marks, or no data."""

    question: QuestionSettings

    cells: int | None
    """Cells in memory; None of a layer that is fetched whole."""


@lru_cache(maxsize=1024)
def layer_path(layer_id: str) -> str:
    """The path of a layer, without the public address."""
    return f"/layers/{quote(layer_id, safe='')}"


def summarise(layer: Layer, slots: Sequence[CacheSlot], *, now: float, public_url: str) -> LayerSummary:
    """A layer in one line.

    Args:
        layer: what the file says.
        slots: what the store knows: of the whole layer, or of its cells in memory.
        now: seconds since 1970.
        public_url: the public address without a slash at its end, or "" for links that start with a slash.
    """
    path = public_url + layer_path(layer.id)
    entries = [slot.entry for slot in slots if slot.entry is not None]
    return LayerSummary(
        id=layer.id,
        title=layer.title,
        organisation=layer.organisation,
        count=sum(len(entry.snapshot) for entry in entries) if entries else None,
        bbox=BBox.union(entry.snapshot.bbox for entry in entries if entry.snapshot.bbox),
        freshness=least_fresh(slots, now).value,
        links=(
            Link(rel="self", href=path, type="application/json", title="About this layer"),
            Link(rel="items", href=f"{path}/features", type=GEOJSON, title="The objects"),
        ),
    )


def describe(  # noqa: PLR0913 - what is known of a layer, each from whom knows it
    layer: Layer,
    slots: Sequence[CacheSlot],
    marks: Sequence[MarksState],
    poll: PollStatus | None,
    *,
    now: float,
    public_url: str,
) -> LayerDescription:
    """A layer in full; arguments as for `summarise`, the marks that are served with it, how its Signalen answers."""
    summary = summarise(layer, slots, now=now, public_url=public_url)
    # of cells the oldest speaks for all
    slot = min(slots, key=lambda slot: slot.entry.fetched_at if slot.entry else math.inf, default=CacheSlot())
    return LayerDescription(
        **vars(summary),
        attribution=layer.attribution,
        properties=_properties(layer),
        held=_held(slot.entry) if slot.entry else None,
        failure=_failure(slot.failure) if slot.failure else None,
        held_back=_held_back(slot.quarantined) if slot.quarantined else None,
        reported=_reported(layer, marks, poll, now) if marks else None,
        question=_question(layer, public_url),
        cells=len(slots) if layer.fetch.mode == "cells" else None,
    )


def _properties(layer: Layer) -> tuple[Property, ...]:
    named = [Property(name=name, type=rule.type) for name, rule in layer.properties.fields.items()]
    if layer.point.footprint:
        named.append(Property(name="footprint", type="geometry"))
    if layer.reports is not None:
        named += [Property(name=rule.property, type=_type_of(rule.reported)) for rule in layer.reports.mark]
        named += [Property(name=name, type="string") for name in (layer.reports.word, layer.reports.age) if name]
    return tuple(named)


def _type_of(value: str | int) -> str:  # a bool is an int
    return {bool: "boolean", int: "integer", str: "string"}[type(value)]


def _reported(layer: Layer, states: Sequence[MarksState], poll: PollStatus | None, now: float) -> ReportedState:
    state, marks = states[0], [each.marks for each in states]
    told = state.reported
    asked = layer.reports.signalen if layer.reports is not None else None
    named = layer.reports.categories if layer.reports is not None else ()
    vendor = layer.reports is not None and layer.reports.vendor is not None
    believed = {"signalen": told is not None and not state.expired, "vendor": vendor}
    return ReportedState(
        sources=tuple(source for source, counts in believed.items() if counts),
        signalen=asked,
        as_of=_time(told.as_of) if told else None,
        age=round(max(0.0, now - told.as_of), 1) if told else None,
        weak=told is not None and told.public_only,
        note=_note(asked, state),
        fault=poll.error if poll else None,
        unknown_categories=tuple(slug for slug in poll.unknown if slug in named) if poll else (),
        count=sum(each.reported for each in marks),
        by_signalen=sum(each.by_signals for each in marks),
        by_vendor=sum(each.by_vendor for each in marks),
        signals=sum(each.counts.signals for each in marks),
        ambiguous=sum(each.counts.ambiguous for each in marks),
        void=sum(each.counts.void for each in marks),
        unmatched=sum(each.counts.unmatched for each in marks),
    )


def _note(asked: str | None, state: MarksState) -> str | None:
    if asked is not None and state.reported is None:
        return f"Signalen ({asked}) has told nothing yet, so nothing that is reported there is marked."
    if state.expired:
        return f"Signalen ({asked}) has been away for too long, so nothing that is reported there is marked any more."
    if state.ttl is not None and state.ttl < -OVERDUE:
        return f"Signalen ({asked}) is away; the marks are those of its last answer."
    return None


def _held(entry: Entry) -> ServedData:
    report = entry.summary.report
    fresh_until = entry.fetched_at + entry.fresh_for
    return ServedData(
        version=entry.snapshot.version,
        fetched_at=_time(entry.fetched_at),
        modified_at=_time(entry.modified_at),
        fresh_until=_time(fresh_until),
        served_until=_time(fresh_until + entry.stale_for),
        complete=report.complete,
        vendor_count=report.matched,
        vendor_modified=report.last_modified,
        requests=report.requests,
        notes=report.notes,
        report=entry.summary.pipeline,
    )


def _failure(failure: Failure) -> FetchFailure:
    return FetchFailure(
        title=failure.title,
        detail=failure.detail,
        failed_at=_time(failure.failed_at),
        in_a_row=failure.in_a_row,
    )


def _held_back(held_back: Quarantined) -> QuarantineStatus:
    return QuarantineStatus(
        reason=held_back.reason, count=held_back.summary.count, fetched_at=_time(held_back.fetched_at)
    )


def _question(layer: Layer, public_url: str) -> QuestionSettings:
    # the newer frontend fills in only the first of each pair of braces
    template = "bbox={west},{south},{east},{north}&srsName={srsName}"
    keys = [name for name, rule in layer.properties.fields.items() if (rule.source or name) == layer.properties.id]
    return QuestionSettings(
        endpoint=f"{public_url}{layer_path(layer.id)}/features?{template}",
        id_field=next(iter(keys), None),
    )


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
