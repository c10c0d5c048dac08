"""Which signals may be about the objects of one cell of the map.

A layer in cells has many small snapshots. Matching all signals with each of them would take a second for the few that
concern it, so the signals are sorted into cells once per poll, by their own place and the places of the objects that
they name. A signal without a place, or one that names an object without a stored place, may be about any cell.

Invariant: the signals around a cell mark the same objects of the cell as all signals do
(`test_the_signals_around_a_cell_mark_the_same_objects_as_all_signals`).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from functools import cached_property

from wfs_proxy.geo import Cell, cells_in
from wfs_proxy.marks.layer_target import box_around
from wfs_proxy.marks.matching import FARTHEST_ID_MATCH
from wfs_proxy.marks.reported_objects import Place, ReportedObjects, Signal

__all__ = ["SignalsByCell"]


class SignalsByCell:
    """What is reported at one moment, by the cells of one zoom level. Sorted on first use."""

    def __init__(self, reported: ReportedObjects, zoom: int, within: float) -> None:
        """Store the arguments.

        Args:
            reported: all open signals of one Signalen instance.
            zoom: zoom level of the cells.
            within: the largest distance in metres at which a report matches an object by place.
        """
        self.reported = reported
        self._zoom = zoom
        self._reach = max(within, FARTHEST_ID_MATCH)

    def around(self, cell: Cell) -> ReportedObjects:
        """Return the signals that may be about objects of a cell."""
        by_cell, anywhere = self._sorted
        signals = {signal.id: signal for signal in (*anywhere, *by_cell.get(cell, ()))}
        return replace(self.reported, signals=signals, since="", changed=None)

    @cached_property
    def _sorted(self) -> tuple[dict[Cell, list[Signal]], list[Signal]]:
        by_cell: defaultdict[Cell, list[Signal]] = defaultdict(list)
        anywhere = []
        for signal in self.reported.signals.values():
            boxes = [place and box_around(place, self._reach) for place in _places(signal)]
            if None in boxes:
                anywhere.append(signal)
                continue
            for cell in {cell for box in boxes if box for cell in cells_in(box, self._zoom)}:
                by_cell[cell].append(signal)
        return dict(by_cell), anywhere


def _places(signal: Signal) -> list[Place | None]:
    """Return the places of the objects that a signal is about; None means any place."""
    return [asset.place for asset in signal.assets] or [signal.place]
