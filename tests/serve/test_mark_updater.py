from __future__ import annotations

import asyncio
import dataclasses
from datetime import UTC, datetime

import geojson
import points
from clocks import Clock
from services import (
    INSTANCE,
    NOTHING_KNOWN,
    REPORTS,
    ControlledVendor,
    Services,
    ask,
    ids_in,
    marked_in,
    new_services,
    reported,
    run,
)
from waiting import PATIENCE, until

from wfs_proxy.bbox import BBox
from wfs_proxy.cache.entry import FetchedSnapshot
from wfs_proxy.cache.layer_cache import FetchSnapshot
from wfs_proxy.config.catalogue import Catalogue
from wfs_proxy.config.layer import Layer
from wfs_proxy.reports.poll_status import PollStatus
from wfs_proxy.serve.query import FeatureQuery, parse_feature_query
from wfs_proxy.serve.representation import Preconditions

BOX = BBox(4.29, 51.9, 5.5, 52.1)


def marked_service(fetch: FetchSnapshot, clock: Clock, *layers: Layer) -> Services:
    """Return services whose layers name the instance "default"."""
    catalogue = Catalogue(layers or (points.layer(reports=REPORTS),), instances={"default": INSTANCE})
    return new_services(catalogue, fetch, clock=clock)


def test_a_report_marks_its_object_and_changes_the_etag_until_it_is_closed():
    async def scenario() -> None:
        clock = Clock()
        service = marked_service(ControlledVendor(points.fetched(points.grid(3))), clock)
        etags = []
        for ids, expected in (((), []), (("0001",), ["0001"]), ((), [])):
            await service.marks.use_reported("default", reported(clock, *ids))
            answer = await ask(service, FeatureQuery(box=BOX))
            single = await service.features.feature("masten", "0001", NOTHING_KNOWN)
            assert marked_in(answer) == expected
            assert geojson.loads(single.body)["properties"]["meldingstatus"] == len(ids)
            etags.append((answer.etag, single.etag))
            again = await ask(service, FeatureQuery(box=BOX), Preconditions(if_none_match=answer.etag))
            assert (again.not_modified, again.marks_ttl) == (True, 30)
        assert etags[0] == etags[2]
        assert etags[0][0] != etags[1][0]
        assert etags[0][1] != etags[1][1]

    run(scenario)


def test_if_modified_since_is_ignored_for_a_layer_with_marks():
    async def scenario() -> None:
        clock = Clock()
        service = marked_service(ControlledVendor(points.fetched(points.grid(3))), clock)
        answer = await ask(service)
        await service.marks.use_reported("default", reported(clock, "0001"))
        known = Preconditions(if_modified_since=answer.modified_at)
        assert marked_in(await ask(service, known=known)) == ["0001"]
        assert not (await service.features.feature("masten", "0001", known)).not_modified

    run(scenario)


def test_objects_are_published_together_with_their_marks():
    async def scenario() -> None:
        clock = Clock()
        vendor = ControlledVendor(points.fetched(points.grid(3)), points.fetched(points.grid(4)))
        service = marked_service(vendor, clock)
        await service.marks.use_reported("default", reported(clock, "0003", "0001"))
        assert marked_in(await ask(service)) == ["0001"]
        clock.now += 3500
        await service.marks.use_reported("default", reported(clock, "0003", "0001"))
        clock.now += 200
        seen = set()
        async with asyncio.timeout(PATIENCE):
            while (answer := await ask(service)).returned == 3:
                seen.add(tuple(marked_in(answer)))
                await asyncio.sleep(0.001)
        assert seen == {("0001",)}
        assert marked_in(answer) == ["0001", "0003"]

    run(scenario)


def test_a_page_link_outlives_a_report():
    async def scenario() -> None:
        clock = Clock()
        service = marked_service(ControlledVendor(points.fetched(points.grid(3))), clock)
        (link,) = geojson.loads((await ask(service, FeatureQuery(limit=1))).body)["links"]
        await service.marks.use_reported("default", reported(clock, "0001"))
        following = await ask(service, parse_feature_query(link["href"].partition("?")[2]))
        assert marked_in(following) == ids_in(following)[:1] == ["0001"]

    run(scenario)


def test_marks_are_fresh_until_the_next_poll():
    async def scenario() -> None:
        clock = Clock()
        service = marked_service(ControlledVendor(points.fetched(points.grid(3))), clock)
        assert (await ask(service)).marks_ttl == 0
        reports = reported(clock, "0001")
        await service.marks.use_reported("default", reports)
        clock.now += 10
        assert (await ask(service)).marks_ttl == 20
        clock.now += 30
        assert (await ask(service)).marks_ttl == -10
        await service.marks.use_reported("default", dataclasses.replace(reports, as_of=clock()))
        answer = await ask(service)
        assert (answer.marks_ttl, marked_in(answer)) == (30, ["0001"])

    run(scenario)


