from __future__ import annotations

import asyncio
from collections.abc import Callable

import geojson
import points
import pytest
from clocks import Clock
from services import EVERYTHING, NOTHING_KNOWN, ControlledVendor, Services, ask, ids_in, new_services, run
from waiting import until

from wfs_proxy.bbox import BBox
from wfs_proxy.cache.entry import FetchedSnapshot
from wfs_proxy.config.catalogue import Catalogue
from wfs_proxy.config.layer import Layer
from wfs_proxy.errors import Gone, NotFound, NotReady, UpstreamUnreachable
from wfs_proxy.filters.expression import (
    Area,
    Comparison,
    Expression,
    In,
    Intersects,
    Like,
    LikePattern,
    any_of,
    opposite_of,
)
from wfs_proxy.serve import feature_service
from wfs_proxy.serve.query import DEFAULT_LIMIT, FeatureQuery, parse_feature_query
from wfs_proxy.serve.representation import Preconditions

BOX = BBox(4.29, 51.9, 5.5, 52.1)


def new_service(
    vendor: ControlledVendor, clock: Clock, *, layers: tuple[Layer, ...] = (), **options: object
) -> Services:
    return new_services(Catalogue(layers or (points.layer(),)), vendor, clock=clock, **options)


def count(services: Services) -> int | None:
    """Return the number of objects that are served."""
    return services.status.description("masten").count


def failures_of(services: Services) -> int:
    """Return how many fetches have failed since the last success."""
    failure = services.status.description("masten").failure
    return 0 if failure is None else failure.in_a_row


def test_a_thousand_cold_requests_ask_the_vendor_once():
    async def scenario() -> None:
        vendor = ControlledVendor(points.fetched(points.grid(3)))
        vendor.gate.clear()
        service = new_service(vendor, Clock())
        requests = [asyncio.create_task(ask(service)) for _ in range(1000)]
        await until(lambda: vendor.asked == 1)
        vendor.gate.set()
        answers = await asyncio.gather(*requests)
        assert vendor.asked == 1
        assert {answer.etag for answer in answers} == {answers[0].etag}
        assert all(answer.waited for answer in answers)

    run(scenario)


def test_a_cold_request_waits_for_a_limited_time():
    async def scenario() -> None:
        vendor = ControlledVendor(points.fetched(points.grid(3)))
        vendor.gate.clear()
        service = new_service(vendor, Clock(), cold_wait=0.01)
        with pytest.raises(NotReady, match="is being fetched") as refused:
            await ask(service)
        assert 1 <= refused.value.retry_after <= 30
        vendor.gate.set()
        assert ids_in(await ask(service)) == ["0000", "0001", "0002"]
        assert vendor.asked == 1

    run(scenario)


def test_a_failed_fetch_is_not_repeated_at_once():
    async def scenario() -> None:
        clock = Clock()
        vendor = ControlledVendor(UpstreamUnreachable("no answer from the vendor"))
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


def test_stale_data_are_served_at_once_while_one_fetch_runs():
    async def scenario() -> None:
        clock = Clock()
        vendor = ControlledVendor(points.fetched(points.grid(3)), points.fetched(points.grid(4)))
        service = new_service(vendor, clock)
        await ask(service)
        vendor.gate.clear()
        clock.now += 3700
        stale = [await ask(service) for _ in range(5)]
        assert [len(ids_in(answer)) for answer in stale] == [3] * 5
        assert stale[0].ttl == -100
        vendor.gate.set()
        await until(lambda: count(service) == 4)
        assert len(ids_in(await ask(service))) == 4
        assert vendor.asked == 2

    run(scenario)


def test_stale_data_are_served_without_a_vendor_until_they_expire():
    async def scenario() -> None:
        clock = Clock()
        vendor = ControlledVendor(points.fetched(points.grid(3)), UpstreamUnreachable("unreachable"))
        service = new_service(vendor, clock)
        await ask(service)
        for failures in range(24):
            clock.now += 3600
            assert len(ids_in(await ask(service))) == 3
            await until(lambda failed=failures + 1: failures_of(service) == failed)
        clock.now += 3600
        with pytest.raises(NotReady, match="unreachable"):
            await ask(service)

    run(scenario)


def test_an_unknown_layer_or_object_is_not_found():
    async def scenario() -> None:
        service = new_service(ControlledVendor(points.fetched(points.grid(1))), Clock())
        with pytest.raises(NotFound, match="did you mean 'masten'"):
            await service.features.features("mastn", EVERYTHING, NOTHING_KNOWN)
        with pytest.raises(NotFound, match="9999"):
            await service.features.feature("masten", "masten.9999", NOTHING_KNOWN)

    run(scenario)


