"""Pages that a slow Signalen answers in time."""

from __future__ import annotations

import asyncio
import json
from http.client import OK

import needs
import pytest
import vendor
from a_signalen import LIGHT, PLACE, WASTE, ASignalen, at, poll
from vendor import Answer, Seen

from wfs_proxy.config.signalen_file import SignalenInstance
from wfs_proxy.errors import UpstreamError, UpstreamUnreachable
from wfs_proxy.http.bodies import BodyLimits
from wfs_proxy.http.client import HttpClients
from wfs_proxy.http.policy import HttpPolicy
from wfs_proxy.reports.client import SignalenClient
from wfs_proxy.reports.page_size import COMFORTABLE, PageSize
from wfs_proxy.reports.private_feed import PrivateFeed

pytestmark = pytest.mark.anyio

BUSY = 0.06
"""Seconds for each row of a busy Signalen."""


def known(feed: PrivateFeed) -> set[int]:
    return set(feed.reported(0.0).signals)


async def polls_until_whole(signalen: ASignalen, feed: PrivateFeed, most: int) -> int:
    """Poll until a poll succeeds. Return how many it took."""
    for count in range(1, most + 1):
        try:
            await poll(feed)
        except UpstreamError:
            signalen.later()
        else:
            return count
    pytest.fail(f"no success in {most} polls")


async def test_large_pages_are_read_although_signalen_is_busy():
    """With `page_size: 1000` nothing was ever read: each request took longer than Signalen's time limit."""
    signalen = ASignalen()
    for _ in range(3000):
        signalen.backend.create(PLACE, LIGHT, at=at(signalen.clock.now))
        signalen.later(1)
    signalen.seconds_per_row, signalen.time_limit = BUSY, 15.0
    async with signalen.http() as http:
        feed = signalen.feed(http, page_size=1000, auth=token(signalen))
        assert await polls_until_whole(signalen, feed, 1) == 1

    assert known(feed) == signalen.open_ids()
    assert signalen.cut_off <= 2


@pytest.mark.parametrize("orders", ["created_at", "updated_at"])
@pytest.mark.parametrize("page_size", [100, 1000])
async def test_three_thousand_signals_of_one_time_are_read_although_signalen_is_busy(orders: str, page_size: int):
    """The page doubled to 1,600 rows, and no request was ever answered again."""
    signalen = ASignalen()
    for _ in range(500):
        signalen.backend.create(PLACE, LIGHT)
        signalen.later(1)
    async with signalen.http() as http:
        feed = signalen.feed(http, page_size=page_size, auth=token(signalen))
        if orders == "updated_at":
            await poll(feed)
        signalen.later(600)
        moment = at(signalen.clock.now)
        for _ in range(3000):
            signalen.backend.create(PLACE, LIGHT, at=moment)
        signalen.later(600)
        signalen.seconds_per_row, signalen.time_limit = BUSY, 15.0
        assert await polls_until_whole(signalen, feed, 1) == 1
        assert known(feed) == signalen.open_ids()
        signalen.later(600)
        await poll(feed)
        signalen.asked.clear()
        signalen.later(600)
        await feed.refresh()

    assert signalen.cut_off <= 2
    assert len(signalen.asked) == 1


async def test_recorded_import_of_three_thousand_signals_is_read():
    """At the speed of the real backend that never answered again: a page of 1,600 rows took more than 15 s."""
    recorded = needs.corpus() / "signalen" / "second" / "same_updated_at_requests.jsonl"
    answers = [json.loads(line) for line in recorded.read_text().splitlines()]
    slowest = max(row["ms"] / 1000 / row["n"][1] for row in answers if row["s"] == OK and row["n"][1] >= 100)
    signalen = ASignalen()
    signalen.backend.create(PLACE, LIGHT)
    async with signalen.http() as http:
        feed = signalen.feed(http, page_size=100, auth=token(signalen))
        await poll(feed)
        signalen.later(600)
        moment = at(signalen.clock.now)
        for _ in range(3000):
            signalen.backend.create(PLACE, LIGHT, at=moment)
        signalen.seconds_per_row, signalen.time_limit = slowest, 15.0
        assert await polls_until_whole(signalen, feed, 1) == 1

    assert known(feed) == signalen.open_ids()
    assert signalen.cut_off == 0


