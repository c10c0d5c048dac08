"""The public geography: place and category, half an hour late."""

from __future__ import annotations

import asyncio

import pytest
from a_signalen import LIGHT, ASignalen, scope_of_lights

from wfs_proxy.bbox import BBox
from wfs_proxy.config.signalen_file import SignalenInstance
from wfs_proxy.http.client import HttpClients
from wfs_proxy.reports import public_feed
from wfs_proxy.reports.client import SignalenClient
from wfs_proxy.reports.public_feed import PublicFeed

pytestmark = pytest.mark.anyio

GRONINGEN = (6.54, 53.20, 6.59, 53.23)
HIDDEN = "put-riolering-verstopt"


def feed_of(signalen: ASignalen, http: HttpClients, *more: str, box: BBox | None = GRONINGEN) -> PublicFeed:
    instance = SignalenInstance(url=signalen.instance().url)
    client = SignalenClient(instance, http, asyncio.to_thread)
    return PublicFeed(client, instance, scope_of_lights(*more), signalen.clock, lambda: box)


def places(feed: PublicFeed) -> set:
    return {signal.place for signal in feed.reported(0.0).signals.values()}


async def test_open_signals_come_by_place_and_category_and_leave_when_the_view_is_refreshed():
    signalen = ASignalen()
    backend = signalen.backend
    here = [backend.create((6.55 + number / 1000, 53.21), LIGHT) for number in range(3)]
    backend.create((6.57, 53.22), "container-is-vol")
    backend.create((4.3, 52.06), LIGHT)
    backend.refresh_public_geography()
    async with signalen.http() as http:
        feed = feed_of(signalen, http)
        await feed.refresh()
        assert places(feed) == {signal.place for signal in here}
        assert feed.reported(5.0).public_only

        signalen.later()
        backend.set_status(here[0], "o")
        await feed.refresh()
        assert len(places(feed)) == 3, "the view is not refreshed at every change"
        backend.refresh_public_geography()
        await feed.refresh()

    assert places(feed) == {signal.place for signal in here[1:]}


async def test_category_that_is_not_public_is_reported_and_left_out():
    signalen = ASignalen()
    signalen.backend.create((6.55, 53.21), LIGHT)
    signalen.backend.refresh_public_geography()
    async with signalen.http() as http:
        feed = feed_of(signalen, http, HIDDEN)
        await feed.refresh()

    assert feed.unknown == (HIDDEN,)
    assert HIDDEN in feed.categories, "it exists, but is not public"
    assert places(feed) == {(6.55, 53.21)}


async def test_all_pages_are_read(monkeypatch):
    monkeypatch.setattr(public_feed, "ROWS", 4)
    signalen = ASignalen()
    for number in range(11):
        signalen.backend.create((6.55 + number / 1000, 53.21), LIGHT)
    signalen.backend.refresh_public_geography()
    async with signalen.http() as http:
        feed = feed_of(signalen, http)
        await feed.refresh()

    assert len(places(feed)) == 11
    assert [query.get("geopage") for query in signalen.asked[-3:]] == ["1", "2", "3"]


@pytest.mark.parametrize("count", [0, 4])
async def test_last_page_that_is_full_or_empty_ends_the_reading(monkeypatch, count: int):
    monkeypatch.setattr(public_feed, "ROWS", 4)
    signalen = ASignalen()
    for number in range(count):
        signalen.backend.create((6.55 + number / 1000, 53.21), LIGHT)
    signalen.backend.refresh_public_geography()
    async with signalen.http() as http:
        feed = feed_of(signalen, http)
        await feed.refresh()

    assert len(places(feed)) == count


async def test_while_nothing_is_known_of_the_objects_the_whole_country_is_read():
    signalen = ASignalen()
    signalen.backend.create((4.3, 52.06), LIGHT)
    signalen.backend.refresh_public_geography()
    async with signalen.http() as http:
        feed = feed_of(signalen, http, box=None)
        await feed.refresh()

    assert places(feed) == {(4.3, 52.06)}
