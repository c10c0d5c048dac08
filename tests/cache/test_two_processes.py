"""Two processes that share a disk backend, imitated by two entry caches: each sees the writes of the other."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import subprocess
import sys
from pathlib import Path

import needs
import points
import pytest
from caches import FOLDER, FRESH_FOR, LAYER, STALE_FOR, content, disk_backend, disk_cache, fetch, giving, read, spec
from clocks import Clock

from wfs_proxy.cache.entry import FetchedSnapshot, Freshness, Outcome
from wfs_proxy.cache.entry_cache import EntryCache
from wfs_proxy.cache.failure_pause import FIRST_PAUSE
from wfs_proxy.cache.metadata import EntryMetadata
from wfs_proxy.cache.plausibility import reason_to_quarantine
from wfs_proxy.errors import StorageError, UpstreamUnreachable


async def failing(*_: object) -> FetchedSnapshot:
    raise UpstreamUnreachable("the vendor does not answer")


async def forbidden(*_: object) -> FetchedSnapshot:
    raise AssertionError("the vendor was asked")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pair(tmp_path, clock) -> tuple[EntryCache, EntryCache]:
    return disk_cache(tmp_path, clock), disk_cache(tmp_path, clock)


def test_what_one_fetched_the_other_serves_without_asking_the_vendor(pair, clock):
    async def scenario() -> None:
        one, other = pair
        mine = await fetch(one, spec(giving(5, matched=7, notes=("asked twice",), requests=3)))
        assert await read(other, spec(forbidden))
        theirs = other.slot(LAYER)
        assert content(theirs.entry.snapshot) == content(mine.entry.snapshot)
        report = theirs.entry.summary.report
        assert (report.matched, report.notes, report.requests) == (7, ("asked twice",), 3)
        assert (theirs.entry.fetched_at, theirs.entry.modified_at) == (clock(), clock())
        assert not await read(other, spec(forbidden))

    asyncio.run(scenario())


def test_two_that_want_the_same_ask_the_vendor_once(pair):
    asked = []

    async def scenario() -> None:
        gate = asyncio.Event()

        async def vendor(*_: object) -> FetchedSnapshot:
            asked.append(1)
            await gate.wait()
            return points.fetched(points.grid(5))

        tasks = [cache.fetch(cache.slot(LAYER), spec(vendor)) for cache in pair]
        while not asked:  # noqa: ASYNC110 - either may get the lease
            await asyncio.sleep(0)
        gate.set()
        await asyncio.gather(*tasks)
        assert [len(cache.slot(LAYER).entry.snapshot) for cache in pair] == [5, 5]

    asyncio.run(scenario())
    assert asked == [1]


def test_a_failure_and_its_pause_hold_for_both(pair, clock):
    async def scenario() -> None:
        one, other = pair
        await fetch(one, spec(failing))
        task = other.fetch(other.slot(LAYER), spec(forbidden))
        await task
        slot = other.slot(LAYER)
        assert (slot.failure.in_a_row, slot.not_before) == (1, clock() + FIRST_PAUSE)
        assert other.fetch(other.slot(LAYER), spec(forbidden)) is None
        clock.now = slot.not_before
        slot = await fetch(other, spec(failing))
        assert slot.failure.in_a_row == 2
        await read(one, spec(forbidden))
        assert one.slot(LAYER).failure == slot.failure

    asyncio.run(scenario())


def test_a_failure_takes_nothing_from_what_is_served(pair, clock):
    async def scenario() -> None:
        one, other = pair
        fetched_at = (await fetch(one, spec(giving(5, matched=9)))).entry.fetched_at
        clock.now += FRESH_FOR
        await fetch(one, spec(failing))
        await read(other, spec(forbidden))
        slot = other.slot(LAYER)
        assert (len(slot.entry.snapshot), slot.entry.fetched_at, slot.entry.summary.report.matched) == (
            5,
            fetched_at,
            9,
        )
        assert slot.failure is not None

    asyncio.run(scenario())


def test_one_process_confirms_what_another_quarantined(pair, clock):
    async def scenario() -> None:
        one, other = pair
        await fetch(one, spec(giving(100)))
        clock.now += FRESH_FOR
        slot = await fetch(one, spec(giving(50)))
        assert (len(slot.entry.snapshot), slot.quarantined.summary.count) == (100, 50)
        await read(other, spec(forbidden))
        assert other.slot(LAYER).quarantined == slot.quarantined
        assert other.fetch(other.slot(LAYER), spec(forbidden)) is None
        clock.now = slot.not_before
        slot = await fetch(other, spec(giving(51)))
        assert (len(slot.entry.snapshot), slot.quarantined) == (51, None)
        await read(one, spec(forbidden))
        assert len(one.slot(LAYER).entry.snapshot) == 51

    asyncio.run(scenario())


def test_a_new_process_serves_what_an_earlier_one_kept_also_when_it_is_stale(tmp_path, clock):
    async def scenario() -> None:
        await fetch(disk_cache(tmp_path, clock), spec(giving(5)))
        clock.now += FRESH_FOR + 1
        later = disk_cache(tmp_path, clock)
        await read(later, spec(forbidden))
        assert later.slot(LAYER).freshness(clock()) is Freshness.STALE
        slot = await fetch(later, spec(failing))
        assert len(slot.servable(clock()).snapshot) == 5
        clock.now += STALE_FOR
        assert slot.servable(clock()) is None

    asyncio.run(scenario())


def test_cells_are_kept_each_for_itself(pair):
    async def scenario() -> None:
        one, other = pair
        await fetch(one, spec(giving(5), cell="15-1-1"))
        await fetch(one, spec(giving(6), cell="15-1-2"))
        await read(other, spec(forbidden, cell="15-1-2"))
        assert {cell.key: len(slot.entry.snapshot) for cell, slot in other.cells("masten").items()} == {"15-1-2": 6}

    asyncio.run(scenario())


@pytest.mark.parametrize(("memory", "held"), [(0, [2]), (1000, [1, 2])])
def test_however_little_memory_cells_may_take_one_or_two_are_cached(clock, memory, held):
    async def scenario() -> None:
        cache = EntryCache(clock=clock, policy=reason_to_quarantine, memory=memory)
        for number in range(3):
            await fetch(cache, spec(giving(5), cell=f"15-1-{number}"))
        assert [cell.key for cell in cache.cells("masten")] == [f"15-1-{number}" for number in held]

    asyncio.run(scenario())


def test_a_damaged_snapshot_is_logged_and_fetched_again(tmp_path, clock, caplog):
    async def scenario() -> None:
        await fetch(disk_cache(tmp_path, clock), spec(giving(5)))
        for path in tmp_path.rglob("features.npy"):
            path.write_bytes(path.read_bytes()[:-1] + b"!")
        later = disk_cache(tmp_path, clock)
        slot = await fetch(later, spec(giving(5)))
        assert len(slot.entry.snapshot) == 5
        assert "will be fetched again" in caplog.text
        assert (await disk_backend(tmp_path).read(f"{FOLDER}/whole", None)).problem is None

    asyncio.run(scenario())


def test_a_failed_fetch_after_damage_leaves_metadata_without_a_snapshot(tmp_path, clock):
    async def scenario() -> None:
        await fetch(disk_cache(tmp_path, clock), spec(giving(5)))
        for path in tmp_path.rglob("features.npy"):
            path.write_bytes(b"")
        await fetch(disk_cache(tmp_path, clock), spec(failing))
        found = await disk_backend(tmp_path).read(f"{FOLDER}/whole", None)
        assert (found.metadata.version, found.problem, found.metadata.failure.in_a_row) == (None, None, 1)

    asyncio.run(scenario())


def test_a_cache_that_was_emptied_while_it_is_used_is_filled_by_a_new_fetch(pair, tmp_path, clock):
    async def scenario() -> None:
        one, other = pair
        await fetch(one, spec(giving(5)))
        await read(other, spec(forbidden))
        for path in tmp_path.iterdir():
            shutil.rmtree(path)
        assert not await read(one, spec(forbidden))
        assert [len(cache.slot(LAYER).servable(clock()).snapshot) for cache in pair] == [5, 5]
        clock.now += FRESH_FOR
        await fetch(one, spec(giving(5)))
        assert await read(other, spec(forbidden))
        assert other.slot(LAYER).freshness(clock()) is Freshness.FRESH

    asyncio.run(scenario())


def test_without_a_usable_disk_it_is_served_from_memory_and_logged_once_for_each_layer(tmp_path, clock, caplog):
    (tmp_path / "file").touch()
    cache = disk_cache(tmp_path / "file", clock)

    async def scenario() -> None:
        for count in (5, 6):
            slot = await fetch(cache, spec(giving(count)))
            assert len(slot.servable(clock()).snapshot) == count
            assert "Not a directory" in cache.storage_error
            clock.now += FRESH_FOR

    asyncio.run(scenario())
    messages = [record.getMessage() for record in caplog.records if "serving from memory" in record.getMessage()]
    assert len(messages) == 2, "once for reading, once for writing"


def test_a_disk_that_works_again_is_used_again(tmp_path, clock, caplog):
    caplog.set_level(logging.INFO)
    root = tmp_path / "layers"
    root.touch()
    cache = disk_cache(root, clock)

    async def scenario() -> None:
        await fetch(cache, spec(giving(5)))
        assert cache.storage_error is not None
        root.unlink()
        await read(cache, spec(forbidden))
        assert "cannot write to" in cache.storage_error
        clock.now += FRESH_FOR
        await fetch(cache, spec(failing))
        assert cache.storage_error is None
        assert len((await disk_backend(root).read(f"{FOLDER}/whole", None)).stored.snapshot) == 5

    asyncio.run(scenario())
    assert caplog.text.count("cache storage is available again") == 2


class UnreadableDisk:
    """A backend with an entry that cannot be read for now."""

    def __init__(self, root: Path) -> None:
        self._backend = disk_backend(root)

    def __getattr__(self, name):
        return getattr(self._backend, name)

    async def read(self, *_: object):
        raise StorageError("Too many open files")


@pytest.mark.parametrize("was_seen", [True, False])
def test_a_process_that_cannot_read_the_entry_does_not_replace_it_by_a_failure(tmp_path, clock, was_seen):
    async def scenario() -> None:
        backend = UnreadableDisk(tmp_path)
        blind = EntryCache(clock=clock, policy=reason_to_quarantine, backend=backend)
        if was_seen:
            await fetch(blind, spec(giving(5)))
            clock.now += FRESH_FOR
        await fetch(disk_cache(tmp_path, clock), spec(giving(6)))
        await fetch(blind, spec(failing))
        found = await disk_backend(tmp_path).read(f"{FOLDER}/whole", None)
        assert len(found.stored.snapshot) == 6

    asyncio.run(scenario())


class FullDisk:
    """A backend without space for now."""

    def __init__(self, root: Path) -> None:
        self._backend = disk_backend(root)
        self.full = False

    def __getattr__(self, name):
        return getattr(self._backend, name)

    async def write(self, *arguments, **options):
        if self.full:
            raise StorageError("No space left on device")
        return await self._backend.write(*arguments, **options)


def test_what_did_not_fit_is_kept_later_and_never_confused_with_what_is_there(tmp_path, clock):
    async def scenario() -> None:
        backend = FullDisk(tmp_path)
        cache = EntryCache(clock=clock, policy=reason_to_quarantine, backend=backend)
        await fetch(cache, spec(giving(5, matched=5)))
        clock.now += FRESH_FOR
        backend.full = True
        slot = await fetch(cache, spec(giving(6, matched=6)))
        assert len(slot.entry.snapshot) == 6
        backend.full = False
        clock.now += FRESH_FOR
        await fetch(cache, spec(failing))
        found = await disk_backend(tmp_path).read(f"{FOLDER}/whole", None)
        assert (len(found.stored.snapshot), found.metadata.summary.report.matched) == (6, 6)
        assert found.metadata.fetched_at == slot.entry.fetched_at

    asyncio.run(scenario())


def test_a_clock_that_is_put_back_does_not_hide_what_other_processes_fetched(tmp_path, clock):
    async def scenario() -> None:
        one, other = disk_cache(tmp_path, clock), disk_cache(tmp_path, clock)
        clock.now += 86_400
        await fetch(one, spec(giving(5)))
        await read(other, spec(forbidden))
        clock.now -= 86_400
        assert one.slot(LAYER).freshness(clock()) is Freshness.STALE
        await fetch(one, spec(giving(6)))
        assert await read(other, spec(forbidden))
        slot = other.slot(LAYER)
        assert (len(slot.entry.snapshot), slot.freshness(clock())) == (6, Freshness.FRESH)

    asyncio.run(scenario())


def test_a_clock_that_is_put_back_does_not_prevent_a_fetch(pair, clock):
    async def scenario() -> None:
        one, other = pair
        clock.now += 86_400
        await fetch(one, spec(failing))
        clock.now -= 86_400
        slot = await fetch(other, spec(giving(5)))
        assert len(slot.entry.snapshot) == 5

    asyncio.run(scenario())


def test_a_clock_that_jumps_forward_serves_what_is_stale_and_fetches(pair, clock):
    async def scenario() -> None:
        one, other = pair
        await fetch(one, spec(giving(5)))
        clock.now += FRESH_FOR + STALE_FOR / 2
        await read(other, spec(forbidden))
        assert len(other.slot(LAYER).servable(clock()).snapshot) == 5
        assert len((await fetch(other, spec(giving(6)))).entry.snapshot) == 6

    asyncio.run(scenario())


FILLS_THE_DISK = """
import asyncio, errno, os, sys
from pathlib import Path
from clocks import Clock
from caches import disk_cache, giving, read, spec, fetch

