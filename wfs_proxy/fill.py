"""The fill path from layer to snapshot: ask the vendor, then turn what came into what is served."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from wfs_proxy.cells import Cell
from wfs_proxy.features import FeatureBatch, FillReport
from wfs_proxy.layers import Layer
from wfs_proxy.snapshot import Snapshot
from wfs_proxy.sources import Offload, Source
from wfs_proxy.store import Filled
from wfs_proxy.transcode import transcode

__all__ = ["Filler"]


@dataclass(frozen=True, kw_only=True)
class Filler:
    """Fetches layers whole. Called with a layer, it gives what the store keeps."""

    open_source: Callable[[Layer], Source]
    offload: Offload
    """Runs what keeps a processor busy, away from the event loop."""

    async def __call__(self, layer: Layer, _cell: Cell | None = None) -> Filled:
        """Fetch a layer.

        Raises:
            UpstreamError: the vendor did not give the layer.
            DecodeError: what it gave cannot be read.
            PlaceError: nobody can say where its objects are.
        """
        harvest = await self.open_source(layer).harvest()
        snapshot, report = await self.offload(_snapshot, harvest.batch, layer)
        return Filled(
            snapshot=snapshot,
            report=report,
            complete=harvest.complete,
            matched=harvest.matched,
            requests=harvest.requests,
            notes=harvest.notes,
            vendor_modified=harvest.last_modified,
        )


def _snapshot(batch: FeatureBatch, layer: Layer) -> tuple[Snapshot, FillReport]:
    points = transcode(batch, layer)
    return Snapshot.build(points, layer.id), points.report
