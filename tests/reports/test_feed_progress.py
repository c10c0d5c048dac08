"""What a poller needs to continue where another process stopped."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from a_signalen import LIGHT, PLACE, ASignalen, at, poll, scope_of_lights

from wfs_proxy.config.report_rules import Reports
from wfs_proxy.marks.reported_objects import ReportedObjects
from wfs_proxy.reports.feed_progress import decode_progress, encode_progress
from wfs_proxy.reports.file_coordinator import FileCoordinator
from wfs_proxy.reports.instance_poller import InstancePoller, PollerPolicy
from wfs_proxy.reports.private_feed import PrivateFeed
from wfs_proxy.reports.published_signals import LayerNames
from wfs_proxy.snapshot import NameIndex

pytestmark = pytest.mark.anyio

BUSY = 0.06
"""Seconds for each row of a busy Signalen."""

GR_1 = (LayerNames(reports=Reports(), index=NameIndex.build([["GR-1"]])),)
"""A layer with one object."""


class Stopped(BaseException):
    """The process ends, without time to save anything."""


class Process:
    """A poller with a feed of its own, and the directory that it shares with the one after it."""

    def __init__(
        self, feed: PrivateFeed, signalen: ASignalen, directory: Path, names: tuple[LayerNames, ...] = ()
    ) -> None:
        self.feed = feed
        self.delivered: list[set[int]] = []
        self.reported: list[ReportedObjects] = []
        self.coordinator = FileCoordinator(directory, "signalen-default.abc")
        policy = PollerPolicy(clock=signalen.proxy_clock, sleep=self.sleep, jitter=lambda: 0.0)
        self.poller = InstancePoller(
            "default",
            period=60.0,
            feed=feed,
            coordinator=self.coordinator,
            deliver=self.deliver,
            policy=policy,
            names=lambda: names,
        )

    async def sleep(self, _: float) -> None:
        raise Stopped

    async def deliver(self, _: str, what: ReportedObjects) -> None:
        self.delivered.append(set(what.signals))
        self.reported.append(what)

    async def poll_once(self) -> None:
        with pytest.raises(Stopped):
            await self.poller.run()


@asynccontextmanager
async def process(
    signalen: ASignalen, directory: Path, names: tuple[LayerNames, ...] = (), **changes
) -> AsyncIterator[Process]:
    login = {"type": "bearer", "token": signalen.provider.mint("svc-assetproxy@example.org", lifetime=1e6)}
    async with signalen.http() as http:
        yield Process(signalen.feed(http, page_size=100, auth=login, **changes), signalen, directory, names)


def walks(signalen: ASignalen) -> list[str]:
    """Return the pages of a full synchronisation that were asked for, without those of one row."""
    return [str(query) for query in signalen.asked if "status" in query and query["page_size"] != "1"]


def modes(directory: Path) -> set[int]:
    return {path.stat().st_mode & 0o777 for path in directory.glob("*.json")}


def rewrite(path: Path, change: Callable[[dict[str, Any]], bytes]) -> None:
    path.write_bytes(change(json.loads(path.read_bytes())))


@pytest.fixture
def signalen() -> ASignalen:
    made = ASignalen()
    for _ in range(3000):
        made.backend.create(PLACE, LIGHT, at=at(made.clock.now))
        made.later(0.5)
    made.later(3600)
    return made


async def test_restart_costs_no_full_synchronisation(signalen: ASignalen, tmp_path: Path):
    async with process(signalen, tmp_path) as first:
        await first.poll_once()
    signalen.later(120)
    for signal in list(signalen.backend.signals())[:5]:
        signalen.backend.set_status(signal, "o")
    signalen.asked.clear()
    async with process(signalen, tmp_path) as second:
        await second.poll_once()

    assert walks(signalen) == []
    assert second.delivered[-1] == signalen.open_ids()
    assert modes(tmp_path) == {0o600}


@pytest.mark.parametrize("restarts", [1, 3])
async def test_restart_in_a_full_synchronisation_continues_it(signalen: ASignalen, tmp_path: Path, restarts: int):
    signalen.seconds_per_row = BUSY
    needed = 30
    for restart in range(restarts):
        stop_at = len(signalen.asked) + 10

        def stop(_: object, stop_at: int = stop_at) -> None:
            if len(signalen.asked) == stop_at:
                raise Stopped

        signalen.before = stop
        async with process(signalen, tmp_path) as stopped:
            await stopped.poll_once()
        assert stopped.delivered == [], restart
        signalen.later(30)
    for signal in list(signalen.backend.signals())[:5]:
        signalen.backend.set_status(signal, "o")
    signalen.before = lambda _: None
    async with process(signalen, tmp_path) as last:
        await last.poll_once()

    assert last.delivered == [signalen.open_ids()]
    assert len(walks(signalen)) <= needed + 8 + restarts * 4


async def test_restart_among_three_thousand_signals_of_one_time_continues_there(tmp_path: Path):
    signalen = ASignalen()
    signalen.backend.create(PLACE, LIGHT)
    signalen.later(3600)
    async with process(signalen, tmp_path) as first:
        await first.poll_once()
    signalen.later(60)
    moment = at(signalen.clock.now)
    for _ in range(3000):
        signalen.backend.create(PLACE, LIGHT, at=moment)
    signalen.later(60)
    signalen.seconds_per_row, signalen.time_limit = BUSY, 15.0
    signalen.asked.clear()
    read = 0
    for _ in range(2):
        stop_at = len(signalen.asked) + 15

        def stop(_: object, stop_at: int = stop_at) -> None:
            if len(signalen.asked) == stop_at:
                raise Stopped

        signalen.before = stop
        async with process(signalen, tmp_path) as stopped:
            await stopped.poll_once()
        assert len(stopped.delivered) == 1, "only what was published before"
    signalen.before = lambda _: None
    async with process(signalen, tmp_path) as last:
        await last.poll_once()
    read = sum(int(query["page_size"]) for query in signalen.asked)

    assert last.delivered[-1] == signalen.open_ids()
    assert read <= 3000 + 2 * 400


async def test_failed_poll_is_continued_after_a_restart(signalen: ASignalen, tmp_path: Path):
    signalen.seconds_per_row = 0.001

    def fail(_: object) -> None:
        signalen.backend.maintenance = len(signalen.asked) > 20

    signalen.before = fail
    async with process(signalen, tmp_path) as first:
        await first.poll_once()
    assert "503" in first.poller.status.error
    signalen.before, signalen.backend.maintenance = (lambda _: None), False
    signalen.asked.clear()
    async with process(signalen, tmp_path) as second:
        await second.poll_once()

    assert second.delivered == [signalen.open_ids()]
    assert len(walks(signalen)) < 20


@pytest.mark.parametrize(
    "damage",
    [
        lambda _: b"",
        lambda _: b"{",
        lambda _: b"[]",
        lambda _: b"null",
        lambda document: json.dumps({**document, "format": [0, 0]}).encode(),
        lambda document: json.dumps({**document, "format": 2}).encode(),
        lambda document: json.dumps({**document, "window": ["gisteren", "vandaag", 1]}).encode(),
        lambda document: json.dumps({**document, "window": ["2026-11-30T12:00:00", "2026-11-30", False]}).encode(),
        lambda document: json.dumps({**document, "window": None}).encode(),
        lambda document: json.dumps({**document, "version": "another"}).encode(),
        lambda document: json.dumps({**document, "signals": [[1, 2]]}).encode(),
        lambda document: json.dumps({**document, "sync": [1]}).encode(),
        lambda document: json.dumps({**document, "next_full_sync": "nooit"}).encode(),
        lambda document: json.dumps({key: value for key, value in document.items() if key != "unknown"}).encode(),
    ],
)
async def test_unreadable_or_old_progress_leads_to_a_full_synchronisation(tmp_path: Path, damage):
    signalen = ASignalen()
    for _ in range(20):
        signalen.backend.create(PLACE, LIGHT)
        signalen.later(1)
    signalen.later(3600)
    async with process(signalen, tmp_path) as first:
        await first.poll_once()
    rewrite(tmp_path / "signalen-default.abc.progress.json", damage)
    signalen.backend.delete(signalen.backend.find(3))
    signalen.later(60)
    signalen.asked.clear()
    async with process(signalen, tmp_path) as second:
        await second.poll_once()

    assert walks(signalen) != []
    assert second.delivered[-1] == signalen.open_ids()
    assert second.poller.status.error is None


async def test_reports_of_an_earlier_version_lead_to_a_full_synchronisation(tmp_path: Path):
    signalen = ASignalen()
    signalen.backend.create(PLACE, LIGHT)
    signalen.later(3600)
    async with process(signalen, tmp_path) as first:
        await first.poll_once()
    rewrite(tmp_path / "signalen-default.abc.json", lambda document: json.dumps({**document, "format": 1}).encode())
    signalen.asked.clear()
    async with process(signalen, tmp_path) as second:
        await second.poll_once()

    assert walks(signalen) != []
    assert second.delivered == [signalen.open_ids()]


async def test_progress_survives_its_encoding(signalen: ASignalen):
    signalen.seconds_per_row = BUSY
    async with signalen.http() as http:
        feed = signalen.feed(http, page_size=100)
        assert feed.progress() is None
        assert not await feed.refresh()
        progress = decode_progress(feed.progress())

    assert progress.sync.position.after is not None
    assert progress.sync.found != ()
    assert decode_progress(encode_progress(progress)) == progress


async def test_unknown_categories_and_the_existing_ones_survive_a_restart():
    signalen = ASignalen()
    scope = scope_of_lights(f"{LIGHT}s")
    async with signalen.http() as http:
        before, after = signalen.feed(http, scope), signalen.feed(http, scope)
        await poll(before)
        after.resume(before.progress(), before.reported(0.0))

    assert (after.unknown, LIGHT in after.categories) == ((f"{LIGHT}s",), True)
    assert after.categories == before.categories


async def test_progress_of_a_version_without_categories_is_continued(signalen: ASignalen, tmp_path: Path):
    async with process(signalen, tmp_path) as first:
        await first.poll_once()
    rewrite(
        tmp_path / "signalen-default.abc.progress.json",
        lambda document: json.dumps({key: value for key, value in document.items() if key != "categories"}).encode(),
    )
    signalen.asked.clear()
    async with process(signalen, tmp_path) as second:
        await second.poll_once()

    assert walks(signalen) == []


async def test_progress_has_nothing_of_a_report_that_is_not_published(signalen: ASignalen):
    signalen.seconds_per_row = BUSY
    signal = next(iter(signalen.backend.signals()))
    signal.text = "Jan Jansen, Dorpsstraat 1"
    async with signalen.http() as http:
        feed = signalen.feed(http, page_size=100)
        await feed.refresh()
        saved = await asyncio.to_thread(feed.progress)

    assert b"Jansen" not in saved
    assert {len(row) for row in json.loads(saved)["sync"][3]} == {7}


async def test_ids_are_not_saved_but_read_again_after_a_restart(tmp_path: Path):
    """An id may be anything that a citizen typed, until it is known as an object's name."""
    signalen = ASignalen()
    item = {"id": "GR-1", "type": "Lichtmast", "coordinates": {"lng": 6.5, "lat": 53.2}}
    answers = [{"id": "extra", "label": "", "category_url": "", "answer": [item]}]
    for _ in range(400):
        signalen.backend.create(PLACE, LIGHT, extra_properties=answers)
        signalen.later(1)
    signalen.later(3600)
    signalen.seconds_per_row = BUSY

    def stop(_: object) -> None:
        if len(signalen.asked) == 4:
            raise Stopped

    signalen.before = stop
    async with process(signalen, tmp_path) as stopped:
        await stopped.poll_once()
    signalen.before = lambda _: None
    saved = decode_progress((await asyncio.to_thread(stopped.coordinator.read, "progress")) or b"")
    assert {asset.id_hash for signal in saved.sync.found for asset in signal.assets} == {None}
    assert saved.nameless
    signalen.seconds_per_row = 0.0
    async with process(signalen, tmp_path) as last:
        await last.poll_once()

    named = last.feed.reported(0.0).signals.values()
    assert len(named) == 400
    assert all(asset.id_hash is not None for signal in named for asset in signal.assets)


