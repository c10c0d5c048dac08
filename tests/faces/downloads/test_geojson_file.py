from __future__ import annotations

import json

import numpy as np
import points
import pytest

from wfs_proxy.faces.downloads.geojson_file import geojson_pieces
from wfs_proxy.faces.downloads.object_columns import Batch
from wfs_proxy.serve.marked_snapshot import MarkedSnapshot


@pytest.mark.parametrize("sizes", [[], [1], [1, 1], [3, 2, 1]])
def test_batches_become_one_document(sizes):
    part = MarkedSnapshot(points.snapshot(points.grid(sum(sizes))))
    starts = np.cumsum([0, *sizes])
    pieces = (
        Batch(part, part.snapshot.by_rank[start : start + size]) for start, size in zip(starts, sizes, strict=False)
    )

    document = json.loads(b"".join(geojson_pieces(sum(sizes), pieces)))

    assert [each["id"] for each in document["features"]] == [f"masten.{i:04d}" for i in range(sum(sizes))]
    assert document["numberMatched"] == sum(sizes)
