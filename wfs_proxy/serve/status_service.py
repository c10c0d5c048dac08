"""Answers what operators ask, at `/layers`, `/layers/{id}`, `/readyz` and `/metrics`: what is served, in what state."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from wfs_proxy.bbox import BBox
from wfs_proxy.cache import CacheSlot, EntryCache, Freshness, LayerCache, Outcome, least_fresh
from wfs_proxy.config import Layer, Problem
from wfs_proxy.reports import PollStatus
from wfs_proxy.serve.catalogue_log import reason_without_layers
from wfs_proxy.serve.frequent_values import frequent_values
from wfs_proxy.serve.layer_problems import all_problems, found_by_use
from wfs_proxy.serve.layer_status import LayerDescription, LayerSummary, describe, summarise
from wfs_proxy.serve.live_catalogue import LiveCatalogue
from wfs_proxy.serve.mark_updater import MarkUpdater

__all__ = ["LayerMeasurements", "LayerReadiness", "Measurements", "PollStatuses", "Readiness", "StatusService"]


class PollStatuses(Protocol):
    """The state of the polls of each Signalen."""

    def status(self, name: str) -> PollStatus | None:
        """Return the status of one instance; None when no layer names it."""
        ...

    def statuses(self) -> tuple[PollStatus, ...]:
        """Return the status of every instance, ordered by name."""
        ...


@dataclass(frozen=True, kw_only=True)
class LayerReadiness:
    """One layer in the answer of `/readyz`."""

    tried: bool
    """Whether an attempt to fetch it has ended, in success or failure; for a layer in cells: every cell requested so
    far."""

    freshness: str


@dataclass(frozen=True, kw_only=True)
class Readiness:
    """The answer of `/readyz`."""

    ready: bool
    catalogue: str
    """current; or reload refused: the layer files have errors, and the previous layers are served; or no layers, and
    why."""

    cache: str
    """usable; or why fetched data cannot be stored for other processes and the next start."""

    layers: dict[str, LayerReadiness]


@dataclass(frozen=True, kw_only=True)
class LayerMeasurements:
    """The served data of one layer, in numbers."""

    objects: int
    age: float
    """Seconds since the oldest of it was fetched."""

    complete: bool
    """Whether the vendor's answers prove that these are all objects."""

    skipped: Mapping[str, int]
    """Reason -> objects of the vendor that are not served."""


@dataclass(frozen=True, kw_only=True)
class Measurements:
    """Everything that `/metrics` shows besides requests."""

    now: float
    """Seconds since 1970."""

    catalogue_current: bool
    cache_usable: bool
    lookups: Mapping[tuple[str, Freshness], int]
    """(layer, state of its data at the time) -> requests."""

    fetches: Mapping[tuple[str, Outcome], int]
    """(layer, outcome) -> fetches of this process; every outcome of every layer."""

    fetch_seconds: Mapping[str, float]
    """Layer -> total duration of its fetches."""

    problems: Mapping[str, Mapping[str, int]]
    """Layer -> code -> how many problems of this kind it has."""

    layers: Mapping[str, LayerMeasurements]
    """Only layers that have data."""

    polls: tuple[PollStatus, ...]


