"""Polls one Signalen instance, or follows the process that polls it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from clocks import Clock
from published_reports import reported

from wfs_proxy.config.report_rules import Reports
from wfs_proxy.errors import UpstreamRefused, UpstreamUnreachable
from wfs_proxy.marks.reported_objects import AssetReference, ReportedObjects
from wfs_proxy.reports.file_coordinator import FileCoordinator
from wfs_proxy.reports.instance_poller import InstancePoller, PollerPolicy
from wfs_proxy.reports.published_signals import LayerNames
from wfs_proxy.snapshot.names import NameIndex, hash_of_name

pytestmark = pytest.mark.anyio


class Ended(Exception):
    """Ends the poller."""


class AFeed:
    """Returns one of the given contents per poll; exceptions are raised."""

    public_only = False
    unknown = ("weg",)
    categories = ("lamp", "wegdek")
    malformed = 2
    error = None

    def __init__(self, *contents: set[int] | Exception) -> None:
        self.contents = list(contents)
        self.now: set[int] = set()
        self.polls = 0
        self.gone = set[int]()
        self.during_search: Callable[[], object] = lambda: None
        self.resumed: list[tuple[bytes, set[int] | None]] = []

    async def refresh(self) -> bool:
        self.polls += 1
        content = self.contents.pop(0) if self.contents else self.now
        if isinstance(content, Exception):
            raise content
        self.now = content
        return True

    async def find_disappeared(self) -> bool:
        self.during_search()
        before, self.now = self.now, self.now - self.gone
        return before != self.now

    def progress(self) -> bytes | None:
        return b"%d" % self.polls

    def resume(self, progress: bytes, published: ReportedObjects | None) -> None:
        self.resumed.append((progress, None if published is None else set(published.signals)))

    def reported(self, as_of: float) -> ReportedObjects:
        return reported(*self.now, as_of=as_of, version=str(sorted(self.now)))


class World:
    """A clock that sleeping advances, and what was delivered."""

    def __init__(self) -> None:
        self.clock = Clock(1000.0)
        self.pauses: list[float] = []
        self.delivered: list[tuple[str, set[int], float]] = []
        self.pauses_left = 0
        self.names: list[LayerNames] = []
        self.while_asleep: Callable[[], object] = lambda: None
        self.policy = PollerPolicy(clock=self.clock, sleep=self.sleep, jitter=lambda: 0.0, offload=self.offload)

    async def sleep(self, seconds: float) -> None:
        if self.pauses_left == 0:
            raise Ended
        self.pauses_left -= 1
        self.pauses.append(seconds)
        self.clock.now += seconds
        self.while_asleep()

    async def offload(self, function: Callable, *arguments: object) -> object:
        return function(*arguments)

    async def deliver(self, name: str, what: ReportedObjects) -> None:
        self.delivered.append((name, set(what.signals), what.as_of))

    def poller(self, feed: AFeed, directory: Path | None = None, period: float = 60.0) -> InstancePoller:
        return InstancePoller(
            "default",
            period=period,
            feed=feed,
            coordinator=FileCoordinator(directory, "a"),
            deliver=self.deliver,
            names=lambda: self.names,
            policy=self.policy,
        )

    async def run(self, poller: InstancePoller, pauses: int) -> None:
        self.pauses_left = pauses
        with pytest.raises(Ended):
            await poller.run()


@pytest.fixture
def world() -> World:
    return World()


async def test_every_successful_poll_is_delivered_with_the_time_it_began(world: World):
    feed = AFeed({1}, {1}, {1, 2})
    await world.run(world.poller(feed), 2)

    assert world.delivered == [("default", {1}, 1000.0), ("default", {1}, 1060.0), ("default", {1, 2}, 1120.0)]
    assert world.pauses == [60.0, 60.0]


async def test_poll_that_takes_long_does_not_shift_the_next(world: World):
    feed = AFeed()

    async def slow() -> bool:
        world.clock.now += 45
        return True

    feed.refresh = slow
    await world.run(world.poller(feed), 1)

    assert world.pauses == [15.0]


async def test_news_is_delivered_before_what_disappeared_is_looked_for(world: World):
    feed = AFeed({1, 2})
    feed.gone = {2}

    def search() -> None:
        world.clock.now += 40
        assert world.delivered[-1] == ("default", {1, 2}, 1000.0)

    feed.during_search = search
    await world.run(world.poller(feed), 1)

    assert world.delivered[:2] == [("default", {1, 2}, 1000.0), ("default", {1}, 1000.0)]
    assert world.pauses == [20.0]


async def test_refresh_is_continued_until_all_was_read(world: World):
    feed = AFeed({1})
    parts = [False, False, True]

    async def refresh() -> bool:
        world.clock.now += 10
        feed.now = {1}
        reading.append(poller.status.reading)
        return parts.pop(0)

    feed.refresh = refresh
    reading, poller = [], world.poller(feed)
    await world.run(poller, 0)

    assert [*reading, poller.status.reading] == [False, True, True, False]
    assert world.delivered == [("default", {1}, 1020.0)]


async def test_next_leader_continues_where_the_last_one_stopped(tmp_path: Path):
    before, after = World(), World()
    await before.run(before.poller(AFeed({1}, UpstreamUnreachable("weg")), tmp_path), 1)
    feed = AFeed({1})
    await after.run(after.poller(feed, tmp_path), 1)

    assert feed.resumed == [(b"2", {1})]


async def test_failed_poll_delivers_nothing_and_is_logged_once_until_polls_succeed_again(world: World, caplog):
    caplog.set_level(logging.INFO, "wfs_proxy.reports")
    feed = AFeed({1}, UpstreamUnreachable("weg"), UpstreamUnreachable("weg"), {2})
    poller = world.poller(feed)
    await world.run(poller, 2)
    status = poller.status
    assert (status.good, status.failed, status.error, status.as_of, status.signals) == (1, 2, "weg", 1000.0, 1)
    assert [record.levelname for record in caplog.records] == ["WARNING"]

    await world.run(poller, 0)
    assert [content for _, content, _ in world.delivered] == [{1}, {2}]
    assert poller.status.error is None
    assert "read again" in caplog.text


async def test_second_error_in_a_row_gives_no_second_warning(world: World, caplog):
    caplog.set_level(logging.INFO, "wfs_proxy.reports")
    await world.run(world.poller(AFeed(UpstreamUnreachable("weg"), UpstreamUnreachable("nog steeds weg"))), 1)

    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]


async def test_retry_after_is_obeyed_for_ten_minutes_at_most(world: World):
    feed = AFeed(
        UpstreamRefused("vol", upstream_status=429, retry_after=200.0),
        UpstreamRefused("vol", upstream_status=429, retry_after=1e9),
        UpstreamRefused("vol", upstream_status=429, retry_after=1.0),
    )
    await world.run(world.poller(feed), 3)

    assert world.pauses == [200.0, 600.0, 60.0]


async def test_login_that_stays_refused_is_tried_as_seldom_as_at_a_vendor(world: World):
    refusals = [UpstreamRefused("nee", upstream_status=403) for _ in range(4)]
    feed = AFeed(*refusals, UpstreamUnreachable("weg"), {1}, UpstreamRefused("nee", upstream_status=401))
    await world.run(world.poller(feed, period=1.0), 7)

    assert world.pauses == [5.0, 10.0, 20.0, 30.0, 1.0, 1.0, 5.0]


async def test_unexpected_error_neither_ends_the_poller_nor_logs_its_text(world: World, caplog):
    feed = AFeed(KeyError("Jan Jansen"), {1})
    poller = world.poller(feed)
    await world.run(poller, 1)

    assert world.delivered == [("default", {1}, 1060.0)]
    assert "KeyError" in caplog.text
    assert "Jansen" not in caplog.text


async def test_periods_differ_by_a_random_tenth(world: World):
    world.policy = PollerPolicy(clock=world.clock, sleep=world.sleep, jitter=lambda: 1.0, offload=world.offload)
    await world.run(world.poller(AFeed()), 1)

    assert world.pauses == [54.0]


async def test_one_process_polls_and_the_other_follows_until_it_takes_over(tmp_path: Path):
    here, there = World(), World()
    asked, unasked = AFeed({1}, {1, 2}), AFeed({7})
    leader, follower = here.poller(asked, tmp_path), there.poller(unasked, tmp_path)

    here.pauses_left = 0
    await leader.step()
    await follower.step()
    assert (leader.status.good, follower.status.good) == (1, 0)
    await leader.step()
    await follower.step()
    assert there.delivered == here.delivered == [("default", {1}, 1000.0), ("default", {1, 2}, 1000.0)]
    assert unasked.polls == 0

    await here.run(leader, 0)
    await follower.step()
    assert unasked.polls == 1
    assert follower.status.good == 1
    await there.run(follower, 0)


def what_is_found(poller: InstancePoller) -> tuple[object, ...]:
    status = poller.status
    return status.unknown, status.categories, status.error, status.reading


async def test_a_follower_knows_what_the_leader_found_out(tmp_path: Path):
    here, there = World(), World()
    asked, unasked = AFeed({1}, UpstreamUnreachable("away"), {1}), AFeed()
    unasked.unknown = unasked.categories = ()
    follower = there.poller(unasked, tmp_path)
    found = []

    async def sleep(seconds: float) -> None:
        await there.run(follower, 0)
        found.append((what_is_found(leader), what_is_found(follower)))
        asked.unknown = ()
        await here.sleep(seconds)

    here.policy = replace(here.policy, sleep=sleep)
    leader = here.poller(asked, tmp_path)
    await here.run(leader, 2)

    assert [each for each, _ in found] == [each for _, each in found]
    assert [(unknown, error) for (unknown, _, error, _), _ in found] == [(("weg",), None), ((), "away"), ((), None)]


async def test_a_follower_knows_that_a_long_poll_is_being_read(tmp_path: Path):
    here, there = World(), World()
    asked = AFeed()
    follower = there.poller(AFeed(), tmp_path)
    reading = []

    async def refresh() -> bool:
        await there.run(follower, 0)
        reading.append(follower.status.reading)
        return len(reading) > 1

    async def sleep(seconds: float) -> None:
        await there.run(follower, 0)
        reading.append(follower.status.reading)
        await here.sleep(seconds)

    asked.refresh = refresh
    here.policy = replace(here.policy, sleep=sleep)
    leader = here.poller(asked, tmp_path)
    await here.run(leader, 0)

    assert reading == [False, True, False]


async def test_what_was_found_is_known_after_a_restart_while_signalen_is_not_available(tmp_path: Path):
    before, after = World(), World()
    await before.run(before.poller(AFeed({1}), tmp_path), 0)
    feed = AFeed(UpstreamUnreachable("away"), {1})
    feed.unknown = feed.categories = ()
    poller = after.poller(feed, tmp_path)
    statuses = []
    after.while_asleep = lambda: statuses.append(what_is_found(poller))
    await after.run(poller, 2)

    assert statuses == [(("weg",), ("lamp", "wegdek"), "away", False), ((), (), None, False)]


async def test_follower_checks_for_new_reports_every_two_seconds(tmp_path: Path):
    here, there = World(), World()
    leader, follower = here.poller(AFeed({1}), tmp_path), there.poller(AFeed(), tmp_path)
    await leader.step()
    await there.run(follower, 3)

    assert there.pauses == [2.0, 2.0, 2.0]
    assert len(there.delivered) == 1
    await here.run(leader, 0)


async def test_last_reports_are_delivered_after_a_restart_although_signalen_is_not_available(tmp_path: Path):
    before, after = World(), World()
    await before.run(before.poller(AFeed({1, 2}), tmp_path), 0)
    after.clock.now += 7200
    poller = after.poller(AFeed(UpstreamUnreachable("weg")), tmp_path)
    await after.run(poller, 0)

    assert after.delivered == [("default", {1, 2}, 1000.0)]
    assert (poller.status.as_of, poller.status.error) == (1000.0, "weg")


async def test_unusable_directory_is_logged_once_and_polling_continues(world: World, tmp_path: Path, caplog):
    (tmp_path / "file").write_text("in the way")
    poller = world.poller(AFeed({1}, {2}), tmp_path / "file" / "cache")
    await world.run(poller, 1)

    assert [content for _, content, _ in world.delivered] == [{1}, {2}]
    assert "cache directory cannot be used" in poller.status.error
    assert caplog.text.count("cache directory cannot be used") == 1


async def test_an_id_is_published_as_soon_as_an_object_has_that_name(world: World, tmp_path: Path):
    """The process that polls knows the id from its first poll on."""
    one = AssetReference(id_hash=hash_of_name("LM-9"), place=None, question_key="")

    class Named(AFeed):
        def reported(self, as_of: float) -> ReportedObjects:
            found = super().reported(as_of)
            return replace(found, signals={1: replace(found.signals[1], assets=(one,))})

    published = []

    def read() -> None:
        new = FileCoordinator(tmp_path, "a").read_new()
        published.append((new.signals[1].assets[0].id_hash, new.as_of))

    def fetch_an_object() -> None:
        read()
        world.names = [LayerNames(reports=Reports(), index=NameIndex.build([["LM-9"]]))]
        world.while_asleep = read

    world.while_asleep = fetch_an_object
    await world.run(world.poller(Named({1}), tmp_path), 2)

    assert published == [(None, 1000.0), (one.id_hash, 1060.0)]
