"""Which signals may be about the objects of one cell of the map.

A layer in cells has many small snapshots, and to match all signals with each would take a second for what concerns a
few. So signals are sorted into cells once a poll: by their own place and those of the objects that they name. One that
has no place, or names an object whose place nobody stored, may be about any cell.
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
    """What is reported at one moment, by cells of one zoom level."""

    def __init__(self, reported: ReportedObjects, zoom: int, within: float) -> None:
        """Sort nothing yet.

        Args:
            reported: all that one instance of Signalen has open.
            zoom: of the cells.
            within: metres that a report and an object which match by place may be apart.
        """
        self.reported = reported
        self._zoom = zoom
        self._reach = max(within, FARTHEST_ID_MATCH)

    def around(self, cell: Cell) -> ReportedObjects:
        """The signals that may be about objects of a cell."""
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
    """Where the objects may be that it is about; None: anywhere."""
    return [asset.place for asset in signal.assets] or [signal.place]
