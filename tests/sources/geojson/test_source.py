"""A GeoJSON document as a source: whole, in pages, for a box, in a file, and everything that a vendor does wrong."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import vendor
from vendor import Answer, Seen

from wfs_proxy.bbox import BBox
from wfs_proxy.config.layer import Layer
from wfs_proxy.config.source import GeoJsonSource
from wfs_proxy.errors import (
    ConfigurationError,
    DecodeError,
    MalformedDocument,
    NotFeatures,
    UpstreamException,
    UpstreamRefused,
    UpstreamUnreachable,
    WfsProxyError,
)
from wfs_proxy.features import Validators
from wfs_proxy.http.client import HttpClients
from wfs_proxy.http.policy import HttpPolicy
from wfs_proxy.pipeline.transform import points_from_features
from wfs_proxy.sources.geojson.source import GeoJsonFeatureSource
from wfs_proxy.sources.protocol import FetchedFeatures

pytestmark = pytest.mark.anyio

BOX = "bbox={west},{south},{east},{north}"
DELFT = BBox(4.35, 52.0, 4.37, 52.02)


async def no_sleep(_: float) -> None:
    return None


def lamp(number: int, lon: float = 4.36, lat: float = 52.01, **members: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "id": str(number),
        "properties": {"nummer": f"{number:04d}"},
        "geometry": {"type": "Point", "coordinates": [lon + number * 1e-6, lat]},
        **members,
    }


def lamps(count: int, first: int = 0) -> list[dict[str, Any]]:
    return [lamp(number) for number in range(first, first + count)]


def document(features: list[Any], **members: Any) -> Answer:
    body = json.dumps({"type": "FeatureCollection", **members, "features": features}).encode()
    return Answer(body=body, media_type="application/geo+json")


class Fetching:
    """Fetches from a scenario, and keeps the requests."""

    def __init__(self, scenario: vendor.Scenario, path: str = "", **settings: Any) -> None:
        self.scenario, self.path, self.settings = scenario, path, settings
        self.most_requests = settings.pop("most_requests", 50)
        self.seen: list[Seen] = []

    async def __call__(self, use: Callable[[GeoJsonFeatureSource], Any]) -> Any:
        with vendor.serving(self.scenario) as server:
            self.seen = server.seen
            source = GeoJsonSource(type="geojson", url=server.url + self.path, **self.settings)
            async with HttpClients(HttpPolicy(sleep=no_sleep, proxy_for=lambda _: None)) as http:
                opened = GeoJsonFeatureSource(source, http, asyncio.to_thread, most_requests=self.most_requests)
                return await use(opened)


async def fetched(
    scenario: vendor.Scenario, path: str = "", *, area: BBox | None = None, **settings: Any
) -> FetchedFeatures:
    found: FetchedFeatures = await Fetching(scenario, path, **settings)(lambda source: source.fetch(area))
    return found


async def error_of(scenario: vendor.Scenario, path: str = "", **settings: Any) -> WfsProxyError:
    with pytest.raises(WfsProxyError) as caught:
        await fetched(scenario, path, timeout=2, **settings)
    return caught.value


# -- one document


async def test_geojson_file_is_a_source(tmp_path):
    path = tmp_path / "a.geojson"
    path.write_text(
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "id": "1", "properties": {"a": 1},'
        ' "geometry": {"type": "Point", "coordinates": [4.3, 52.1]}}]}'
    )
    one = GeoJsonSource(type="geojson", url=str(path))
    async with HttpClients() as http:
        found = await GeoJsonFeatureSource(one, http, asyncio.to_thread).fetch()

        assert (found.batch.ids.tolist(), found.report.complete, found.report.requests) == (["1"], True, 0)
        path.unlink()
        with pytest.raises(ConfigurationError, match=r"a\.geojson cannot be read"):
            await GeoJsonFeatureSource(one, http, asyncio.to_thread).fetch()


async def test_geojson_url_is_a_source_that_reports_missing_objects():
    feature = b'{"type": "Feature", "id": 1, "properties": {}, "geometry": null}'
    body = b'{"type": "FeatureCollection", "numberMatched": 2, "features": [%s]}' % feature
    found = await fetched(lambda _: Answer(body=body, media_type="application/geo+json"))

    assert (found.report.complete, found.report.matched, found.report.requests) == (False, 2, 1)
    assert found.report.notes == ("the document has 1 of the 2 objects that it counts",)


@pytest.mark.parametrize(
    ("members", "complete"),
    [
        ({}, True),
        ({"numberMatched": 3}, True),
        ({"numberMatched": 4}, False),
        ({"numberMatched": 1}, True),
        ({"numberMatched": "unknown"}, True),
        ({"totalFeatures": 5}, False),
        ({"numberReturned": 9}, True),
    ],
)
async def test_count_of_the_document_is_believed_only_if_the_objects_support_it(members: dict, complete: bool):  # noqa: FBT001 - a parameter of the test
    found = await fetched(lambda _: document(lamps(3), **members))

    assert (len(found.batch), found.report.complete) == (3, complete)


@pytest.mark.parametrize("members", [{"exceededTransferLimit": True}, {"properties": {"exceededTransferLimit": True}}])
async def test_document_that_an_arcgis_server_cut_off_is_incomplete(members: dict):
    found = await fetched(lambda _: document(lamps(3), **members))
    assert not found.report.complete
    assert "use `type: arcgis`" in found.report.notes[0]
    assert found.report.validators is None


async def test_box_that_an_arcgis_server_cut_off_is_divided():
    def scenario(seen: Seen) -> Answer:
        west, south, east, north = (float(value) for value in seen.query["bbox"].split(","))
        inside = [
            each for each in lamps(30) if west <= each["geometry"]["coordinates"][0] <= east and south <= 52.01 <= north
        ]
        return document(inside[:7], **({"exceededTransferLimit": True} if len(inside) > 7 else {}))

    fetching = Fetching(scenario, f"?{BOX}", most_requests=400)
    found = await fetching(lambda source: source.fetch(BBox(4.35995, 52.0, 4.36035, 52.02)))
    assert found.report.complete
    assert len(found.batch) == 30


async def test_members_that_are_no_features_count_as_received():
    found = await fetched(lambda _: document([*lamps(2), "geen object"], numberMatched=3))

    assert (len(found.batch), found.report.complete) == (2, True)
    assert found.batch.left_out == {"not a feature": 1}


# -- what a vendor does wrong


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (Answer(status=401), UpstreamRefused, "401"),
        (Answer(status=403), UpstreamRefused, "403"),
        (Answer(status=404), UpstreamRefused, "404 Not Found: check the path of `url`"),
        (Answer(status=500), UpstreamRefused, "500"),
        (Answer(status=304), UpstreamRefused, "304 .*nothing has changed"),
        (Answer(status=302, headers={"Location": "https://login.example/"}), UpstreamRefused, "redirects to"),
        (Answer(body=b"<html><body>Inloggen</body></html>"), NotFeatures, "HTML page"),
        (Answer(body=b""), MalformedDocument, "empty"),
        (Answer(body=b'{"type": "FeatureCollection", "features": [{"ty'), MalformedDocument, "truncated"),
        (Answer(body=b'{"error": {"code": 498, "message": "Invalid token."}}'), UpstreamException, "Invalid token"),
        (Answer(body=b'{"error": "no access", "status": 403}'), UpstreamException, "no access"),
        (Answer(body=b'{"message": "hallo"}'), NotFeatures, "message"),
        (Answer(body=b"[1, 2]"), NotFeatures, "no GeoJSON features"),
        (Answer(break_within=True, body=b"x" * 100), UpstreamUnreachable, "lost"),
    ],
)  # fmt: skip
async def test_answer_without_features_is_an_error_that_says_what_it_is(answer: Answer, kind: type, words: str):
    error = await error_of(lambda _: answer)

    assert isinstance(error, kind)
    assert re.search(words, str(error)), str(error)


async def test_vendor_that_cannot_be_reached_is_an_error():
    source = GeoJsonSource(type="geojson", url="http://127.0.0.1:9/x")
    async with HttpClients(HttpPolicy(sleep=no_sleep, proxy_for=lambda _: None)) as http:
        with pytest.raises(UpstreamUnreachable):
            await GeoJsonFeatureSource(source, http, asyncio.to_thread).fetch()


async def test_objects_without_ids_or_with_the_same_id_are_all_kept():
    same = [lamp(1), lamp(1, 4.37), {**lamp(2), "id": None}, {**lamp(3), "id": None}]
    for feature in same[2:]:
        del feature["id"]

    found = await fetched(lambda _: document(same))

    assert len(found.batch) == 4


async def test_null_and_foreign_geometry_costs_one_object_each():
    strange = [
        lamp(1),
        {**lamp(2), "geometry": None},
        {**lamp(3), "geometry": {"type": "Sfeer", "coordinates": [4.3, 52.0]}},
        {**lamp(4), "geometry": {"type": "Point", "coordinates": ["4,3", "52,0"]}},
    ]
    found = await fetched(lambda _: document(strange))
    layer = Layer(id="a", title="A", source={"type": "geojson", "url": "a.geojson"})
    report = points_from_features(found.batch, layer).report

    assert len(found.batch) == 4
    assert dict(report.skipped) == {"no geometry": 1, "unreadable geometry": 2}


async def test_changed_schema_is_reported_with_the_nearest_name():
    """The vendor renamed an attribute: no object has the configured one any more."""
    renamed = [lamp(number, properties={"mastnummer": str(number), "beheer": {"naam": "Stad"}}) for number in range(3)]
    found = await fetched(lambda _: document(renamed))
    fields = {"nummer": {"from": "mast_nummer"}, "beheerder": {"from": "beheer.name"}}
    layer = Layer(id="a", title="A", source={"type": "geojson", "url": "a.geojson"}, properties={"fields": fields})

    report = points_from_features(found.batch, layer).report

    assert report.absent_fields == ("mast_nummer", "beheer.name")
    assert report.nearest_attributes == {"mast_nummer": "mastnummer", "beheer.name": "beheer.naam"}


async def test_old_crs_member_places_objects_in_rd():
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::28992"}}
    tower = {**lamp(1), "geometry": {"type": "Point", "coordinates": [155000.0, 463000.0]}}
    found = await fetched(lambda _: document([tower], crs=crs))
    layer = Layer(id="a", title="A", source={"type": "geojson", "url": "a.geojson"})

    lonlat = points_from_features(found.batch, layer).lonlat

    # Amersfoort, the centre of RD (RDNAPTRANS2018)
    assert lonlat[0].tolist() == pytest.approx([5.3872036, 52.1551729], abs=2e-6)


# -- pages


class Pages:
    """Pages of a document, with links or by an offset."""

    def __init__(self, total: int, size: int = 4, *, link: str | None = None, count: int | None = None) -> None:
        self.total, self.size, self.link, self.count = total, size, link, count

    def __call__(self, seen: Seen) -> Answer:
        offset = int(seen.query.get("offset", 0))
        size = min(self.size, int(seen.query.get("limit", self.size)))
        members: dict[str, Any] = {} if self.count is None else {"numberMatched": self.count}
        if self.link is not None and offset + size < self.total:
            href = self.link.format(path=seen.path, offset=offset + size)
            members["links"] = [{"rel": "self", "href": "x"}, {"rel": "next", "href": href}]
        return document(lamps(max(0, min(size, self.total - offset)), offset), **members)


@pytest.mark.parametrize("link", ["?offset={offset}", "{path}?offset={offset}", "{path}?offset={offset}#deel"])
@pytest.mark.parametrize("count", [None, 10])
async def test_links_to_further_pages_are_followed(link: str, count: int | None):
    found = await fetched(Pages(10, link=link, count=count))

    assert sorted(found.batch.ids.tolist(), key=int) == [str(number) for number in range(10)]
    assert (found.report.complete, found.report.requests, found.report.notes) == (True, 3, ())


@pytest.mark.parametrize("total", [0, 3, 4, 8, 10])
@pytest.mark.parametrize("counts", [True, False])
async def test_offset_in_the_url_requests_page_by_page(total: int, counts: bool):  # noqa: FBT001 - a parameter of the test
    fetching = Fetching(Pages(total, count=total if counts else None), "?offset={offset}&limit={limit}", page_size=4)
    found = await fetching(lambda source: source.fetch())

    assert len(set(found.batch.ids)) == total
    assert found.report.complete
    offsets = [int(seen.query["offset"]) for seen in fetching.seen]
    assert offsets == sorted(set(offsets))
    assert len(offsets) <= total // 4 + 2
    assert {seen.query["limit"] for seen in fetching.seen} == {"4"}


async def test_vendor_that_sends_fewer_than_requested_is_asked_from_what_was_received():
    found = await fetched(Pages(10, size=3), "?offset={offset}&limit={limit}", page_size=500)

    assert (len(set(found.batch.ids)), found.report.complete) == (10, True)


async def test_links_are_ignored_where_the_url_has_an_offset():
    """GISIB's links lead to another interface, and never end (Amsterdam/signals-gisib-ams@02c0899)."""
    fetching = Fetching(Pages(6, link="/elders?offset={offset}"), "?offset={offset}&limit={limit}", page_size=4)
    found = await fetching(lambda source: source.fetch())

    assert {seen.path for seen in fetching.seen} == {"/wfs"}
    assert (len(found.batch), found.report.complete) == (6, True)


