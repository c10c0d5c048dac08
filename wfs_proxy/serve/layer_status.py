"""The answers of `/layers` and `/layers/{id}`: a layer's data, their state, and how to use it in a Signalen question.

The attributes of the dataclasses are the members of the JSON, so their names must not change.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

from wfs_proxy.bbox import BBox
from wfs_proxy.cache import CacheSlot, Entry, Failure, Freshness, Quarantined, least_fresh
from wfs_proxy.config import Layer
from wfs_proxy.features import PipelineReport
from wfs_proxy.gdal import has_gdal
from wfs_proxy.question import FIELD_TYPE, form_labels, layer_path, map_endpoint
from wfs_proxy.reports import PollStatus
from wfs_proxy.serve.layer_problems import LayerProblem, layer_problems
from wfs_proxy.serve.layer_schema import mark_types
from wfs_proxy.serve.representation import GEOJSON
from wfs_proxy.serve.served_marks import MarksState

__all__ = ["LayerDescription", "LayerSummary", "describe", "summarise"]

OVERDUE = 60.0
"""Seconds that a poll of Signalen may be late before `note` says so."""

_DOWNLOADS = (
    ("csv", "text/csv", "Download as CSV"),
    ("geojson", GEOJSON, "Download as GeoJSON"),
)
"""Format, media type and title of the files of a layer."""

_DOWNLOADS_OF_GDAL = (
    ("gpkg", "application/geopackage+sqlite3", "Download as GeoPackage"),
    ("fgb", "application/flatgeobuf", "Download as FlatGeobuf"),
)


@dataclass(frozen=True, kw_only=True)
class Link:
    """A link (RFC 8288)."""

    rel: str
    href: str
    type: str
    title: str


@dataclass(frozen=True, kw_only=True)
class OutputProperty:
    """One property of the served features."""

    name: str
    type: str
    """string, integer, number, boolean, date, datetime or geometry; values may be null."""

    filled: int | None = None
    """Objects that have a value; None where that is not known, as for marks."""

    examples: tuple[str, ...] = ()
    """A few different values, as short texts."""


@dataclass(frozen=True, kw_only=True)
class FetchFailure:
    """Why the last fetch of the layer failed."""

    title: str
    detail: str
    failed_at: datetime
    in_a_row: int


@dataclass(frozen=True, kw_only=True)
class QuarantineStatus:
    """A fetch whose result is quarantined: it replaces the served data only if the next fetch gives the same."""

    reason: str
    count: int
    fetched_at: datetime


@dataclass(frozen=True, kw_only=True)
class ServedData:
    """The served data, and how they were fetched."""

    version: str
    fetched_at: datetime
    modified_at: datetime
    """When this content was first seen."""

    fresh_until: datetime
    served_until: datetime
    """Until then they are served if every fetch fails."""

    complete: bool
    """Whether the vendor's answers prove that these are all objects of the layer."""

    vendor_count: int | None
    """The number of objects according to the vendor."""

    vendor_modified: datetime | None
    requests: int
    notes: tuple[str, ...]
    report: PipelineReport


@dataclass(frozen=True, kw_only=True)
class ReportedState:
    """Which objects are marked as reported, from which sources, and how old that information is."""

    sources: tuple[str, ...]
    """The sources in use now: signalen, vendor, both or neither."""

    signalen: str | None
    """The instance of Signalen that the layer names; None when it names none."""

    as_of: datetime | None
    """The time of the last successful poll; None before that."""

    age: float | None
    """Seconds since `as_of`."""

    weak: bool
    """Whether only public data of Signalen are used: location and category, half an hour late."""

    note: str | None
    """A problem that an administrator should know of; None when there is none."""

    fault: str | None
    """Why the last poll failed, or what else does not work although it succeeded; None when there is nothing."""

    unknown_categories: tuple[str, ...]
    """Categories of the layer that Signalen does not have or does not publish; their reports are not marked."""

    count: int
    """Marked objects."""

    by_signalen: int
    by_vendor: int
    signals: int
    """Open signals in the categories of the layer."""

    ambiguous: int
    """References that match several objects, so that none is marked."""

    void: int
    """References whose id matches an object, but too far away: more than 50 m from the coordinates in the answer, or
    more than `match.id_within` from the report if the answer has none."""

    unmatched: int
    """References that match no object."""