def test_too_many_objects_without_a_limit_are_cut_to_those_nearest_the_centre():
    async def scenario() -> None:
        service = new_service(ControlledVendor(points.fetched(points.grid(DEFAULT_LIMIT + 10))), Clock())
        answer = await ask(service, FeatureQuery(box=BBox(4.2, 51.9, 4.4, 52.1)))
        assert (answer.matched, answer.returned, answer.truncated) == (1001, 1001, False)
        answer = await ask(service, FeatureQuery(box=BBox(4.0, 51.9, 6.0, 52.1)))
        assert (answer.matched, answer.returned, answer.truncated) == (DEFAULT_LIMIT + 10, DEFAULT_LIMIT, True)
        assert ids_in(answer)[0] == "0010"
        assert "links" not in geojson.loads(answer.body)

    run(scenario)


@pytest.mark.parametrize("query", [FeatureQuery(limit=3), FeatureQuery(box=BOX, limit=3)], ids=["layer", "box"])
def test_pages_contain_every_object_once_sorted_by_id(query):
    async def scenario() -> None:
        service = new_service(
            ControlledVendor(points.fetched(points.grid(10))), Clock(), public_url="https://example.org/proxy"
        )
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


def test_a_layer_over_the_default_limit_is_truncated_and_can_be_paged():
    async def scenario() -> None:
        service = new_service(ControlledVendor(points.fetched(points.grid(DEFAULT_LIMIT + 1))), Clock())
        answer = await ask(service)
        assert answer.truncated
        (link,) = geojson.loads(answer.body)["links"]
        rest = await ask(service, parse_feature_query(link["href"].partition("?")[2]))
        assert (ids_in(rest), rest.truncated) == ([f"{DEFAULT_LIMIT:04d}"], False)

    run(scenario)


def test_a_page_link_is_gone_after_a_refresh():
    async def scenario() -> None:
        clock = Clock()
        service = new_service(ControlledVendor(points.fetched(points.grid(3)), points.fetched(points.grid(4))), clock)
        (link,) = geojson.loads((await ask(service, FeatureQuery(limit=1))).body)["links"]
        following = parse_feature_query(link["href"].partition("?")[2])
        assert ids_in(await ask(service, following)) == ["0001"]
        clock.now += 3700
        await ask(service)
        await until(lambda: count(service) == 4)
        with pytest.raises(Gone):
            await ask(service, following)

    run(scenario)


def test_the_etag_depends_on_content_and_query_only():
    async def scenario() -> None:
        clock = Clock()
        service = new_service(ControlledVendor(points.fetched(points.grid(3)), points.fetched(points.grid(4))), clock)
        first = await ask(service, FeatureQuery(box=BOX))
        clock.now += 10
        assert (await ask(service, FeatureQuery(box=BOX))).etag == first.etag
        assert (await ask(service, FeatureQuery(box=BOX, limit=2))).etag != first.etag
        assert (await ask(service)).etag != first.etag
        clock.now += 3700
        await ask(service)
        await until(lambda: count(service) == 4)
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
def test_a_client_with_a_current_copy_gets_no_body(known, not_modified):
    async def scenario() -> None:
        service = new_service(ControlledVendor(points.fetched(points.grid(3))), Clock())
        answer = await ask(service)
        again = await ask(service, known=known(answer))
        assert (again.not_modified, again.body == b"") == (not_modified, not_modified)
        single = await service.features.feature("masten", "0001", NOTHING_KNOWN)
        again = await service.features.feature("masten", "0001", known(single))
        assert (again.not_modified, again.body == b"") == (not_modified, not_modified)

    run(scenario)


@pytest.mark.parametrize("query", ["", "bbox=4,51,5,53", "bbox=4.3,51,4.305,53", "bbox=4,51,5,53&limit=7"])
def test_a_large_answer_is_made_outside_the_event_loop_and_is_the_same(monkeypatch, query):
    async def scenario() -> None:
        threads = set()

        async def offload(function: Callable[[], object]) -> object:
            threads.add("offloaded")
            return await asyncio.to_thread(function)

        asked = parse_feature_query(query)
        small = await ask(new_service(ControlledVendor(points.fetched(points.grid(100))), Clock()), asked)
        monkeypatch.setattr(feature_service, "OFFLOAD_FROM", 10)
        large = await ask(
            new_service(ControlledVendor(points.fetched(points.grid(100))), Clock(), offload=offload), asked
        )
        assert (large.body, large.etag) == (small.body, small.etag)
        assert threads == {"offloaded"}

    run(scenario)


def zigzag(count: int, top: float = 52.1) -> Expression:
    """Everything between the teeth of a saw around the grid."""
    teeth = [(4.2 + number * 0.3 / count, 51.9 if number % 2 else 51.95) for number in range(count)]
    return Intersects(Area((((*teeth, (4.5, top), (4.2, top), teeth[0]),),)))