@pytest.mark.parametrize(
    "href",
    ["https://elders.example/?offset=4", "http://localhost:1/x", "ftp://localhost/x", "http://[", "javascript:x"],
)
async def test_link_to_another_server_is_not_followed(href: str):
    fetching = Fetching(Pages(10, link=href), auth={"type": "header", "value": "geheim"})
    found = await fetching(lambda source: source.fetch())

    assert len(fetching.seen) == 1
    assert (len(found.batch), found.report.complete) == (4, False)
    assert "leads to another server" in found.report.notes[0]
    assert "elders" not in found.report.notes[0]


@pytest.mark.parametrize("path", ["", "?offset={offset}"])
async def test_page_that_is_repeated_ends_paging(path: str):
    """The vendor ignores the offset, and links to a further page for ever."""
    links = [{"rel": "next", "href": "?offset=4"}]
    fetching = Fetching(lambda _: document(lamps(4), links=links), path)
    found = await fetching(lambda source: source.fetch())

    assert len(fetching.seen) == 2
    assert (len(found.batch), found.report.complete) == (4, False)
    assert "a page had no new object" in found.report.notes[0]


async def test_repeated_page_after_all_counted_objects_is_complete():
    links = [{"rel": "next", "href": "?offset=4"}]
    found = await fetched(lambda _: document(lamps(4), links=links, numberMatched=4))

    assert (len(found.batch), found.report.complete) == (4, True)


