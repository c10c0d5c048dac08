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
from dataclasses import dataclass, replace

import numpy as np

from wfs_proxy.bbox import BBox
from wfs_proxy.config import WfsSource
from wfs_proxy.errors import DecodeError, PlaceError, UpstreamException, UpstreamIncomplete, UpstreamRefused
from wfs_proxy.geo import AxisOrder, decide_readings, is_geographic
from wfs_proxy.sources.wfs.bbox_dialects import (
    BoxDialect,
    TypeExtent,
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
from wfs_proxy.sources.wfs.completeness import (
    SMALLEST_CAP,
    CollectedFeatures,
    ResponseCap,
    believable,
    looks_like_a_cap,
)
from wfs_proxy.sources.wfs.feature_type_client import FeatureTypeClient
from wfs_proxy.sources.wfs.kvp import NativeBox
from wfs_proxy.sources.wfs.pages import FeaturePage

__all__ = ["Boxes", "ProbedDialect", "agree_on_boxes", "ask_by_boxes", "probe_extent"]

_MOSTLY = 0.5
"""Share of an answer that must touch the box: a server that ignores boxes answers with what lies anywhere."""


def probe_extent(page: FeaturePage, source: WfsSource, declared: BBox | None) -> TypeExtent | None:
    """Where to look, judged by an answer; None when it has no geometry at all."""
    batch = replace(page.batch, declared_extent=declared)
    try:
        readings = decide_readings(batch, srs_name=source.srs_name, axis_order=source.axis_order, extent=source.extent)
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
    return TypeExtent(
        inner=grown(inner, geographic=geographic),
        plane=whole_plane(order, geographic=geographic),
        probe=probe,
        crs=None if reading is None else reading.crs,
        order=order,
        geographic=geographic,
    )


async def ask_by_boxes(
    asker: FeatureTypeClient, tally: CollectedFeatures, cap: int, ground: TypeExtent, dialect: BoxDialect
) -> bool:
    """Add what the boxes bring to the tally; true when every box was whole in the end.

    `cap` is the size of the answer that may have been cut.
    """
    walk = _Walk(asker=asker, tally=tally, ground=ground, dialect=dialect, cap=cap)
    outside = [await walk.ask(box) for box in strips(ground.inner, ground.plane)]
    inside = await walk.ask(ground.inner)
    return await walk.settle([*outside, inside])


@dataclass(frozen=True, kw_only=True, eq=False)
class Boxes:
    """All that it takes to ask for the objects of a type in one box."""

    asker: FeatureTypeClient
    ground: TypeExtent
    dialect: BoxDialect
    limit: ResponseCap

    async def ask(self, box: NativeBox, tally: CollectedFeatures) -> bool:
        """Add the objects in a box to the tally; true when the box is whole in the end.

        Raises:
            UpstreamIncomplete: most of what comes lies elsewhere: the vendor no longer understands boxes as it did.
            UpstreamError, DecodeError: as for a page.
        """
        page = await self.asker.box(box, self.dialect)
        if len(page) and page.touching(_surroundings(box)).mean() <= _MOSTLY:
            raise UpstreamIncomplete(
                f"{self.asker.feature_type.name}: the vendor no longer answers with what lies in a box, "
                "so the way to ask is found out again next time"
            )
        cut = self.limit.may_cut(page)
        self.limit.learn(page)
        tally.matched = self.limit.matched(page)
        new = tally.add(page, final=not cut)
        if not cut or not len(page):
            return not cut
        walk = _Walk(asker=self.asker, tally=tally, ground=self.ground, dialect=self.dialect, cap=len(page))
        whole = await walk.settle([_AreaPage(box=box, page=page, new=new)])
        return whole and (tally.matched is None or tally.reached)


def _surroundings(box: NativeBox) -> NativeBox:
    """Three times as wide and as high: a box that was turned into another CRS brings what lies beside it."""
    low_1, low_2, high_1, high_2 = box
    size_1, size_2 = high_1 - low_1, high_2 - low_2
    return NativeBox(low_1 - size_1, low_2 - size_2, high_1 + size_1, high_2 + size_2)


@dataclass(frozen=True, kw_only=True, eq=False)
class ProbedDialect:
    """A dialect in which a box around a known object brought that object."""

    dialect: BoxDialect
    answer: FeaturePage
    """What that box brought."""


async def agree_on_boxes(
    asker: FeatureTypeClient, first: FeaturePage, ground: TypeExtent, source: WfsSource
) -> tuple[FeatureTypeClient, ProbedDialect | None]:
    """How to ask this vendor for boxes, without what is pushed down if it takes no box beside a filter; None: not.

    `first` is an answer with the object around which `ground.probe` lies.
    """
    asker = await asker.ready_for_boxes()
    wanted = None if source.bbox_order == "auto" else AxisOrder[source.bbox_order.upper()]
    labels = [name for name in (source.srs_name or asker.feature_type.crs, *first.batch.srs_names) if name]
    proven = await _find_dialect(asker, labels, ground, wanted)
    if proven is None and asker.where:
        asker = replace(asker, where={})
        proven = await _find_dialect(asker, labels, ground, wanted)
    return asker, proven


async def _find_dialect(
    asker: FeatureTypeClient, names: list[str], ground: TypeExtent, wanted: AxisOrder | None
) -> ProbedDialect | None:
    """The first dialect in which a box around a known object brings that object, and not everything else too."""
    tried = dialects(asker.version, names, ground=ground, native=asker.feature_type.crs, wanted=wanted)
    for dialect in tried:
        try:
            page = await asker.box(ground.probe, dialect)
        except (UpstreamException, UpstreamRefused, DecodeError):
            continue
        if len(page) and page.touching(ground.probe).mean() > _MOSTLY:
            return ProbedDialect(dialect=dialect, answer=page)
    return None


@dataclass(frozen=True, kw_only=True, eq=False)
class _AreaPage:
    box: NativeBox
    page: FeaturePage
    new: int


@dataclass(frozen=True, kw_only=True)
class _Walk:
    asker: FeatureTypeClient
    tally: CollectedFeatures
    ground: TypeExtent
    dialect: BoxDialect
    cap: int

    async def ask(self, box: NativeBox) -> _AreaPage:
        page = await self.asker.box(box, self.dialect)
        return _AreaPage(box=box, page=page, new=self.tally.add(page, final=self._is_whole(page)))

    def _is_whole(self, page: FeaturePage) -> bool:
        matched = believable(page.batch.claims.matched, len(page))
        if matched is not None and not looks_like_a_cap(matched, self.cap):
            return len(page) >= matched
        return len(page) < self.cap

    async def settle(self, answers: Iterable[_AreaPage]) -> bool:
        """Divide what may be cut until nothing is; depth first, so that little is remembered."""
        open_boxes = [answer for answer in answers if not self._is_whole(answer.page)]
        while open_boxes:
            answer = open_boxes.pop()
            if is_tiny(answer.box, geographic=self.ground.geographic) and self.cap < SMALLEST_CAP:
                # the few objects of a tiny layer may all lie in each quarter, and prove nothing
                continue
            if self.asker.budget.exhausted or is_tiny(answer.box, geographic=self.ground.geographic):
                return False
            quarters = [await self.ask(box) for box in divided(answer.box)]
            if not _agree(quarters, self.cap):
                open_boxes += [quarter for quarter in quarters if not self._is_whole(quarter.page)]
        return True


def _agree(quarters: list[_AreaPage], cap: int) -> bool:
    """Whether the quarters prove that their box was whole."""
    separated = sum(len(quarter.page) > 0 for quarter in quarters) > 1
    uncut = cap < SMALLEST_CAP or all(len(quarter.page) < cap for quarter in quarters)
    return separated and uncut and all(quarter.new == 0 for quarter in quarters)
