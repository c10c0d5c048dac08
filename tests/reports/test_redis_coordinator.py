"""The leader among several machines, and what the others read from it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import needs
import pytest
import redis_server
from clocks import Clock
from published_reports import reported
from redis_server import RedisServer

from wfs_proxy.cache.redis.connection import PAUSE, RedisConnection
from wfs_proxy.reports.file_coordinator import FileCoordinator
from wfs_proxy.reports.redis_coordinator import GRACE, RedisCoordinator


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    with redis_server.serving(tmp_path / "redis") as running:
        yield running


class Process(RedisCoordinator):
    """One process of a machine, and the clock of its Redis connection."""

    pause: Clock


@contextmanager
def process(server: RedisServer, folder: Path | None, *, period: float = 60.0) -> Iterator[Process]:
    pause = Clock()
    connection = RedisConnection(server.url, clock=pause)
    coordinator = Process(connection, FileCoordinator(folder, "a"), "a", period=period)
    coordinator.pause = pause
    yield coordinator
    coordinator.close()
    asyncio.run(connection.__aexit__(None, None, None))


def test_one_machine_is_elected_and_another_when_it_ends(server, tmp_path):
    with process(server, tmp_path / "1") as one, process(server, tmp_path / "2") as two, process(server, None) as three:
        assert [each.try_to_lead() for each in (one, two, three, one)] == [True, False, False, True]
        one.close()
        assert [each.try_to_lead() for each in (three, two)] == [True, False]


@pytest.mark.parametrize("what", ["progress", "findings"])
def test_what_a_leader_saves_is_kept_for_every_machine(server, tmp_path, what):
    with process(server, tmp_path / "1") as one, process(server, tmp_path / "2") as two, process(server, None) as three:
        assert one.try_to_lead()
        assert two.read(what) is None
        one.save(what, b"page 1")
        one.save(what, b"page 2")
        assert [each.read(what) for each in (one, two, three)] == [b"page 2"] * 3
        server.kill()
        assert [each.read(what) for each in (one, two, three)] == [b"page 2", None, None]


def test_unreadable_progress_is_none(server, tmp_path):
    with process(server, tmp_path) as one:
        assert one.try_to_lead()
        one.save("progress", b"page 1")
        (key,) = server.keys("reports")
        server.client.hset(key, "progress", b"not compressed")
        assert one.read("progress") is None


def test_one_process_of_a_machine_leads(server, tmp_path):
    with process(server, tmp_path) as one, process(server, tmp_path) as two:
        assert one.try_to_lead()
        assert not two.try_to_lead()
        one.close()
        assert two.try_to_lead()


def test_another_machine_takes_over_when_the_lock_of_a_killed_one_expires(server, tmp_path):
    code = (
        "import sys, time; from pathlib import Path\n"
        "from wfs_proxy.reports.file_coordinator import FileCoordinator\n"
        "from wfs_proxy.reports.redis_coordinator import GRACE, RedisCoordinator\n"
        "from wfs_proxy.cache.redis.connection import RedisConnection\n"
        "files = FileCoordinator(Path(sys.argv[2]), 'a')\n"
        "one = RedisCoordinator(RedisConnection(sys.argv[1]), files, 'a', period=60.0)\n"
        "print(one.try_to_lead(), flush=True); time.sleep(600)"
    )
    arguments = [sys.executable, "-c", code, server.url, tmp_path / "1"]
    with (
        subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True, cwd=needs.ROOT) as killed,
        process(server, tmp_path / "2") as two,
    ):
        assert killed.stdout.readline() == "True\n"
        killed.kill()
        killed.wait()
        assert not two.try_to_lead()
        (lock,) = server.client.scan_iter("*")
        assert 0 < server.client.ttl(lock) <= 60 + GRACE
        server.client.delete(lock)  # as Redis does at that time
        assert two.try_to_lead()


def test_others_see_what_is_published_once_with_and_without_a_disk(server, tmp_path):
    with process(server, tmp_path / "1") as one, process(server, tmp_path / "2") as two, process(server, None) as three:
        assert one.try_to_lead()
        assert not two.try_to_lead()
        assert (two.read_new(), three.read_new()) == (None, None)
        one.publish(reported(1, 2))
        for follower in (two, three):
            news = follower.read_new()
            assert (set(news.signals), news.as_of, news.version) == ({1, 2}, 1000.0, "1")
            assert follower.read_new() is None


def test_poll_without_changes_sends_the_time_only(server, tmp_path):
    with process(server, tmp_path / "1") as one, process(server, None) as two:
        assert one.try_to_lead()
        one.publish(reported(1))
        first = two.read_new()
        read = server.calls("hget")
        one.publish(reported(1, as_of=1060.0))
        second = two.read_new()
        assert (second.as_of, second.signals is first.signals) == (1060.0, True)
        assert server.calls("hget") == read + 1, "the one that publishes asked for the version"


def test_follower_keeps_a_copy_for_its_machine(server, tmp_path):
    with process(server, tmp_path / "1") as one, process(server, tmp_path / "2") as two:
        assert one.try_to_lead()
        assert not two.try_to_lead()
        one.publish(reported(1))
        assert two.read_new() is not None
        server.kill()
        assert set(FileCoordinator(tmp_path / "2", "a").read_new().signals) == {1}


def test_while_redis_is_away_each_machine_elects_its_own(server, tmp_path):
    with process(server, tmp_path / "1") as one, process(server, tmp_path / "2") as two:
        assert one.try_to_lead()
        assert not two.try_to_lead()
        server.kill()
        assert one.try_to_lead()
        assert two.try_to_lead()
        two.publish(reported(2))
        with process(server, tmp_path / "2") as neighbour:
            assert not neighbour.try_to_lead()
            assert set(neighbour.read_new().signals) == {2}
        server.start()
        one.pause.now += PAUSE
        two.pause.now += PAUSE
        assert [one.try_to_lead(), two.try_to_lead()] == [True, False]
        one.publish(reported(3, as_of=1100.0, version="3"))
        assert set(two.read_new().signals) == {3}


def test_redis_that_lost_its_memory_hides_nothing(server, tmp_path):
    with process(server, tmp_path / "1") as one:
        assert one.try_to_lead()
        one.publish(reported(1))
        server.client.flushall()
        with process(server, tmp_path / "1") as neighbour:
            assert set(neighbour.read_new().signals) == {1}
        one.publish(reported(1, as_of=1060.0))
        with process(server, None) as two:
            assert set(two.read_new().signals) == {1}


@pytest.mark.parametrize("body", [b"", b"rubbish"])
def test_unreadable_content_is_ignored(server, tmp_path, body):
    with process(server, tmp_path / "1") as one, process(server, None) as two:
        assert one.try_to_lead()
        one.publish(reported(1))
        (key,) = server.client.scan_iter("wfs-proxy:*:reports:a.v*")
        server.client.hset(key, "body", body)
        assert two.read_new() is None


def test_nothing_is_kept_for_ever(server, tmp_path):
    with process(server, tmp_path / "1") as one:
        assert one.try_to_lead()
        one.publish(reported(1))
        assert all(server.client.ttl(key) > 0 for key in server.client.scan_iter("*"))


def test_the_leader_removes_what_older_versions_published(server, tmp_path):
    older = ["wfs-proxy:1.2.0:reports:a.v2", "wfs-proxy:1.2.1:reports:signalen-default.0123456789ab.v1"]
    others = ["wfs-proxy:1.2.1:reports:a.v4", "wfs-proxy:1.2.1:metadata:x.v2", "another:reports:a.v2"]
    for key in (*older, *others):
        server.client.hset(key, "body", b"12-ABC-3")
    with process(server, tmp_path) as one:
        assert one.try_to_lead()
        assert server.keys("reports") == sorted([*older, others[0]])
        one.publish(reported(1))
        assert [key for key in (*older, *others) if server.client.exists(key)] == others
        assert set(one.read_new().signals) == {1}
