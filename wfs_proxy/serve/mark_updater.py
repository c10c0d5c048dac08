"""Keeps the marks of all layers up to date, whichever changes: what is reported, or the objects.

    a poll brings reports -> ledger of that instance -> marks of each layer that asks it -> store
    a fill brings objects -> the same, before the store gets them: a snapshot is published together with its marks

The work is done away from the event loop, one at a time for each instance of Signalen; what comes meanwhile waits, and
of several polls only the last is looked at.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from wfs_proxy.cache import CELL_MARK, Entry, EntryCache, FetchedSnapshot
from wfs_proxy.config import STATES, Catalogue, Layer, Reports, SignalenInstance, open_states, word_of
from wfs_proxy.geo import Cell, neighbours
from wfs_proxy.marks import (
    LayerMarks,
    LayerTarget,
    Marks,
    MatchState,
    ReportedObjects,
    SignalsByCell,
    StateRules,
    compute_marks,
    vendor_marks,
)
from wfs_proxy.snapshot import Snapshot
from wfs_proxy.sources import Offload

__all__ = ["LONGEST_MAX_AGE", "MarkUpdater", "MarksState", "marks_of_vendor"]

LOG = logging.getLogger(__name__)

LONGEST_MAX_AGE = 60.0
"""Seconds that an answer with marks may be kept, however seldom Signalen is asked."""

MOST_ATTEMPTS = 3
"""How often a fill computes its marks again because reports changed meanwhile; the next poll puts right the rest."""

_WORDS = {"": word_of("m") or "", **{code: word_of(code) or "" for code in STATES}}
"""State -> public word. A signal of the public geography tells no state; it was reported, that much is known."""

_DEFAULT_INSTANCE = SignalenInstance(url="http://signalen.invalid")
"""The periods of an instance of which there is no file."""


class MarksState(NamedTuple):
    """Which marks are served now, and until when they may be kept."""

    marks: Marks
    """What is served."""

    ttl: float | None
    """Seconds until Signalen is asked again, at most `LONGEST_MAX_AGE`, negative when that is overdue; None where only
    the vendor tells."""

    reported: ReportedObjects | None
    """What Signalen told last, even when it is too old to count; None while it told nothing, or is not asked."""

    expired: bool
    """Signalen has been away for so long that only the vendor's marks count."""


