from __future__ import annotations

import asyncio
import dataclasses
import datetime as dt
from collections.abc import Awaitable, Callable

import geojson
import points
import pytest
from clocks import Clock
from services import Services, new_services

from wfs_proxy.bbox import BBox
from wfs_proxy.cache.entry import FetchedSnapshot
from wfs_proxy.config.catalogue import Catalogue
from wfs_proxy.config.layer import Layer, SignalenInstance
from wfs_proxy.errors import ConfigurationError, Gone, NotFound, NotReady, UpstreamUnreachable
from wfs_proxy.marks.reported_objects import AssetReference, ReportedObjects, Signal
from wfs_proxy.serve import feature_service
from wfs_proxy.serve.query import DEFAULT_LIMIT, FeatureQuery, parse_feature_query
from wfs_proxy.serve.representation import Preconditions, Representation

EVERYTHING = FeatureQuery()
NOTHING_KNOWN = Preconditions()
BOX = BBox(4.29, 51.9, 5.5, 52.1)


class Vendor:
    """A fill whose answers a test decides; counts how often it was asked."""

    def __init__(self, *answers: FetchedSnapshot | Exception) -> None:
        self.answers = list(answers)
        self.asked = 0
        self.gate = asyncio.Event()
        self.gate.set()

    async def __call__(self, _: Layer, *_where: object) -> FetchedSnapshot:
        self.asked += 1
        await self.gate.wait()
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


def new_service(vendor: Vendor, clock: Clock, *, layers: tuple[Layer, ...] = (), **options: object) -> Services:
    catalogue = Catalogue(layers or (points.layer(),))
    return new_services(catalogue, vendor, clock=clock, **options)


async def ask(service: Services, query: FeatureQuery = EVERYTHING, known: Preconditions = NOTHING_KNOWN):
    return await service.features.features("masten", query, known)


def ids_in(representation: Representation) -> list[str]:
    collection = geojson.loads(representation.body)
    assert collection.is_valid, collection.errors()
    assert collection["numberReturned"] == len(collection["features"]) == representation.returned
    return [feature["id"].removeprefix("masten.") for feature in collection["features"]]


