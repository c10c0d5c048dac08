"""Keeps the marks of all layers up to date, when reports change and when objects change.

    new reports  -> match state of their instance -> marks of each layer that uses it -> cache
    new snapshot -> the same, before the cache gets it: a snapshot is published together with its marks

The matching runs in another thread, once at a time for each Signalen instance. Changes that arrive meanwhile are
processed together afterwards; of several polls only the last one counts.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace

from wfs_proxy.cache import CacheKey, Entry, EntryCache, FetchedSnapshot
from wfs_proxy.config import Catalogue, Layer
from wfs_proxy.geo import Cell
from wfs_proxy.marks import (
    LayerMarks,
    LayerTarget,
    MatchState,
    ReportedObjects,
    SignalsByCell,
    compute_marks,
    vendor_marks,
)
from wfs_proxy.offload import Offload
from wfs_proxy.serve.mark_targets import MarkTargets, layer_target
from wfs_proxy.serve.served_marks import MarksState, marks_of_signalen, marks_without_signalen

__all__ = ["MarkUpdater"]

LOG = logging.getLogger(__name__)

MOST_ATTEMPTS = 3
"""How often the marks of a new snapshot are computed again because reports changed meanwhile. Should they still be out
of date then, the next poll corrects them."""


class MarkUpdater:
    """The marks of the layers of a catalogue. For use on one event loop."""

    def __init__(
        self, catalogue: Catalogue, entries: EntryCache, *, clock: Callable[[], float], offload: Offload
    ) -> None:
        self._targets = MarkTargets(catalogue, entries)
        self._entries = entries
        self._clock = clock
        self._offload = offload
        self._reported: dict[str, ReportedObjects] = {}
        self._match_states: dict[str, MatchState] = {}
        self._prepared: dict[str, MatchState] = {}
        """By instance: the match state with the newest snapshot, which will be served in a moment."""
        self._signals_by_cell: dict[str, SignalsByCell] = {}
        self._changed: set[str] = set()
        """Instances with changes that are not processed yet."""
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def state(self, layer: Layer, entry: Entry, now: float) -> MarksState | None:
        """Return the marks that are served with an entry now; None for a layer without marks."""
        if entry.marks is None or layer.reports is None:
            return None
        name = layer.reports.signalen
        if name is None:
            return marks_without_signalen(entry.marks)
        instance = self._targets.catalogue.instances.get(name)
        return marks_of_signalen(entry.marks, instance, self._reported.get(name), now)

    async def use_reported(self, instance: str, reported: ReportedObjects) -> None:
        """Mark what is reported. Returns when the new marks are served."""
        self._reported[instance] = reported
        await asyncio.shield(self._update(instance))

    async def marked(self, layer: Layer, cell: Cell | None, fetched: FetchedSnapshot) -> FetchedSnapshot:
        """Return a fetched snapshot with its marks. The caller calls `served` once it is served."""
        if layer.reports is None:
            return fetched
        target = layer_target(layer, fetched.snapshot)
        name = layer.reports.signalen
        if name is None or name not in self._reported:
            marks = await self._offload(vendor_marks, target)
            fetched = replace(fetched, marks=LayerMarks(full=marks, vendor=marks))
        # the first poll may have ended while the vendor's marks were computed
        if name is None or name not in self._reported:
            return fetched
        if cell is not None:
            return replace(fetched, marks=await self._marks_of_cell(name, cell, target))
        return await self._with_newest_marks(name, target, fetched)

    def served(self, layer: Layer, cell: Cell | None) -> None:
        """Update all layers of the instance, because an id may now exist in two layers, and so be ambiguous."""
        name = layer.reports.signalen if layer.reports is not None else None
        if name in self._reported and cell is None:
            self._update(name)

    def use_catalogue(self, catalogue: Catalogue) -> None:
        """Mark the layers of another catalogue. Reports of instances that no layer uses any more are dropped."""
        used = {layer.reports.signalen for layer in catalogue.values() if layer.reports is not None}
        for name in self._reported.keys() - used:
            del self._reported[name]
            self._match_states.pop(name, None)
        self._targets.catalogue = catalogue
        self._signals_by_cell.clear()
        for name in self._reported:
            self._update(name)

    async def close(self) -> None:
        """Stop the work that is in progress."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _marks_of_cell(self, name: str, cell: Cell, target: LayerTarget) -> LayerMarks:
        cells = self._targets.cells_in_memory(target.layer)
        targets = self._targets.around(name, cell, target, cells)
        by_cell = self._reported_by_cell(name, target.layer)
        all_marks: list[LayerMarks] = await self._offload(_marks_of_cells, by_cell, [(cell, targets)], self._clock())
        return all_marks[0]

    async def _with_newest_marks(self, name: str, target: LayerTarget, fetched: FetchedSnapshot) -> FetchedSnapshot:
        for _ in range(MOST_ATTEMPTS):
            reported = self._reported.get(name)
            if reported is None:
                break
            targets = self._targets.of(name, target)
            state = MatchState(targets)
            marks = await self._offload(_marks, state, reported, targets.index(target), self._clock())
            fetched = replace(fetched, marks=marks)
            self._prepared[name] = state
            if reported is self._reported.get(name):
                break
        return fetched

    def _update(self, name: str) -> asyncio.Task[None]:
        self._changed.add(name)
        task = self._tasks.get(name)
        if task is None:
            task = self._tasks[name] = asyncio.create_task(self._update_while_changed(name), name=f"marks of {name}")
        return task

    async def _update_while_changed(self, name: str) -> None:
        try:
            while name in self._changed:
                self._changed.discard(name)
                await self._update_once(name)
        except Exception:
            # the match state may be half updated, so it is built again next time
            self._match_states.pop(name, None)
            LOG.exception("Unexpected error while computing the marks of %s", name)
        finally:
            del self._tasks[name]

    async def _update_once(self, name: str) -> None:
        targets, reported = self._targets.of(name), self._reported.get(name)
        if reported is None:
            return
        await self._update_cells(name)
        state = self._match_states[name] = self._match_state(name, targets)
        previous = [self._served_marks(target) for target in state.targets]
        all_marks = await self._offload(_all_marks, state, reported, previous, self._clock())
        for target, marks in zip(state.targets, all_marks, strict=True):
            self._entries.set_marks(CacheKey(target.layer.id), target.snapshot, marks)

    async def _update_cells(self, name: str) -> None:
        """Mark the cells in memory. Each is matched separately with the few reports near it."""
        for layer in self._targets.catalogue.layers_of(name):
            if layer.fetch.mode != "cells":
                continue
            cells = self._targets.cells_in_memory(layer)
            targets = [(cell, self._targets.around(name, cell, target, cells)) for cell, target in cells.items()]
            by_cell = self._reported_by_cell(name, layer)
            all_marks = await self._offload(_marks_of_cells, by_cell, targets, self._clock())
            for (cell, target), marks in zip(cells.items(), all_marks, strict=True):
                self._entries.set_marks(CacheKey(layer.id, cell), target.snapshot, marks)

    def _reported_by_cell(self, name: str, layer: Layer) -> SignalsByCell:
        """Return what is reported by the cells of a layer. Computed once for each poll with changes."""
        reported = self._reported[name]
        known = self._signals_by_cell.get(layer.id)
        if known is None or known.reported.version != reported.version:
            assert layer.reports is not None
            known = SignalsByCell(reported, layer.fetch.cell_zoom, layer.reports.match)
            self._signals_by_cell[layer.id] = known
        return known

    def _match_state(self, name: str, targets: Sequence[LayerTarget]) -> MatchState:
        """Return a match state for these targets: a known one, which is quicker to update, or a new one."""
        for known in (self._prepared.pop(name, None), self._match_states.get(name)):
            if known is not None and known.covers(targets):
                return known
        return MatchState(targets)

    def _served_marks(self, target: LayerTarget) -> LayerMarks | None:
        entry = self._entries.slot(CacheKey(target.layer.id)).entry
        return entry.marks if entry is not None and entry.snapshot is target.snapshot else None


def _marks_of_cells(
    by_cell: SignalsByCell, cells: Sequence[tuple[Cell, list[LayerTarget]]], now: float
) -> list[LayerMarks]:
    return [_marks(MatchState(targets), by_cell.around(cell), 0, now) for cell, targets in cells]


def _marks(state: MatchState, reported: ReportedObjects, index: int, now: float) -> LayerMarks:
    state.update(reported)
    return compute_marks(state, index, now)


def _all_marks(
    state: MatchState, reported: ReportedObjects, previous: Sequence[LayerMarks | None], now: float
) -> list[LayerMarks]:
    state.update(reported)
    return [compute_marks(state, index, now, marks) for index, marks in enumerate(previous)]
