"""The fill path from layer to snapshot: ask the vendor, then turn what came into what is served."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from wfs_proxy.cache import FetchedSnapshot, FetchSummary
from wfs_proxy.config import Layer
from wfs_proxy.features import FeatureBatch, PipelineReport, PointBatch
from wfs_proxy.geo import Cell, owns
from wfs_proxy.marks import unmarked_suffix
from wfs_proxy.pipeline import points_from_features
from wfs_proxy.snapshot import Snapshot
from wfs_proxy.sources import FeatureSource, Offload

__all__ = ["LayerFetcher", "points_of"]

_SURROUNDINGS = 100_000.0
"""Metres around a cell: what touches it has its middle there, but for the longest lines; the wrong reading has not."""

_MOST_SOURCES = 256
"""Layers whose sources are remembered."""


@dataclass(frozen=True, kw_only=True)
class LayerFetcher:
    """Fetches layers, whole or by the cell. Called with a layer, it gives what the store keeps."""

    open_source: Callable[[Layer], FeatureSource]
    offload: Offload
    """Runs what keeps a processor busy, away from the event loop."""

    _sources: dict[str, tuple[Layer, FeatureSource]] = field(default_factory=dict, init=False, repr=False)
    """By the layer's id. What a source has learned of its vendor makes the next cell cheap."""

    async def __call__(self, layer: Layer, cell: Cell | None = None) -> FetchedSnapshot:
        """Fetch a layer, or one cell of it.

        Raises:
            UpstreamError: the vendor did not give it.
            DecodeError: what it gave cannot be read.
            PlaceError: nobody can say where its objects are.
            ConfigurationError: the layer asks for what cannot be.
        """
        fetched = await self._source(layer).fetch(None if cell is None else cell.box)
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


def points_of(batch: FeatureBatch, layer: Layer, cell: Cell | None = None) -> PointBatch:
    """What a layer serves of a batch: all objects, or those whose point is in the cell.

    Objects of other cells are not lost but not asked for: the report counts them neither as received nor as skipped.
    What has no point at all is in every report of a cell that it touches.

    Raises:
        PlaceError: nobody can say where the objects are.
    """
    if cell is None:
        return points_from_features(batch, layer)
    points = points_from_features(batch, layer, near=cell.box.expanded(_SURROUNDINGS))
    own = owns(cell, points.lonlat)
    received = points.report.received - int(np.count_nonzero(~own))
    return replace(points.take(own), report=replace(points.report, received=received))


def _snapshot(batch: FeatureBatch, layer: Layer, cell: Cell | None) -> tuple[Snapshot, PipelineReport]:
    points = points_of(batch, layer, cell)
    ending = unmarked_suffix(layer.reports, only_marks=not points.columns)
    return Snapshot.build(points, layer.id, ending), points.report
