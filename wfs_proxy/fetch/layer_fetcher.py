"""Fetch a layer from its vendor and build the snapshot that is served."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from wfs_proxy.bbox import BBox
from wfs_proxy.cache import FetchedSnapshot, FetchSummary
from wfs_proxy.config import Layer
from wfs_proxy.features import MERGED, FeatureBatch, PipelineReport, PointBatch, Validators
from wfs_proxy.geo import Cell, owns
from wfs_proxy.marks import unmarked_suffix
from wfs_proxy.offload import Offload
from wfs_proxy.pipeline import FARTHEST_TWIN, field_summaries, points_from_features
from wfs_proxy.snapshot import Snapshot
from wfs_proxy.sources import FeatureSource, fetch_if_changed

__all__ = ["LayerFetcher", "points_of"]

_SURROUNDINGS = 100_000.0
"""Metres around a cell. Objects that touch the cell have their middle there, except extremely long lines; with the axes
in the wrong order they would not."""

_AROUND_CELL = 4 * FARTHEST_TWIN
"""Metres around a cell in which objects are requested too. The twin of an object in the cell lies at most 5 m away, so
it may be in the next cell. Which of several twins is right may depend on their own twins: up to four in a row."""

_MOST_SOURCES = 256
"""Layers whose sources are kept."""


@dataclass(frozen=True, kw_only=True)
class LayerFetcher:
    """Fetches layers or cells of them, as a callable."""

    open_source: Callable[[Layer], FeatureSource]
    offload: Offload
    """Runs long computations outside the event loop."""

    _sources: dict[str, tuple[Layer, FeatureSource]] = field(default_factory=dict, init=False, repr=False)
    """By layer id. A source remembers what it learned about its vendor, so the next cell needs fewer requests."""

    async def __call__(
        self, layer: Layer, cell: Cell | None = None, known: Validators | None = None
    ) -> FetchedSnapshot | None:
        """Fetch a layer, or one cell of it; None if the vendor still has the document that `known` identifies.

        Raises:
            UpstreamError: the vendor did not provide it.
            DecodeError: the vendor's document is not readable.
            PlaceError: the locations of the objects could not be determined.
            ConfigurationError: the layer's settings do not fit the service.
        """
        area = None if cell is None else _area(layer, cell)
        fetched = await fetch_if_changed(self._source(layer), area, known)
        if fetched is None:
            return None
        snapshot, pipeline = await self.offload(_snapshot, fetched.batch, layer, cell)
        # for a cell the vendor also counts objects that only touch it
        report = fetched.report if cell is None else replace(fetched.report, matched=None)
        summary = FetchSummary(count=len(snapshot), report=report, pipeline=pipeline)
        return FetchedSnapshot(snapshot=snapshot, summary=summary)

    def _source(self, layer: Layer) -> FeatureSource:
        known = self._sources.pop(layer.id, None)
        if known is None or known[0] != layer:
            known = layer, self.open_source(layer)
        self._sources[layer.id] = known
        if len(self._sources) > _MOST_SOURCES:
            del self._sources[next(iter(self._sources))]
        return known[1]


def _area(layer: Layer, cell: Cell) -> BBox:
    """Return the box to request for a cell, larger than the cell if the layer may have twins."""
    may_have_twins = layer.properties.id is not None or len(layer.source.requested_types) > 1
    return cell.box.expanded(_AROUND_CELL) if may_have_twins else cell.box


def points_of(batch: FeatureBatch, layer: Layer, cell: Cell | None = None) -> PointBatch:
    """Return the objects of a batch as points: all, or those whose point is in the cell.

    Objects whose point is in another cell count neither as received nor as skipped in the report. An object without a
    point counts in the report of every cell that it touches. Twins on both sides of an edge are one object, in the cell
    of its point.

    Raises:
        PlaceError: the locations of the objects could not be determined.
    """
    if cell is None:
        return points_from_features(batch, layer)
    points = points_from_features(batch, layer, near=cell.box.expanded(_SURROUNDINGS))
    inside = owns(cell, points.lonlat)
    own, others = points.take(inside), points.take(~inside)
    elsewhere = len(others) + others.merged_count
    skipped = {**points.report.skipped, MERGED: own.merged_count}
    report = replace(
        points.report,
        received=points.report.received - elsewhere,
        skipped={reason: count for reason, count in skipped.items() if count},
        fields=field_summaries(own.columns),
    )
    return replace(own, report=report)


def _snapshot(batch: FeatureBatch, layer: Layer, cell: Cell | None) -> tuple[Snapshot, PipelineReport]:
    points = points_of(batch, layer, cell)
    suffix = unmarked_suffix(layer.reports, only_marks=not points.columns)
    return Snapshot.build(points, layer.id, suffix), points.report
