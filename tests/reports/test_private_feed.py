"""Reads the open signals of the demo's Signalen correctly, although signals change between two requests."""

from __future__ import annotations

import asyncio
import random
import re
from dataclasses import replace
from datetime import datetime, timedelta

import httpx
import pytest
from a_signalen import ALL_QUESTIONS, LIGHT, PLACE, WASTE, ASignalen, at, poll, scope_of_lights

from wfs_proxy.config.signalen_states import DEFAULT_OPEN
from wfs_proxy.demo.signalen.auth import Client
from wfs_proxy.demo.signalen.records import StoredSignal
from wfs_proxy.errors import UpstreamError, UpstreamRefused
from wfs_proxy.reports import private_feed
from wfs_proxy.reports.client import QueryParameters, SignalenClient
from wfs_proxy.reports.open_signals import SignalFilter
from wfs_proxy.reports.signal_pages import SignalPage

pytestmark = pytest.mark.anyio


def known(feed: private_feed.PrivateFeed) -> set[int]:
    return set(feed.reported(0.0).signals)


@pytest.fixture
def signalen() -> ASignalen:
    return ASignalen()


def filled(signalen: ASignalen, count: int, category: str = LIGHT) -> list:
    made = []
    for _ in range(count):
        made.append(signalen.backend.create(PLACE, category))
        signalen.later(1)
    return made


async def test_first_refresh_reads_all_open_signals_and_nothing_else(signalen: ASignalen):
    lights = filled(signalen, 12)
    filled(signalen, 12, WASTE)
    for signal in lights[:4]:
        signalen.backend.set_status(signal, "o")
    async with signalen.http() as http:
        feed = signalen.feed(http)
        await poll(feed)

    assert known(feed) == {signal.id for signal in lights[4:]}
    newest, *walk = signalen.asked
    assert (newest["ordering"], newest["page_size"]) == ("-updated_at", "1")
    assert {query["ordering"] for query in walk} == {"created_at"}
    assert {frozenset(query.get_list("status")) for query in walk} == {DEFAULT_OPEN}
    assert {tuple(query.get_list("category_slug")) for query in walk} == {(LIGHT,)}
    assert not any("page" in query for query in signalen.asked)


async def test_increment_filters_neither_state_nor_category(signalen: ASignalen):
    filled(signalen, 2)
    async with signalen.http() as http:
        feed = signalen.feed(http)
        await poll(feed)
        signalen.asked.clear()
        signalen.later()
        await poll(feed)

    (query,) = signalen.asked
    assert set(query) == {"ordering", "page_size", "updated_after"}
    assert query["ordering"] == "updated_at"


