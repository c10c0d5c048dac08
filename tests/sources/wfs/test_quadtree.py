"""The invariant of the quadtree: what it calls whole has every object, however the vendor caps and counts.

The vendor is scripted and answers in memory, so that many layers can be tried.
"""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from in_memory_wfs import SOURCE, client_of
from scripted_wfs import ScriptedWfs, Thing, things

from wfs_proxy.sources.completeness import CollectedFeatures
from wfs_proxy.sources.wfs.bbox_dialects import BoxDialect
from wfs_proxy.sources.wfs.quadtree import fetch_by_quadtree
from wfs_proxy.sources.wfs.type_extent import probe_extent

pytestmark = pytest.mark.anyio

AS_WRITTEN = BoxDialect(crs_name=None, swapped=False)


async def by_quadtree(wfs: ScriptedWfs, *, version: str, requests: int = 2_000) -> tuple[bool, list[int]]:
    """Whether the layer is whole, and the numbers of the objects."""
    client = client_of(wfs, version=version, requests=requests)
    first = await client.get_page()
    collected = CollectedFeatures()
    collected.add(first)
    extent = probe_extent(first, SOURCE, None)
    whole = await fetch_by_quadtree(client, collected, len(first), extent, AS_WRITTEN)
    return whole, sorted(int(number) for number in collected.batch().columns["number"])


METRES = st.sampled_from([80_000.0, 80_001.0, 80_500.0, 85_000.0, 89_999.0, 90_000.0])
PLACE = st.tuples(METRES, METRES.map(lambda x: x + 370_000))
PLACES = st.integers(1, 60).flatmap(lambda count: st.lists(PLACE, min_size=count, max_size=count))


@settings(max_examples=60, deadline=None)
@given(PLACES, st.integers(10, 15), st.sampled_from(["honest", "capped", "unknown", "zero"]), st.booleans())
def test_layer_that_is_called_whole_has_every_object(places, cap, counts, counted):
    """Few distinct positions, so that many objects share one, and more of them than the cap in some layers."""
    wfs = ScriptedWfs([Thing(number, place) for number, place in enumerate(places)], cap=cap, counts=counts)

    whole, numbers = asyncio.run(by_quadtree(wfs, version="2.0.0" if counted else "1.0.0"))

    if whole:
        assert numbers == list(range(len(places)))


@pytest.mark.parametrize("counts", ["honest", "capped", "unknown", "zero"])
@pytest.mark.parametrize("version", ["1.0.0", "2.0.0"])
@pytest.mark.parametrize("count", [1, 9, 10, 11, 29, 30, 31, 400])
async def test_scattered_objects_are_proven_whole(count, version, counts):
    whole, numbers = await by_quadtree(ScriptedWfs(things(count), cap=30, counts=counts), version=version)

    assert (whole, numbers) == (True, list(range(count)))


@pytest.mark.parametrize("cluster", [10_000.0, 100.0])
async def test_quarters_that_are_cut_off_themselves_prove_nothing(cluster):
    """Below a cap of ten the size of a quarter's answer is no evidence, so its objects have to be."""
    known = [Thing(number, (80_000.0, 450_000.0)) for number in range(5)]
    others = [
        Thing(5 + each.number, (120_000 + each.place[0] % cluster, 500_000 + each.place[1] % cluster))
        for each in things(30)
    ]

    whole, numbers = await by_quadtree(ScriptedWfs([*known, *others], cap=5), version="1.0.0")

    assert (whole, numbers) == (True, list(range(35)))


async def test_more_coincident_objects_than_the_cap_are_not_called_whole():
    coincident = [Thing(number, (85_000.0, 455_000.0)) for number in range(31)]

    whole, numbers = await by_quadtree(ScriptedWfs(coincident, cap=30), version="1.0.0")

    assert (whole, len(numbers)) == (False, 30)


async def test_layer_is_not_called_whole_when_the_budget_is_spent():
    whole, _ = await by_quadtree(ScriptedWfs(things(400), cap=30), version="1.0.0", requests=20)

    assert not whole


async def test_object_outside_the_known_extent_is_found():
    far_away = [*things(90), Thing(90, (0.0, 0.0)), Thing(91, (270_000.0, 600_000.0))]

    whole, numbers = await by_quadtree(ScriptedWfs(far_away, cap=30), version="1.0.0")

    assert (whole, numbers) == (True, list(range(92)))
