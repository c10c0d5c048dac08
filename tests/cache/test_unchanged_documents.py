"""Documents that have not changed since they were fetched: the entry goes on, and the vendor sends nothing."""

from __future__ import annotations

import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path

import points
from caches import FOLDER, FRESH_FOR, LAYER, disk_backend, disk_cache, fetch, read, spec
from clocks import Clock
from services import run

from wfs_proxy.cache.entry import FetchedSnapshot, Freshness, Outcome
from wfs_proxy.features import Validators


def unchanged_vendor(*answers: FetchedSnapshot | None) -> tuple[Callable[..., Awaitable[FetchedSnapshot | None]], list]:
    """Return a vendor with these answers, of which None means "not modified", and what it was asked with."""
    waiting, known = list(answers), []

    async def vendor(_folder: Path | None, validators: Validators | None = None) -> FetchedSnapshot | None:
        known.append(validators)
        return waiting.pop(0)

    return vendor, known


def damage(folder: Path) -> None:
    for path in folder.rglob("*.npy"):
        path.write_bytes(b"")


FIRST = Validators(etag='"1"', reader="x")
SECOND = Validators(etag='"2"', reader="x")


def lamps_of(count: int, validators: Validators | None) -> FetchedSnapshot:
    return points.fetched(points.grid(count), validators=validators)


def test_document_that_has_not_changed_is_served_as_fresh_as_a_new_one(tmp_path: Path):
    async def scenario() -> None:
        clock = Clock()
        cache = disk_cache(tmp_path, clock)
        vendor, known = unchanged_vendor(lamps_of(3, FIRST), None, None)
        slot = await fetch(cache, spec(vendor))
        first, since = slot.entry, clock()
        for _ in range(2):
            clock.now += FRESH_FOR + 1
            await fetch(cache, spec(vendor))

            assert slot.entry.snapshot is first.snapshot
            assert slot.entry.freshness(clock()) is Freshness.FRESH
            assert (slot.entry.fetched_at, slot.entry.modified_at, slot.entry.received_at) == (clock(), since, since)
        assert known == [None, FIRST, FIRST]
        assert cache.fetches[LAYER.layer_id, Outcome.UNCHANGED] == 2

    run(scenario)


def test_validators_survive_a_restart(tmp_path: Path):
    async def scenario() -> None:
        clock = Clock()
        vendor, known = unchanged_vendor(lamps_of(3, FIRST), None)
        await fetch(disk_cache(tmp_path, clock), spec(vendor))
        clock.now += FRESH_FOR + 1
        restarted = disk_cache(tmp_path, clock)
        slot = await fetch(restarted, spec(vendor))

        assert known == [None, FIRST]
        assert (len(slot.entry.snapshot), slot.entry.freshness(clock())) == (3, Freshness.FRESH)
        other = disk_cache(tmp_path, clock)
        assert await read(other, spec(vendor))
        assert other.slot(LAYER).entry.fetched_at == clock()

    run(scenario)


def test_emptied_cache_asks_for_the_whole_document(tmp_path: Path):
    async def scenario() -> None:
        clock = Clock()
        vendor, known = unchanged_vendor(lamps_of(3, FIRST), lamps_of(3, FIRST))
        await fetch(disk_cache(tmp_path, clock), spec(vendor))
        shutil.rmtree(tmp_path / FOLDER)
        slot = await fetch(disk_cache(tmp_path, clock), spec(vendor))

        assert known == [None, None]
        assert len(slot.entry.snapshot) == 3

    run(scenario)


def test_damaged_snapshot_asks_for_the_whole_document(tmp_path: Path):
    async def scenario() -> None:
        clock = Clock()
        vendor, known = unchanged_vendor(lamps_of(3, FIRST), lamps_of(3, FIRST))
        await fetch(disk_cache(tmp_path, clock), spec(vendor))
        damage(tmp_path)
        slot = await fetch(disk_cache(tmp_path, clock), spec(vendor))

        assert known == [None, None]
        assert len(slot.entry.snapshot) == 3

    run(scenario)


def test_entry_that_was_replaced_during_the_request_is_fetched_whole(tmp_path: Path):
    async def scenario() -> None:
        clock = Clock()
        cache = disk_cache(tmp_path, clock)
        answers, known = [lamps_of(3, FIRST), None, lamps_of(4, SECOND)], []

        async def vendor(_folder: Path | None, validators: Validators | None = None) -> FetchedSnapshot | None:
            known.append(validators)
            answer = answers.pop(0)
            if answer is None:
                cache.slot(LAYER).entry = None
            return answer

        await fetch(cache, spec(vendor))
        clock.now += FRESH_FOR + 1
        slot = await fetch(cache, spec(vendor))

        assert known == [None, FIRST, None]
        assert len(slot.entry.snapshot) == 4

    run(scenario)


def test_document_is_fetched_whole_once_a_day(tmp_path: Path):
    """A vendor whose tag never changes is noticed: here it has four objects by then."""

    async def scenario() -> None:
        clock = Clock()
        cache = disk_cache(tmp_path, clock)
        vendor, known = unchanged_vendor(lamps_of(3, FIRST), None, lamps_of(4, FIRST))
        await fetch(cache, spec(vendor))
        clock.now += 86_399
        slot = await fetch(cache, spec(vendor))
        assert len(slot.entry.snapshot) == 3
        clock.now += 2
        slot = await fetch(cache, spec(vendor))

        assert known == [None, FIRST, None]
        assert len(slot.entry.snapshot) == 4

    run(scenario)


def test_quarantined_document_does_not_replace_the_validators(tmp_path: Path):
    async def scenario() -> None:
        clock = Clock()
        cache = disk_cache(tmp_path, clock)
        vendor, known = unchanged_vendor(lamps_of(10, FIRST), lamps_of(2, SECOND), lamps_of(2, SECOND), None)
        await fetch(cache, spec(vendor))
        for _ in range(3):
            clock.now += FRESH_FOR + 61
            slot = await fetch(cache, spec(vendor))

        assert known == [None, FIRST, FIRST, SECOND]
        assert (len(slot.entry.snapshot), slot.quarantined) == (2, None)

    run(scenario)


def test_document_that_has_not_changed_ends_failure_and_quarantine(tmp_path: Path):
    async def scenario() -> None:
        clock = Clock()
        cache = disk_cache(tmp_path, clock)
        vendor, _ = unchanged_vendor(lamps_of(10, FIRST), lamps_of(2, SECOND), None)
        await fetch(cache, spec(vendor))
        clock.now += FRESH_FOR + 61
        assert (await fetch(cache, spec(vendor))).quarantined is not None
        clock.now += FRESH_FOR + 61
        slot = await fetch(cache, spec(vendor))

        assert (len(slot.entry.snapshot), slot.quarantined, slot.failure) == (10, None, None)
        stored = (await disk_backend(tmp_path).read(spec(vendor).storage_key, None)).metadata
        assert (stored.quarantined, stored.failure, stored.fetched_at) == (None, None, clock())

    run(scenario)


def test_clock_that_was_set_back_asks_for_the_whole_document(tmp_path: Path):
    async def scenario() -> None:
        clock = Clock()
        cache = disk_cache(tmp_path, clock)
        vendor, known = unchanged_vendor(lamps_of(3, FIRST), lamps_of(3, FIRST))
        await fetch(cache, spec(vendor))
        clock.now -= 3600
        await fetch(cache, spec(vendor))

        assert known == [None, None]

    run(scenario)