NAMED = {"properties": {"fields": {"naam": "string"}}}
SLOW_FILTERS = [
    zigzag(5_000),
    any_of([zigzag(600, 52.1 + number / 100) for number in range(10)]),
    Like("naam", LikePattern.of("%a_%b_")),
    Like("naam", LikePattern.of("%a%b%c%")),
    Comparison("naam", "=", "a", match_case=False),
    opposite_of(In("naam", ("a", "b"), match_case=False)),
]


def named_lamps() -> FetchedSnapshot:
    """As many names as objects."""
    places = {f"{number:04d}": (4.3 + number * 1e-5, 52.0) for number in range(2_500)}
    return points.fetched(points.batch(places, {"naam": [f"a lamp called {name}" for name in places]}))


@pytest.mark.parametrize("expression", SLOW_FILTERS, ids=range(len(SLOW_FILTERS)))
@pytest.mark.parametrize("box", [None, BOX])
def test_a_slow_filter_runs_outside_the_event_loop_and_alone(expression, box):
    async def scenario() -> None:
        running, together = 0, []
        go_on = asyncio.Event()

        async def offload(function: Callable[[], object]) -> object:
            nonlocal running
            running += 1
            together.append(running)
            await go_on.wait()
            try:
                return await asyncio.to_thread(function)
            finally:
                running -= 1

        layer = points.layer(**NAMED)
        services = new_service(ControlledVendor(named_lamps()), Clock(), layers=(layer,), offload=offload)
        await ask(services)
        slow = [
            asyncio.create_task(ask(services, FeatureQuery(box=box, filter=expression, limit=number)))
            for number in range(1, 6)
        ]
        await until(lambda: together == [1])
        # of somebody else's map
        answer = await ask(services, parse_feature_query("bbox=4.3,51.9,4.301,52.1"))
        assert answer.matched == 101
        assert not any(task.done() for task in slow)
        go_on.set()
        await asyncio.gather(*slow)
        assert together == [1] * 5

    run(scenario)


def test_a_slow_filter_of_a_download_runs_outside_the_event_loop():
    async def scenario() -> None:
        offloaded = []

        async def offload(function: Callable[[], object]) -> object:
            offloaded.append(function)
            return await asyncio.to_thread(function)

        services = new_service(ControlledVendor(named_lamps()), Clock(), offload=offload)
        query = FeatureQuery(filter=zigzag(5_000))
        _, found = await services.features.found("masten", query, "csv", NOTHING_KNOWN)
        assert found.selection.matched == 2_500
        assert len(offloaded) == 1

    run(scenario)


@pytest.mark.parametrize(
    "expression",
    [
        zigzag(10),
        Intersects(BOX),
        Comparison("naam", "=", "a lamp called 0001"),
        Comparison("merk", "<>", "a", match_case=False),
        Like("merk", LikePattern.of("%a_%b_")),
    ],
    ids=range(5),
)
def test_a_fast_filter_does_not_wait_for_slow_ones(expression):
    async def scenario() -> None:
        async def offload(_: Callable[[], object]) -> object:
            raise AssertionError("it is fast")

        layer = points.layer(properties={"fields": {"naam": "string", "merk": "string"}})
        lamps = points.grid(100)
        lamps = points.batch(
            dict(zip(lamps.ids, map(tuple, lamps.lonlat), strict=True)),
            {"naam": [f"a lamp called {name}" for name in lamps.ids], "merk": ["x", "y"] * 50},
        )
        services = new_service(ControlledVendor(points.fetched(lamps)), Clock(), layers=(layer,), offload=offload)
        assert (await ask(services, FeatureQuery(filter=expression))).body

    run(scenario)


@pytest.mark.parametrize("extent", [[4.18, 51.9, 4.42, 52.13], None])
def test_a_box_with_latitude_first_of_a_layer_in_cells_is_swapped_by_the_declared_extent(extent):
    async def scenario() -> None:
        source = {"type": "wfs", "url": "http://127.0.0.1:9/wfs", "type_names": ["a"], "extent": extent}
        layer = points.layer(source=source, fetch={"mode": "cells"})
        services = new_service(ControlledVendor(points.fetched(points.grid(3))), Clock(), layers=(layer,))
        right = await ask(services, parse_feature_query("bbox=4.2999,51.9999,4.3001,52.0001"))
        other = await ask(services, parse_feature_query("bbox=51.9999,4.2999,52.0001,4.3001"))
        assert right.body
        assert (other.swapped, other.etag == right.etag) == (extent is not None, extent is not None)
        await services.close()

    run(scenario)
