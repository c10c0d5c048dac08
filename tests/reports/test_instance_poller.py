"""Who asks when."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

import pytest
from a_signalen import LIGHT, PLACE, ASignalen
from clocks import Clock
from published_reports import reported

from wfs_proxy.config.catalogue import Catalogue
from wfs_proxy.config.layer import Layer, SignalenInstance
from wfs_proxy.config.signalen_states import DEFAULT_OPEN
from wfs_proxy.errors import UpstreamRefused, UpstreamUnreachable
from wfs_proxy.marks.reported_objects import ReportedObjects
from wfs_proxy.reports.catalogue_poller import CataloguePoller, combined_filter
from wfs_proxy.reports.file_coordinator import FileCoordinator
from wfs_proxy.reports.instance_poller import InstancePoller, PollerPolicy

pytestmark = pytest.mark.anyio


class Ended(Exception):
    """The test has seen enough."""


class AFeed:
    """Gives the contents of the test, one a poll; an exception is raised."""

    public_only = False
    unknown = ("weg",)
    malformed = 2
    error = None

    def __init__(self, *contents: set[int] | Exception) -> None:
        self.contents = list(contents)
        self.now: set[int] = set()
        self.polls = 0

    async def refresh(self) -> None:
        self.polls += 1
        content = self.contents.pop(0) if self.contents else self.now
        if isinstance(content, Exception):
            raise content
        self.now = content

    def reported(self, as_of: float) -> ReportedObjects:
        return reported(*self.now, as_of=as_of, version=str(sorted(self.now)))


class World:
    """A clock that sleeping moves, and what was delivered."""

    def __init__(self) -> None:
        self.clock = Clock(1000.0)
        self.pauses: list[float] = []
        self.delivered: list[tuple[str, set[int], float]] = []
        self.pauses_left = 0
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

    def poller(self, feed: AFeed, directory: Path | None = None) -> InstancePoller:
        return InstancePoller(
            "default",
            period=60.0,
            feed=feed,
            coordinator=FileCoordinator(directory, "a"),
            deliver=self.deliver,
            policy=self.policy,
        )

    async def run(self, poller: InstancePoller, pauses: int) -> None:
        self.pauses_left = pauses
        with pytest.raises(Ended):
            await poller.run()


@pytest.fixture
def world() -> World:
    return World()


async def test_every_good_poll_is_delivered_with_the_moment_it_was_asked_for(world: World):
    feed = AFeed({1}, {1}, {1, 2})
    await world.run(world.poller(feed), 2)

    assert world.delivered == [("default", {1}, 1000.0), ("default", {1}, 1060.0), ("default", {1, 2}, 1120.0)]
    assert world.pauses == [60.0, 60.0]


async def test_poll_that_takes_long_does_not_shift_the_next(world: World):
    feed = AFeed()

    async def slow() -> None:
        world.clock.now += 45

    feed.refresh = slow
    await world.run(world.poller(feed), 1)

    assert world.pauses == [15.0]


async def test_failed_poll_delivers_nothing_is_told_once_and_mends_itself(world: World, caplog):
    caplog.set_level(logging.INFO, "wfs_proxy.reports")
    feed = AFeed({1}, UpstreamUnreachable("weg"), UpstreamUnreachable("weg"), {2})
    poller = world.poller(feed)
    await world.run(poller, 2)
    told = poller.status
    assert (told.good, told.failed, told.error, told.as_of, told.signals) == (1, 2, "weg", 1000.0, 1)
    assert [record.levelname for record in caplog.records] == ["WARNING"]

    await world.run(poller, 0)
    assert [content for _, content, _ in world.delivered] == [{1}, {2}]
    assert poller.status.error is None
    assert "read again" in caplog.text


async def test_trouble_in_other_words_is_no_second_alarm(world: World, caplog):
    caplog.set_level(logging.INFO, "wfs_proxy.reports")
    await world.run(world.poller(AFeed(UpstreamUnreachable("weg"), UpstreamUnreachable("nog steeds weg"))), 1)

    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]


async def test_signalen_that_asks_to_be_left_alone_is_for_a_while(world: World):
    feed = AFeed(
        UpstreamRefused("vol", upstream_status=429, retry_after=200.0),
        UpstreamRefused("vol", upstream_status=429, retry_after=1e9),
        UpstreamRefused("vol", upstream_status=429, retry_after=1.0),
    )
    await world.run(world.poller(feed), 3)

    assert world.pauses == [200.0, 600.0, 60.0]


async def test_unforeseen_error_neither_ends_the_poller_nor_tells_its_text(world: World, caplog):
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


async def test_one_process_polls_and_the_other_follows_until_it_must_take_over(tmp_path: Path):
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


async def test_follower_looks_often(tmp_path: Path):
    here, there = World(), World()
    leader, follower = here.poller(AFeed({1}), tmp_path), there.poller(AFeed(), tmp_path)
    await leader.step()
    await there.run(follower, 3)

    assert there.pauses == [2.0, 2.0, 2.0]
    assert len(there.delivered) == 1
    await here.run(leader, 0)


async def test_last_marks_are_there_at_once_after_a_restart_while_signalen_is_away(tmp_path: Path):
    before, after = World(), World()
    await before.run(before.poller(AFeed({1, 2}), tmp_path), 0)
    after.clock.now += 7200
    poller = after.poller(AFeed(UpstreamUnreachable("weg")), tmp_path)
    await after.run(poller, 0)

    assert after.delivered == [("default", {1, 2}, 1000.0)]
    assert (poller.status.as_of, poller.status.error) == (1000.0, "weg")


async def test_directory_that_cannot_be_used_is_told_and_polling_goes_on(world: World, tmp_path: Path, caplog):
    (tmp_path / "file").write_text("in the way")
    poller = world.poller(AFeed({1}, {2}), tmp_path / "file" / "cache")
    await world.run(poller, 1)

    assert [content for _, content, _ in world.delivered] == [{1}, {2}]
    assert "cache directory cannot be used" in poller.status.error
    assert caplog.text.count("cache directory cannot be used") == 1


def a_layer(name: str, **reports: object) -> Layer:
    return Layer(
        id=name,
        title=name,
        source={"type": "geojson", "url": "/dev/null"},
        reports={"signalen": "default", "categories": [LIGHT], **reports},
    )


def test_scope_is_what_any_layer_needs():
    layers = [
        a_layer("a").reports,
        a_layer("b", categories=["put"], open_states=["m", "done external"]).reports,
    ]

    scope = combined_filter(layers)
    assert scope.states == DEFAULT_OPEN | {"done external"}
    assert scope.categories == {LIGHT, "put"}
    assert combined_filter([*layers, a_layer("c", categories=[]).reports]).categories is None


async def eventually(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - tasks of the house run meanwhile
            await asyncio.sleep(0.005)


async def test_pollers_serve_the_instances_that_layers_name_and_follow_a_reload():
    signalen, delivered = ASignalen(), []
    signalen.backend.create(PLACE, LIGHT)

    async def deliver(name: str, what: ReportedObjects) -> None:
        delivered.append((name, len(what)))

    before = asyncio.all_tasks()
    instances = {"default": signalen.instance(poll=0.01), "unused": signalen.instance()}
    async with signalen.http() as http:
        pollers = CataloguePoller(http, deliver)
        assert pollers.statuses() == ()
        pollers.use(Catalogue([a_layer("a")], instances=instances))
        await eventually(lambda: ("default", 1) in delivered)
        signalen.backend.create(PLACE, LIGHT)
        await eventually(lambda: ("default", 2) in delivered)
        (status,) = pollers.statuses()
        assert (status.instance, status.signals, status.error, status.public_only) == ("default", 2, None, False)

        running = asyncio.all_tasks()
        pollers.use(Catalogue([a_layer("a", word="status")], instances=instances))
        assert asyncio.all_tasks() == running
        pollers.use(Catalogue([a_layer("a"), a_layer("b", signalen="unused")], instances=instances))
        await eventually(lambda: ("unused", 2) in delivered)
        pollers.use(Catalogue([], instances=instances))
        assert pollers.statuses() == ()
        assert pollers.status("default") is None
        await pollers.close()
        assert asyncio.all_tasks() == before


async def test_instance_that_signalen_yaml_does_not_have_is_not_polled():
    signalen = ASignalen()

    async def deliver(*_: object) -> None:
        return None

    async with signalen.http() as http:
        pollers = CataloguePoller(http, deliver)
        pollers.use(Catalogue([a_layer("a")]))
        assert pollers.statuses() == ()
        await pollers.close()


async def test_without_a_login_the_public_map_is_read():
    signalen, delivered = ASignalen(), []
    signalen.backend.create(PLACE, LIGHT)
    signalen.backend.refresh_public_geography()

    async def deliver(_: str, what: ReportedObjects) -> None:
        delivered.append((what.public_only, len(what)))

    async with signalen.http() as http:
        pollers = CataloguePoller(http, deliver, boxes=lambda _: (6.5, 53.2, 6.6, 53.3))
        pollers.use(Catalogue([a_layer("a")], instances={"default": SignalenInstance(url=signalen.instance().url)}))
        await eventually(lambda: bool(delivered))
        (status,) = pollers.statuses()
        await pollers.close()

    assert delivered[0] == (True, 1)
    assert status.public_only
    assert signalen.asked[-1]["bbox"] == "6.4950,53.1950,6.6050,53.3050"
