from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import caches
import points
import pytest
from caches import FRESH_FOR, LAYER, STALE_FOR, spec
from clocks import Clock

from wfs_proxy.cache.entry import CacheSlot, FetchedSnapshot, Freshness, Outcome
from wfs_proxy.cache.entry_cache import EntryCache
from wfs_proxy.cache.failure_pause import FIRST_PAUSE, LONGEST_FAILURE_PAUSE
from wfs_proxy.cache.plausibility import reason_to_quarantine
from wfs_proxy.errors import UpstreamUnreachable
from wfs_proxy.features import PipelineReport


def new_cache(clock: Clock) -> EntryCache:
    return EntryCache(clock=clock, policy=reason_to_quarantine)


async def fetch(cache: EntryCache, vendor: Callable[..., Awaitable[FetchedSnapshot]]) -> CacheSlot:
    return await caches.fetch(cache, spec(vendor))


def giving(fetched: FetchedSnapshot) -> Callable[..., Awaitable[FetchedSnapshot]]:
    async def vendor(_: object = None) -> FetchedSnapshot:
        return fetched

    return vendor


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
    slot = asyncio.run(fetch(new_cache(clock), giving(points.fetched(points.grid(1)))))
    now = clock() + age
    assert (slot.freshness(now), slot.entry.ttl(now)) == (freshness, ttl)
    assert (slot.servable(now) is None) == (freshness is Freshness.EXPIRED)


def test_a_new_key_is_absent():
    clock = Clock()
    assert new_cache(clock).slot(LAYER).freshness(clock()) is Freshness.ABSENT


def test_a_thousand_callers_share_one_fetch():
    asked = []

    async def scenario() -> None:
        cache = new_cache(Clock())
        gate = asyncio.Event()

        async def vendor(_: object = None) -> FetchedSnapshot:
            asked.append(1)
            await gate.wait()
            return points.fetched(points.grid(1))

        tasks = [cache.fetch(cache.slot(LAYER), spec(vendor)) for _ in range(1000)]
        gate.set()
        await asyncio.gather(*tasks)

    asyncio.run(scenario())
    assert len(asked) == 1


def test_a_failure_forbids_further_attempts_for_longer_and_longer_until_one_succeeds():
    async def scenario() -> list[float]:
        clock = Clock()
        cache = new_cache(clock)
        pauses = []
        for _ in range(5):
            slot = await fetch(cache, failing)
            pauses.append(slot.not_before - clock())
            assert cache.fetch(cache.slot(LAYER), spec(failing)) is None
            clock.now = slot.not_before
        slot = await fetch(cache, giving(points.fetched(points.grid(1))))
        assert slot.failure is None
        return [*pauses, (await fetch(cache, failing)).not_before - clock()]

    assert asyncio.run(scenario()) == [FIRST_PAUSE, 10, 20, LONGEST_FAILURE_PAUSE, LONGEST_FAILURE_PAUSE, FIRST_PAUSE]


def test_a_failure_is_kept_and_logged_without_credentials(caplog):
    async def vendor(_: object = None) -> FetchedSnapshot:
        address = "https://user:geheim@vendor.example/wfs?key=geheim#geheim"
        raise UpstreamUnreachable(f"no answer from {address}\nin 20 s; {address}: gone")

    slot = asyncio.run(fetch(new_cache(Clock()), vendor))
    assert slot.failure.detail == "no answer from https://vendor.example/wfs in 20 s; https://vendor.example/wfs: gone"
    assert slot.failure.detail in caplog.text
    assert "geheim" not in caplog.text


def test_an_unexpected_error_is_logged_and_kept_without_its_text(caplog):
    async def vendor(_: object = None) -> FetchedSnapshot:
        raise RuntimeError("secret detail")

    slot = asyncio.run(fetch(new_cache(Clock()), vendor))
    assert "secret detail" in caplog.text
    assert "secret detail" not in slot.failure.detail


def test_the_same_content_keeps_its_date_and_becomes_fresh_again():
    async def scenario() -> None:
        clock = Clock()
        cache = new_cache(clock)
        started = clock()
        await fetch(cache, giving(points.fetched(points.grid(3))))
        clock.now += 200
        slot = await fetch(cache, giving(points.fetched(points.grid(3))))
        assert (slot.entry.modified_at, slot.entry.fetched_at) == (started, clock())
        assert cache.fetches == {("masten", Outcome.STORED): 1, ("masten", Outcome.UNCHANGED): 1}
        slot = await fetch(cache, giving(points.fetched(points.grid(4))))
        assert slot.entry.modified_at == clock()

    asyncio.run(scenario())


