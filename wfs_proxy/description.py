"""What the proxy tells about a layer: what it serves, in what state, and how to put it in a Signalen question.

The values are what `/layers` and `/layers/{id}` answer, field by field.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

from wfs_proxy.features import FillReport
from wfs_proxy.layers import Layer
from wfs_proxy.representation import GEOJSON
from wfs_proxy.snapshot import Box
from wfs_proxy.store import Entry, Failure, HeldBack, Slot

__all__ = ["LayerDescription", "LayerSummary", "describe", "layer_path", "summarise"]


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
class HeldBackState:
    """A fetch that does not replace what is served until a second look finds the same."""

    reason: str
    count: int
    fetched_at: datetime


@dataclass(frozen=True, kw_only=True)
class Held:
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
    report: FillReport


@dataclass(frozen=True, kw_only=True)
class Question:
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
    """Objects served; None when there are no data."""

    bbox: Box | None
    """west, south, east, north in degrees; None when there is no object."""

    freshness: str
    """fresh; stale: served while the vendor is asked again; expired or absent: not served."""

    links: tuple[Link, ...]


@dataclass(frozen=True, kw_only=True)
class LayerDescription(LayerSummary):
    """A layer in full."""

    attribution: str
    properties: tuple[Property, ...]
    held: Held | None
    """None when there are no data."""

    failure: FetchFailure | None
    """None when the last attempt succeeded."""

    held_back: HeldBackState | None
    question: Question


def layer_path(layer_id: str) -> str:
    """The path of a layer, without the public address."""
    return f"/layers/{quote(layer_id, safe='')}"


def summarise(layer: Layer, slot: Slot, *, now: float, public_url: str) -> LayerSummary:
    """A layer in one line.

    Args:
        layer: what the file says.
        slot: what the store knows.
        now: seconds since 1970.
        public_url: the public address without a slash at its end, or "" for links that start with a slash.
    """
    path = public_url + layer_path(layer.id)
    return LayerSummary(
        id=layer.id,
        title=layer.title,
        organisation=layer.organisation,
        count=len(slot.entry.snapshot) if slot.entry else None,
        bbox=slot.entry.snapshot.bbox if slot.entry else None,
        freshness=slot.freshness(now).value,
        links=(
            Link(rel="self", href=path, type="application/json", title="About this layer"),
            Link(rel="items", href=f"{path}/features", type=GEOJSON, title="The objects"),
        ),
    )


def describe(layer: Layer, slot: Slot, *, now: float, public_url: str) -> LayerDescription:
    """A layer in full; arguments as for `summarise`."""
    summary = summarise(layer, slot, now=now, public_url=public_url)
    return LayerDescription(
        **vars(summary),
        attribution=layer.attribution,
        properties=_properties(layer),
        held=_held(slot.entry) if slot.entry else None,
        failure=_failure(slot.failure) if slot.failure else None,
        held_back=_held_back(slot.held_back) if slot.held_back else None,
        question=_question(layer, public_url),
    )


def _properties(layer: Layer) -> tuple[Property, ...]:
    named = tuple(Property(name=name, type=rule.type) for name, rule in layer.properties.fields.items())
    return (*named, Property(name="footprint", type="geometry")) if layer.point.footprint else named


def _held(entry: Entry) -> Held:
    filled = entry.filled
    fresh_until = entry.fetched_at + entry.fresh_for
    return Held(
        version=entry.snapshot.version,
        fetched_at=_time(entry.fetched_at),
        modified_at=_time(entry.modified_at),
        fresh_until=_time(fresh_until),
        served_until=_time(fresh_until + entry.stale_for),
        complete=filled.complete,
        vendor_count=filled.matched,
        vendor_modified=filled.vendor_modified,
        requests=filled.requests,
        notes=filled.notes,
        report=entry.snapshot.report,
    )


def _failure(failure: Failure) -> FetchFailure:
    return FetchFailure(
        title=failure.title,
        detail=failure.detail,
        failed_at=_time(failure.failed_at),
        in_a_row=failure.in_a_row,
    )


def _held_back(held_back: HeldBack) -> HeldBackState:
    return HeldBackState(
        reason=held_back.reason, count=len(held_back.filled.snapshot), fetched_at=_time(held_back.fetched_at)
    )


def _question(layer: Layer, public_url: str) -> Question:
    # the newer frontend fills in only the first of each pair of braces
    template = "bbox={west},{south},{east},{north}&srsName={srsName}"
    keys = [name for name, rule in layer.properties.fields.items() if (rule.source or name) == layer.properties.id]
    return Question(
        endpoint=f"{public_url}{layer_path(layer.id)}/features?{template}",
        id_field=next(iter(keys), None),
    )


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
