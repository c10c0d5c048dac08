"""The cells of an area together are the whole layer: scripted vendors that misbehave, and a real MapServer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import mapserver
import pytest
import vendor
from clocks import Clock
from scripted_wfs import ScriptedWfs, Thing, things

from wfs_proxy.config.layer import Layer
from wfs_proxy.errors import UpstreamError, UpstreamIncomplete
from wfs_proxy.features import PointBatch
from wfs_proxy.fetch.layer_fetcher import points_of
from wfs_proxy.geo.cells import Cell, cells_in
from wfs_proxy.http.client import HttpClients
from wfs_proxy.http.policy import HttpPolicy
from wfs_proxy.sources.protocol import FetchedFeatures
from wfs_proxy.sources.wfs.source import WfsFeatureSource

pytestmark = pytest.mark.anyio

VERSIONS = ("1.0.0", "1.1.0", "2.0.0")

AREA = (4.27, 52.02, 4.46, 52.14)
"""Around all objects, with empty cells at the edges."""

ZOOM = 13
"""30 cells in the area."""


class Cells:
    """A layer that is fetched cell by cell."""

    def __init__(self, layer: Layer, source: WfsFeatureSource) -> None:
        self.layer = layer
        self.source = source

    async def fetch(self, cell: Cell) -> FetchedFeatures:
        return await self.source.fetch(cell.box)

    async def points(self, cell: Cell) -> PointBatch:
        return points_of((await self.fetch(cell)).batch, self.layer, cell)

    async def whole(self) -> PointBatch:
        return points_of((await self.source.fetch()).batch, self.layer)


@asynccontextmanager
async def cells_of(url: str, clock: Clock | None = None, **source) -> AsyncIterator[Cells]:
    layer = Layer(
        id="a",
        title="A",
        source={"type": "wfs", "url": url, "type_names": ["lamp"], **source},
        fetch={"mode": "cells", "cell_zoom": ZOOM},
        properties={"id": "number", "fields": {"number": "integer", "kind": "string"}},
    )
    async with HttpClients(HttpPolicy(proxy_for=lambda _: None)) as http:
        yield Cells(layer, WfsFeatureSource(layer, layer.source, http, asyncio.to_thread, clock or Clock()))


def described(*batches: PointBatch) -> list[tuple]:
    """Return all that is served of the objects, in the order of their ids."""
    rows = [
        (batch.ids[row], *batch.lonlat[row].tolist(), *(values[row] for values in batch.columns.values()))
        for batch in batches
        for row in range(len(batch))
    ]
    return sorted(rows)


async def assert_cells_are_the_whole(
    cells: Cells, *, zoom: int = ZOOM, warm_requests: tuple[int, ...] | range = (1,)
) -> None:
    found = await cells.source.fetch()
    whole = points_of(found.batch, cells.layer)
    around = cells_in(AREA, zoom)
    first = await cells.fetch(around[0])
    fetches = [first, *[await cells.fetch(cell) for cell in around[1:]]]
    batches = [points_of(fetched.batch, cells.layer, cell) for fetched, cell in zip(fetches, around, strict=True)]

    assert described(*batches) == described(whole)
    assert len(whole) > 0
    # MapServer loses objects when it transforms a layer to degrees, but counts them
    assert {fetched.report.complete for fetched in fetches} == {found.report.complete}
    assert sum(batch.report.received for batch in batches) == len(whole)
    assert not any(batch.report.skipped for batch in batches if not cells.layer.source.where)
    assert {fetched.report.requests for fetched in fetches[1:]} <= set(warm_requests)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("boxes", ["xy", "yx"])
@pytest.mark.parametrize("degrees", [False, True])
async def test_cells_are_the_whole_however_the_vendor_understands_boxes(version, boxes, degrees):
    with vendor.serving(ScriptedWfs(things(300), boxes=boxes, degrees=degrees)) as server:
        async with cells_of(server.url, version=version) as cells:
            await assert_cells_are_the_whole(cells)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("counts", ["honest", "capped", "unknown", "zero"])
@pytest.mark.parametrize("cap", [30, 37])
async def test_cell_with_more_objects_than_the_cap_is_divided(version, counts, cap):
    with vendor.serving(ScriptedWfs(things(800), cap=cap, counts=counts, pages="ignored")) as server:
        async with cells_of(server.url, version=version) as cells:
            fetches = [await cells.fetch(cell) for cell in cells_in(AREA, ZOOM)]

    owned = [points_of(each.batch, cells.layer, cell) for each, cell in zip(fetches, cells_in(AREA, ZOOM), strict=True)]
    assert sorted(int(name) for batch in owned for name in batch.ids) == list(range(800))
    assert all(each.report.complete for each in fetches)
    assert max(each.report.requests for each in fetches) < 60


async def test_vendor_that_counts_the_layer_for_every_box_costs_no_more_requests():
    class CountsAll(ScriptedWfs):
        def _document(self, version, name, found, query):
            answer = super()._document(version, name, found, query)
            claims = answer.body.replace(f'numberMatched="{len(found)}"'.encode(), b'numberMatched="300"')
            return vendor.Answer(body=claims)

    with vendor.serving(CountsAll(things(300))) as server:
        async with cells_of(server.url) as cells:
            await assert_cells_are_the_whole(cells)


@pytest.mark.parametrize("boxes", ["ignored", "refused"])
async def test_layer_without_boxes_is_fetched_whole_only_once_in_five_minutes(boxes):
    clock = Clock()
    with vendor.serving(ScriptedWfs(things(150), boxes=boxes)) as server:
        async with cells_of(server.url, clock) as cells:
            around = cells_in(AREA, ZOOM)
            fetches = [await cells.fetch(cell) for cell in around]
            batches = [points_of(each.batch, cells.layer, cell) for each, cell in zip(fetches, around, strict=True)]
            asked = len(server.seen)
            clock.now += 301
            again = await cells.fetch(around[0])

            assert described(*batches) == described(await cells.whole())
            assert all(each.report.complete for each in fetches)
            assert all(any("does not understand a box" in note for note in each.report.notes) for each in fetches)
            assert sum(each.report.requests for each in fetches) == asked
            assert [each.report.requests for each in fetches[1:]] == [0] * (len(around) - 1)
            assert again.report.requests > 0


@pytest.mark.parametrize("boxes", ["ignored", "refused"])
async def test_cells_of_a_capped_vendor_without_boxes_or_pages_are_incomplete(boxes):
    with vendor.serving(ScriptedWfs(things(150), boxes=boxes, cap=40, pages="ignored")) as server:
        async with cells_of(server.url) as cells:
            fetches = [await cells.fetch(cell) for cell in cells_in(AREA, ZOOM)]

    assert sum(len(each.batch) for each in fetches) >= 40
    assert not any(each.report.complete for each in fetches)


async def test_wrong_box_order_in_the_layer_file_makes_no_cell_empty():
    with vendor.serving(ScriptedWfs(things(150))) as server:
        async with cells_of(server.url, bbox_order="yx") as cells:
            batches = [await cells.points(cell) for cell in cells_in(AREA, ZOOM)]
            assert described(*batches) == described(await cells.whole())


async def test_cell_without_objects_is_whole_and_empty():
    with vendor.serving(ScriptedWfs(things(100))) as server:
        async with cells_of(server.url) as cells:
            (cell,) = cells_in((5.0, 52.5, 5.0, 52.5), ZOOM)
            found = await cells.fetch(cell)
            batch = points_of(found.batch, cells.layer, cell)

    assert (len(found.batch), found.report.complete) == (0, True)
    assert (len(batch), dict(batch.report.skipped), batch.report.absent_fields) == (0, {}, ())


async def test_layer_without_objects_has_empty_cells_until_it_has_some():
    clock = Clock()
    wfs = ScriptedWfs([])
    with vendor.serving(wfs) as server:
        async with cells_of(server.url, clock) as cells:
            empty = [await cells.fetch(cell) for cell in cells_in(AREA, ZOOM)]
            wfs.things = things(100)
            clock.now += 301
            batches = [await cells.points(cell) for cell in cells_in(AREA, ZOOM)]

            assert all(each.report.complete and not len(each.batch) and not each.report.notes for each in empty)
            assert described(*batches) == described(await cells.whole())


async def test_cell_far_outside_the_area_of_use_of_the_crs_is_empty():
    with vendor.serving(ScriptedWfs(things(100))) as server:
        async with cells_of(server.url) as cells:
            for place in [(-75.0, -52.0), (151.2, -33.9), (179.9, 89.0)]:
                (cell,) = cells_in((*place, *place), ZOOM)
                found = await cells.fetch(cell)
                assert (len(points_of(found.batch, cells.layer, cell)), found.report.complete) == (0, True)


@pytest.mark.parametrize("filters", ["honest", "refused", "nothing"])
@pytest.mark.parametrize("version", VERSIONS)
async def test_cells_are_the_whole_filtered_layer(version, filters):
    """This vendor ignores the box in a filter, so the box is sent without the filter."""
    with vendor.serving(ScriptedWfs(things(200), filters=filters)) as server:
        async with cells_of(server.url, version=version, where={"kind": ["kast"]}) as cells:
            batches = [await cells.points(cell) for cell in cells_in(AREA, ZOOM)]
            assert described(*batches) == described(await cells.whole())


async def test_cell_after_the_first_takes_one_request_per_type():
    everything = things(200)
    with vendor.serving(ScriptedWfs(everything, types=("app:lamp", "app:pole"))) as server:
        async with cells_of(server.url, type_names=["lamp", "pole"]) as cells:
            around = cells_in(AREA, ZOOM)
            fetches = [await cells.fetch(cell) for cell in around]
            whole = await cells.whole()

    assert {each.report.requests for each in fetches[1:]} == {2}
    owned = sum(len(points_of(each.batch, cells.layer, cell)) for each, cell in zip(fetches, around, strict=True))
    # the same object in both types is served once
    assert owned == len(whole) == 200


async def test_concurrent_cells_share_capabilities_and_sample():
    with vendor.serving(ScriptedWfs(things(200))) as server:
        async with cells_of(server.url) as cells:
            around = cells_in(AREA, ZOOM)
            fetches = await asyncio.gather(*map(cells.fetch, around))

    asked = [seen.query["request"] for seen in server.seen]
    assert asked.count("GetCapabilities") == 1
    assert sum(each.report.requests for each in fetches) == len(asked)
    assert sorted(each.report.requests for each in fetches)[:-1] == [1] * (len(around) - 1)


async def test_concurrent_cells_share_the_failure_of_the_vendor():
    with vendor.serving(lambda _: vendor.exception_report("no")) as server:
        async with cells_of(server.url) as cells:
            alone = await asyncio.gather(cells.fetch(Cell(13, 0, 0)), return_exceptions=True)
            asked = len(server.seen)
            errors = await asyncio.gather(*map(cells.fetch, cells_in(AREA, ZOOM)), return_exceptions=True)

    assert len(server.seen) == 2 * asked
    assert all(isinstance(error, UpstreamError) for error in [*alone, *errors])


async def test_change_of_the_vendor_is_noticed_within_the_hour():
    clock = Clock()
    wfs = ScriptedWfs(things(100), boxes="xy")
    with vendor.serving(wfs) as server:
        async with cells_of(server.url, clock) as cells:
            (cell,) = cells_in((4.35, 52.08, 4.35, 52.08), ZOOM)
            before = await cells.points(cell)
            wfs.boxes = "yx"
            clock.now += 3601
            after = await cells.points(cell)

    assert len(before) > 0
    assert described(before) == described(after)


@pytest.mark.parametrize("change", ["fails", "ignores boxes"])
async def test_vendor_is_probed_again_after_a_failure(change):
    wfs = ScriptedWfs(things(100))
    with vendor.serving(wfs) as server:
        async with cells_of(server.url) as cells:
            (cell,) = cells_in((4.35, 52.08, 4.35, 52.08), 15)
            before = await cells.points(cell)
            if change == "fails":
                wfs.versions = ("1.1.0",)
            else:
                wfs.boxes = "ignored"
            with pytest.raises(UpstreamError if change == "fails" else UpstreamIncomplete):
                await cells.fetch(cell)
            after = await cells.points(cell)

    assert len(before) > 0
    assert described(before) == described(after)


async def test_coincident_objects_on_edges_and_corners_of_cells_are_served_once_at_the_same_place():
    zoom = 15
    (middle,) = cells_in((4.35, 52.08, 4.35, 52.08), zoom)
    west, south, east, north = middle.box
    places = [(x, y) for x in (west, (west + east) / 2, east) for y in (south, (south + north) / 2, north)]
    stacked = [Thing(5 * number + again, place) for number, place in enumerate(places) for again in range(5)]
    with vendor.serving(ScriptedWfs(stacked, srs_name="urn:ogc:def:crs:OGC:1.3:CRS84")) as server:
        async with cells_of(server.url) as cells:
            whole = await cells.whole()
            batches = [await cells.points(cell) for cell in cells_in(middle.box.expanded(500), zoom)]

    assert whole.report.set_apart == 36
    assert described(*batches) == described(whole)


async def test_attribute_that_is_null_throughout_a_cell_is_not_absent():
    class Nulls(ScriptedWfs):
        def _collection(self, version, name, head, page):
            body = super()._collection(version, name, head, page)
            return body.replace(b"<app:kind>kast</app:kind>", b"")

    everything = [Thing(0, (85_000.0, 455_000.0), "kast"), Thing(1, (89_000.0, 459_000.0), "mast")]
    with vendor.serving(Nulls(everything)) as server:
        async with cells_of(server.url) as cells:
            batches = [await cells.points(cell) for cell in cells_in(AREA, ZOOM)]

    assert sum(map(len, batches)) == 2
    assert all(batch.report.absent_fields == () for batch in batches)


SHAPES = ("point", "line", "polygon")


@pytest.fixture(scope="module", params=SHAPES)
def real_server(request, tmp_path_factory) -> Iterator[str]:
    directory = tmp_path_factory.mktemp("mapserver")
    with mapserver.running(directory, objects=700, shape=request.param, formats="geojson") as url:
        yield url


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    "source",
    [
        {"output_format": "auto"},
        {"srs_name": "EPSG:4326"},
        {"where": {"kind": ["lamp", "mast"]}},
        {"extent": (4.25, 52.0, 4.5, 52.16), "bbox_order": "xy"},
    ],
    ids=["own CRS", "degrees", "where", "extent"],
)
async def test_cells_of_a_real_mapserver_are_the_whole_layer(real_server, version, source):
    async with cells_of(real_server, version=version, **source) as cells:
        # MapServer searches beside the box in degrees, so these cells are selected from the whole layer
        await assert_cells_are_the_whole(cells, warm_requests=(0, 1) if "srs_name" in source else (1,))


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("shape", SHAPES)
async def test_cells_of_a_real_mapserver_with_a_cap_are_the_whole_layer(tmp_path, version, shape):
    """Some cells have exactly as many objects as the cap."""
    with mapserver.running(tmp_path, objects=500, shape=shape, cap=12, dropped=frozenset({"startindex"})) as url:
        async with cells_of(url, version=version) as cells:
            await assert_cells_are_the_whole(cells, zoom=14, warm_requests=range(1, 30))


@pytest.mark.parametrize("version", ["1.1.0", "2.0.0"])
async def test_inexact_boxes_are_not_used(real_server, version):
    """They find many of the lines and areas, but not those at the edges of a cell."""
    async with cells_of(real_server, version=version, srs_name="EPSG:4326") as cells:
        found = await cells.fetch(cells_in(AREA, ZOOM)[0])

    assert [
        note for note in found.report.notes if "does not understand a box" in note and "leave out `srs_name`" in note
    ]
