"""Several machines and one real Redis, which fails in many ways."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import points
import pytest
import redis_server
from caches import content
from clocks import Clock
from redis_server import RedisServer
from running_proxy import eventually

from wfs_proxy.cache.backend import Lookup, NullBackend, StoredState
from wfs_proxy.cache.disk import DiskBackend
from wfs_proxy.cache.metadata import EntryMetadata, Failure, FetchSummary
from wfs_proxy.cache.redis import tiered
from wfs_proxy.cache.redis.connection import COMMAND_TIMEOUT, PAUSE, RedisConnection
from wfs_proxy.cache.redis.store import RedisStore, RemoteState
from wfs_proxy.cache.redis.tiered import TieredBackend
from wfs_proxy.errors import ConfigurationError, StorageError
from wfs_proxy.features import FetchReport
from wfs_proxy.snapshot.snapshot import Snapshot

KEY = "masten.1/whole"
NOW = time.time()
SMALL = points.snapshot(points.grid(3))
OTHER = points.snapshot(points.grid(4))
LARGE = points.snapshot(points.grid(50_000))
"""Of three pieces."""
COLUMNS = points.snapshot(
    points.batch(
        {f"{i}": (4 + i / 10, 52) for i in range(4)},
        {
            "naam/é": ["b", None, "a", "b"],
            "jaar": [1998, None, 0, -1],
            "hoogte": [1.5, None, 2.0, -0.25],
            "actief": [True, None, False, True],
            "leeg": [None, None, None, None],
        },
    )
)
"""One of every kind."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    with redis_server.serving(tmp_path / "redis") as running:
        yield running


class Machine(TieredBackend):
    """A backend, and the clock of its Redis connection."""

    pause: Clock


@asynccontextmanager
async def machine(
    server: RedisServer, folder: Path | None = None, *, offload: Callable[..., Awaitable[Any]] = asyncio.to_thread
) -> AsyncIterator[Machine]:
    """A machine with a disk, or without one."""
    pause = Clock()
    async with RedisConnection(server.url, clock=pause) as connection:
        local = NullBackend() if folder is None else DiskBackend(folder, offload=asyncio.to_thread)
        backend = Machine(connection, local, offload=offload)
        backend.pause = pause
        try:
            yield backend
        finally:
            await backend.close()


async def written(
    backend: TieredBackend, snapshot: Snapshot | None, *, age: float = 0.0, **metadata: Any
) -> StoredState:
    """Write something as the entry cache does: under a lease."""
    async with backend.lease(KEY) as ours:
        assert ours
        return await backend.write(
            KEY, EntryMetadata(fetched_at=NOW - age, modified_at=NOW - age, **metadata), snapshot
        )


async def found(backend: TieredBackend, seen: StoredState | None = None) -> Lookup:
    """Return the entry once the backend has one that differs from `seen`."""
    results: list[Lookup] = []

    async def is_there() -> bool:
        results.extend(each for each in [await backend.read(KEY, seen)] if each is not None)
        return bool(results)

    await eventually(is_there)
    return results[-1]


async def settled(server: RedisServer, *names: str) -> None:
    """Wait until Redis has these snapshots completely, and no lease is held."""

    async def is_so() -> bool:
        whole = [key for key in server.keys("snapshot") if server.client.hexists(key, "manifest.json")]
        return {key.rpartition(":")[2] for key in whole} >= set(names) and not server.keys("lock")

    await eventually(is_so)


def same(one: Snapshot, other: Snapshot) -> bool:
    """Whether all their parts are equal."""
    return content(one) == content(other)


@pytest.mark.parametrize(
    "snapshot",
    [SMALL, LARGE, COLUMNS, points.snapshot(points.grid(0))],
    ids=["small", "large", "columns of every kind", "empty"],
)
@pytest.mark.parametrize("has_disk", [True, False], ids=["disk", "no disk"])
def test_an_entry_that_one_machine_writes_is_read_by_the_others(server, tmp_path, snapshot, has_disk):
    async def scenario() -> None:
        async with machine(server, tmp_path / "a") as one, machine(server, tmp_path / "b" if has_disk else None) as two:
            kept = await written(one, snapshot, summary=FetchSummary(report=FetchReport(notes=("a note",))))
            there = await found(two)
            assert same(there.stored.snapshot, snapshot)
            assert there.metadata == EntryMetadata(
                fetched_at=NOW,
                modified_at=NOW,
                summary=FetchSummary(report=FetchReport(notes=("a note",))),
                version=snapshot.version,
            )
            assert await two.read(KEY, there.stored) is None
            assert await one.read(KEY, kept) is None

    asyncio.run(scenario())