class StatusService:
    """The state of all layers. For use on one event loop."""

    def __init__(  # noqa: PLR0913 - its collaborators, by name
        self,
        catalogue: LiveCatalogue,
        cache: LayerCache,
        entries: EntryCache,
        marks: MarkUpdater,
        polls: PollStatuses,
        *,
        clock: Callable[[], float],
        public_url: str = "",
    ) -> None:
        """Read the state of these.

        Args:
            catalogue: which layers there are.
            cache: their slots.
            entries: how fetches went, and whether storage is available.
            marks: which marks are served.
            polls: the state of the polls of each Signalen.
            clock: seconds since 1970, the clock that measures freshness.
            public_url: the public address without a slash at its end, or "".
        """
        self._catalogue = catalogue
        self._cache = cache
        self._entries = entries
        self._marks = marks
        self._polls = polls
        self._clock = clock
        self._public_url = public_url
        self._was_ready = False

    def summaries(self) -> list[LayerSummary]:
        """Return all layers, in the order of the catalogue."""
        now = self._clock()
        return [
            summarise(layer, self._cache.slots(layer), now=now, public_url=self._public_url)
            for layer in self._catalogue.current.values()
        ]

    def extents(self) -> dict[str, BBox]:
        """Return layer -> where its objects are, for layers of which that is known.

        It is the extent in the layer file where no objects, or those of some cells only, have been fetched.
        """
        boxes = {summary.id: summary.bbox for summary in self.summaries()}
        extents = {}
        for layer in self._catalogue.current.values():
            box, configured = boxes[layer.id], layer.source.extent
            extent = configured if box is None or layer.fetch.mode == "cells" else BBox(*box)
            if extent is not None:
                extents[layer.id] = extent
        return extents

    def description(self, layer_id: str) -> LayerDescription:
        """Return one layer in full.

        Raises:
            NotFound: there is no such layer.
        """
        layer, now = self._catalogue.layer(layer_id), self._clock()
        slots = self._cache.slots(layer)
        states = [self._marks.state(layer, slot.entry, now) for slot in slots if slot.entry is not None]
        marks = [state for state in states if state is not None]
        return describe(layer, slots, marks, self._poll(layer), now=now, public_url=self._public_url)

    def frequent_values(self, layer_id: str, name: str, most: int) -> list[str]:
        """Return the texts that most objects of a layer have for a property, the most frequent first.

        Raises:
            NotFound: there is no such layer.
        """
        slots = self._cache.slots(self._catalogue.layer(layer_id))
        return frequent_values([slot.entry.snapshot for slot in slots if slot.entry is not None], name, most)

    def problems(self) -> dict[str, list[Problem]]:
        """Return layer -> what its data and its Signalen show that an administrator should change."""
        return {
            layer_id: list(found_by_use(layer, self._cache.slots(layer), self._poll(layer)))
            for layer_id, layer in self._catalogue.current.items()
        }

    def readiness(self) -> Readiness:
        """Return whether every layer was fetched or tried once.

        Neither an absent vendor nor a reload undoes that, but for a reload that leaves no layer.
        """
        now = self._clock()
        layers = {
            layer_id: LayerReadiness(tried=all(slot.tried for slot in slots), freshness=least_fresh(slots, now).value)
            for layer_id, slots in self._slots().items()
        }
        self._was_ready = self._was_ready or (bool(layers) and all(layer.tried for layer in layers.values()))
        return Readiness(
            ready=self._was_ready and bool(layers),
            catalogue=self._catalogue_state(),
            cache=self._entries.storage_error or "usable",
            layers=layers,
        )

    def _catalogue_state(self) -> str:
        if self._catalogue.reload_error:
            return "reload refused"
        current = self._catalogue.current
        return "current" if current else f"no layers: {reason_without_layers(current)}"

    def measurements(self) -> Measurements:
        """Return what metrics show, as of now."""
        now, layers = self._clock(), self._catalogue.current
        measured = {layer_id: _measured(slots, now) for layer_id, slots in self._slots().items()}
        return Measurements(
            now=now,
            catalogue_current=self._catalogue.reload_error is None,
            cache_usable=self._entries.storage_error is None,
            lookups=self._cache.lookups,
            fetches={
                (layer, outcome): self._entries.fetches[layer, outcome] for layer in layers for outcome in Outcome
            },
            fetch_seconds={layer: self._entries.fetch_seconds.get(layer, 0.0) for layer in layers},
            problems={
                layer_id: Counter(
                    problem.code for problem in all_problems(layer, self._cache.slots(layer), self._poll(layer))
                )
                for layer_id, layer in layers.items()
            },
            layers={layer_id: figures for layer_id, figures in measured.items() if figures is not None},
            polls=self._polls.statuses(),
        )

    def _poll(self, layer: Layer) -> PollStatus | None:
        """Return the status of the layer's Signalen; None if it names none or no poll has started."""
        instance = layer.reports.signalen if layer.reports is not None else None
        return self._polls.status(instance) if instance is not None else None

    def _slots(self) -> dict[str, list[CacheSlot]]:
        """Return the slots of each layer: of the whole, or of the cells in memory."""
        return {layer_id: self._cache.slots(layer) for layer_id, layer in self._catalogue.current.items()}


def _measured(slots: Sequence[CacheSlot], now: float) -> LayerMeasurements | None:
    """Return the figures of a layer; None without data."""
    entries = [slot.entry for slot in slots if slot.entry is not None]
    if not entries:
        return None
    summaries = [entry.summary for entry in entries]
    return LayerMeasurements(
        objects=sum(len(entry.snapshot) for entry in entries),
        age=now - min(entry.fetched_at for entry in entries),
        complete=all(summary.report.complete for summary in summaries),
        skipped=sum((Counter(summary.pipeline.skipped) for summary in summaries), Counter[str]()),
    )
