"""A layer is complete or marked incomplete: scripted vendors that misbehave, and a MapServer with a cap."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import mapserver
import numpy as np
import pytest
import vendor
from scripted_wfs import ScriptedWfs, Thing, things
from vendor import Answer, Scenario, Seen, exception_report

from wfs_proxy.config.layer import Layer
from wfs_proxy.http.client import HttpClients
from wfs_proxy.http.policy import HttpPolicy
from wfs_proxy.sources.open_source import open_source
from wfs_proxy.sources.protocol import FetchedFeatures

pytestmark = pytest.mark.anyio

VERSIONS = ("1.0.0", "1.1.0", "2.0.0")


async def fetch_from(url: str, properties: dict | None = None, **source) -> FetchedFeatures:
    one = Layer(
        id="a",
        title="A",
        source={"type": "wfs", "url": url, "type_names": ["lamp"], "timeout": "60s", **source},
        properties=properties or {},
    )
    async with HttpClients(HttpPolicy(proxy_for=lambda _: None)) as http:
        return await open_source(one, http, asyncio.to_thread).fetch()


async def fetch(wfs: Scenario, properties: dict | None = None, **source) -> FetchedFeatures:
    with vendor.serving(wfs) as server:
        return await fetch_from(server.url, properties, **source)


def numbers(found: FetchedFeatures) -> list[int]:
    return sorted(int(value) for value in found.batch.columns["number"])


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("pages", ["honest", "ignored", "refused"])
@pytest.mark.parametrize("counts", ["honest", "capped", "unknown", "zero"])
async def test_capped_layer_is_complete_however_the_server_pages_and_counts(version, pages, counts):
    found = await fetch(ScriptedWfs(things(230), cap=50, pages=pages, counts=counts), version=version)

    assert numbers(found) == list(range(230))
    assert found.report.complete


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("count", [1, 2, 49, 50, 51, 100])
async def test_layer_of_about_the_size_of_the_cap_is_complete(version, count):
    found = await fetch(ScriptedWfs(things(count), cap=50), version=version)

    assert numbers(found) == list(range(count))
    assert found.report.complete


@pytest.mark.parametrize("version", ["1.1.0", "2.0.0"])
@pytest.mark.parametrize("pages", ["honest", "from one", "ignored", "refused"])
@pytest.mark.parametrize("counts", ["capped", "page"])
@pytest.mark.parametrize("count", [137, 138, 139, 257])
async def test_count_of_an_answer_is_believed_only_after_a_second_look(version, pages, counts, count):
    """The cap is no round number, and the answer counts as many objects as it has."""
    found = await fetch(ScriptedWfs(things(count), cap=137, pages=pages, counts=counts), version=version)

    assert numbers(found) == list(range(count))
    assert found.report.complete


@pytest.mark.parametrize("counts", ["capped", "page"])
@pytest.mark.parametrize("pages", ["ignored", "refused"])
@pytest.mark.parametrize("boxes", ["ignored", "refused"])
async def test_cut_layer_that_cannot_be_looked_at_twice_is_marked_incomplete(counts, pages, boxes):
    """Where the server does not even count otherwise, nothing can show the cut."""
    wfs = ScriptedWfs(things(257), cap=137, pages=pages, boxes=boxes, counts=counts)

    found = await fetch(wfs)

    assert len(found.batch) == 137
    assert found.report.complete is (counts == "capped")
    assert found.report.requests <= 9


@pytest.mark.parametrize(
    ("options", "requests"),
    [
        ({}, 3),
        ({"pages": "from one"}, 3),
        ({"pages": "ignored"}, 8),
        ({"pages": "refused"}, 8),
        ({"pages": "ignored", "boxes": "yx"}, 9),
        ({"pages": "ignored", "boxes": "ignored"}, 8),
        ({"pages": "refused", "boxes": "refused"}, 8),
        ({"stated_cap": 1_000}, 3),
    ],
)
async def test_second_look_at_a_whole_layer_costs_few_requests(options, requests):
    found = await fetch(ScriptedWfs(things(137), **options))

    assert numbers(found) == list(range(137))
    assert found.report.complete
    assert found.report.requests == requests


async def test_layer_of_fewer_objects_than_any_cap_needs_no_second_look():
    found = await fetch(ScriptedWfs(things(9)))

    assert (len(found.batch), found.report.complete, found.report.requests) == (9, True, 2)


async def test_vendor_that_ignores_all_parameters_is_marked_incomplete():
    """It sends the same answer to every request, so it may be cut off anywhere."""
    wfs = ScriptedWfs(things(137))

    def answer(seen: Seen) -> Answer:
        kept = {"request", "version", "typenames"} & seen.query.keys()
        return wfs(replace(seen, query={name: seen.query[name] for name in kept}))

    found = await fetch(answer)

    assert len(found.batch) == 137
    assert not found.report.complete
    assert any("nothing confirms that these are all" in note for note in found.report.notes)


@pytest.mark.parametrize("pages", ["honest", "refused beyond"])
async def test_count_that_stops_at_a_round_number_is_believed_only_after_a_second_look(pages):
    """Elasticsearch counts to 10,000, and some servers page no further than that."""

    class Stopping(ScriptedWfs):
        def _features(self, query: dict[str, str]) -> Answer:
            if pages == "refused beyond" and int(query.get("startindex", 0)) >= 100:
                return exception_report("Result window is too large")
            return super()._features(query)

    found = await fetch(Stopping(things(130), cap=25, count_stops_at=100))

    assert numbers(found) == list(range(130))
    assert found.report.complete


@pytest.mark.parametrize(("count", "requests"), [(1_000, 3), (1_300, 4)])
async def test_geojson_that_counts_its_own_thousand_objects(count, requests):
    def answer(seen: Seen) -> Answer:
        if seen.query["request"] == "GetCapabilities":
            return ScriptedWfs(formats=("application/json",))(seen)
        start = int(seen.query.get("startindex", 0))
        features = [
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": thing.place},
                "properties": {"number": thing.number},
            }
            for thing in things(count)[start : start + min(1_000, int(seen.query["count"]))]
        ]
        head = {"type": "FeatureCollection", "totalFeatures": len(features), "numberReturned": len(features)}
        return Answer(body=json.dumps({**head, "features": features}).encode(), media_type="application/json")

    found = await fetch(answer)

    assert numbers(found) == list(range(count))
    assert found.report.complete
    assert found.report.requests == requests


@pytest.mark.parametrize("boxes", ["xy", "yx"])
@pytest.mark.parametrize("order", ["auto", "right"])
async def test_box_is_sent_in_the_axis_order_that_the_server_understands(boxes, order):
    wfs = ScriptedWfs(things(120), cap=40, pages="ignored", boxes=boxes)

    found = await fetch(wfs, bbox_order=boxes if order == "right" else "auto")

    assert numbers(found) == list(range(120))
    assert found.report.complete


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("boxes", ["xy", "yx"])
async def test_box_is_sent_in_the_native_crs_although_the_answers_are_in_degrees(version, boxes):
    wfs = ScriptedWfs(things(120), cap=40, pages="ignored", boxes=boxes, degrees=True)

    found = await fetch(wfs, version=version)

    assert numbers(found) == list(range(120))
    assert found.report.complete


@pytest.mark.parametrize("boxes", ["ignored", "refused"])
async def test_capped_layer_without_boxes_or_pages_is_marked_incomplete(boxes):
    found = await fetch(ScriptedWfs(things(120), cap=40, pages="ignored", boxes=boxes))

    assert len(found.batch) == 40
    assert not found.report.complete
    assert any("does not understand a box" in note for note in found.report.notes)
    assert any("incomplete, 40 of 120 objects" in note for note in found.report.notes)


async def test_wrong_box_order_in_the_layer_file_marks_the_layer_incomplete():
    found = await fetch(ScriptedWfs(things(120), cap=40, pages="ignored", boxes="xy"), bbox_order="yx")

    assert not found.report.complete


@pytest.mark.parametrize("ids", ["honest", "absent", "volatile", "equal"])
@pytest.mark.parametrize("pages", ["honest", "ignored"])
async def test_objects_are_counted_once_with_any_kind_of_ids(ids, pages):
    found = await fetch(ScriptedWfs(things(150), cap=40, ids=ids, pages=pages))

    assert numbers(found) == list(range(150))
    assert found.report.complete


@pytest.mark.parametrize("key", [None, "number"])
async def test_equal_objects_in_one_answer_are_two_objects(key):
    twins = [Thing(1, (85_000.0, 455_000.0)), Thing(1, (85_000.0, 455_000.0))]
    wfs = ScriptedWfs([*things(30), *twins], ids="absent")

    found = await fetch(wfs, {"id": key} if key else None)

    assert len(found.batch) == 32
    assert found.report.complete


async def test_unstable_order_of_pages_is_detected():
    """Each page repeats the last object of the one before, so as many objects arrive as there are, but not all."""
    found = await fetch(ScriptedWfs(things(120), cap=30, pages="shuffled"))

    assert numbers(found) == list(range(120))
    assert found.report.complete


async def test_objects_without_geometry_do_not_make_a_boxed_layer_incomplete():
    everything = [*things(90), *(Thing(number, None) for number in range(90, 95))]
    found = await fetch(ScriptedWfs(everything, cap=40, pages="ignored"))

    assert numbers(found) == list(range(90))
    assert found.report.complete
    assert any("5 of 95 objects have no geometry, so no box returns them" in note for note in found.report.notes)


async def test_distant_objects_are_found():
    everything = [*things(90), Thing(90, (0.0, 0.0)), Thing(91, (270_000.0, 600_000.0))]
    found = await fetch(ScriptedWfs(everything, cap=40, pages="ignored"))

    assert numbers(found) == list(range(92))
    assert found.report.complete


async def test_objects_outside_the_extent_of_the_layer_file_are_found():
    found = await fetch(
        ScriptedWfs(things(90), cap=40, pages="ignored", extent="0 0 0 0"), extent=[4.29, 52.03, 4.30, 52.04]
    )

    assert numbers(found) == list(range(90))


async def test_where_and_box_are_sent_in_one_filter():
    wfs = ScriptedWfs(things(100), cap=20, pages="ignored")
    with vendor.serving(wfs) as server:
        found = await fetch_from(server.url, where={"kind": ["kast"]})

    boxed = [seen.query["filter"] for seen in server.seen if "BBOX" in seen.query.get("filter", "")]
    assert boxed
    assert all("ValueReference>geom<" in each and "Literal>kast<" in each for each in boxed)
    assert all(not {"bbox", "filter"} <= seen.query.keys() for seen in server.seen)
    # this server ignores the box in a filter, so the layer is fetched without one
    assert {number for number in numbers(found) if number % 2 == 0} == set(range(0, 100, 2))
    assert found.report.complete


async def test_stated_cap_is_the_size_of_a_page():
    wfs = ScriptedWfs(things(60), cap=25, stated_cap=25)
    with vendor.serving(wfs) as server:
        found = await fetch_from(server.url)

    starts = [seen.query.get("startindex") for seen in server.seen if seen.query["request"] == "GetFeature"]
    # the last one looks behind a count that is a round number
    assert starts == [None, "25", "50", "60"]
    assert found.report.complete


async def test_table_without_a_key_is_fetched_all_at_once():
    """GeoServer cannot page a table without a primary key, but it does not cap its answer."""
    with vendor.serving(ScriptedWfs(things(2_101), pages="refused")) as server:
        found = await fetch_from(server.url)

    assert (len(found.batch), found.report.complete) == (2_101, True)
    assert [seen.query.get("startindex") for seen in server.seen if "typenames" in seen.query] == [None, "2000", None]


async def test_page_size_and_order_of_the_layer_file_are_used():
    wfs = ScriptedWfs(things(25))
    with vendor.serving(wfs) as server:
        await fetch_from(server.url, page_size=10, sort_by="number", version="1.1.0")

    pages = [
        seen.query for seen in server.seen if seen.query["request"] == "GetFeature" and "resulttype" not in seen.query
    ]
    assert [(each["maxfeatures"], each["sortby"]) for each in pages] == [("10", "number")] * 3


LAMPS = 50_000


@pytest.fixture(scope="module", params=["pages", "no-pages"])
def capped_mapserver(request, tmp_path_factory) -> Iterator[str]:
    """A server that pages and answers in GML, and one that does not page and answers in GeoJSON."""
    without = {"dropped": frozenset({"startindex"}), "formats": "geojson"} if request.param == "no-pages" else {}
    directory: Path = tmp_path_factory.mktemp("mapserver")
    with mapserver.running(directory, objects=LAMPS, cap=1_000, **without) as url:
        yield url


@pytest.mark.parametrize("version", VERSIONS)
async def test_fifty_thousand_objects_of_a_mapserver_with_a_cap_of_a_thousand(capped_mapserver, version):
    """In 1.1.0 and 2.0.0 its count for `hits` stops at its cap, and in 1.0.0 it does not count."""
    found = await fetch_from(capped_mapserver, version=version)

    assert np.array_equal(np.sort(found.batch.columns["number"].astype(int)), np.arange(LAMPS))
    assert found.report.complete
    assert found.report.requests < 150


@pytest.mark.parametrize("version", VERSIONS)
async def test_mapserver_understands_the_box_in_the_filter(tmp_path, version):
    with mapserver.running(tmp_path, objects=600, cap=60, dropped=frozenset({"startindex"})) as url:
        found = await fetch_from(url, version=version, where={"kind": ["lamp", "mast"]})

    assert numbers(found) == [number for number in range(600) if number % 3 != 2]
    assert found.report.complete
    assert not any("filter" in note for note in found.report.notes)