@pytest.mark.parametrize("path", ["", "?offset={offset}"])
async def test_endless_paging_ends(path: str):
    def endless(seen: Seen) -> Answer:
        offset = int(seen.query.get("offset", 0))
        return document(lamps(4, offset), links=[{"rel": "next", "href": f"?offset={offset + 4}"}])

    fetching = Fetching(endless, path, most_requests=7)
    found = await fetching(lambda source: source.fetch())

    assert len(fetching.seen) == found.report.requests == 7
    assert (len(found.batch), found.report.complete) == (28, False)
    assert "too many requests" in found.report.notes[0]


@pytest.mark.parametrize("broken", [Answer(status=404), Answer(body=b"<html>"), Answer(body=b'{"type": "Fea')])
@pytest.mark.parametrize(("count", "complete"), [(None, False), (10, False), (4, True)])
async def test_refused_page_leaves_what_was_received(broken: Answer, count: int | None, complete: bool):  # noqa: FBT001 - a parameter of the test
    pages = Pages(10, link="?offset={offset}", count=count)
    found = await fetched(lambda seen: broken if seen.query else pages(seen))

    assert (len(found.batch), found.report.complete) == (4, complete)


async def test_vendor_that_stops_answering_on_the_way_is_an_error():
    pages = Pages(10, link="?offset={offset}")
    error = await error_of(lambda seen: Answer(break_within=True, body=b"x" * 9) if seen.query else pages(seen))

    assert isinstance(error, UpstreamUnreachable)


