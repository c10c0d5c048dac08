from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import geojson
import points
import pytest
from clocks import Clock

from wfs_proxy.catalogue import Catalogue
from wfs_proxy.errors import Gone, NotFound, NotReady, UpstreamUnreachable
from wfs_proxy.layers import Layer
from wfs_proxy.query import DEFAULT_LIMIT, FeatureQuery, parse_feature_query
from wfs_proxy.replacement import reason_to_hold_back
from wfs_proxy.representation import Preconditions, Representation
from wfs_proxy.service import LayerService
from wfs_proxy.store import Filled, LayerStore

EVERYTHING = FeatureQuery()
NOTHING_KNOWN = Preconditions()
BOX = (4.29, 51.9, 5.5, 52.1)


class Vendor:
    """A fill whose answers a test decides; counts how often it was asked."""

    def __init__(self, *answers: Filled | Exception) -> None:
        self.answers = list(answers)
        self.asked = 0
        self.gate = asyncio.Event()
        self.gate.set()

    async def __call__(self, _: Layer) -> Filled:
        self.asked += 1
        await self.gate.wait()
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


def new_service(vendor: Vendor, clock: Clock, *, layers: tuple[Layer, ...] = (), **options: object) -> LayerService:
    catalogue = Catalogue(layers or (points.layer(),))
    return LayerService(catalogue, vendor, LayerStore(clock=clock, judge=reason_to_hold_back), clock=clock, **options)


async def ask(service: LayerService, query: FeatureQuery = EVERYTHING, known: Preconditions = NOTHING_KNOWN):
    return await service.features("masten", query, known)


def ids_in(representation: Representation) -> list[str]:
    collection = geojson.loads(representation.body)
    assert collection.is_valid, collection.errors()
    assert collection["numberReturned"] == len(collection["features"]) == representation.returned
    return [feature["id"].removeprefix("masten.") for feature in collection["features"]]