write = os.write
def full(descriptor, data):
    if len(data) > 200:
        write(descriptor, bytes(data[:100]))
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    return write(descriptor, data)
os.write = full

async def main():
    clock = Clock()
    clock.now += 100.0
    cache = disk_cache(Path(sys.argv[1]), clock)
    slot = await fetch(cache, spec(giving(50)))
    print(len(slot.servable(clock()).snapshot), cache.storage_error)

asyncio.run(main())
"""


def test_a_process_whose_disk_is_full_serves_the_new_and_leaves_the_old(tmp_path, clock):
    asyncio.run(fetch(disk_cache(tmp_path, clock), spec(giving(45))))
    done = subprocess.run(
        [sys.executable, "-c", FILLS_THE_DISK, tmp_path],
        env={"PYTHONPATH": f"{needs.ROOT}:{needs.ROOT / 'tests' / 'support'}"},
        capture_output=True,
        text=True,
        check=True,
    )
    folder = tmp_path / FOLDER / "whole"
    assert done.stdout == f"50 cannot write to {folder}: No space left on device\n"
    found = asyncio.run(disk_backend(tmp_path).read(f"{FOLDER}/whole", None))
    assert len(found.stored.snapshot) == 45
    assert len(list(folder.iterdir())) == 3


def test_a_disk_that_becomes_read_only_is_read(tmp_path, clock, monkeypatch):
    """The system refuses writes, and reads still work."""

    def read_only(*_: object, **__: object) -> int:
        raise OSError(30, os.strerror(30))

    async def scenario() -> None:
        await fetch(disk_cache(tmp_path, clock), spec(giving(5)))
        for name in ("write", "mkdir", "replace", "rename", "unlink", "utime"):
            monkeypatch.setattr(os, name, read_only)
        later = disk_cache(tmp_path, clock)
        await read(later, spec(forbidden))
        assert len(later.slot(LAYER).servable(clock()).snapshot) == 5
        clock.now += FRESH_FOR
        slot = await fetch(later, spec(giving(6)))
        assert len(slot.servable(clock()).snapshot) == 6
        assert "Read-only file system" in later.storage_error
        assert later.fetches["masten", Outcome.STORED] == 1

    asyncio.run(scenario())
    monkeypatch.undo()
    assert asyncio.run(disk_backend(tmp_path).read(f"{FOLDER}/whole", None)).metadata != EntryMetadata()
