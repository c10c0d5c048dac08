"""Deleted signals lose their marks within minutes, for a few requests."""

from __future__ import annotations

import random

import pytest
from a_signalen import LIGHT, PLACE, WASTE, ASignalen, at, poll, scope_of_lights

from wfs_proxy.reports.deleted_signals import MOST_REQUESTS
from wfs_proxy.reports.private_feed import SEARCH_EVERY, PrivateFeed

pytestmark = pytest.mark.anyio


def known(feed: PrivateFeed) -> set[int]:
    return set(feed.reported(0.0).signals)


def searches(signalen: ASignalen) -> list[str]:
    """Return the requests that are not increments."""
    return [str(query) for query in signalen.asked if query.get("ordering") != "updated_at"]


@pytest.fixture
def signalen() -> ASignalen:
    made = ASignalen()
    chance = random.Random(1)
    for _ in range(2000):
        made.backend.create(PLACE, chance.choice((LIGHT, WASTE)))
        made.later(chance.choice((0, 0, 0, 1, 30)))
    return made


@pytest.mark.parametrize("count", [1, 2, 5])
async def test_deleted_signals_are_found_between_full_synchronisations(signalen: ASignalen, count: int):
    chance = random.Random(count)
    async with signalen.http() as http:
        feed = signalen.feed(http, page_size=100, full_sync=86400)
        await poll(feed)
        before = known(feed)
        gone = chance.sample(sorted(before), count)
        for number in gone:
            signalen.backend.delete(signalen.backend.find(number))
        signalen.later(SEARCH_EVERY)
        signalen.asked.clear()
        await poll(feed)

    assert known(feed) == before - set(gone) == signalen.open_ids()
    assert len(searches(signalen)) <= 20 * count


async def test_one_request_every_five_minutes_tells_that_nothing_was_deleted(signalen: ASignalen):
    async with signalen.http() as http:
        feed = signalen.feed(http, page_size=100, full_sync=86400)
        await poll(feed)
        signalen.asked.clear()
        for _ in range(20):
            signalen.later(60)
            await poll(feed)

    assert len(searches(signalen)) == 4
    assert {query["page_size"] for query in signalen.asked if "ordering" not in query} == {"1"}


async def test_signal_that_changes_during_the_search_is_not_taken_for_deleted(signalen: ASignalen):
    closed = next(iter(sorted(signalen.open_ids())))
    async with signalen.http() as http:
        feed = signalen.feed(http, page_size=100, full_sync=86400)
        await poll(feed)
        signalen.later(SEARCH_EVERY)
        await feed.refresh()
        signalen.backend.set_status(signalen.backend.find(closed), "o")
        assert await feed.find_disappeared()
        assert known(feed) == signalen.open_ids()
        signalen.backend.set_status(signalen.backend.find(closed), "reopened")
        signalen.later()
        await poll(feed)

    assert known(feed) == signalen.open_ids()


@pytest.mark.parametrize("at_once", [10, 400], ids=["few", "many"])
async def test_deleted_signals_among_many_of_one_time_are_found(at_once: int):
    signalen = ASignalen()
    for _ in range(at_once):
        signalen.backend.create(PLACE, LIGHT, at=at(signalen.clock.now))
    signalen.later(600)
    async with signalen.http() as http:
        feed = signalen.feed(http, page_size=100, full_sync=86400)
        await poll(feed)
        signalen.backend.delete(signalen.backend.find(7))
        signalen.later(SEARCH_EVERY)
        await poll(feed)

    assert known(feed) == signalen.open_ids()


async def test_too_many_deleted_signals_begin_a_full_synchronisation(signalen: ASignalen):
    chance = random.Random(3)
    async with signalen.http() as http:
        feed = signalen.feed(http, page_size=100, full_sync=86400)
        await poll(feed)
        for number in chance.sample(sorted(known(feed)), 300):
            signalen.backend.delete(signalen.backend.find(number))
        signalen.later(SEARCH_EVERY)
        signalen.asked.clear()
        await poll(feed)
        assert len(searches(signalen)) <= MOST_REQUESTS + 1
        signalen.later()
        await poll(feed)

    assert known(feed) == signalen.open_ids()


async def test_category_that_signalen_forgets_does_not_stop_the_search(signalen: ASignalen):
    scope = scope_of_lights("bestaat-niet")
    async with signalen.http() as http:
        feed = signalen.feed(http, scope, page_size=100, full_sync=86400)
        await poll(feed)
        gone = min(known(feed))
        signalen.backend.delete(signalen.backend.find(gone))
        signalen.later(SEARCH_EVERY)
        await poll(feed)

    assert gone not in known(feed)
    assert feed.unknown == ("bestaat-niet",)


async def test_failed_search_is_reported_and_removes_nothing(signalen: ASignalen):
    async with signalen.http() as http:
        feed = signalen.feed(http, page_size=100, full_sync=86400)
        await poll(feed)
        before = known(feed)
        signalen.backend.delete(signalen.backend.find(min(before)))
        signalen.later(SEARCH_EVERY)

        def fail(query) -> None:
            signalen.backend.maintenance = query.get("ordering") != "updated_at"

        signalen.before = fail
        await poll(feed)
        assert known(feed) == before
        assert "cannot be found" in feed.error
        signalen.before, signalen.backend.maintenance = (lambda _: None), False
        signalen.later(SEARCH_EVERY)
        await poll(feed)

    assert known(feed) == signalen.open_ids()
    assert feed.error is None


async def test_layer_without_an_open_report_needs_no_search():
    signalen = ASignalen()
    signalen.backend.create(PLACE, WASTE)
    async with signalen.http() as http:
        feed = signalen.feed(http, full_sync=86400)
        await poll(feed)
        signalen.later(SEARCH_EVERY)
        signalen.asked.clear()
        await poll(feed)

    assert searches(signalen) == []