def run(scenario: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(scenario())


def test_a_thousand_cold_requests_ask_the_vendor_once():
    async def scenario() -> None:
        vendor = Vendor(points.filled(points.grid(3)))
        vendor.gate.clear()
        service = new_service(vendor, Clock())
        requests = [asyncio.create_task(ask(service)) for _ in range(1000)]
        await asyncio.sleep(0.01)
        vendor.gate.set()
        answers = await asyncio.gather(*requests)
        assert vendor.asked == 1
        assert {answer.etag for answer in answers} == {answers[0].etag}
        assert all(answer.waited for answer in answers)

    run(scenario)


def test_a_cold_request_does_not_wait_for_ever():
    async def scenario() -> None:
        vendor = Vendor(points.filled(points.grid(3)))
        vendor.gate.clear()
        service = new_service(vendor, Clock(), cold_wait=0.01)
        with pytest.raises(NotReady, match="is being fetched") as refused:
            await ask(service)
        assert 1 <= refused.value.retry_after <= 30
        vendor.gate.set()
        assert ids_in(await ask(service)) == ["0000", "0001", "0002"]
        assert vendor.asked == 1

    run(scenario)


def test_a_failed_fill_is_remembered_while_clients_try_again_at_once():
    async def scenario() -> None:
        clock = Clock()
        vendor = Vendor(UpstreamUnreachable("no answer from the vendor"))
        service = new_service(vendor, clock)
        for _ in range(4):
            with pytest.raises(NotReady, match="no answer from the vendor") as refused:
                await ask(service)
            assert refused.value.retry_after == 5
        assert vendor.asked == 1
        clock.now += 5
        with pytest.raises(NotReady) as refused:
            await ask(service)
        assert (vendor.asked, refused.value.retry_after) == (2, 10)

    run(scenario)


def test_stale_data_are_served_at_once_while_one_fill_runs_behind():
    async def scenario() -> None:
        clock = Clock()
        vendor = Vendor(points.filled(points.grid(3)), points.filled(points.grid(4)))
        service = new_service(vendor, clock)
        await ask(service)
        vendor.gate.clear()
        clock.now += 3700
        stale = [await ask(service) for _ in range(5)]
        assert [len(ids_in(answer)) for answer in stale] == [3] * 5
        assert stale[0].ttl == -100
        vendor.gate.set()
        await asyncio.sleep(0.01)
        assert len(ids_in(await ask(service))) == 4
        assert vendor.asked == 2

    run(scenario)


def test_stale_data_are_served_while_the_vendor_is_away_until_they_expire():
    async def scenario() -> None:
        clock = Clock()
        vendor = Vendor(points.filled(points.grid(3)), UpstreamUnreachable("away"))
        service = new_service(vendor, clock)
        await ask(service)
        for _ in range(24):
            clock.now += 3600
            assert len(ids_in(await ask(service))) == 3
            await asyncio.sleep(0)
        clock.now += 3600
        with pytest.raises(NotReady, match="away"):
            await ask(service)

    run(scenario)


def test_warming_fetches_every_layer_once_and_survives_an_absent_vendor():
    async def scenario() -> None:
        vendor = Vendor(UpstreamUnreachable("away"), points.filled(points.grid(1), "b"))
        service = new_service(vendor, Clock(), layers=(points.layer("a"), points.layer("b")))
        service.warm()
        service.warm()
        await asyncio.sleep(0.01)
        assert vendor.asked == 2
        assert [summary.freshness for summary in service.summaries()] == ["absent", "fresh"]

    run(scenario)


def test_a_changed_layer_drops_its_data_and_an_unchanged_one_keeps_them():
    async def scenario() -> None:
        vendor = Vendor(points.filled(points.grid(1)))
        service = new_service(vendor, Clock(), layers=(points.layer("a"), points.layer("b"), points.layer("c")))
        service.warm()
        await asyncio.sleep(0.01)
        service.keep_catalogue("b.yaml is faulty")
        vendor.gate.clear()
        service.use_catalogue(Catalogue((points.layer("a"), points.layer("b", title="New"), points.layer("d"))))
        await asyncio.sleep(0.01)
        assert [(summary.id, summary.freshness) for summary in service.summaries()] == [
            ("a", "fresh"),
            ("b", "absent"),
            ("d", "absent"),
        ]
        assert (vendor.asked, service.catalogue_fault) == (5, None)
        await service.close()

    run(scenario)


def test_an_unknown_layer_or_object_is_not_found():
    async def scenario() -> None:
        service = new_service(Vendor(points.filled(points.grid(1))), Clock())
        with pytest.raises(NotFound, match="did you mean 'masten'"):
            await service.features("mastn", EVERYTHING, NOTHING_KNOWN)
        with pytest.raises(NotFound, match="9999"):
            await service.feature("masten", "masten.9999", NOTHING_KNOWN)

    run(scenario)


def test_too_many_objects_without_a_limit_keep_those_nearest_the_centre():
    async def scenario() -> None:
        service = new_service(Vendor(points.filled(points.grid(DEFAULT_LIMIT + 10))), Clock())
        answer = await ask(service, FeatureQuery(box=(4.2, 51.9, 4.4, 52.1)))
        assert (answer.matched, answer.returned, answer.truncated) == (1001, 1001, False)
        answer = await ask(service, FeatureQuery(box=(4.0, 51.9, 6.0, 52.1)))
        assert (answer.matched, answer.returned, answer.truncated) == (DEFAULT_LIMIT + 10, DEFAULT_LIMIT, True)
        assert ids_in(answer)[0] == "0010"
        assert "links" not in geojson.loads(answer.body)

    run(scenario)


@pytest.mark.parametrize("query", [FeatureQuery(limit=3), FeatureQuery(box=BOX, limit=3)], ids=["layer", "box"])
def test_pages_give_every_object_once_by_id(query):
    async def scenario() -> None:
        service = new_service(Vendor(points.filled(points.grid(10))), Clock(), public_url="https://example.org/proxy")
        seen, page = [], query
        while page:
            answer = await ask(service, page)
            assert answer.matched == 10
            seen.append(ids_in(answer))
            links = geojson.loads(answer.body).get("links", [])
            assert all(link["href"].startswith("https://example.org/proxy/layers/masten/features?") for link in links)
            page = parse_feature_query(links[0]["href"].partition("?")[2]) if links else None
        assert [len(ids) for ids in seen] == [3, 3, 3, 1]
        assert [text for ids in seen for text in ids] == [f"{i:04d}" for i in range(10)]

    run(scenario)


def test_a_whole_layer_over_the_default_limit_is_told_to_be_cut_and_can_be_paged():
    async def scenario() -> None:
        service = new_service(Vendor(points.filled(points.grid(DEFAULT_LIMIT + 1))), Clock())
        answer = await ask(service)
        assert answer.truncated
        (link,) = geojson.loads(answer.body)["links"]
        rest = await ask(service, parse_feature_query(link["href"].partition("?")[2]))
        assert (ids_in(rest), rest.truncated) == ([f"{DEFAULT_LIMIT:04d}"], False)

    run(scenario)


def test_a_page_link_dies_with_its_snapshot():
    async def scenario() -> None:
        clock = Clock()
        service = new_service(Vendor(points.filled(points.grid(3)), points.filled(points.grid(4))), clock)
        (link,) = geojson.loads((await ask(service, FeatureQuery(limit=1))).body)["links"]
        following = parse_feature_query(link["href"].partition("?")[2])
        assert ids_in(await ask(service, following)) == ["0001"]
        clock.now += 3700
        await ask(service)
        await asyncio.sleep(0.01)
        with pytest.raises(Gone):
            await ask(service, following)

    run(scenario)


def test_the_validator_changes_with_content_and_query_and_with_nothing_else():
    async def scenario() -> None:
        clock = Clock()
        service = new_service(Vendor(points.filled(points.grid(3)), points.filled(points.grid(4))), clock)
        first = await ask(service, FeatureQuery(box=BOX))
        clock.now += 10
        assert (await ask(service, FeatureQuery(box=BOX))).etag == first.etag
        assert (await ask(service, FeatureQuery(box=BOX, limit=2))).etag != first.etag
        assert (await ask(service)).etag != first.etag
        clock.now += 3700
        await ask(service)
        await asyncio.sleep(0.01)
        assert (await ask(service, FeatureQuery(box=BOX))).etag != first.etag

    run(scenario)


@pytest.mark.parametrize(
    ("known", "not_modified"),
    [
        (lambda answer: Preconditions(if_none_match=answer.etag), True),
        (lambda answer: Preconditions(if_none_match=f'"x", W/{answer.etag}'), True),
        (lambda _: Preconditions(if_none_match="*"), True),
        (lambda _: Preconditions(if_none_match='"x"'), False),
        (lambda answer: Preconditions(if_none_match='"x"', if_modified_since=answer.modified_at), False),
        (lambda answer: Preconditions(if_modified_since=answer.modified_at), True),
        (lambda answer: Preconditions(if_modified_since=answer.modified_at - 1), False),
        (lambda _: Preconditions(), False),
    ],
    ids=["etag", "list, weak", "any", "other", "etag before date", "date", "older date", "nothing"],
)
def test_a_client_that_has_it_gets_no_body(known, not_modified):
    async def scenario() -> None:
        service = new_service(Vendor(points.filled(points.grid(3))), Clock())
        answer = await ask(service)
        again = await ask(service, known=known(answer))
        assert (again.not_modified, again.body == b"") == (not_modified, not_modified)
        single = await service.feature("masten", "0001", NOTHING_KNOWN)
        again = await service.feature("masten", "0001", known(single))
        assert (again.not_modified, again.body == b"") == (not_modified, not_modified)

    run(scenario)


def test_a_layer_is_described_with_its_properties_its_state_and_its_question():
    async def scenario() -> None:
        clock = Clock(1_800_000_000)
        fields = {"nummer": {"from": "mastnummer", "type": "string"}, "hoogte": "number"}
        layer = points.layer(properties={"id": "mastnummer", "fields": fields}, point={"footprint": True})
        vendor = Vendor(
            points.filled(points.grid(10), complete=False, matched=12, requests=3, notes=("two pages were equal",)),
            UpstreamUnreachable("away"),
        )
        service = new_service(vendor, clock, layers=(layer,), public_url="https://example.org")
        absent = service.description("masten")
        assert (absent.count, absent.bbox, absent.held, absent.failure) == (None, None, None, None)
        await ask(service)
        clock.now += 3700
        await ask(service)
        await asyncio.sleep(0.01)
        told = service.description("masten")
        assert [(field.name, field.type) for field in told.properties] == [
            ("nummer", "string"),
            ("hoogte", "number"),
            ("footprint", "geometry"),
        ]
        assert (told.count, told.freshness, told.bbox) == (10, "stale", (4.3, 52.0, 4.3009, 52.0))
        assert (told.held.complete, told.held.vendor_count, told.held.requests) == (False, 12, 3)
        assert told.held.notes == ("two pages were equal",)
        assert (told.failure.detail, told.failure.in_a_row) == ("away", 1)
        assert told.question.id_field == "nummer"
        assert told.question.endpoint == (
            "https://example.org/layers/masten/features?bbox={west},{south},{east},{north}&srsName={srsName}"
        )

    run(scenario)