async def test_more_objects_than_promised_are_all_kept():
    found = await fetched(Pages(10, link="?offset={offset}", count=5))

    assert (len(found.batch), found.report.complete, found.report.matched) == (10, True, None)


async def test_sample_takes_one_request():
    fetching = Fetching(Pages(100, size=50), "?offset={offset}&limit={limit}")
    found = await fetching(lambda source: source.sample(7))

    assert (len(found.batch), found.report.requests, len(fetching.seen)) == (7, 1, 1)


# -- boxes


class Boxes:
    """Objects on a grid, of which a box returns at most some."""

    def __init__(self, *, most: int | None = None, counts: bool = False, side: int = 12) -> None:
        self.most, self.counts = most, counts
        self.objects = [
            lamp(
                row * side + column, DELFT.west + (column + 0.5) * 0.02 / side, DELFT.south + (row + 0.5) * 0.02 / side
            )
            for row in range(side)
            for column in range(side)
        ]

    def __call__(self, seen: Seen) -> Answer:
        west, south, east, north = map(float, seen.query["bbox"].split(","))
        inside = [
            feature
            for feature in self.objects
            if west <= feature["geometry"]["coordinates"][0] <= east
            and south <= feature["geometry"]["coordinates"][1] <= north
        ]
        return document(inside[: self.most], **({"numberMatched": len(inside)} if self.counts else {}))


