from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import points
import pytest
from clocks import Clock

from wfs_proxy.cache.entry import CacheSlot, EntrySpec, FetchedSnapshot, Freshness, Outcome
from wfs_proxy.cache.entry_cache import FIRST_PAUSE, LONGEST_FAILURE_PAUSE, EntryCache
from wfs_proxy.cache.plausibility import reason_to_quarantine
from wfs_proxy.errors import UpstreamUnreachable
from wfs_proxy.features import PipelineReport

FRESH_FOR, STALE_FOR = 100.0, 1000.0


def new_store(clock: Clock) -> EntryCache:
    return EntryCache(clock=clock, judge=reason_to_quarantine)


def recipe(fill: Callable[..., Awaitable[FetchedSnapshot]]) -> EntrySpec:
    async def mark(filled: FetchedSnapshot) -> FetchedSnapshot:
        return filled

    return EntrySpec(
        key="masten",
        shelf_key="masten.1/whole",
        fill=fill,
        mark=mark,
        served=lambda: None,
        fresh_for=FRESH_FOR,
        stale_for=STALE_FOR,
    )


async def refill(store: EntryCache, fill: Callable[..., Awaitable[FetchedSnapshot]]) -> CacheSlot:
    task = store.refill(store.slot("masten"), recipe(fill))
    if task is not None:
        await task
    return store.slot("masten")


def giving(filled: FetchedSnapshot) -> Callable[..., Awaitable[FetchedSnapshot]]:
    async def fill(_: object = None) -> FetchedSnapshot:
        return filled

    return fill


async def failing(_: object = None) -> FetchedSnapshot:
    raise UpstreamUnreachable("the vendor does not answer")


@pytest.mark.parametrize(
    ("age", "freshness", "ttl"),
    [
        (-50, Freshness.FRESH, 100),
        (0, Freshness.FRESH, 100),
        (99, Freshness.FRESH, 1),
        (100, Freshness.STALE, 0),
        (1099, Freshness.STALE, -999),
        (1100, Freshness.EXPIRED, -1000),
        (-3600, Freshness.STALE, 0),
    ],
)
def test_an_entry_is_fresh_then_stale_then_expired(age, freshness, ttl):
    clock = Clock()
    slot = asyncio.run(refill(new_store(clock), giving(points.filled(points.grid(1)))))
    now = clock() + age
    assert (slot.freshness(now), slot.entry.ttl(now)) == (freshness, ttl)
    assert (slot.servable(now) is None) == (freshness is Freshness.EXPIRED)


def test_a_new_key_is_absent():
    clock = Clock()
    assert new_store(clock).slot("masten").freshness(clock()) is Freshness.ABSENT


def test_a_thousand_callers_share_one_fill():
    asked = []

    async def scenario() -> None:
        store = new_store(Clock())
        gate = asyncio.Event()

        async def fill(_: object = None) -> FetchedSnapshot:
            asked.append(1)
            await gate.wait()
            return points.filled(points.grid(1))

        tasks = [store.refill(store.slot("masten"), recipe(fill)) for _ in range(1000)]
        gate.set()
        await asyncio.gather(*tasks)

    asyncio.run(scenario())
    assert len(asked) == 1


def test_a_failure_forbids_further_attempts_for_longer_and_longer_until_one_succeeds():
    async def scenario() -> list[float]:
        clock = Clock()
        store = new_store(clock)
        pauses = []
        for _ in range(5):
            slot = await refill(store, failing)
            pauses.append(slot.not_before - clock())
            assert store.refill(store.slot("masten"), recipe(failing)) is None
            clock.now = slot.not_before
        slot = await refill(store, giving(points.filled(points.grid(1))))
        assert slot.failure is None
        return [*pauses, (await refill(store, failing)).not_before - clock()]

    assert asyncio.run(scenario()) == [FIRST_PAUSE, 10, 20, LONGEST_FAILURE_PAUSE, LONGEST_FAILURE_PAUSE, FIRST_PAUSE]


def test_a_failure_is_told_and_logged_without_credentials(caplog):
    async def fill(_: object = None) -> FetchedSnapshot:
        address = "https://user:geheim@vendor.example/wfs?key=geheim#geheim"
        raise UpstreamUnreachable(f"no answer from {address}\nin 20 s; {address}: gone")

    slot = asyncio.run(refill(new_store(Clock()), fill))
    assert slot.failure.detail == "no answer from https://vendor.example/wfs in 20 s; https://vendor.example/wfs: gone"
    assert slot.failure.detail in caplog.text
    assert "geheim" not in caplog.text


def test_an_error_that_nobody_foresaw_is_logged_and_told_without_its_text(caplog):
    async def fill(_: object = None) -> FetchedSnapshot:
        raise RuntimeError("secret detail")

    slot = asyncio.run(refill(new_store(Clock()), fill))
    assert "secret detail" in caplog.text
    assert "secret detail" not in slot.failure.detail


