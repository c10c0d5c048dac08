"""From a layer, or a cell of it, to the snapshot that is served."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import numpy as np
import points
import pytest
import shapely
from arrays import column

from wfs_proxy.bbox import BBox
from wfs_proxy.config.layer import Layer
from wfs_proxy.features import Encoding, FeatureBatch, FetchReport
from wfs_proxy.fetch.layer_fetcher import LayerFetcher, points_of
from wfs_proxy.geo.cells import Cell, cells_in, neighbours
from wfs_proxy.sources.protocol import FetchedFeatures

pytestmark = pytest.mark.anyio

(CELL,) = cells_in((4.35, 52.08, 4.35, 52.08), 15)
WEST, SOUTH, EAST, NORTH = CELL.box


def batch(geometry: list, **columns: list) -> FeatureBatch:
    """Objects in longitude and latitude."""
    return FeatureBatch(
        ids=column(str(number) for number in range(len(geometry))),
        type_names=column([""] * len(geometry)),
        geometry=column(geometry),
        geometry_errors=column([None] * len(geometry)),
        srs_index=np.full(len(geometry), -1, dtype=np.int32),
        srs_names=(),
        columns={name: column(values) for name, values in columns.items()},
        encoding=Encoding.GEOJSON,
    )


class FixedSource:
    """A source with fixed objects that records the requested areas."""

    def __init__(self, found: FeatureBatch) -> None:
        self.found = found
        self.asked: list[BBox | None] = []

    async def fetch(self, area: BBox | None = None, /) -> FetchedFeatures:
        self.asked.append(area)
        report = FetchReport(matched=len(self.found), requests=1, notes=("a note",))
        return FetchedFeatures(batch=self.found, report=report)


def new_fetcher(sources: Iterator[FixedSource]) -> LayerFetcher:
    return LayerFetcher(open_source=lambda _: next(sources), offload=asyncio.to_thread)


async def test_cell_has_the_objects_whose_point_is_in_it_and_counts_no_others():
    across = shapely.box(WEST - 0.001, SOUTH + 0.001, WEST + 0.0001, SOUTH + 0.002)
    source = FixedSource(batch([shapely.Point(WEST, SOUTH), shapely.Point(EAST, SOUTH), across, None]))

    fetched = await new_fetcher(iter([source]))(points.layer(), CELL)

    assert source.asked == [CELL.box]
    assert fetched.snapshot.find("masten.0") is not None
    assert len(fetched.snapshot) == 1
    pipeline = fetched.summary.pipeline
    assert (pipeline.received, dict(pipeline.skipped)) == (2, {"no geometry": 1})
    # the vendor counts everything that touches the cell
    report = fetched.summary.report
    assert (report.matched, report.complete, report.requests, report.notes) == (None, True, 1, ("a note",))


async def test_whole_layer_has_all_objects():
    source = FixedSource(batch([shapely.Point(4.3, 52.0), shapely.Point(4.4, 52.1)]))

    fetched = await new_fetcher(iter([source]))(points.layer())

    assert source.asked == [None]
    assert (len(fetched.snapshot), fetched.summary.report.matched) == (2, 2)


async def test_source_is_opened_once_for_all_cells_of_a_layer():
    source = FixedSource(batch([]))
    fetch = new_fetcher(iter([source]))

    for cell in (CELL, Cell(15, 0, 0), None):
        # the layer files were read again
        await fetch(points.layer().model_copy(), cell)

    assert len(source.asked) == 3


async def test_changed_layer_gets_another_source():
    sources = [FixedSource(batch([])), FixedSource(batch([]))]
    fetch = new_fetcher(iter(sources))

    await fetch(points.layer(), CELL)
    await fetch(points.layer(fetch={"fresh_for": "2h"}), CELL)

    assert [len(source.asked) for source in sources] == [1, 1]


async def test_sources_of_layers_long_gone_are_dropped():
    opened: list[Layer] = []

    def open_source(layer: Layer) -> FixedSource:
        opened.append(layer)
        return FixedSource(batch([]))

    fetch = LayerFetcher(open_source=open_source, offload=asyncio.to_thread)
    for number in [*range(257), 256, 0]:
        await fetch(points.layer(f"layer-{number}"), CELL)

    assert [layer.id for layer in opened[256:]] == ["layer-256", "layer-0"]


def test_names_and_the_vendors_word_go_with_their_rows():
    layer = points.layer(
        properties={"fields": {"nummer": "string"}},
        reports={"signalen": "a", "match": {"fields": ["nummer"]}, "vendor": {"field": "storing", "values": ["1"]}},
    )
    found = batch(
        [shapely.Point(EAST, SOUTH), shapely.Point(WEST, SOUTH)], nummer=["buiten", "binnen"], storing=["0", "1"]
    )

    own = points_of(found, layer, CELL)

    assert own.ids.tolist() == ["1"]
    assert own.lonlat.tolist() == [[WEST, SOUTH]]
    assert own.columns["nummer"].tolist() == ["binnen"]
    assert [texts.tolist() for texts in own.names] == [["binnen"]]
    assert own.vendor.tolist() == ["1"]


def keyed_layer() -> Layer:
    return points.layer(properties={"id": "nummer", "fields": {"nummer": "string"}})


def cells_seen(found: FeatureBatch) -> dict[str, list[float]]:
    """The objects of all nine cells around `CELL`, each fetched for itself from what touches the requested box."""
    seen = {}
    for cell in (CELL, *neighbours(CELL)):
        box = shapely.box(*cell.box.expanded(20))
        part = points_of(found.take(shapely.intersects(found.geometry, box)), keyed_layer(), cell)
        for name, place in zip(part.ids, part.lonlat.tolist(), strict=True):
            assert name not in seen
            seen[name] = place
    return seen


@pytest.mark.parametrize("metres", [0.5, 2.0, 4.0])
@pytest.mark.parametrize(("east", "north"), [(-1, 0), (1, 0), (0, 1), (1, 1)])
def test_twins_on_both_sides_of_an_edge_are_one_object_of_the_cell_of_the_area(metres, east, north):
    step = metres / 111_195
    point = shapely.Point(WEST + east * step / 2, SOUTH + 0.001 + north * step / 2)
    middle = WEST - east * step / 2, SOUTH + 0.001 - north * step / 2
    area = shapely.box(middle[0] - 1e-6, middle[1] - 1e-6, middle[0] + 1e-6, middle[1] + 1e-6)

    assert cells_seen(batch([point, area], nummer=["7", "7"])) == {"7": pytest.approx(list(middle), abs=2e-7)}


def test_a_merged_object_counts_in_the_cell_of_its_point_only():
    point, area = (
        shapely.Point(WEST - 1e-5, SOUTH + 0.001),
        shapely.box(WEST + 1e-6, SOUTH + 0.001, WEST + 3e-6, SOUTH + 0.00101),
    )
    found = batch([point, area], nummer=["7", "7"])
    (west_of,) = cells_in((WEST - 1e-5, SOUTH + 0.001, WEST - 1e-5, SOUTH + 0.001), 15)

    here, there = points_of(found, keyed_layer(), CELL).report, points_of(found, keyed_layer(), west_of).report

    assert (here.received, dict(here.skipped)) == (2, {"merged: same key within 5 m": 1})
    assert (there.received, dict(there.skipped)) == (0, {})


async def test_a_layer_that_may_have_twins_is_requested_a_little_beyond_its_cell():
    several = points.layer(source={"type": "wfs", "url": "http://127.0.0.1:9/wfs", "type_names": ["a", "b"]})
    for layer in (keyed_layer(), several):
        source = FixedSource(batch([]))
        await new_fetcher(iter([source]))(layer, CELL)
        assert source.asked == [CELL.box.expanded(20)]
