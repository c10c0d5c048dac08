"""The whole layer box by box, for a vendor that neither pages nor gives everything at once.

The plane is one box around what was received and up to four strips around that, so that nothing lies outside. A box
whose answer may be cut is divided into quarters, and they are asked for, until every answer is whole:

- it holds as many as the vendor counts for it, or
- fewer than its cap, the size of the answer that was cut, or
- its quarters, each smaller than the cap, together hold nothing that it did not. (If the box had more objects than the
  cap, they would bring them.)

Objects on an edge come from both sides; their keys make them one. Objects without geometry lie in no box.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wfs_proxy.crs import AxisOrder, is_geographic
from wfs_proxy.crs.readings import decide_readings
from wfs_proxy.errors import DecodeError, PlaceError, UpstreamException, UpstreamRefused
from wfs_proxy.layers import WfsSource
from wfs_proxy.sources.asking import Asker
from wfs_proxy.sources.boxes import (
    BoxDialect,
    Ground,
    around,
    dialects,
    divided,
    grown,
    is_tiny,
    strips,
    united,
    whole_plane,
    written_area,
)
from wfs_proxy.sources.capabilities import Degrees
from wfs_proxy.sources.completeness import Tally, believable, looks_like_a_cap
from wfs_proxy.sources.kvp import Box
from wfs_proxy.sources.pages import Page

__all__ = ["ask_by_boxes", "find_dialect", "survey"]


_SMALLEST_CAP = 10
"""No server gives fewer at once. The few objects of a tiny layer may all lie in each quarter, and prove nothing."""

_MOSTLY = 0.5
"""Share of an answer that must touch the box: a server that ignores boxes answers with what lies anywhere."""


def survey(page: Page, source: WfsSource, declared: Degrees | None) -> Ground | None:
    """Where to look, judged by an answer; None when it has no geometry at all."""
    try:
        readings = decide_readings(
            page.batch, srs_name=source.srs_name, axis_order=source.axis_order, extent=source.extent
        )
        reading = next((reading for reading, _ in readings.groups()), None)
    except PlaceError:
        reading = None
    known = united(page.bounds)
    if known is None:
        return None
    order = AxisOrder.XY if reading is None else reading.order
    # without a reading the numbers themselves must tell: no place on earth is within 180 metres of the origin of a grid
    geographic = is_geographic(reading.crs) if reading is not None else bool(np.abs(known).max() <= 180)  # noqa: PLR2004 - degrees
    extent = source.extent or declared
    area = written_area(extent, reading.crs, order) if extent is not None and reading is not None else None
    inner = united(np.array([known, area if area is not None else known]))
    probe = around(page.bounds, geographic=geographic)
    assert inner is not None
    assert probe is not None
    return Ground(
        inner=grown(inner, geographic=geographic),
        plane=whole_plane(order, geographic=geographic),
        probe=probe,
        crs=None if reading is None else reading.crs,
        order=order,
        geographic=geographic,
    )


async def ask_by_boxes(asker: Asker, tally: Tally, cap: int, ground: Ground, dialect: BoxDialect) -> bool:
    """Add what the boxes bring to the tally; true when every box was whole in the end.

    `cap` is the size of the answer that may have been cut.
    """
    walk = _Walk(asker=asker, tally=tally, ground=ground, dialect=dialect, cap=cap)
    outside = [await walk.ask(box) for box in strips(ground.inner, ground.plane)]
    inside = await walk.ask(ground.inner)
    return await walk.settle([*outside, inside])


async def find_dialect(asker: Asker, names: list[str], ground: Ground, wanted: AxisOrder | None) -> BoxDialect | None:
    """The first dialect in which a box around a known object brings that object, and not everything else too."""
    tried = dialects(asker.version, names, ground=ground, native=asker.feature_type.crs, wanted=wanted)
    for dialect in tried:
        try:
            page = await asker.box(ground.probe, dialect)
        except (UpstreamException, UpstreamRefused, DecodeError):
            continue
        if len(page) and _touched(page, ground.probe).mean() > _MOSTLY:
            return dialect
    return None


def _touched(page: Page, box: Box) -> NDArray[np.bool_]:
    bounds = page.bounds
    low, high = np.array(box[:2]), np.array(box[2:])
    return np.asarray((bounds[:, :2] <= high).all(axis=1) & (bounds[:, 2:] >= low).all(axis=1))


@dataclass(frozen=True, kw_only=True, eq=False)
class _Answer:
    box: Box
    page: Page
    new: int


@dataclass(frozen=True, kw_only=True)
class _Walk:
    asker: Asker
    tally: Tally
    ground: Ground
    dialect: BoxDialect
    cap: int

    async def ask(self, box: Box) -> _Answer:
        page = await self.asker.box(box, self.dialect)
        return _Answer(box=box, page=page, new=self.tally.add(page, final=self._is_whole(page)))

    def _is_whole(self, page: Page) -> bool:
        matched = believable(page.batch.claims.matched, len(page))
        if matched is not None and not looks_like_a_cap(matched, self.cap):
            return len(page) >= matched
        return len(page) < self.cap

    async def settle(self, answers: Iterable[_Answer]) -> bool:
        """Divide what may be cut until nothing is; depth first, so that little is remembered."""
        open_boxes = [answer for answer in answers if not self._is_whole(answer.page)]
        while open_boxes:
            answer = open_boxes.pop()
            if is_tiny(answer.box, geographic=self.ground.geographic) and self.cap < _SMALLEST_CAP:
                continue
            if self.asker.budget.exhausted or is_tiny(answer.box, geographic=self.ground.geographic):
                return False
            quarters = [await self.ask(box) for box in divided(answer.box)]
            if not _agree(quarters, self.cap):
                open_boxes += [quarter for quarter in quarters if not self._is_whole(quarter.page)]
        return True


def _agree(quarters: list[_Answer], cap: int) -> bool:
    """Whether the quarters prove that their box was whole."""
    separated = sum(len(quarter.page) > 0 for quarter in quarters) > 1
    uncut = cap < _SMALLEST_CAP or all(len(quarter.page) < cap for quarter in quarters)
    return separated and uncut and all(quarter.new == 0 for quarter in quarters)