async def test_box_is_in_the_url_with_a_margin_of_a_metre():
    fetching = Fetching(Boxes(side=3), f"?{BOX}")
    found = await fetching(lambda source: source.fetch(DELFT))

    west, south, east, north = map(float, fetching.seen[0].query["bbox"].split(","))
    assert DELFT.west - 3e-5 < west < DELFT.west - 1e-5
    assert DELFT.south - 3e-5 < south < DELFT.south - 8e-6
    assert DELFT.east + 1e-5 < east < DELFT.east + 3e-5
    assert DELFT.north + 8e-6 < north < DELFT.north + 3e-5
    assert (len(found.batch), found.report.complete, found.report.requests) == (9, True, 1)


@pytest.mark.parametrize(
    ("most", "counts"), [(50, False), (50, True), (37, True), (None, True), (None, False), (10, False)]
)
async def test_answer_that_is_cut_off_is_divided_until_it_is_whole(most: int | None, counts: bool):  # noqa: FBT001 - a parameter of the test
    found = await fetched(Boxes(most=most, counts=counts), f"?{BOX}", area=DELFT, most_requests=400)

    assert (len(set(found.batch.ids)), found.report.complete) == (144, True)


async def test_area_without_objects_is_empty_and_complete():
    found = await fetched(Boxes(), f"?{BOX}", area=BBox(5.0, 51.0, 5.02, 51.02))

    assert (len(found.batch), found.report.complete, found.report.requests) == (0, True, 1)


async def test_vendor_that_ignores_the_box_is_not_asked_for_ever():
    fetching = Fetching(lambda _: document(lamps(100)), f"?{BOX}", most_requests=400)
    found = await fetching(lambda source: source.fetch(DELFT))

    assert (len(found.batch), found.report.complete, len(fetching.seen)) == (100, False, 5)


async def test_crowd_on_one_spot_ends_the_division():
    crowd = [
        {**lamp(number), "geometry": {"type": "Point", "coordinates": [4.36001, 52.01001]}} for number in range(200)
    ]

    def scenario(seen: Seen) -> Answer:
        west, south, east, north = map(float, seen.query["bbox"].split(","))
        inside = west <= 4.36001 <= east and south <= 52.01001 <= north
        return document(crowd[:100] if inside else [], numberMatched=200 if inside else 0)

    found = await fetched(scenario, f"?{BOX}", area=DELFT, most_requests=400)

    assert (len(found.batch), found.report.complete) == (100, False)
    assert found.report.requests < 100


@pytest.mark.parametrize("extent", [None, [4.35, 52.0, 4.37, 52.02]])
async def test_sample_of_a_layer_in_cells_takes_one_request(extent: list | None):
    fetching = Fetching(Boxes(), f"?{BOX}", extent=extent)
    found = await fetching(lambda source: source.sample(5))

    assert (len(fetching.seen), len(found.batch)) == (1, 144)


# -- validators


async def again(scenario: vendor.Scenario, path: str = "", **settings: Any) -> tuple[FetchedFeatures, Any, list[Seen]]:
    fetching = Fetching(scenario, path, **settings)

    async def use(source: GeoJsonFeatureSource) -> Any:
        first = await source.fetch()
        known = first.report.validators
        return first, await source.fetch_if_changed(None, known or Validators(reader="nobody"))

    first, second = await fetching(use)
    return first, second, fetching.seen


@pytest.mark.parametrize("etag", ['"v1"', 'W/"v1"', '""'])
async def test_document_with_an_entity_tag_is_not_sent_again(etag: str):
    def scenario(seen: Seen) -> Answer:
        if seen.headers.get("if-none-match") == etag:
            return Answer(status=304, headers={"ETag": etag})
        return Answer(body=document(lamps(3)).body, headers={"ETag": etag})

    first, second, seen = await again(scenario)

    assert first.report.validators.etag == etag
    assert second is None
    assert [each.headers.get("if-none-match") for each in seen] == [None, etag]


async def test_document_with_a_date_is_not_sent_again():
    date = "Wed, 01 Jan 2025 10:00:00 GMT"

    def scenario(seen: Seen) -> Answer:
        if seen.headers.get("if-modified-since") == date:
            return Answer(status=304)
        return Answer(body=document(lamps(3)).body, headers={"Last-Modified": date})

    _, second, seen = await again(scenario)

    assert second is None
    assert "if-none-match" not in seen[1].headers