class MarkUpdater:
    """The marks of the layers of a catalogue. For use on one event loop."""

    def __init__(
        self, catalogue: Catalogue, store: EntryCache, *, clock: Callable[[], float], offload: Offload
    ) -> None:
        self._catalogue = catalogue
        self._store = store
        self._clock = clock
        self._offload = offload
        self._reported: dict[str, ReportedObjects] = {}
        self._ledgers: dict[str, MatchState] = {}
        self._offered: dict[str, MatchState] = {}
        self._nearby_of: dict[str, SignalsByCell] = {}
        self._due: set[str] = set()
        self._marking: dict[str, asyncio.Task[None]] = {}

    def state(self, layer: Layer, entry: Entry, now: float) -> MarksState | None:
        """What is served on top of an entry now; None for a layer without marks."""
        if entry.marks is None or layer.reports is None:
            return None
        name = layer.reports.signalen
        if name is None:
            return MarksState(marks=entry.marks.full, ttl=None, reported=None, expired=False)
        instance = self._catalogue.instances.get(name, _DEFAULT_INSTANCE)
        reported = self._reported.get(name)
        if reported is None:
            ttl = 0.0 if name in self._catalogue.instances else None
            return MarksState(marks=entry.marks.vendor, ttl=ttl, reported=None, expired=False)
        age = max(0.0, now - reported.as_of)
        expired = age > instance.marks_stale_for
        return MarksState(
            marks=entry.marks.vendor if expired else entry.marks.full,
            ttl=min(instance.poll - age, LONGEST_MAX_AGE),
            reported=reported,
            expired=expired,
        )

    async def use_reported(self, instance: str, reported: ReportedObjects) -> None:
        """Mark what is reported, and return when it is served."""
        self._reported[instance] = reported
        await asyncio.shield(self._mark(instance))

    async def marked(self, layer: Layer, cell: Cell | None, filled: FetchedSnapshot) -> FetchedSnapshot:
        """A fill with its marks; `served` is to be called once it is served."""
        if layer.reports is None:
            return filled
        scope = _scope(layer, layer.reports, filled.snapshot)
        name = layer.reports.signalen
        if name not in self._reported:
            marks = await self._offload(vendor_marks, scope)
            filled = replace(filled, marks=LayerMarks(full=marks, vendor=marks))
        if name is None:
            return filled
        if cell is not None:
            return await self._cell_marked(name, cell, scope, filled)
        return await self._marked(name, scope, filled)

    async def _cell_marked(self, name: str, cell: Cell, scope: LayerTarget, filled: FetchedSnapshot) -> FetchedSnapshot:
        if name not in self._reported:
            return filled
        nearby = self._nearby(name, scope.layer)
        scopes = self._scopes_around(name, cell, scope, self._held_cells(scope.layer))
        (marks,) = await self._offload(_marks_of_cells, nearby, [(cell, scopes)], self._clock())
        return replace(filled, marks=marks)

    async def _marked(self, name: str, scope: LayerTarget, filled: FetchedSnapshot) -> FetchedSnapshot:
        for _ in range(MOST_ATTEMPTS):
            reported = self._reported.get(name)
            if reported is None:
                break
            scopes = self._scopes(name, scope)
            ledger = MatchState(scopes)
            marks = await self._offload(_marks, ledger, reported, scopes.index(scope), self._clock())
            filled = replace(filled, marks=marks)
            self._offered[name] = ledger
            if reported is self._reported.get(name):
                break
        return filled

    def served(self, layer: Layer, cell: Cell | None) -> None:
        """Look at the other layers of an instance again: an id may fit an object that has come to this one."""
        name = layer.reports.signalen if layer.reports is not None else None
        if name in self._reported and cell is None:
            self._mark(name)

    def use_catalogue(self, catalogue: Catalogue) -> None:
        """Mark the layers of another catalogue; reports of an instance that it does not have any more are forgotten."""
        wanted = {layer.reports.signalen for layer in catalogue.values() if layer.reports is not None}
        for name in self._reported.keys() - wanted:
            del self._reported[name]
            self._ledgers.pop(name, None)
        self._catalogue = catalogue
        self._nearby_of.clear()
        for name in self._reported:
            self._mark(name)

    async def close(self) -> None:
        """Stop the work under way."""
        tasks = list(self._marking.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _mark(self, name: str) -> asyncio.Task[None]:
        self._due.add(name)
        task = self._marking.get(name)
        if task is None:
            task = self._marking[name] = asyncio.create_task(self._mark_while_due(name), name=f"marks of {name}")
        return task

    async def _mark_while_due(self, name: str) -> None:
        try:
            while name in self._due:
                self._due.discard(name)
                await self._mark_once(name)
        except Exception:
            # half an entry is in the ledger
            self._ledgers.pop(name, None)
            LOG.exception("The marks of %s could not be computed, and nobody foresaw why", name)
        finally:
            del self._marking[name]

    async def _mark_once(self, name: str) -> None:
        scopes, reported = self._scopes(name), self._reported.get(name)
        if reported is None:
            return
        await self._mark_cells(name)
        ledger = self._ledger(name, scopes)
        self._ledgers[name] = ledger
        before = [self._marks_of(scope) for scope in ledger.targets]
        all_marks = await self._offload(_all_marks, ledger, reported, before, self._clock())
        for scope, marks in zip(ledger.targets, all_marks, strict=True):
            self._store.mark(scope.layer.id, scope.snapshot, marks)

    async def _mark_cells(self, name: str) -> None:
        """Mark the cells in memory, each for itself: few of all reports concern it."""
        for layer in self._catalogue.values():
            if layer.reports is None or layer.reports.signalen != name or layer.fetch.mode != "cells":
                continue
            held = self._held_cells(layer)
            scopes = [(cell, self._scopes_around(name, cell, scope, held)) for cell, scope in held.items()]
            all_marks = await self._offload(_marks_of_cells, self._nearby(name, layer), scopes, self._clock())
            for (cell, scope), marks in zip(held.items(), all_marks, strict=True):
                self._store.mark(f"{layer.id}{CELL_MARK}{cell.key}", scope.snapshot, marks)

    def _held_cells(self, layer: Layer) -> dict[Cell, LayerTarget]:
        assert layer.reports is not None
        slots = self._store.cells(layer.id)
        return {
            _cell_of(key): _scope(layer, layer.reports, slot.entry.snapshot)
            for key, slot in slots.items()
            if slot.entry is not None
        }

    def _scopes_around(
        self, name: str, cell: Cell, scope: LayerTarget, held: Mapping[Cell, LayerTarget]
    ) -> list[LayerTarget]:
        """A cell's own scope first; then those of what else a report near it may be about, and so be ambiguous."""
        return [scope, *(held[near] for near in neighbours(cell) if near in held), *self._scopes(name)]

    def _nearby(self, name: str, layer: Layer) -> SignalsByCell:
        """What is reported, by the cells of a layer; made once for each poll that brought news."""
        reported = self._reported[name]
        known = self._nearby_of.get(layer.id)
        if known is None or known.reported.version != reported.version:
            assert layer.reports is not None
            known = SignalsByCell(reported, layer.fetch.cell_zoom, layer.reports.match.within)
            self._nearby_of[layer.id] = known
        return known

    def _ledger(self, name: str, scopes: Sequence[LayerTarget]) -> MatchState:
        known = (self._offered.pop(name, None), self._ledgers.get(name))
        return next((ledger for ledger in known if ledger is not None and ledger.covers(scopes)), None) or MatchState(
            scopes
        )

    def _marks_of(self, scope: LayerTarget) -> LayerMarks | None:
        entry = self._store.slot(scope.layer.id).entry
        return entry.marks if entry is not None and entry.snapshot is scope.snapshot else None

    def _scopes(self, name: str, new: LayerTarget | None = None) -> list[LayerTarget]:
        """The layers that ask an instance and have objects, `new` in the place of what is served of that layer."""
        scopes = {}
        for layer in self._catalogue.values():
            entry = self._store.slot(layer.id).entry
            if layer.reports is not None and layer.reports.signalen == name and entry is not None:
                scopes[layer.id] = _scope(layer, layer.reports, entry.snapshot)
        if new is not None:
            scopes[new.layer.id] = new
        return [scopes[layer_id] for layer_id in sorted(scopes)]


def marks_of_vendor(layer: Layer, snapshot: Snapshot) -> Marks | None:
    """What the vendor says is reported; None for a layer without marks."""
    return None if layer.reports is None else vendor_marks(_scope(layer, layer.reports, snapshot))


def _scope(layer: Layer, reports: Reports, snapshot: Snapshot) -> LayerTarget:
    return LayerTarget(
        layer=layer, snapshot=snapshot, states=StateRules(open=open_states(reports.open_states), words=_WORDS)
    )


def _cell_of(key: str) -> Cell:
    cell = Cell.parse(key.partition(CELL_MARK)[2])
    assert cell is not None
    return cell


def _marks_of_cells(
    nearby: SignalsByCell, cells: Sequence[tuple[Cell, list[LayerTarget]]], now: float
) -> list[LayerMarks]:
    return [_marks(MatchState(scopes), nearby.around(cell), 0, now) for cell, scopes in cells]


def _marks(ledger: MatchState, reported: ReportedObjects, number: int, now: float) -> LayerMarks:
    ledger.update(reported)
    return compute_marks(ledger, number, now)


def _all_marks(
    ledger: MatchState, reported: ReportedObjects, before: Sequence[LayerMarks | None], now: float
) -> list[LayerMarks]:
    ledger.update(reported)
    return [compute_marks(ledger, number, now, marks) for number, marks in enumerate(before)]