def test_marks_remain_without_signalen_until_they_expire_and_only_the_vendors_count():
    async def scenario() -> None:
        clock = Clock()
        vendor = ControlledVendor(points.fetched(points.batch({"a": (4.3, 52), "b": (4.4, 52)}, vendor=[None, "J"])))
        layer = points.layer(reports={**REPORTS, "vendor": {"field": "gemeld", "values": ["J"]}})
        service = marked_service(vendor, clock, layer)
        await ask(service)
        state = service.status.description("masten").reported
        assert (state.sources, state.as_of, state.count) == (("vendor",), None, 1)
        assert "not been polled successfully yet" in state.note
        await service.marks.use_reported("default", reported(clock, "a"))
        first = await ask(service)
        assert service.status.description("masten").reported.note is None
        clock.now += 3600
        last = await ask(service)
        assert (marked_in(last), last.etag) == (["a", "b"], first.etag)
        state = service.status.description("masten").reported
        assert (state.sources, state.age, state.by_signalen, state.by_vendor) == (("signalen", "vendor"), 3600, 1, 1)
        assert "does not answer" in state.note
        clock.now += 1
        without = await ask(service)
        assert marked_in(without) == ["b"]
        assert without.etag != first.etag
        state = service.status.description("masten").reported
        assert (state.sources, state.signalen, state.age, state.count) == (("vendor",), "default", 3601, 1)
        assert "not answered for too long" in state.note
        await service.marks.use_reported("default", reported(clock, "a"))
        assert (await ask(service)).etag == first.etag

    run(scenario)


def test_a_new_object_in_another_layer_makes_an_id_ambiguous_in_both():
    async def scenario() -> None:
        clock = Clock()
        layers = [points.layer(name, reports=REPORTS) for name in ("masten", "putten")]
        answers = {"masten": points.grid(3), "putten": points.batch({"p": (4.5, 52)})}

        async def fetch(layer: Layer, *_: object) -> FetchedSnapshot:
            return points.fetched(answers[layer.id], layer.id)

        service = marked_service(fetch, clock, *layers)
        for name in answers:
            await ask(service, layer=name)
        await service.marks.use_reported("default", reported(clock, "0001"))
        assert marked_in(await ask(service)) == ["0001"]
        answers["putten"] = points.batch({"0001": (4.5, 52), "p": (4.6, 52)})
        clock.now += 3700
        await service.marks.use_reported("default", reported(clock, "0001"))
        assert service.status.description("masten").reported.count == 1
        await ask(service, layer="putten")
        await until(lambda: service.status.description("masten").reported.count == 0)
        assert service.status.description("masten").reported.ambiguous == 1
        assert service.status.description("putten").reported.count == 0

    run(scenario)


def test_an_unexpected_error_while_marking_keeps_the_previous_marks_and_allows_the_next(monkeypatch, caplog):
    async def scenario() -> None:
        clock = Clock()
        service = marked_service(ControlledVendor(points.fetched(points.grid(3))), clock)
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


def test_signalen_that_is_being_read_for_long_is_not_said_to_be_away():
    async def scenario() -> None:
        clock = Clock()
        service = marked_service(ControlledVendor(points.fetched(points.grid(3))), clock)
        await ask(service)
        await service.marks.use_reported("default", reported(clock, "0001"))
        clock.now += 600
        notes = []
        for reading in (False, True):
            service.polls.state = PollStatus(
                instance="default",
                public_only=False,
                as_of=None,
                signals=0,
                reading=reading,
                good=0,
                failed=0,
                error=None,
                unknown=(),
                malformed=0,
            )
            notes.append(service.status.description("masten").reported.note)
        assert "does not answer" in notes[0]
        assert "is being read" in notes[1]

    run(scenario)


def test_time_of_the_poll_is_shown_although_no_report_is_open():
    async def scenario() -> None:
        clock = Clock()
        service = marked_service(ControlledVendor(points.fetched(points.grid(3))), clock)
        await ask(service)
        await service.marks.use_reported("default", reported(clock))
        at = datetime.fromtimestamp(clock(), UTC)
        clock.now += 5
        state = service.status.description("masten").reported
        assert (state.as_of, state.age, state.count) == (at, 5.0, 0)

    run(scenario)