def test_the_same_content_keeps_its_date_and_becomes_fresh_again():
    async def scenario() -> None:
        clock = Clock()
        store = new_store(clock)
        started = clock()
        await refill(store, giving(points.filled(points.grid(3))))
        clock.now += 200
        slot = await refill(store, giving(points.filled(points.grid(3))))
        assert (slot.entry.modified_at, slot.entry.fetched_at) == (started, clock())
        assert store.fills == {("masten", Outcome.STORED): 1, ("masten", Outcome.UNCHANGED): 1}
        slot = await refill(store, giving(points.filled(points.grid(4))))
        assert slot.entry.modified_at == clock()

    asyncio.run(scenario())


def test_a_dropped_key_is_forgotten_and_its_fill_stopped():
    async def scenario() -> None:
        store = new_store(Clock())

        async def fill(_: object = None) -> FetchedSnapshot:
            await asyncio.Event().wait()
            raise AssertionError

        task = store.refill(store.slot("masten"), recipe(fill))
        await asyncio.sleep(0)
        store.drop("masten")
        await asyncio.wait({task})
        assert task.cancelled()
        assert store.slot("masten").entry is None

    asyncio.run(scenario())


def test_a_suspicious_fill_waits_for_a_second_look():
    async def scenario() -> None:
        clock = Clock()
        store = new_store(clock)
        await refill(store, giving(points.filled(points.grid(100))))
        clock.now += 150
        slot = await refill(store, giving(points.filled(points.grid(79))))
        assert len(slot.entry.snapshot) == 100
        assert slot.held_back.reason == "it lost 21 of 100 objects"
        assert store.fills["masten", Outcome.HELD_BACK] == 1
        assert store.refill(store.slot("masten"), recipe(failing)) is None
        clock.now = slot.not_before
        slot = await refill(store, giving(points.filled(points.grid(78))))
        assert (len(slot.entry.snapshot), slot.held_back) == (78, None)

    asyncio.run(scenario())


def test_a_suspicious_fill_is_forgotten_when_the_second_look_is_good():
    async def scenario() -> None:
        clock = Clock()
        store = new_store(clock)
        await refill(store, giving(points.filled(points.grid(100))))
        slot = await refill(store, giving(points.filled(points.grid(5))))
        clock.now = slot.not_before
        slot = await refill(store, giving(points.filled(points.grid(99))))
        assert (len(slot.entry.snapshot), slot.held_back) == (99, None)

    asyncio.run(scenario())


def test_an_expired_entry_holds_nothing_back():
    async def scenario() -> None:
        clock = Clock()
        store = new_store(clock)
        await refill(store, giving(points.filled(points.grid(100))))
        clock.now += FRESH_FOR + STALE_FOR
        slot = await refill(store, giving(points.filled(points.grid(1))))
        assert len(slot.entry.snapshot) == 1

    asyncio.run(scenario())


RENAMED = PipelineReport(absent_fields=("soort_put",))


@pytest.mark.parametrize(
    ("served", "new", "reason"),
    [
        (points.filled(points.grid(100)), points.filled(points.grid(80)), None),
        (points.filled(points.grid(100)), points.filled(points.grid(200)), None),
        (points.filled(points.grid(100)), points.filled(points.grid(0)), "lost 100 of 100"),
        (points.filled(points.grid(0)), points.filled(points.grid(0)), None),
        (points.filled(points.grid(9)), points.filled(points.grid(9, report=RENAMED)), "soort_put"),
        (points.filled(points.grid(9, report=RENAMED)), points.filled(points.grid(9, report=RENAMED)), None),
        (points.filled(points.grid(100)), points.filled(points.grid(99), complete=False), "not complete"),
        (points.filled(points.grid(100)), points.filled(points.grid(101), complete=False), None),
        (points.filled(points.grid(100), complete=False), points.filled(points.grid(99), complete=False), None),
    ],
    ids=[
        "a fifth less",
        "more",
        "emptied",
        "empty as before",
        "a column renamed",
        "a column absent as before",
        "incomplete and smaller",
        "incomplete but larger",
        "never complete",
    ],
)
def test_what_looks_wrong_is_held_back(served, new, reason):
    found = reason_to_quarantine(served.look, new.look, None)
    assert found is None if reason is None else reason in found


@pytest.mark.parametrize(
    ("earlier", "later", "confirmed"),
    [
        (points.filled(points.grid(50)), points.filled(points.grid(41)), True),
        (points.filled(points.grid(50)), points.filled(points.grid(10)), False),
        (points.filled(points.grid(0)), points.filled(points.grid(0)), True),
        (points.filled(points.grid(100, report=RENAMED)), points.filled(points.grid(100, report=RENAMED)), True),
        (points.filled(points.grid(50)), points.filled(points.grid(50, report=RENAMED)), False),
        (points.filled(points.grid(50), complete=False), points.filled(points.grid(50)), False),
        (points.filled(points.grid(50), complete=False), points.filled(points.grid(50), complete=False), False),
    ],
    ids=[
        "about the same",
        "lost even more",
        "empty twice",
        "renamed twice",
        "renamed as well",
        "only now complete",
        "never complete",
    ],
)
def test_a_second_look_confirms_only_what_it_sees_again(earlier, later, confirmed):
    served = points.filled(points.grid(100))
    assert (reason_to_quarantine(served.look, later.look, earlier.look) is None) == confirmed
