"""Which signals may be about the objects of one cell of the map.

A layer in cells has many small snapshots. Matching all signals with each of them would take a second for the few that
concern it, so the signals are sorted into cells once per poll, by the places of the objects that they name. Where no
place is stored with an object, the signal's own place counts. A signal without any place may be about any cell.

Invariant: the signals around a cell mark the same objects of the cell as all signals do
(`test_the_signals_around_a_cell_mark_the_same_objects_as_all_signals`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property

from wfs_proxy.config import Match
from wfs_proxy.geo import Cell, cells_in
from wfs_proxy.marks.layer_target import box_around
from wfs_proxy.marks.matching import FARTHEST_ID_MATCH
from wfs_proxy.marks.reported_objects import Place, ReportedObjects, Signal

__all__ = ["SignalsByCell"]


class SignalsByCell:
    """What is reported at one moment, by the cells of one zoom level. Sorted on first use."""

    def __init__(self, reported: ReportedObjects, zoom: int, match: Match) -> None:
        """Store the arguments.

        Args:
            reported: all open signals of one Signalen instance.
            zoom: zoom level of the cells.
            match: how reports are matched to the objects of the cells.
        """
        self.reported = reported
        self._zoom = zoom
        self._match = match

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
            boxes = [place and box_around(place, reach) for place, reach in self._places(signal)]
            if None in boxes:
                anywhere.append(signal)
                continue
            for cell in {cell for box in boxes if box for cell in cells_in(box, self._zoom)}:
                by_cell[cell].append(signal)
        return dict(by_cell), anywhere

    def _places(self, signal: Signal) -> Iterator[tuple[Place | None, float]]:
        """Yield the places that a signal is about, each with a distance in metres; None means any place."""
        for asset in signal.assets:
            if asset.place is not None:
                yield asset.place, max(self._match.within, FARTHEST_ID_MATCH)
            else:
                yield signal.place, max(self._match.within, self._match.id_within)
        if not signal.assets:
            yield signal.place, self._match.within