def test_what_came_from_redis_lies_on_the_disk_for_all_processes_of_the_machine(server, tmp_path):
    async def scenario() -> None:
        async with machine(server, tmp_path / "a") as one, machine(server, tmp_path / "b") as two:
            await written(one, LARGE)
            await found(two)
        server.kill()
        local = await DiskBackend(tmp_path / "b", offload=asyncio.to_thread).read(KEY, None)
        assert same(local.stored.snapshot, LARGE)

    asyncio.run(scenario())


def test_a_change_is_read_without_waiting_for_the_next_comparison(server, tmp_path, monkeypatch):
    monkeypatch.setattr(tiered, "CHECK_EVERY", 3600.0)

    async def scenario() -> None:
        async with machine(server, tmp_path / "a") as one, machine(server) as two:
            await written(one, SMALL, age=100)
            first = await found(two)
            await settled(server, SMALL.version)
            assert await two.read(KEY, first.stored) is None
            await written(one, OTHER)
            second = await found(two, first.stored)
            assert same(second.stored.snapshot, OTHER)

    asyncio.run(scenario())


def test_look_at_what_is_known_asks_redis_nothing(server, tmp_path):
    async def scenario() -> None:
        async with machine(server, tmp_path / "a") as one:
            kept = await written(one, SMALL)
            await settled(server, SMALL.version)
            assert await one.read(KEY, kept) is None
            asked = server.calls("get")
            for _ in range(100):
                assert await one.read(KEY, kept) is None
            assert server.calls("get") <= asked + 1

    asyncio.run(scenario())


def test_unchanged_snapshot_is_confirmed_and_not_sent_again(server, tmp_path):
    async def scenario() -> None:
        async with machine(server, tmp_path / "a") as one, machine(server) as two:
            await written(one, SMALL, age=100)
            await settled(server, SMALL.version)
            first = await found(two)
            sent, read = server.calls("hset"), server.calls("hget")
            await written(one, SMALL)
            second = await found(two, first.stored)
            assert (second.metadata.fetched_at, second.stored.snapshot) == (NOW, first.stored.snapshot)
            assert (server.calls("hset"), server.calls("hget")) == (sent, read)

    asyncio.run(scenario())


def test_a_failure_is_shared_and_the_data_stay(server, tmp_path):
    failure = Failure(title="away", detail="the vendor", failed_at=NOW, in_a_row=1)

    async def scenario() -> None:
        async with machine(server, tmp_path / "a") as one, machine(server) as two:
            await written(one, SMALL, age=100)
            first = await found(two)
            await written(one, None, age=100, failure=failure, version=SMALL.version)
            second = await found(two, first.stored)
            assert second.metadata.failure == failure
            assert second.stored.snapshot is first.stored.snapshot

    asyncio.run(scenario())


def test_replaced_snapshot_is_soon_forgotten_and_everything_some_day(server, tmp_path):
    async def scenario() -> None:
        async with machine(server, tmp_path / "a") as one:
            await written(one, SMALL, age=100)
            await settled(server, SMALL.version)
            await written(one, OTHER)
            await settled(server, OTHER.version)
            ttls = {key.rpartition(":")[2]: server.client.ttl(key) for key in server.keys("snapshot")}
            assert 0 < ttls[SMALL.version] <= 600 < 6 * 86_400 < ttls[OTHER.version]
            assert all(server.client.ttl(key) > 0 for key in server.client.scan_iter("*"))

    asyncio.run(scenario())


def test_one_machine_holds_the_lease_until_its_data_are_there(server, tmp_path):
    async def scenario() -> None:
        async with machine(server, tmp_path / "a") as one, machine(server, tmp_path / "b") as two:
            async with one.lease(KEY) as ours, two.lease(KEY) as theirs, two.lease("masten.2/whole") as another:
                assert (ours, theirs, another) == (True, False, True)
                await one.write(KEY, EntryMetadata(fetched_at=NOW), LARGE)

            async def is_free() -> bool:
                async with two.lease(KEY) as ours:
                    if ours:
                        assert same((await two.read(KEY, None)).stored.snapshot, LARGE)
                    return ours

            await eventually(is_free)

    asyncio.run(scenario())


@pytest.mark.parametrize("steps", range(0, 40, 2))
def test_a_cancelled_task_ends_during_any_exchange_with_redis(server, steps):
    async def scenario() -> None:
        async with RedisConnection(server.url) as connection:
            backend = TieredBackend(connection, NullBackend(), offload=asyncio.to_thread)

            async def endless() -> None:
                while True:
                    async with backend.lease(KEY):
                        await backend.read(KEY, None)

            task = asyncio.create_task(endless())
            for _ in range(steps):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait({task}, timeout=30)
            assert task.cancelled()
            async with asyncio.timeout(30):
                await backend.close()

    asyncio.run(scenario())


