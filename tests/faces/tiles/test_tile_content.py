from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import numpy as np
import points
from marked_layers import HERE, marked, reported, signal, target
from marked_layers import asset as named

from wfs_proxy.faces.tiles import tile_content
from wfs_proxy.faces.tiles.clusters import ClusterIndex
from wfs_proxy.faces.tiles.tile_content import LayerIndexes, layer_content
from wfs_proxy.geo.cells import Cell
from wfs_proxy.serve.marked_snapshot import MarkedSnapshot

WORLD = Cell(0, 0, 0)


def test_threads_that_ask_together_make_one_index(monkeypatch):
    made = []
    together = Barrier(8)
    monkeypatch.setattr(tile_content, "ClusterIndex", lambda places: made.append(1) or ClusterIndex(places))
    snapshot, indexes = points.snapshot(points.grid(200)), LayerIndexes()

    def ask(_: int) -> object:
        together.wait(60)
        return indexes.of(snapshot)

    with ThreadPoolExecutor(8) as threads:
        found = set(map(id, threads.map(ask, range(8))))

    assert (len(found), made) == (1, [1])


def test_work_is_known_before_and_after_the_index():
    snapshot, indexes = points.snapshot(points.grid(200)), LayerIndexes()

    assert indexes.work(snapshot) == 200
    indexes.of(snapshot)
    assert indexes.work(snapshot) == 0


def test_clusters_have_the_marks_of_their_own_version():
    places = {f"{number:03d}": (HERE[0] + number * 1e-6, HERE[1]) for number in range(200)}
    layer, indexes = target(places), LayerIndexes()

    def reported_in(*ids: str) -> list[int]:
        marks = marked(layer, reported(*[signal(named(each)) for each in ids], version=" ".join(ids))).full
        clusters = layer_content(MarkedSnapshot(layer.snapshot, marks), WORLD, indexes).clusters
        return clusters.reported.tolist()

    assert [reported_in("001"), reported_in("001", "150"), reported_in()] == [[1], [2], [0]]


def test_layer_without_marks_counts_no_reports():
    places = {f"{number:03d}": (HERE[0] + number * 1e-6, HERE[1]) for number in range(200)}
    part = MarkedSnapshot(points.snapshot(points.batch(places)))

    clusters = layer_content(part, WORLD, LayerIndexes()).clusters

    assert clusters.counts.tolist() == [200]
    assert clusters.reported is None
    assert np.abs(clusters.world - clusters.world.mean(axis=0)).max() == 0
