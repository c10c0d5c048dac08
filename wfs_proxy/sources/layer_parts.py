"""The parts of a layer that are fetched one after another, and how they become one result.

A part is what a kind of source has objects in: a feature type, a collection, or a layer of a service.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from wfs_proxy.bbox import BBox
from wfs_proxy.features import FeatureBatch, FetchReport, concatenate
from wfs_proxy.offload import Offload
from wfs_proxy.sources.completeness import CollectedFeatures
from wfs_proxy.sources.feature_page import FeaturePage
from wfs_proxy.sources.protocol import latest

__all__ = ["WHOLE_LASTS", "ReceivedPart", "WholePart", "joined", "kept_whole", "report_of", "united_extent"]

WHOLE_LASTS = 300.0
"""Seconds for which a part that was fetched whole serves areas. Its objects count as fetched when they are selected."""


@dataclass(kw_only=True)
class ReceivedPart:
    """What was received of one part of a layer, or of an area of it."""

    features: CollectedFeatures = field(default_factory=CollectedFeatures)
    complete: bool = False
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True, eq=False)
class WholePart:
    """All objects of one part of a layer, kept for areas where boxes do not work."""

    page: FeaturePage
    complete: bool
    notes: tuple[str, ...]

    def add_to(self, part: ReceivedPart, rows: NDArray[np.bool_] | None) -> None:
        """Add the objects that a mask (N,) selects to those of an area; None: all."""
        part.features.add(self.page if rows is None else self.page.take(rows))
        part.complete = self.complete
        part.notes += self.notes


async def kept_whole(part: ReceivedPart, offload: Offload) -> WholePart:
    """Return what was received as one page."""
    page: FeaturePage = await offload(part.features.page)
    return WholePart(page=page, complete=part.complete, notes=tuple(part.notes))


def report_of(
    names: Iterable[str], parts: Sequence[ReceivedPart], *, requests: int, notes: Iterable[str] = ()
) -> FetchReport:
    """Return one report on all parts.

    Args:
        names: of each part, which its notes begin with; "" if it is not known.
        parts: what was received.
        requests: made for all of them.
        notes: on the layer as a whole.
    """
    counts = [part.features.matched for part in parts]
    found = [*notes]
    for name, part in zip(names, parts, strict=True):
        prefix = f"{name}: " if name else ""
        found += [f"{prefix}{note}" for note in part.notes]
        if not part.complete:
            matched = part.features.matched
            total = "an unknown number of" if matched is None else f"{matched}"
            found.append(f"{prefix}incomplete, {len(part.features)} of {total} objects")
    return FetchReport(
        complete=all(part.complete for part in parts),
        matched=None if None in counts else sum(count or 0 for count in counts),
        requests=requests,
        notes=tuple(dict.fromkeys(found)),
        last_modified=latest(header for part in parts for header in part.features.last_modified),
    )


def joined(batches: Sequence[FeatureBatch]) -> FeatureBatch:
    """Return the objects of all parts as one batch, each with the position of its part."""
    numbered = [
        replace(batch, type_index=np.full(len(batch), index, dtype=np.int32)) for index, batch in enumerate(batches)
    ]
    return concatenate(numbered)


def united_extent(extents: Iterable[BBox | None]) -> BBox | None:
    """Return the box around the extents of all parts; None if one is unknown."""
    every = [*extents]
    known = [extent for extent in every if extent is not None]
    return BBox.union(known) if len(known) == len(every) else None