def test_an_unavailable_redis_is_logged_once_and_machines_run_independently(server, tmp_path, caplog):
    caplog.set_level(logging.INFO)

    async def scenario() -> None:
        async with machine(server, tmp_path / "a") as one, machine(server, tmp_path / "b") as two:
            seen = await written(one, SMALL, age=100)
            await settled(server, SMALL.version)
            server.kill()
            one.pause.now += PAUSE
            two.pause.now += PAUSE
            async with one.lease(KEY) as ours, two.lease(KEY) as theirs:
                assert (ours, theirs) == (True, True)
            assert await one.read(KEY, seen) is None
            kept = await written(one, OTHER)
            assert same(kept.snapshot, OTHER)
            assert await two.read(KEY, None) is None
            assert one.error == two.error == "Redis cannot be reached"
            server.start()
            one.pause.now += PAUSE
            two.pause.now += PAUSE

            async def heals() -> bool:
                assert await one.read(KEY, kept) is None
                return one.error is None and bool(server.keys("metadata"))

            await eventually(heals)
            there = await found(two)
            assert same(there.stored.snapshot, OTHER)

    asyncio.run(scenario())
    texts = [record.getMessage() for record in caplog.records]
    assert texts.count("Redis cannot be reached: machines run independently until Redis is reachable") == 2
    assert texts.count("Redis is available again") == 2


def test_no_read_waits_for_a_redis_that_failed_a_moment_ago(server, tmp_path):
    async def scenario() -> None:
        async with machine(server, tmp_path / "a") as one:
            kept = await written(one, SMALL)
            await settled(server, SMALL.version)
            with server.frozen():
                async with one.lease(KEY) as ours:
                    assert ours
                    began = time.monotonic()
                    for _ in range(100):
                        assert await one.read(KEY, kept) is None
                    assert time.monotonic() - began < 50 * COMMAND_TIMEOUT, "each read waited for Redis"
                assert one.error == "Redis does not answer in time"

    asyncio.run(scenario())


def test_newest_wins_over_what_an_old_redis_brings_back(server, tmp_path):
    async def scenario() -> None:
        async with machine(server, tmp_path / "a") as one, machine(server, tmp_path / "b") as two:
            await written(one, SMALL, age=100)
            await settled(server, SMALL.version)
            server.save()
            kept = await written(one, OTHER)
            await settled(server, OTHER.version)
            seen = (await found(two)).stored
            assert same(seen.snapshot, OTHER)
            server.kill()
            server.start()

            async def heals() -> bool:
                one.pause.now += PAUSE
                two.pause.now += PAUSE
                assert await one.read(KEY, kept) is None
                assert await two.read(KEY, seen) is None
                return any(key.endswith(OTHER.version) for key in server.keys("snapshot"))

            await eventually(heals)
            await settled(server, OTHER.version)
            async with machine(server) as three:
                assert same((await found(three)).stored.snapshot, OTHER)

    asyncio.run(scenario())


def test_clock_that_is_wrong_does_not_win(server, tmp_path):
    async def scenario() -> None:
        async with machine(server, tmp_path / "a") as one, machine(server, tmp_path / "b") as two:
            kept = await written(two, OTHER)
            await settled(server, OTHER.version)
            await written(one, SMALL, age=-3600)
            await settled(server, SMALL.version)
            async with two.lease(KEY) as ours:
                assert ours
                assert await two.read(KEY, kept) is None

    asyncio.run(scenario())


def test_redis_that_loses_its_memory_in_the_middle_shows_no_half_snapshot(server, tmp_path):
    pushed = []

    async def forgetting(work: Callable[..., Any], *arguments: Any) -> Any:
        if work is next:
            pushed.append(work)
            if len(pushed) == 2:
                server.client.flushall()
        return await asyncio.to_thread(work, *arguments)

    async def scenario() -> None:
        async with machine(server, tmp_path / "a", offload=forgetting) as one, machine(server, tmp_path / "b") as two:
            kept = await written(one, LARGE)

            async def is_over() -> bool:
                return len(pushed) == 4 and not server.keys("lock")

            await eventually(is_over)
            assert await two.read(KEY, None) is None
            assert server.keys("metadata") == []
            assert await one.read(KEY, kept) is None
            assert same((await found(two)).stored.snapshot, LARGE)

    asyncio.run(scenario())


@pytest.mark.parametrize("field", ["0", "manifest.json"])
def test_damaged_snapshot_is_refused_and_given_back_by_who_has_it(server, tmp_path, caplog, field):
    async def scenario() -> None:
        async with machine(server, tmp_path / "a") as one, machine(server, tmp_path / "b") as two:
            kept = await written(one, SMALL)
            await settled(server, SMALL.version)
            (key,) = server.keys("snapshot")
            server.client.hset(key, field, b"rubbish")
            assert await two.read(KEY, None) is None
            assert "in Redis" in caplog.text
            assert server.keys("snapshot") == []
            async with one.lease(KEY) as ours:
                assert ours
            await settled(server)
            assert await one.read(KEY, kept) is None
            assert same((await found(two)).stored.snapshot, SMALL)

    asyncio.run(scenario())


