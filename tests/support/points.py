"""Small layers and batches of points, for the tests of what serves them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from arrays import column

from wfs_proxy.cache.entry import FetchedSnapshot
from wfs_proxy.cache.metadata import FetchSummary
from wfs_proxy.config.layer import Layer
from wfs_proxy.features import FetchReport, PipelineReport, PointBatch
from wfs_proxy.snapshot.snapshot import Snapshot

NOTHING_HAPPENED = PipelineReport()


def batch(
    points: Mapping[str, tuple[float, float]],
    columns: Mapping[str, Sequence[object]] | None = None,
    report: PipelineReport = NOTHING_HAPPENED,
    *,
    vendor: Sequence[str | None] | None = None,
) -> PointBatch:
    """Ids with (longitude, latitude), columns and the vendor's marks, in the same order."""
    return PointBatch(
        ids=column(points),
        lonlat=np.array(list(points.values()), dtype=np.float64).reshape(-1, 2).round(7),
        columns={name: column(values) for name, values in (columns or {}).items()},
        names=(),
        vendor=None if vendor is None else column(vendor),
        report=report,
    )


def grid(count: int, *, report: PipelineReport = NOTHING_HAPPENED) -> PointBatch:
    """Points a ten-thousandth of a degree apart on a line from 4.3, 52; ids that keep leading zeros."""
    return batch({f"{i:04d}": (4.3 + i * 1e-4, 52.0) for i in range(count)}, report=report)


def snapshot(points: PointBatch, layer_id: str = "masten") -> Snapshot:
    return Snapshot.build(points, layer_id)


def fetched(points: PointBatch, layer_id: str = "masten", **report: object) -> FetchedSnapshot:
    """Return the result of a fetch that found these points."""
    summary = FetchSummary(count=len(points), report=FetchReport(**report), pipeline=points.report)
    return FetchedSnapshot(snapshot=snapshot(points, layer_id), summary=summary)


def layer(layer_id: str = "masten", **blocks: object) -> Layer:
    """A layer whose vendor is never contacted."""
    return Layer.model_validate(
        {
            "id": layer_id,
            "title": f"Title of {layer_id}",
            "source": {"type": "wfs", "url": "http://127.0.0.1:9/wfs", "type_names": ["a"]},
            "fetch": {"fresh_for": "1h", "stale_for": "1d"},
            **blocks,
        }
    )