@pytest.mark.parametrize("ahead", [0, 7200, -7200, 1e8], ids=["equal", "ahead", "behind", "years-ahead"])
@pytest.mark.parametrize("seconds", [60, 1000, 40_000])
async def test_increment_begins_five_minutes_before_the_last_poll_by_the_servers_clock(ahead: float, seconds: float):
    signalen = ASignalen()
    signalen.ahead = ahead
    filled(signalen, 1)
    async with signalen.http() as http:
        feed = signalen.feed(http)
        for _ in range(3):
            last = signalen.clock.now
            await poll(feed)
            signalen.asked.clear()
            signalen.later(seconds)
        await poll(feed)

    asked = signalen.asked[0]["updated_after"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", asked)
    assert datetime.fromisoformat(asked) == at(last) - timedelta(minutes=5)


@pytest.mark.parametrize("dated", [True, False], ids=["date", "no-date"])
@pytest.mark.parametrize("ahead", [0, 7200, -7200])
async def test_changes_are_seen_whatever_the_clocks_show(*, dated: bool, ahead: float):
    signalen = ASignalen()
    signalen.dated, signalen.ahead = dated, ahead
    filled(signalen, 4)
    async with signalen.http() as http:
        feed = signalen.feed(http)
        for _ in range(12):
            await poll(feed)
            signalen.later(400)
            closed = next(iter(signalen.open_ids()))
            signalen.backend.set_status(signalen.backend.find(closed), "o")
            filled(signalen, 2)
            signalen.later(30)
            await poll(feed)
            assert known(feed) == signalen.open_ids()


@pytest.mark.parametrize("dated", [True, False], ids=["date", "no-date"])
async def test_silence_after_many_changes_costs_one_small_request_per_poll(*, dated: bool):
    """800 changes in four minutes made each later poll read all of them, ten hours later too."""
    signalen = ASignalen()
    signalen.dated = dated
    signals = filled(signalen, 200)
    async with signalen.http() as http:
        feed = signalen.feed(http, page_size=100)
        await poll(feed)
        for _ in range(4):
            for signal in signals:
                signalen.later(0.3)
                signalen.backend.add_note(signal, "gezien")
            await poll(feed)
        for _ in range(6):
            signalen.later()
            await poll(feed)
        for hours in (0, 0, 0.2, 10, 0):
            signalen.later(60 + hours * 3600)
            signalen.asked.clear()
            await feed.refresh()
            (query,) = signalen.asked
            assert {"ordering", "page_size", "updated_after"} == set(query)
            answered = signalen.backend.signals()
            assert sum(row.updated_at >= datetime.fromisoformat(query["updated_after"]) for row in answered) == 0


@pytest.mark.parametrize("period", [5, 60])
@pytest.mark.parametrize("seconds_per_row", [0, 0.012])
async def test_more_changes_than_are_read_cost_one_full_synchronisation(seconds_per_row: float, period: int):
    """After 5,300 changes every poll was a full synchronisation."""
    signalen = ASignalen()
    signals = filled(signalen, 100)
    other = [signalen.backend.create(PLACE, WASTE) for _ in range(5200)]
    signalen.later(3600)
    async with signalen.http() as http:
        feed = signalen.feed(http, page_size=100, full_sync=36000)
        await poll(feed)
        signalen.later()
        for signal in signals + other:
            signalen.backend.add_note(signal, "gezien")
        signalen.backend.set_status(signals[0], "o")
        signalen.before = lambda query: signalen.later(int(query["page_size"]) * seconds_per_row)
        walks, rows = [], []
        for _ in range(1200 // period):
            signalen.later(period)
            signalen.asked.clear()
            await poll(feed)
            assert known(feed) == signalen.open_ids()
            walks.append(any(query["ordering"] == "created_at" for query in signalen.asked if "ordering" in query))
            rows.append(sum(int(query["page_size"]) for query in signalen.asked))

    assert walks[0]
    assert sum(walks) <= 2
    assert rows[-10:] == [100, *[100] * 9] or max(rows[-10:]) <= 101


@pytest.mark.parametrize("period", [60, 390, 3600])
@pytest.mark.parametrize("dated", [True, False], ids=["date", "no-date"])
async def test_time_in_the_future_does_not_hide_later_changes(*, dated: bool, period: float):
    """As a closure during an outage that was longer than the overlap, and for `poll` over five minutes."""
    signalen = ASignalen()
    signalen.dated = dated
    first, second = filled(signalen, 2)
    async with signalen.http() as http:
        feed = signalen.feed(http, poll=period, full_sync=10 * 86400)
        await poll(feed)
        future = signalen.backend.create(PLACE, LIGHT, at=at(signalen.clock.now + 10 * 86400))
        signalen.later(period)
        await poll(feed)
        assert known(feed) == {first.id, second.id, future.id}
        signalen.later(1)
        signalen.backend.set_status(first, "o")
        (new,) = filled(signalen, 1)
        signalen.later(period)
        await poll(feed)
        assert known(feed) == {second.id, future.id, new.id}
        signalen.backend.set_status(future, "o")
        signalen.later(period)
        await poll(feed)

    assert known(feed) == {second.id, new.id}


@pytest.mark.parametrize(
    "change",
    [
        lambda backend, signal: backend.set_status(signal, "o"),
        lambda backend, signal: backend.set_status(signal, "done external"),
        lambda backend, signal: backend.recategorise(signal, WASTE),
    ],
    ids=["closed", "done-elsewhere", "moved-to-another-category"],
)
async def test_signal_that_is_no_longer_ours_leaves_at_the_next_poll(signalen: ASignalen, change):
    first, second = filled(signalen, 2)
    async with signalen.http() as http:
        feed = signalen.feed(http)
        await poll(feed)
        signalen.later()
        change(signalen.backend, first)
        await poll(feed)

    assert known(feed) == {second.id}


async def test_deleted_signal_leaves_at_the_next_full_synchronisation(signalen: ASignalen):
    first, second = filled(signalen, 2)
    async with signalen.http() as http:
        feed = signalen.feed(http, full_sync=600)
        await poll(feed)
        signalen.backend.delete(first)
        signalen.later()
        await poll(feed)
        assert known(feed) == {first.id, second.id}
        signalen.later(600)
        await poll(feed)

    assert known(feed) == {second.id}


async def test_transaction_that_commits_late_is_not_missed(signalen: ASignalen):
    async with signalen.http() as http:
        feed = signalen.feed(http)
        filled(signalen, 3)
        await poll(feed)
        signalen.later(240)
        filled(signalen, 1)
        await poll(feed)
        late = signalen.backend.create(PLACE, LIGHT, at=at(signalen.clock.now - 200))
        signalen.later()
        await poll(feed)

    assert late.id in known(feed)


async def test_rows_that_move_while_pages_are_read_are_not_missed(signalen: ASignalen):
    """Each edit takes a row away before the place where a page number would go on."""
    signals = filled(signalen, 23)
    async with signalen.http() as http:
        feed = signalen.feed(http)
        await poll(feed)
        signalen.later()
        for signal in signals:
            signalen.backend.set_status(signal, "o")
            signalen.later(1)
        turn = iter(signals)

        def edit(_: object) -> None:
            signal = next(turn, None)
            if signal is not None:
                signalen.backend.add_note(signal, "gezien")
                signalen.later(1)

        signalen.before = edit
        await poll(feed)

    assert known(feed) == set()


@pytest.mark.parametrize("orders", ["created_at", "updated_at"])
@pytest.mark.parametrize("page_size", [1, 2, 5, 7, 100])
async def test_signals_of_one_time_are_read_by_number(signalen: ASignalen, orders: str, page_size: int):
    moment = at(signalen.clock.now)
    async with signalen.http() as http:
        feed = signalen.feed(http, page_size=page_size)
        if orders == "updated_at":
            filled(signalen, 1)
            await poll(feed)
            signalen.later()
            moment = at(signalen.clock.now)
        for _ in range(33):
            signalen.backend.create(PLACE, LIGHT, at=moment)
        signalen.later()
        filled(signalen, 17)
        await poll(feed)

    assert known(feed) == signalen.open_ids()
    assert {int(query["page_size"]) for query in signalen.asked} <= {1, page_size}


@pytest.mark.parametrize("seed", range(8))
async def test_signals_that_leave_their_moment_hide_no_others(signalen: ASignalen, seed: int):
    chance = random.Random(seed)
    filled(signalen, 1)
    async with signalen.http() as http:
        feed = signalen.feed(http)
        await poll(feed)
        signalen.later()
        moment = at(signalen.clock.now)
        crowd = [signalen.backend.create(PLACE, chance.choice((LIGHT, WASTE)), at=moment) for _ in range(60)]
        signalen.later()

        def close(signal: StoredSignal) -> None:
            signalen.backend.set_status(signal, "o")

        def recategorise(signal: StoredSignal) -> None:
            signalen.backend.recategorise(signal, LIGHT)

        def edit(_: object) -> None:
            signalen.later(1)
            for signal in chance.sample(crowd, chance.randrange(12)):
                if chance.random() < 0.1 and signalen.backend.find(signal.id):
                    signalen.backend.delete(signal)
                elif signalen.backend.find(signal.id):
                    chance.choice((close, recategorise))(signal)

        signalen.before = edit
        await poll(feed)
        signalen.before = lambda _: None
        unchanged = {s.id for s in crowd if s.updated_at == moment and s.category == LIGHT}
        assert unchanged & signalen.open_ids() <= known(feed)


async def test_moment_that_most_signals_leave_has_fewer_pages(signalen: ASignalen):
    filled(signalen, 1)
    async with signalen.http() as http:
        feed = signalen.feed(http)
        await poll(feed)
        signalen.later()
        moment = at(signalen.clock.now)
        crowd = [signalen.backend.create(PLACE, LIGHT, at=moment) for _ in range(60)]
        signalen.later()

        def close_most(query: httpx.QueryParams) -> None:
            if query.get("page") == "12":
                for signal in crowd[7:]:
                    signalen.backend.set_status(signal, "o")

        signalen.before = close_most
        await poll(feed)

    assert known(feed) == signalen.open_ids()
    assert len(known(feed)) == 8


async def test_rows_that_no_parser_accepts_do_not_stop_the_paging(signalen: ASignalen):
    """Anybody can post a number of a thousand digits."""
    filled(signalen, 3)
    for _ in range(23):
        signalen.later(1)
        signalen.backend.create(PLACE, LIGHT, extra_properties=[{"id": "q", "answer": 10**999, "updated_at": "x"}])
    signalen.later(1)
    lights = filled(signalen, 7)
    async with signalen.http() as http:
        feed = signalen.feed(http)
        await poll(feed)
        signalen.later()
        for signal in list(signalen.backend.signals())[:26]:
            signalen.later(1)
            signalen.backend.add_note(signal, "gezien")
        signalen.backend.set_status(lights[0], "o")
        await poll(feed)

    assert len(known(feed)) == 9
    assert lights[0].id not in known(feed)
    assert feed.malformed >= 46


async def test_closed_signals_cost_nothing(signalen: ASignalen):
    closed = [signalen.backend.create(PLACE, LIGHT) for _ in range(300)]
    for signal in closed:
        signalen.backend.set_status(signal, "o")
    signalen.later(3600)
    filled(signalen, 10)
    async with signalen.http() as http:
        feed = signalen.feed(http)
        await poll(feed)
        assert len(signalen.asked) <= 5
        signalen.later()
        await poll(feed)

    assert known(feed) == signalen.open_ids()
    assert len(signalen.asked) <= 12


async def test_two_million_changed_signals_are_not_read(signalen: ASignalen):
    """As after a migration that changed every row: Signalen's count of the first page decides."""
    lights = filled(signalen, 10)
    asked = []

    class Counted(SignalenClient):
        async def private_page(self, parameters: QueryParameters) -> SignalPage:
            query = list(parameters)
            asked.append(dict(query))
            page = await super().private_page(query)
            return page if "status" in asked[-1] else replace(page, count=2_000_000)

    async with signalen.http() as http:
        instance = signalen.instance()
        feed = private_feed.PrivateFeed(
            Counted(instance, http, asyncio.to_thread), instance, scope_of_lights(), signalen.clock
        )
        for _ in range(4):
            await poll(feed)
            signalen.later()

    assert known(feed) == {signal.id for signal in lights}
    assert len(asked) < 25


async def test_after_many_changes_open_signals_are_read_instead(signalen: ASignalen, monkeypatch):
    monkeypatch.setattr(private_feed, "LARGEST_INCREMENT", 50)
    lights = filled(signalen, 10)
    async with signalen.http() as http:
        feed = signalen.feed(http)
        await poll(feed)
        signalen.later(3600)
        signalen.backend.set_status(lights[0], "o")
        for _ in range(100):
            signalen.backend.set_status(signalen.backend.create(PLACE, LIGHT), "o")
        signalen.asked.clear()
        await poll(feed)

    assert known(feed) == {signal.id for signal in lights[1:]}
    assert len(signalen.asked) <= 6


async def test_full_synchronisation_is_spread_over_polls_and_delays_no_increment(signalen: ASignalen):
    lights = filled(signalen, 40)
    async with signalen.http() as http:
        feed = signalen.feed(http, full_sync=0, poll=10)
        await poll(feed)
        signalen.backend.delete(lights[0])
        signalen.later(400)
        signalen.before = lambda _: signalen.later(2)
        polls = 0
        while lights[0].id in known(feed):
            (new,) = filled(signalen, 1)
            signalen.backend.set_status(lights[1 + polls], "o")
            await poll(feed)
            polls += 1
            assert new.id in known(feed)
            assert lights[polls].id not in known(feed)

    assert 1 < polls < 20
    assert known(feed) == signalen.open_ids()


async def test_unknown_category_is_reported_and_left_out(signalen: ASignalen):
    filled(signalen, 3)
    scope = scope_of_lights("bestaat-niet", "ook-al-niet")
    async with signalen.http() as http:
        feed = signalen.feed(http, scope, full_sync=60)
        await poll(feed)
        assert known(feed) == signalen.open_ids()
        assert feed.unknown == ("bestaat-niet", "ook-al-niet")
        assert LIGHT in feed.categories
        signalen.later(3600)
        (new,) = filled(signalen, 1)
        await poll(feed)

    assert new.id in known(feed)


async def test_only_unknown_categories_never_become_all_categories(signalen: ASignalen):
    filled(signalen, 3)
    async with signalen.http() as http:
        feed = signalen.feed(
            http, SignalFilter(states=DEFAULT_OPEN, categories=frozenset({"bestaat-niet"}), questions=ALL_QUESTIONS)
        )
        await poll(feed)

    assert known(feed) == set()
    assert feed.unknown == ("bestaat-niet",)


async def test_more_categories_than_fit_in_a_url_are_read_in_portions(signalen: ASignalen):
    filled(signalen, 3)
    many = [f"{'x' * 45}-{number}" for number in range(100)]
    async with signalen.http() as http:
        feed = signalen.feed(http, scope_of_lights(*many))
        await poll(feed)

    assert known(feed) == signalen.open_ids()
    assert set(feed.unknown) == set(many)
    assert max(len(str(query)) for query in signalen.asked) < 4000


async def test_layer_without_categories_reads_all(signalen: ASignalen):
    filled(signalen, 2)
    filled(signalen, 2, WASTE)
    scope = SignalFilter(states=DEFAULT_OPEN, categories=None, questions=ALL_QUESTIONS)
    async with signalen.http() as http:
        feed = signalen.feed(http, scope)
        await poll(feed)

    assert known(feed) == signalen.open_ids(scope)
    assert not any("category_slug" in query for query in signalen.asked)


async def test_signalen_without_a_single_signal_is_read_again_until_it_has_one(signalen: ASignalen):
    async with signalen.http() as http:
        feed = signalen.feed(http)
        await poll(feed)
        assert known(feed) == set()
        filled(signalen, 1)
        signalen.later(3600)
        filled(signalen, 1, WASTE)
        await poll(feed)

    assert known(feed) == signalen.open_ids() != set()


async def test_failed_refresh_is_continued_where_it_stopped(signalen: ASignalen):
    lights = filled(signalen, 30)
    async with signalen.http() as http:
        feed = signalen.feed(http)

        def break_off(_: object) -> None:
            signalen.backend.maintenance = len(signalen.asked) > 4

        signalen.before = break_off
        with pytest.raises(UpstreamError, match=r"503.*maintenance"):
            await poll(feed)
        signalen.before = lambda _: None
        signalen.backend.maintenance = False
        signalen.backend.set_status(lights[0], "o")
        signalen.later()
        signalen.asked.clear()
        await poll(feed)

    assert known(feed) == signalen.open_ids()
    first_of_walk = next(query for query in signalen.asked if query["ordering"] == "created_at")
    assert "created_after" in first_of_walk


async def test_failure_of_a_full_synchronisation_is_reported_while_increments_continue(signalen: ASignalen):
    filled(signalen, 3)
    async with signalen.http() as http:
        feed = signalen.feed(http, full_sync=60)
        await poll(feed)
        signalen.later(120)
        (new,) = filled(signalen, 1)

        def no_full(query) -> None:
            signalen.backend.maintenance = query["ordering"] == "created_at"

        signalen.before = no_full
        await poll(feed)
        assert new.id in known(feed)
        assert "reports that disappeared cannot be found" in feed.error
        signalen.before, signalen.backend.maintenance = (lambda _: None), False
        signalen.later(120)
        await poll(feed)

    assert feed.error is None


async def test_signal_that_comes_once_for_each_department_counts_once():
    signalen = ASignalen(client=Client(secret="geheim", email="svc-afdeling@example.org"))
    for signal in filled(signalen, 12):
        signalen.backend.route(signal, ("VOR", "STL"))
        signalen.later(1)
    async with signalen.http() as http:
        feed = signalen.feed(http)
        await poll(feed)
        signalen.later()
        for signal in list(signalen.backend.signals())[:6]:
            signalen.backend.add_note(signal, "gezien")
        await poll(feed)

    assert known(feed) == signalen.open_ids()


async def test_error_of_a_user_without_permission_names_what_is_missing():
    signalen = ASignalen(client=Client(secret="geheim", email="geen-rechten@example.org"))
    async with signalen.http() as http:
        with pytest.raises(UpstreamRefused, match=r"403.*sia_read"):
            await poll(signalen.feed(http))


@pytest.mark.parametrize("seed", range(12))
async def test_open_signals_equal_the_tables_after_each_poll(seed: int):
    """After changes between the requests of a poll, one poll without changes finds exactly the open signals."""
    chance = random.Random(seed)
    signalen = ASignalen()
    backend = signalen.backend

    def happen(_: object = None) -> None:
        signalen.later(chance.choice((0, 0, 0.001, 1)))
        signals = list(backend.signals())
        for _ in range(chance.randrange(4)):
            match chance.randrange(5) if signals else 0:
                case 0:
                    moment = at(signalen.clock.now - chance.choice((0, 0, 100)))
                    for _ in range(chance.choice((1, 1, 1, 12))):
                        backend.create(PLACE, chance.choice((LIGHT, WASTE)), at=moment)
                case 1:
                    backend.set_status(chance.choice(signals), chance.choice(("o", "a", "done external")))
                case 2:
                    backend.set_status(chance.choice(signals), "reopened")
                case 3:
                    backend.recategorise(chance.choice(signals), chance.choice((LIGHT, WASTE)))
                case 4:
                    backend.add_note(chance.choice(signals), "")

    async with signalen.http() as http:
        feed = signalen.feed(http, full_sync=200)
        for _ in range(6):
            happen()
            signalen.before = happen
            await poll(feed)
            signalen.before = lambda _: None
            signalen.later()
            await poll(feed)
            assert known(feed) == signalen.open_ids()
