"""The layers that use a Signalen instance, with the snapshots that are served, as targets for matching."""

from __future__ import annotations

from collections.abc import Mapping

from wfs_proxy.cache import CacheKey, EntryCache
from wfs_proxy.config import STATES, Catalogue, Layer, open_states, word_of
from wfs_proxy.geo import Cell, neighbours
from wfs_proxy.marks import LayerTarget, Marks, StateRules, vendor_marks
from wfs_proxy.snapshot import Snapshot

__all__ = ["MarkTargets", "layer_target", "marks_of_vendor"]

_WORDS = {"": word_of("m") or "", **{code: word_of(code) or "" for code in STATES}}
"""State -> public word. Signals of the public geography have the state "": all that is known is that they exist."""


class MarkTargets:
    """The targets of a catalogue. `catalogue` may be replaced."""

    def __init__(self, catalogue: Catalogue, entries: EntryCache) -> None:
        self.catalogue = catalogue
        self._entries = entries

    def of(self, instance: str, new: LayerTarget | None = None) -> list[LayerTarget]:
        """Return the layers of an instance that have a whole snapshot, by id.

        Args:
            instance: name of a Signalen instance.
            new: a layer with a snapshot that is not served yet, used in place of the served one.
        """
        targets = {} if new is None else {new.layer.id: new}
        for layer in self.catalogue.layers_of(instance):
            entry = self._entries.slot(CacheKey(layer.id)).entry
            if entry is not None:
                targets.setdefault(layer.id, layer_target(layer, entry.snapshot))
        return [targets[layer_id] for layer_id in sorted(targets)]

    def cells_in_memory(self, layer: Layer) -> dict[Cell, LayerTarget]:
        """Return the cells of a layer that are in memory."""
        return {
            cell: layer_target(layer, slot.entry.snapshot)
            for cell, slot in self._entries.cells(layer.id).items()
            if slot.entry is not None
        }

    def around(
        self, instance: str, cell: Cell, target: LayerTarget, cells: Mapping[Cell, LayerTarget]
    ) -> list[LayerTarget]:
        """Return all targets that a report near a cell may be about, the cell's own target first.

        The other targets are needed to see that a report is ambiguous: those of the neighbouring cells, and the layers
        of the instance that have a whole snapshot.

        Args:
            instance: name of a Signalen instance.
            cell: of a layer in cells.
            target: the cell's target.
            cells: the targets of the layer's cells in memory.
        """
        return [target, *(cells[near] for near in neighbours(cell) if near in cells), *self.of(instance)]


def layer_target(layer: Layer, snapshot: Snapshot) -> LayerTarget:
    """Return the target for a layer that has `reports`, with one of its snapshots."""
    assert layer.reports is not None
    states = StateRules(open=open_states(layer.reports.open_states), words=_WORDS)
    return LayerTarget(layer=layer, snapshot=snapshot, states=states)


def marks_of_vendor(layer: Layer, snapshot: Snapshot) -> Marks | None:
    """Return the marks that come from the vendor's own attribute; None for a layer without `reports`."""
    return None if layer.reports is None else vendor_marks(layer_target(layer, snapshot))