async def test_signalen_that_answers_only_tiny_pages_is_read_in_several_polls():
    signalen = ASignalen()
    for _ in range(30):
        signalen.backend.create(PLACE, LIGHT, at=at(signalen.clock.now - 600))
    signalen.seconds_per_row, signalen.time_limit = 4.0, 15.0
    async with signalen.http() as http:
        feed = signalen.feed(http, page_size=1000, auth=token(signalen))
        await polls_until_whole(signalen, feed, 6)

    assert known(feed) == signalen.open_ids()


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        (1000, r"for \d+ reports.*a lower `page_size` or a longer `timeout` in signalen\.yaml"),
        (1, r"for a single report; a longer `timeout` in signalen\.yaml"),
    ],
)
async def test_message_about_a_page_that_is_cut_off_says_what_to_set(rows: int, text: str):
    signalen = ASignalen()
    signalen.backend.create(PLACE, LIGHT)
    signalen.seconds_per_row, signalen.time_limit = 1.0, 0.5
    async with signalen.http() as http:
        client = SignalenClient(signalen.instance(auth=token(signalen)), http, asyncio.to_thread)
        size = PageSize(rows, signalen.clock)
        for before in ("was lost before the answer was complete", "circuit open", "circuit open"):
            with pytest.raises(UpstreamUnreachable, match=f"{before}.* {text}"):
                await size.ask(client, lambda rows: [("page_size", str(rows))])


async def test_pages_grow_again_when_signalen_is_fast():
    signalen = ASignalen()
    for _ in range(400):
        signalen.backend.create(PLACE, WASTE)
    async with signalen.http() as http:
        client = SignalenClient(signalen.instance(auth=token(signalen)), http, asyncio.to_thread)
        size = PageSize(200, signalen.clock)
        sizes = []
        for signalen.seconds_per_row in (0.1, 0.1, 0.2, 0.012, 0.012, 0.012, 0.0, 1.0, 1.0):
            _, rows = await size.ask(client, lambda rows: [("page_size", str(rows))])
            sizes.append(rows)

    assert sizes == [200, 50, 50, 25, 50, 100, 200, 200, 25]
    assert sizes[1] * 0.1 == COMFORTABLE


async def test_page_larger_than_the_limit_for_bodies_is_asked_for_in_parts():
    signalen = ASignalen()
    for _ in range(60):
        signalen.backend.create(PLACE, LIGHT)
        signalen.later(1)
    limits = BodyLimits(sent=40_000, decompressed=40_000)

    async def no_sleep(_: float) -> None:
        return None

    http = signalen.http(HttpPolicy(sleep=no_sleep, clock=signalen.clock, proxy_for=lambda _: None, limits=limits))
    async with http:
        feed = signalen.feed(http, page_size=60)
        await poll(feed)

    assert known(feed) == signalen.open_ids()


async def test_cut_off_connection_is_followed_by_a_smaller_request():
    """Over a real connection."""

    def scenario(seen: Seen) -> Answer:
        rows = int(seen.query["page_size"])
        body = json.dumps({"count": 0, "results": []}).encode()
        return Answer(body=body, media_type="application/json", break_within=rows > 60)

    async def no_sleep(_: float) -> None:
        return None

    with vendor.serving(scenario) as server:
        auth = {"type": "bearer", "token": "kaartje"}
        instance = SignalenInstance(url=server.url.removesuffix("/wfs"), auth=auth)
        async with HttpClients(HttpPolicy(sleep=no_sleep, proxy_for=lambda _: None)) as http:
            client = SignalenClient(instance, http, asyncio.to_thread)
            size = PageSize(500, lambda: 0.0)
            _, rows = await size.ask(client, lambda rows: [("page_size", str(rows))])

    assert [seen.query["page_size"] for seen in server.seen] == ["500", "125", "31"]
    assert rows == size.rows == 31


def token(signalen: ASignalen) -> dict[str, str]:
    """Return a token that is valid long enough."""
    return {"type": "bearer", "token": signalen.provider.mint("svc-assetproxy@example.org", lifetime=1e6)}