@pytest.mark.parametrize("moment", ["changes", "full synchronisation"])
async def test_ids_that_were_published_survive_a_restart_in_the_middle(tmp_path: Path, moment: str):
    """After a restart while many changes were read, the reports among them named no object any more."""
    signalen = ASignalen()
    answers = [{"id": "extra", "label": "", "category_url": "", "answer": [{"id": "GR-1", "type": "Lichtmast"}]}]
    for _ in range(400):
        signalen.backend.create(PLACE, LIGHT, extra_properties=answers)
        signalen.later(1)
    signalen.later(3600)
    async with process(signalen, tmp_path, names=GR_1) as before:
        await before.poll_once()
    signalen.later(4000 if moment == "full synchronisation" else 60)
    if moment == "changes":
        for signal in tuple(signalen.backend.signals()):
            signalen.backend.add_note(signal, "gezien")
    signalen.seconds_per_row = BUSY
    signalen.asked.clear()

    def stop(_: object) -> None:
        if len(signalen.asked) == 4:
            raise Stopped

    signalen.before = stop
    async with process(signalen, tmp_path, names=GR_1) as stopped:
        await stopped.poll_once()
    signalen.before = lambda _: None
    async with process(signalen, tmp_path, names=GR_1) as last:
        await last.poll_once()

    for reported in last.reported:
        assert len(reported.signals) == 400
        assert all(asset.id_hash for signal in reported.signals.values() for asset in signal.assets)