def run(scenario: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(scenario())


def test_a_thousand_cold_requests_ask_the_vendor_once():
    async def scenario() -> None:
        vendor = Vendor(points.fetched(points.grid(3)))
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
        vendor = Vendor(points.fetched(points.grid(3)))
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
        vendor = Vendor(points.fetched(points.grid(3)), points.fetched(points.grid(4)))
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
        vendor = Vendor(points.fetched(points.grid(3)), UpstreamUnreachable("away"))
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
        vendor = Vendor(UpstreamUnreachable("away"), points.fetched(points.grid(1), "b"))
        service = new_service(vendor, Clock(), layers=(points.layer("a"), points.layer("b")))
        service.cache.warm()
        service.cache.warm()
        await asyncio.sleep(0.01)
        assert vendor.asked == 2
        assert [summary.freshness for summary in service.status.summaries()] == ["absent", "fresh"]

    run(scenario)


def test_a_changed_layer_drops_its_data_and_an_unchanged_one_keeps_them():
    async def scenario() -> None:
        vendor = Vendor(points.fetched(points.grid(1)))
        service = new_service(vendor, Clock(), layers=(points.layer("a"), points.layer("b"), points.layer("c")))
        service.cache.warm()
        await asyncio.sleep(0.01)
        service.reload(ConfigurationError("b.yaml is faulty"))
        vendor.gate.clear()
        service.reload(Catalogue((points.layer("a"), points.layer("b", title="New"), points.layer("d"))))
        await asyncio.sleep(0.01)
        assert [(summary.id, summary.freshness) for summary in service.status.summaries()] == [
            ("a", "fresh"),
            ("b", "absent"),
            ("d", "absent"),
        ]
        assert (vendor.asked, service.catalogue.reload_error) == (5, None)
        await service.close()

    run(scenario)


def test_an_unknown_layer_or_object_is_not_found():
    async def scenario() -> None:
        service = new_service(Vendor(points.fetched(points.grid(1))), Clock())
        with pytest.raises(NotFound, match="did you mean 'masten'"):
            await service.features.features("mastn", EVERYTHING, NOTHING_KNOWN)
        with pytest.raises(NotFound, match="9999"):
            await service.features.feature("masten", "masten.9999", NOTHING_KNOWN)

    run(scenario)


def test_too_many_objects_without_a_limit_keep_those_nearest_the_centre():
    async def scenario() -> None:
        service = new_service(Vendor(points.fetched(points.grid(DEFAULT_LIMIT + 10))), Clock())
        answer = await ask(service, FeatureQuery(box=BBox(4.2, 51.9, 4.4, 52.1)))
        assert (answer.matched, answer.returned, answer.truncated) == (1001, 1001, False)
        answer = await ask(service, FeatureQuery(box=BBox(4.0, 51.9, 6.0, 52.1)))
        assert (answer.matched, answer.returned, answer.truncated) == (DEFAULT_LIMIT + 10, DEFAULT_LIMIT, True)
        assert ids_in(answer)[0] == "0010"
        assert "links" not in geojson.loads(answer.body)

    run(scenario)


@pytest.mark.parametrize("query", [FeatureQuery(limit=3), FeatureQuery(box=BOX, limit=3)], ids=["layer", "box"])
def test_pages_give_every_object_once_by_id(query):
    async def scenario() -> None:
        service = new_service(Vendor(points.fetched(points.grid(10))), Clock(), public_url="https://example.org/proxy")
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
        service = new_service(Vendor(points.fetched(points.grid(DEFAULT_LIMIT + 1))), Clock())
        answer = await ask(service)
        assert answer.truncated
        (link,) = geojson.loads(answer.body)["links"]
        rest = await ask(service, parse_feature_query(link["href"].partition("?")[2]))
        assert (ids_in(rest), rest.truncated) == ([f"{DEFAULT_LIMIT:04d}"], False)

    run(scenario)


def test_a_page_link_dies_with_its_snapshot():
    async def scenario() -> None:
        clock = Clock()
        service = new_service(Vendor(points.fetched(points.grid(3)), points.fetched(points.grid(4))), clock)
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
        service = new_service(Vendor(points.fetched(points.grid(3)), points.fetched(points.grid(4))), clock)
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
        service = new_service(Vendor(points.fetched(points.grid(3))), Clock())
        answer = await ask(service)
        again = await ask(service, known=known(answer))
        assert (again.not_modified, again.body == b"") == (not_modified, not_modified)
        single = await service.features.feature("masten", "0001", NOTHING_KNOWN)
        again = await service.features.feature("masten", "0001", known(single))
        assert (again.not_modified, again.body == b"") == (not_modified, not_modified)

    run(scenario)


def test_a_layer_is_described_with_its_properties_its_state_and_its_question():
    async def scenario() -> None:
        clock = Clock(1_800_000_000)
        fields = {"nummer": {"from": "mastnummer", "type": "string"}, "hoogte": "number"}
        layer = points.layer(properties={"id": "mastnummer", "fields": fields}, point={"footprint": True})
        vendor = Vendor(
            points.fetched(points.grid(10), complete=False, matched=12, requests=3, notes=("two pages were equal",)),
            UpstreamUnreachable("away"),
        )
        service = new_service(vendor, clock, layers=(layer,), public_url="https://example.org")
        absent = service.status.description("masten")
        assert (absent.count, absent.bbox, absent.held, absent.failure) == (None, None, None, None)
        await ask(service)
        clock.now += 3700
        await ask(service)
        await asyncio.sleep(0.01)
        told = service.status.description("masten")
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


@pytest.mark.parametrize("query", ["", "bbox=4,51,5,53", "bbox=4.3,51,4.305,53", "bbox=4,51,5,53&limit=7"])
def test_an_answer_of_a_crowd_is_the_same_and_made_away_from_the_event_loop(monkeypatch, query):
    async def scenario() -> None:
        threads = set()

        async def offload(function: Callable[[], object]) -> object:
            threads.add("offloaded")
            return await asyncio.to_thread(function)

        asked = parse_feature_query(query)
        quick = await ask(new_service(Vendor(points.fetched(points.grid(100))), Clock()), asked)
        monkeypatch.setattr(feature_service, "OFFLOAD_FROM", 10)
        crowd = await ask(new_service(Vendor(points.fetched(points.grid(100))), Clock(), offload=offload), asked)
        assert (crowd.body, crowd.etag) == (quick.body, quick.etag)
        assert threads == {"offloaded"}

    run(scenario)


# marks

INSTANCE = SignalenInstance(url="http://127.0.0.1:9", poll="30s", marks_stale_for="1h")
REPORTS = {"signalen": "default", "categories": ["lamp"]}


def marked_service(vendor: Vendor, clock: Clock, *layers: Layer, **options: object) -> Services:
    """A service whose layers ask one Signalen."""
    catalogue = Catalogue(layers or (points.layer(reports=REPORTS),), instances={"default": INSTANCE})
    return new_services(catalogue, vendor, clock=clock, **options)


def reported(clock: Clock, *ids: str) -> ReportedObjects:
    then = dt.datetime.fromtimestamp(clock(), dt.UTC)
    signals = {
        number: Signal(
            id=number,
            state="m",
            category="lamp",
            created_at=then,
            updated_at=then,
            place=None,
            assets=(AssetReference(id=identifier, place=None, question_key="lamp"),),
        )
        for number, identifier in enumerate(ids)
    }
    return ReportedObjects(signals=signals, as_of=clock(), version=" ".join(ids))


def marked_in(representation: Representation) -> list[str]:
    features = geojson.loads(representation.body)["features"]
    return [feature["id"].partition(".")[2] for feature in features if feature["properties"]["IS_GEMELD"] == "1"]


def test_a_report_marks_its_object_and_changes_the_validator_and_closing_it_undoes_both():
    async def scenario() -> None:
        clock = Clock()
        service = marked_service(Vendor(points.fetched(points.grid(3))), clock)
        validators = []
        for ids, expected in (((), []), (("0001",), ["0001"]), ((), [])):
            await service.marks.use_reported("default", reported(clock, *ids))
            answer = await ask(service, FeatureQuery(box=BOX))
            single = await service.features.feature("masten", "0001", NOTHING_KNOWN)
            assert marked_in(answer) == expected
            assert geojson.loads(single.body)["properties"]["meldingstatus"] == len(ids)
            validators.append((answer.etag, single.etag))
            again = await ask(service, FeatureQuery(box=BOX), Preconditions(if_none_match=answer.etag))
            assert (again.not_modified, again.marks_ttl) == (True, 30)
        assert validators[0] == validators[2]
        assert validators[0][0] != validators[1][0]
        assert validators[0][1] != validators[1][1]

    run(scenario)


def test_a_date_does_not_tell_whether_marks_changed():
    async def scenario() -> None:
        clock = Clock()
        service = marked_service(Vendor(points.fetched(points.grid(3))), clock)
        answer = await ask(service)
        await service.marks.use_reported("default", reported(clock, "0001"))
        known = Preconditions(if_modified_since=answer.modified_at)
        assert marked_in(await ask(service, known=known)) == ["0001"]
        assert not (await service.features.feature("masten", "0001", known)).not_modified

    run(scenario)


def test_objects_are_published_together_with_their_marks():
    async def scenario() -> None:
        clock = Clock()
        vendor = Vendor(points.fetched(points.grid(3)), points.fetched(points.grid(4)))
        service = marked_service(vendor, clock)
        await service.marks.use_reported("default", reported(clock, "0003", "0001"))
        assert marked_in(await ask(service)) == ["0001"]
        clock.now += 3500
        await service.marks.use_reported("default", reported(clock, "0003", "0001"))
        clock.now += 200
        seen = set()
        while (answer := await ask(service)).returned == 3:
            seen.add(tuple(marked_in(answer)))
            await asyncio.sleep(0.001)
        assert seen == {("0001",)}
        assert marked_in(answer) == ["0001", "0003"]

    run(scenario)


def test_a_page_link_outlives_a_report():
    async def scenario() -> None:
        clock = Clock()
        service = marked_service(Vendor(points.fetched(points.grid(3))), clock)
        (link,) = geojson.loads((await ask(service, FeatureQuery(limit=1))).body)["links"]
        await service.marks.use_reported("default", reported(clock, "0001"))
        following = await ask(service, parse_feature_query(link["href"].partition("?")[2]))
        assert marked_in(following) == ids_in(following)[:1] == ["0001"]

    run(scenario)


def test_marks_may_be_kept_until_signalen_is_asked_again():
    async def scenario() -> None:
        clock = Clock()
        service = marked_service(Vendor(points.fetched(points.grid(3))), clock)
        assert (await ask(service)).marks_ttl == 0
        told = reported(clock, "0001")
        await service.marks.use_reported("default", told)
        clock.now += 10
        assert (await ask(service)).marks_ttl == 20
        clock.now += 30
        assert (await ask(service)).marks_ttl == -10
        await service.marks.use_reported("default", dataclasses.replace(told, as_of=clock()))
        answer = await ask(service)
        assert (answer.marks_ttl, marked_in(answer)) == (30, ["0001"])

    run(scenario)


def test_marks_stay_while_signalen_is_away_until_only_the_vendors_count():
    async def scenario() -> None:
        clock = Clock()
        vendor = Vendor(points.fetched(points.batch({"a": (4.3, 52), "b": (4.4, 52)}, vendor=[None, "J"])))
        layer = points.layer(reports={**REPORTS, "vendor": {"field": "gemeld", "values": ["J"]}})
        service = marked_service(vendor, clock, layer)
        await ask(service)
        told = service.status.description("masten").reported
        assert (told.sources, told.as_of, told.count) == (("vendor",), None, 1)
        assert "not been polled successfully yet" in told.note
        await service.marks.use_reported("default", reported(clock, "a"))
        first = await ask(service)
        assert service.status.description("masten").reported.note is None
        clock.now += 3600
        last = await ask(service)
        assert (marked_in(last), last.etag) == (["a", "b"], first.etag)
        told = service.status.description("masten").reported
        assert (told.sources, told.age, told.by_signalen, told.by_vendor) == (("signalen", "vendor"), 3600, 1, 1)
        assert "does not answer" in told.note
        clock.now += 1
        without = await ask(service)
        assert marked_in(without) == ["b"]
        assert without.etag != first.etag
        told = service.status.description("masten").reported
        assert (told.sources, told.signalen, told.age, told.count) == (("vendor",), "default", 3601, 1)
        assert "not answered for too long" in told.note
        await service.marks.use_reported("default", reported(clock, "a"))
        assert (await ask(service)).etag == first.etag

    run(scenario)


def test_an_object_that_comes_to_another_layer_makes_an_id_ambiguous_in_both():
    async def scenario() -> None:
        clock = Clock()
        layers = [points.layer(name, reports=REPORTS) for name in ("masten", "putten")]
        answers = {"masten": points.grid(3), "putten": points.batch({"p": (4.5, 52)})}

        async def fill(layer: Layer, *_: object) -> FetchedSnapshot:
            return points.fetched(answers[layer.id], layer.id)

        service = marked_service(fill, clock, *layers)
        for name in answers:
            await service.features.features(name, EVERYTHING, NOTHING_KNOWN)
        await service.marks.use_reported("default", reported(clock, "0001"))
        assert marked_in(await ask(service)) == ["0001"]
        answers["putten"] = points.batch({"0001": (4.5, 52), "p": (4.6, 52)})
        clock.now += 3700
        await service.marks.use_reported("default", reported(clock, "0001"))
        assert service.status.description("masten").reported.count == 1
        while service.status.description("masten").reported.count:
            await service.features.features("putten", EVERYTHING, NOTHING_KNOWN)
            await asyncio.sleep(0.001)
        assert service.status.description("masten").reported.ambiguous == 1
        assert service.status.description("putten").reported.count == 0

    run(scenario)


def test_reports_of_an_instance_that_no_layer_names_any_more_are_forgotten():
    async def scenario() -> None:
        clock = Clock()
        service = marked_service(Vendor(points.fetched(points.grid(3))), clock)
        await service.marks.use_reported("default", reported(clock, "0001"))
        assert marked_in(await ask(service)) == ["0001"]
        service.reload(Catalogue((points.layer(reports={**REPORTS, "signalen": "other"}),)))
        answer = await ask(service)
        assert (marked_in(answer), answer.marks_ttl) == ([], None)
        service.reload(Catalogue((points.layer(reports=REPORTS),), instances={"default": INSTANCE}))
        assert marked_in(await ask(service)) == []
        await service.close()

    run(scenario)


def test_a_mistake_in_marking_costs_neither_the_marks_from_before_nor_the_next_ones(monkeypatch, caplog):
    async def scenario() -> None:
        clock = Clock()
        service = marked_service(Vendor(points.fetched(points.grid(3))), clock)
        await ask(service)
        await service.marks.use_reported("default", reported(clock, "0001"))
        with monkeypatch.context() as broken:
            broken.setattr("wfs_proxy.marks.match_state.match", lambda *_, **__: 1 / 0)
            await service.marks.use_reported("default", reported(clock, "0002"))
        assert marked_in(await ask(service)) == ["0001"]
        assert "Unexpected error while computing the marks of default" in caplog.text
        await service.marks.use_reported("default", reported(clock, "0002", "0000"))
        assert marked_in(await ask(service)) == ["0000", "0002"]

    run(scenario)


def test_marks_word_and_age_are_described_as_properties():
    values = {"IS_GEMELD": ("1", "0"), "n": (1, 0), "b": (True, False)}
    marks = [{"property": name, "reported": one, "otherwise": other} for name, (one, other) in values.items()]
    reports = {"mark": marks, "word": "status", "age": "sinds"}
    service = new_service(Vendor(points.fetched(points.grid(1))), Clock(), layers=(points.layer(reports=reports),))
    told = service.status.description("masten")
    assert [(field.name, field.type) for field in told.properties] == [
        ("IS_GEMELD", "string"),
        ("n", "integer"),
        ("b", "boolean"),
        ("status", "string"),
        ("sinds", "string"),
    ]
    assert told.reported is None
