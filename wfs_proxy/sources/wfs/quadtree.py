"""Completeness by boxes: divide every box whose answer may be cut off, until no answer is.

A vendor cuts an answer off at its cap, and may neither page nor count. An answer is whole when it has

- as many objects as the vendor counts for the box, and that count does not itself look like the cap, or
- fewer objects than the cap.

Any other box is divided into quarters, which are requested in turn. The quarters can also prove that their parent was
whole after all: if each has fewer objects than the cap and together they bring nothing new, then nothing was cut off,
because any further object of the parent touches a quarter. Division stops, and the type is incomplete, when the request
budget is spent or a box is tiny (boxes cannot separate more coincident objects than the cap).

The whole type is fetched from one box around its known objects and up to four strips that cover the rest of the plane.
So the boxes cover every position of the CRS at every moment: no object with a geometry is outside all of them. Objects
on an edge arrive twice and are kept once, by their keys. Objects without geometry are in no box.

Invariant: a type that is called whole has every object, however few the vendor returns at once and whatever it counts
(`test_layer_that_is_called_whole_has_every_object`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from wfs_proxy.errors import UpstreamIncomplete
from wfs_proxy.sources.boxes import is_tiny, quarters, strips_around, surroundings
from wfs_proxy.sources.completeness import (
    SMALLEST_CAP,
    CollectedFeatures,
    ResponseCap,
    believable_count,
    looks_like_a_cap,
)
from wfs_proxy.sources.feature_page import FeaturePage
from wfs_proxy.sources.native_box import NativeBox
from wfs_proxy.sources.wfs.bbox_dialects import BoxDialect, RequestArea
from wfs_proxy.sources.wfs.bbox_probe import mostly_inside
from wfs_proxy.sources.wfs.feature_type_client import FeatureTypeClient
from wfs_proxy.sources.wfs.type_extent import TypeExtent

__all__ = ["BoxFetcher", "fetch_by_quadtree", "quarters_have_no_more"]


async def fetch_by_quadtree(
    client: FeatureTypeClient, collected: CollectedFeatures, cap: int, extent: TypeExtent, dialect: BoxDialect
) -> bool:
    """Add the objects of the whole type to `collected`; true when every box was whole in the end.

    Args:
        client: for the type.
        collected: what has been received already.
        cap: the size of the answer that may have been cut off.
        extent: of the type.
        dialect: in which the vendor understands boxes.

    Raises:
        UpstreamError, DecodeError: as for a page.
    """
    area = dialect.area(extent)
    tree = _Quadtree(client=client, collected=collected, area=area, dialect=dialect, cap=cap)
    outside = [await tree.fetch(box) for box in strips_around(area.inner, area.plane)]
    inside = await tree.fetch(area.inner)
    return await tree.divide_until_whole([*outside, inside])


async def quarters_have_no_more(
    client: FeatureTypeClient, collected: CollectedFeatures, first: FeaturePage, extent: TypeExtent, dialect: BoxDialect
) -> bool:
    """Whether smaller boxes around the known objects return nothing that the first answer lacks.

    Usually four are enough. What else they return is added to `collected`.

    Raises:
        UpstreamError, DecodeError: as for a page.
    """
    area = dialect.area(extent)
    tree = _Quadtree(client=client, collected=collected, area=area, dialect=dialect, cap=len(first))
    known = len(collected)
    whole = await tree.divide_until_whole([_BoxAnswer(box=area.inner, page=first, new=0)])
    return whole and len(collected) == known


@dataclass(frozen=True, kw_only=True, eq=False)
class BoxFetcher:
    """Fetches the objects of a type in one box, dividing it only if its answer may be cut off."""

    client: FeatureTypeClient
    extent: TypeExtent
    dialect: BoxDialect
    cap: ResponseCap

    async def fetch(self, box: NativeBox, collected: CollectedFeatures) -> bool:
        """Add the objects in a box to `collected`; true when the box was whole in the end.

        Args:
            box: in the coordinates of the answers.
            collected: what has been received already.

        Raises:
            UpstreamIncomplete: most objects of the answer are elsewhere: the vendor now understands boxes differently.
            UpstreamError, DecodeError: as for a page.
        """
        requested = self.dialect.converted(box)
        page = await self.client.get_box(requested, self.dialect)
        # three times the box: a box that was transformed to another CRS brings neighbouring objects as well
        if len(page) and not mostly_inside(page, surroundings(box)):
            raise UpstreamIncomplete(
                f"{self.client.feature_type.name}: the vendor no longer returns the objects of the requested box; "
                "the next fetch probes again how it understands boxes"
            )
        may_be_cut = self.cap.may_cut(page)
        self.cap.learn(page)
        collected.matched = self.cap.matched(page)
        new = collected.add(page, final=not may_be_cut)
        if not may_be_cut or not len(page):
            return not may_be_cut
        area = self.dialect.area(self.extent)
        tree = _Quadtree(client=self.client, collected=collected, area=area, dialect=self.dialect, cap=len(page))
        whole = await tree.divide_until_whole([_BoxAnswer(box=requested, page=page, new=new)])
        return whole and (collected.matched is None or collected.count_reached)


@dataclass(frozen=True, kw_only=True, eq=False)
class _BoxAnswer:
    box: NativeBox
    page: FeaturePage
    new: int
    """Objects in it that no answer before had."""


@dataclass(frozen=True, kw_only=True)
class _Quadtree:
    client: FeatureTypeClient
    collected: CollectedFeatures
    area: RequestArea
    dialect: BoxDialect
    cap: int

    async def fetch(self, box: NativeBox) -> _BoxAnswer:
        page = await self.client.get_box(box, self.dialect)
        return _BoxAnswer(box=box, page=page, new=self.collected.add(page, final=self._is_whole(page)))

    def _is_whole(self, page: FeaturePage) -> bool:
        matched = believable_count(page.batch.claims.matched, len(page))
        if matched is not None and not looks_like_a_cap(matched, self.cap):
            return len(page) >= matched
        return len(page) < self.cap

    async def divide_until_whole(self, answers: Iterable[_BoxAnswer]) -> bool:
        """Divide the boxes of answers that may be cut off until none is; depth first, to keep few in memory."""
        open_boxes = [answer for answer in answers if not self._is_whole(answer.page)]
        while open_boxes:
            answer = open_boxes.pop()
            tiny = is_tiny(answer.box, geographic=self.area.geographic)
            if tiny and self.cap < SMALLEST_CAP:
                # no server caps at so few: this is a layer of a few objects, which may all touch one place
                continue
            if tiny or self.client.budget.exhausted:
                return False
            parts = [await self.fetch(box) for box in quarters(answer.box)]
            if not _prove_parent_whole(parts, self.cap):
                open_boxes += [part for part in parts if not self._is_whole(part.page)]
        return True


def _prove_parent_whole(parts: list[_BoxAnswer], cap: int) -> bool:
    """Whether the answers of the four quarters prove that nothing was cut off from their parent's answer.

    At least two quarters must have objects: if one alone had them, it could be cut off in the same way as its parent.
    """
    separated = sum(len(part.page) > 0 for part in parts) > 1
    below_cap = cap < SMALLEST_CAP or all(len(part.page) < cap for part in parts)
    return separated and below_cap and all(part.new == 0 for part in parts)