async def test_changed_document_is_fetched():
    bodies = [lamps(3), lamps(5)]
    _, second, _ = await again(
        lambda _: Answer(body=document(bodies.pop(0)).body, headers={"ETag": f'"{len(bodies)}"'})
    )

    assert len(second.batch) == 5


@pytest.mark.parametrize(
    "scenario",
    [
        Pages(10, link="?offset={offset}"),
        lambda _: document(lamps(3), numberMatched=9),
        lambda _: document(lamps(3)),
        lambda _: Answer(body=document(lamps(3)).body, headers={"ETag": "zonder aanhalingstekens"}),
        lambda _: Answer(body=document(lamps(3)).body, headers={"ETag": '"' + "x" * 600 + '"'}),
        lambda _: Answer(body=document(lamps(3)).body, headers={"Last-Modified": "gisteren"}),
        lambda _: Answer(body=document(lamps(3)).body, headers={"Last-Modified": "Fri, 01 Jan 2100 10:00:00 GMT"}),
    ],
    ids=["pages", "incomplete", "none", "no-tag", "long", "no-date", "future"],
)
async def test_document_without_reliable_validators_is_fetched_again(scenario: vendor.Scenario):
    def tagged(seen: Seen) -> Answer:
        answer = scenario(seen)
        etag = {"ETag": '"v1"'} if isinstance(scenario, Pages) or b"numberMatched" in answer.body else {}
        return Answer(body=answer.body, headers={**etag, **answer.headers})

    first, second, seen = await again(tagged)

    assert first.report.validators is None
    assert len(second.batch) == len(first.batch)
    assert all("if-none-match" not in each.headers and "if-modified-since" not in each.headers for each in seen)


async def test_not_modified_without_a_condition_is_an_error():
    error = await error_of(lambda _: Answer(status=304, headers={"ETag": '"v1"'}))

    assert isinstance(error, UpstreamRefused)
    assert "nothing has changed" in str(error)


async def test_document_that_another_version_read_is_fetched_again():
    fetching = Fetching(lambda _: Answer(body=document(lamps(3)).body, headers={"ETag": '"v1"'}))
    found = await fetching(lambda source: source.fetch_if_changed(None, Validators(etag='"v1"', reader="0.0.1")))

    assert len(found.batch) == 3
    assert "if-none-match" not in fetching.seen[0].headers


async def test_file_is_read_again_only_if_it_changed(tmp_path: Path):
    path = tmp_path / "a.geojson"
    path.write_bytes(document(lamps(3)).body)
    async with HttpClients() as http:
        source = GeoJsonFeatureSource(GeoJsonSource(type="geojson", url=str(path)), http, asyncio.to_thread)
        known = (await source.fetch()).report.validators

        assert await source.fetch_if_changed(None, known) is None
        path.write_bytes(document(lamps(4)).body)
        assert len((await source.fetch_if_changed(None, known)).batch) == 4
        path.unlink()
        with pytest.raises(ConfigurationError, match="cannot be read"):
            await source.fetch_if_changed(None, known)


async def test_folder_is_refused_with_the_reason(tmp_path: Path):
    async with HttpClients() as http:
        settings = GeoJsonSource(type="geojson", url=str(tmp_path))
        with pytest.raises(ConfigurationError, match="is a folder"):
            await GeoJsonFeatureSource(settings, http, asyncio.to_thread).fetch()


async def test_entity_tag_is_used_after_a_login():
    def scenario(seen: Seen) -> Answer:
        if seen.method == "POST":
            return Answer(body=b"token-1")
        if seen.headers.get("authorization") != "Bearer token-1":
            return Answer(status=401)
        return (
            Answer(status=304)
            if "if-none-match" in seen.headers
            else Answer(body=document(lamps(3)).body, headers={"ETag": '"v1"'})
        )

    fetching = Fetching(scenario)
    with vendor.serving(scenario) as login:
        fetching.settings["auth"] = {"type": "login", "url": login.url, "fields": {"a": "b"}}

        async def use(source: GeoJsonFeatureSource) -> object:
            return await source.fetch_if_changed(None, (await source.fetch()).report.validators)

        assert await fetching(use) is None


async def test_decode_errors_are_ours():
    assert isinstance(await error_of(lambda _: Answer(body=b"\x00\x01")), DecodeError)
