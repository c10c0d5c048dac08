"""The objects in a box, where the URL of the document has the box: `?bbox={west},{south},{east},{north}`.

A vendor may cut an answer off. If it counts more objects than it sent, or sent a number that looks like a cap, the box
is divided into quarters, until no answer may be cut off, or the quarters bring nothing new.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from wfs_proxy.bbox import BBox
from wfs_proxy.config import BOX
from wfs_proxy.sources.completeness import CollectedFeatures, RequestBudget, ResponseCap
from wfs_proxy.sources.feature_page import FeaturePage

__all__ = ["BoxDivision", "box_values"]

_TINIEST = 1e-5
"""Degrees, about a metre: a smaller box is not divided."""


def box_values(box: BBox) -> Mapping[str, str]:
    """Return the values of {west}, {south}, {east} and {north}: degrees with 7 decimals, a step of a centimetre."""
    return {name: f"{value:.7f}" for name, value in zip(BOX, box, strict=True)}


@dataclass(frozen=True, kw_only=True, eq=False)
class BoxDivision:
    """Divides a box whose answer may be cut off."""

    page_of: Callable[[BBox], Awaitable[FeaturePage]]
    """Requests the objects in a box."""

    cap: ResponseCap
    budget: RequestBudget

    async def complete(self, box: BBox, page: FeaturePage, collected: CollectedFeatures) -> bool:
        """Add the objects that an answer lacks; false if some may be missing in the end.

        Args:
            box: the requested box.
            page: the answer, which is in `collected`.
            collected: what has been received.

        Raises:
            UpstreamError, DecodeError: the vendor did not return a part.
        """
        waiting = [(box, page)]
        while waiting:
            box, page = waiting.pop()
            if not self.cap.may_cut(page):
                self.cap.learn(page)
                continue
            if _is_tiny(box) or self.budget.exhausted:
                return False
            parts = [(quarter, await self._requested(quarter)) for quarter in _quarters(box)]
            new = sum(collected.add(part) for _, part in parts)
            if new == 0 and all(set(part.keys) == set(page.keys) for _, part in parts):
                # the vendor ignores the box, so no further box shows what is missing
                return False
            if new or self._counts_more(page):
                waiting += parts
            else:
                self.cap.learn(page)
        return True

    def _counts_more(self, page: FeaturePage) -> bool:
        matched = self.cap.matched(page)
        return page.batch.claims.exceeded_limit or (matched is not None and matched > len(page))

    async def _requested(self, box: BBox) -> FeaturePage:
        self.budget.spent += 1
        return await self.page_of(box)


def _quarters(box: BBox) -> tuple[BBox, ...]:
    west, south, east, north = box
    x, y = (west + east) / 2, (south + north) / 2
    return (BBox(west, south, x, y), BBox(x, south, east, y), BBox(west, y, x, north), BBox(x, y, east, north))


def _is_tiny(box: BBox) -> bool:
    return min(box.east - box.west, box.north - box.south) < _TINIEST