def test_a_dropped_key_is_forgotten_and_its_fetch_cancelled():
    async def scenario() -> None:
        cache = new_cache(Clock())

        async def vendor(_: object = None) -> FetchedSnapshot:
            await asyncio.Event().wait()
            raise AssertionError

        task = cache.fetch(cache.slot(LAYER), spec(vendor))
        await asyncio.sleep(0)
        cache.drop("masten")
        await asyncio.wait({task})
        assert task.cancelled()
        assert cache.slot(LAYER).entry is None

    asyncio.run(scenario())


def test_a_suspicious_fetch_waits_for_a_second_one():
    async def scenario() -> None:
        clock = Clock()
        cache = new_cache(clock)
        await fetch(cache, giving(points.fetched(points.grid(100))))
        clock.now += 150
        slot = await fetch(cache, giving(points.fetched(points.grid(79))))
        assert len(slot.entry.snapshot) == 100
        assert slot.quarantined.reason == "it lost 21 of 100 objects"
        assert cache.fetches["masten", Outcome.QUARANTINED] == 1
        assert cache.fetch(cache.slot(LAYER), spec(failing)) is None
        clock.now = slot.not_before
        slot = await fetch(cache, giving(points.fetched(points.grid(78))))
        assert (len(slot.entry.snapshot), slot.quarantined) == (78, None)

    asyncio.run(scenario())


def test_a_suspicious_fetch_is_forgotten_when_the_second_one_is_good():
    async def scenario() -> None:
        clock = Clock()
        cache = new_cache(clock)
        await fetch(cache, giving(points.fetched(points.grid(100))))
        slot = await fetch(cache, giving(points.fetched(points.grid(5))))
        clock.now = slot.not_before
        slot = await fetch(cache, giving(points.fetched(points.grid(99))))
        assert (len(slot.entry.snapshot), slot.quarantined) == (99, None)

    asyncio.run(scenario())


def test_an_expired_entry_holds_nothing_back():
    async def scenario() -> None:
        clock = Clock()
        cache = new_cache(clock)
        await fetch(cache, giving(points.fetched(points.grid(100))))
        clock.now += FRESH_FOR + STALE_FOR
        slot = await fetch(cache, giving(points.fetched(points.grid(1))))
        assert len(slot.entry.snapshot) == 1

    asyncio.run(scenario())


RENAMED = PipelineReport(absent_fields=("soort_put",))


@pytest.mark.parametrize(
    ("served", "new", "reason"),
    [
        (points.fetched(points.grid(100)), points.fetched(points.grid(80)), None),
        (points.fetched(points.grid(100)), points.fetched(points.grid(200)), None),
        (points.fetched(points.grid(100)), points.fetched(points.grid(0)), "lost 100 of 100"),
        (points.fetched(points.grid(0)), points.fetched(points.grid(0)), None),
        (points.fetched(points.grid(9)), points.fetched(points.grid(9, report=RENAMED)), "soort_put"),
        (points.fetched(points.grid(9, report=RENAMED)), points.fetched(points.grid(9, report=RENAMED)), None),
        (points.fetched(points.grid(100)), points.fetched(points.grid(99), complete=False), "incomplete"),
        (points.fetched(points.grid(100)), points.fetched(points.grid(101), complete=False), None),
        (points.fetched(points.grid(100), complete=False), points.fetched(points.grid(99), complete=False), None),
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
def test_an_implausible_snapshot_is_quarantined(served, new, reason):
    found = reason_to_quarantine(served.summary, new.summary, None)
    assert found is None if reason is None else reason in found


@pytest.mark.parametrize(
    ("earlier", "later", "confirmed"),
    [
        (points.fetched(points.grid(50)), points.fetched(points.grid(41)), True),
        (points.fetched(points.grid(50)), points.fetched(points.grid(10)), False),
        (points.fetched(points.grid(0)), points.fetched(points.grid(0)), True),
        (points.fetched(points.grid(100, report=RENAMED)), points.fetched(points.grid(100, report=RENAMED)), True),
        (points.fetched(points.grid(50)), points.fetched(points.grid(50, report=RENAMED)), False),
        (points.fetched(points.grid(50), complete=False), points.fetched(points.grid(50)), False),
        (points.fetched(points.grid(50), complete=False), points.fetched(points.grid(50), complete=False), False),
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
def test_a_second_fetch_confirms_only_the_same_result(earlier, later, confirmed):
    served = points.fetched(points.grid(100))
    assert (reason_to_quarantine(served.summary, later.summary, earlier.summary) is None) == confirmed


@pytest.mark.parametrize(("jitter", "refresh_after"), [(0.0, 100.0), (0.5, 95.0), (1.0, 90.0)])
def test_a_refresh_starts_at_a_random_time_in_the_last_tenth_of_freshness(jitter, refresh_after):
    clock = Clock()
    cache = EntryCache(clock=clock, policy=reason_to_quarantine, jitter=lambda: jitter)
    slot = asyncio.run(fetch(cache, giving(points.fetched(points.grid(1)))))
    assert slot.entry.refresh_at - slot.entry.fetched_at == refresh_after