@dataclass(frozen=True, kw_only=True)
class QuestionSettings:
    """The settings of a Signalen question that uses the layer (Question.meta)."""

    endpoint: str
    """For `endpoint`: the map fills in the braces. If it starts with a slash, put the public URL of the proxy before
    it, or set WFS_PROXY_PUBLIC_URL."""

    id_field: str | None
    """For `idField`: the property with the vendor's own key; None when the layer does not serve it."""

    key: str
    """For the question's own field `key`."""

    field_type: str
    """For the question's own field `field type`."""


@dataclass(frozen=True, kw_only=True)
class LayerSummary:
    """A layer in brief."""

    id: str
    title: str
    organisation: str
    count: int | None
    """Objects served, or in memory for a layer in cells; None when there are no data."""

    bbox: tuple[float, float, float, float] | None
    """west, south, east, north in degrees; None when there are no objects."""

    freshness: str
    """fresh; stale: served while it is fetched again; expired or absent: not served."""

    links: tuple[Link, ...]


@dataclass(frozen=True, kw_only=True)
class LayerDescription(LayerSummary):
    """A layer in full."""

    attribution: str
    properties: tuple[OutputProperty, ...]
    held: ServedData | None
    """None when there are no data. The oldest cell of a layer in cells."""

    failure: FetchFailure | None
    """None when the last fetch succeeded."""

    held_back: QuarantineStatus | None
    reported: ReportedState | None
    """None when the layer has no marks, or no data."""

    question: QuestionSettings

    problems: tuple[LayerProblem, ...]
    """What an administrator should change; empty when there is nothing."""

    cells: int | None
    """Cells in memory; None for a layer that is fetched whole."""

    @property
    def state(self) -> str:
        """The freshness; or on_demand, for a layer in cells of which nobody has asked for any yet."""
        waits = self.cells is not None and self.freshness == Freshness.ABSENT.value and self.failure is None
        return "on_demand" if waits else self.freshness


def summarise(layer: Layer, slots: Sequence[CacheSlot], *, now: float, public_url: str) -> LayerSummary:
    """Return a layer in brief.

    Args:
        layer: from its file.
        slots: of the whole layer, or of its cells in memory.
        now: seconds since 1970.
        public_url: the public URL without a slash at its end, or "" for links that start with a slash.
    """
    entries = [slot.entry for slot in slots if slot.entry is not None]
    return LayerSummary(
        id=layer.id,
        title=layer.title,
        organisation=layer.organisation,
        count=sum(len(entry.snapshot) for entry in entries) if entries else None,
        bbox=BBox.union(entry.snapshot.bbox for entry in entries if entry.snapshot.bbox),
        freshness=least_fresh(slots, now).value,
        links=_links(layer, public_url),
    )


def describe(  # noqa: PLR0913 - the state of a layer, from each of its owners
    layer: Layer,
    slots: Sequence[CacheSlot],
    marks: Sequence[MarksState],
    poll: PollStatus | None,
    *,
    now: float,
    public_url: str,
) -> LayerDescription:
    """Return a layer in full.

    Args:
        layer: from its file.
        slots: of the whole layer, or of its cells in memory.
        marks: the state of the marks of each slot that has data; empty for a layer without marks.
        poll: the status of its Signalen; None if it names none or no poll has started.
        now: seconds since 1970.
        public_url: the public URL without a slash at its end, or "" for links that start with a slash.
    """
    summary = summarise(layer, slots, now=now, public_url=public_url)
    # the oldest cell represents all
    slot = min(slots, key=lambda slot: slot.entry.fetched_at if slot.entry else math.inf, default=CacheSlot())
    return LayerDescription(
        **vars(summary),
        attribution=layer.attribution,
        properties=_properties(layer, [slot.entry for slot in slots if slot.entry is not None]),
        held=_held(slot.entry) if slot.entry else None,
        failure=_latest_failure(slots),
        held_back=_held_back(slot.quarantined) if slot.quarantined else None,
        reported=_reported(layer, marks, poll, now) if marks else None,
        question=_question(layer, public_url),
        problems=layer_problems(layer, slots, poll),
        cells=len(slots) if layer.fetch.mode == "cells" else None,
    )


