"""Decoded objects to the GeoJSON that would be served, without a cache or a server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from wfs_proxy.config import Layer
from wfs_proxy.features import FeatureBatch, PipelineReport
from wfs_proxy.pipeline import points_from_features
from wfs_proxy.serve import MarkedSnapshot, Selection, feature_collection, marks_of_vendor
from wfs_proxy.snapshot import Snapshot

__all__ = ["Converted", "convert_batch"]


@dataclass(frozen=True, kw_only=True)
class Converted:
    """Objects as they would be served."""

    geojson: bytes
    """One FeatureCollection with all objects, as the proxy serves them before it has polled Signalen."""

    served: int
    report: PipelineReport

    def summary(self) -> Iterator[str]:
        """Yield lines for a person: how many objects were served, and which were changed or left out."""
        yield f"{self.report.received} objects received, {self.served} served"
        yield from self.report.reading.splitlines()
        for reason, count in sorted(self.report.skipped.items()):
            yield f"{count} left out: {reason}"
        for name, count in sorted(self.report.failed_casts.items()):
            yield f"{count} values of {name} could not be read and became null"
        counts = (
            (self.report.duplicates, "sent more than once"),
            (self.report.renamed, "got a longer id, because another object has the same"),
            (self.report.set_apart, "moved a few centimetres, because another object is at the same point"),
            (self.report.unreadable_texts, "have a text with a character that cannot be read; it became U+FFFD"),
        )
        yield from (f"{count} {what}" for count, what in counts if count)
        if self.report.absent_fields:
            yield f"no object has the attribute {', '.join(self.report.absent_fields)}"


def convert_batch(layer: Layer, batch: FeatureBatch) -> Converted:
    """Convert objects as the fetch path and the map endpoint do.

    Raises:
        PlaceError: the locations of the objects could not be determined.
    """
    points = points_from_features(batch, layer)
    snapshot = Snapshot.build(points, layer.id)
    everything = Selection(runs=((0, snapshot.by_rank),), matched=len(snapshot))
    part = MarkedSnapshot(snapshot=snapshot, marks=marks_of_vendor(layer, snapshot))
    return Converted(geojson=feature_collection([part], everything), served=everything.returned, report=points.report)