def test_damaged_local_entry_is_replaced_from_redis(server, tmp_path):
    async def scenario() -> None:
        async with machine(server, tmp_path / "a") as one:
            await written(one, SMALL)
            await settled(server, SMALL.version)
        (tmp_path / "a" / KEY / SMALL.version / "ids.npy").write_bytes(b"rubbish")
        async with machine(server, tmp_path / "a") as again:
            there = await again.read(KEY, None)
            assert there.problem is None
            assert same(there.stored.snapshot, SMALL)

    asyncio.run(scenario())


def test_disk_that_cannot_be_written_does_not_keep_it_from_the_others(server, tmp_path, caplog):
    (tmp_path / "a").write_text("no folder")

    async def scenario() -> None:
        async with machine(server, tmp_path / "a") as one, machine(server) as two:
            with pytest.raises(StorageError):
                await written(one, SMALL)
            assert same((await found(two)).stored.snapshot, SMALL)

    asyncio.run(scenario())
    assert "Redis" not in caplog.text


def test_full_disk_does_not_prevent_serving_what_redis_has(server):
    class Full(NullBackend):
        async def write(
            self, _key: str, _metadata: EntryMetadata, _snapshot: Snapshot | None, **_: bool
        ) -> StoredState:
            raise StorageError("the disk is full")

    async def scenario() -> None:
        async with machine(server) as one, RedisConnection(server.url) as connection:
            await written(one, SMALL)
            await settled(server, SMALL.version)
            two = TieredBackend(connection, Full(), offload=asyncio.to_thread)
            there = await two.read(KEY, None)
            assert same(there.stored.snapshot, SMALL)
            assert await two.read(KEY, there.stored) is None
            await two.close()

    asyncio.run(scenario())


def test_the_password_is_in_no_message(tmp_path, caplog):
    caplog.set_level(logging.DEBUG, "wfs_proxy")
    with redis_server.serving(tmp_path, "--requirepass", "geheim") as server:

        async def scenario() -> None:
            server.url = server.url.replace("//", "//:verkeerd@")
            async with machine(server, tmp_path / "a") as one:
                kept = await written(one, SMALL)
                assert same(kept.snapshot, SMALL)
                assert one.error == "Redis rejects the login in WFS_PROXY_REDIS_URL"
                assert "verkeerd" not in repr(vars(one))

        asyncio.run(scenario())
    assert "rejects the login" in caplog.text
    assert "verkeerd" not in caplog.text
    assert "geheim" not in caplog.text


@pytest.mark.parametrize("url", ["redis://a:geheim@b:c", "redis://:geheim@b?db=x", "redis://:geheim@b?colour=red"])
def test_address_that_means_nothing_is_refused_without_its_password(url):
    with pytest.raises(ConfigurationError) as refused:
        RedisConnection(url)
    assert "geheim" not in str(refused.value)


def test_a_full_redis_is_reported_and_machines_run_independently(tmp_path):
    with redis_server.serving(tmp_path, "--maxmemory", "1mb", "--maxmemory-policy", "noeviction") as server:

        async def scenario() -> None:
            async with machine(server, tmp_path / "a") as one:
                kept = await written(one, LARGE)
                assert same(kept.snapshot, LARGE)

                async def is_reported() -> bool:
                    return one.error == "Redis is full"

                await eventually(is_reported)

        asyncio.run(scenario())


def test_keys_of_another_version_are_not_touched(server, tmp_path):
    async def scenario() -> None:
        async with machine(server, tmp_path / "a") as one:
            await written(one, SMALL)
            await settled(server, SMALL.version)
            (key,) = server.keys("metadata")
            namespace = key.removesuffix(f":metadata:{KEY}")
            server.client.rename(key, key.replace(namespace, f"{namespace}9"))
            async with machine(server) as two:
                assert await two.read(KEY, None) is None

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "record",
    [EntryMetadata(fetched_at=NOW, format=99), EntryMetadata(fetched_at=NOW, version="../../etc")],
    ids=["format", "name"],
)
def test_metadata_with_impossible_values_is_ignored(server, tmp_path, record):
    async def scenario() -> None:
        async with machine(server, tmp_path / "a") as one, RedisConnection(server.url) as connection:
            await written(one, SMALL)
            await settled(server, SMALL.version)
            (key,) = server.keys("metadata")
            server.client.set(key, record.encoded())
            assert await RedisStore(connection, offload=asyncio.to_thread).read_metadata(
                KEY, SMALL.version
            ) == RemoteState(metadata=None, has_snapshot=True)

    asyncio.run(scenario())