def _links(layer: Layer, public_url: str) -> tuple[Link, ...]:
    """Return the links to everything that a layer is served as; a download of a layer in cells needs `bbox=`."""
    path = public_url + layer_path(layer.id)
    collection = f"{public_url}/ogc/v1/collections/{quote(layer.id, safe='')}"
    whole = layer.fetch.mode == "snapshot"
    return (
        Link(rel="self", href=path, type="application/json", title="About this layer"),
        Link(rel="items", href=f"{path}/features", type=GEOJSON, title="The objects"),
        Link(rel="alternate", href=collection, type="application/json", title="OGC API Features"),
        Link(rel="alternate", href=f"{path}/tiles", type="application/json", title="Vector tiles (TileJSON)"),
        Link(
            rel="service-desc",
            href=f"{path}/wfs?SERVICE=WFS&REQUEST=GetCapabilities",
            type="application/xml",
            title="WFS",
        ),
        *(
            Link(rel="enclosure", href=f"{path}/download?f={name}", type=media_type, title=title)
            for name, media_type, title in _downloads()
            if whole
        ),
    )


def _downloads() -> tuple[tuple[str, str, str], ...]:
    """Return format, media type and title of the files that can be made."""
    return (*_DOWNLOADS, *(_DOWNLOADS_OF_GDAL if has_gdal() else ()))


def _properties(layer: Layer, entries: Sequence[Entry]) -> tuple[OutputProperty, ...]:
    types = {name: str(rule.type) for name, rule in layer.properties.fields.items()}
    if layer.point.footprint:
        types["footprint"] = "geometry"
    found = PipelineReport.of_all([entry.summary.pipeline for entry in entries]).fields if entries else {}
    named = [
        OutputProperty(name=name, type=kind, filled=found[name].filled, examples=found[name].examples)
        if name in found
        else OutputProperty(name=name, type=kind)
        for name, kind in types.items()
    ]
    return (*named, *(OutputProperty(name=name, type=kind) for name, kind in mark_types(layer)))


def _reported(layer: Layer, states: Sequence[MarksState], poll: PollStatus | None, now: float) -> ReportedState:
    state, marks = states[0], [each.marks for each in states]
    reported = state.reported
    instance = layer.reports.signalen if layer.reports is not None else None
    categories = layer.reports.categories if layer.reports is not None else ()
    vendor = layer.reports is not None and layer.reports.vendor is not None
    in_use = {"signalen": reported is not None and not state.expired, "vendor": vendor}
    return ReportedState(
        sources=tuple(source for source, used in in_use.items() if used),
        signalen=instance,
        as_of=_time(reported.as_of) if reported is not None else None,
        age=round(max(0.0, now - reported.as_of), 1) if reported is not None else None,
        weak=reported is not None and reported.public_only,
        note=_note(instance, state, reading=poll is not None and poll.reading),
        fault=poll.error if poll else None,
        unknown_categories=tuple(slug for slug in poll.unknown if slug in categories) if poll else (),
        count=sum(each.reported for each in marks),
        by_signalen=sum(each.by_signals for each in marks),
        by_vendor=sum(each.by_vendor for each in marks),
        signals=sum(each.counts.signals for each in marks),
        ambiguous=sum(each.counts.ambiguous for each in marks),
        void=sum(each.counts.void for each in marks),
        unmatched=sum(each.counts.unmatched for each in marks),
    )


def _note(instance: str | None, state: MarksState, *, reading: bool) -> str | None:
    if instance is not None and state.reported is None:
        return f"Signalen ({instance}) has not been polled successfully yet, so no reports are marked."
    if state.expired:
        return f"Signalen ({instance}) has not answered for too long, so its reports are no longer marked."
    overdue = state.ttl is not None and state.ttl < -OVERDUE
    if overdue and reading:
        return f"Signalen ({instance}) is being read; the marks are from the last time that all reports were read."
    if overdue:
        return f"Signalen ({instance}) does not answer; the marks are from its last answer."
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


def _latest_failure(slots: Sequence[CacheSlot]) -> FetchFailure | None:
    """Return why the last fetch of the layer failed, or of one of its cells."""
    failures = [slot.failure for slot in slots if slot.failure is not None]
    return _failure(max(failures, key=lambda failure: failure.failed_at)) if failures else None


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
    return QuestionSettings(
        endpoint=map_endpoint(public_url, layer.id),
        id_field=layer.properties.id_field,
        key=form_labels(layer).key,
        field_type=FIELD_TYPE,
    )


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
