"""How a vendor understands a box is found out with an object whose position is known."""

from __future__ import annotations

from dataclasses import replace

import pytest
from in_memory_wfs import SOURCE, client_of
from scripted_wfs import ScriptedWfs, Thing, things

from wfs_proxy.sources.wfs.bbox_probe import is_exact, probe_dialect
from wfs_proxy.sources.wfs.type_extent import probe_extent

pytestmark = pytest.mark.anyio


async def probed(wfs: ScriptedWfs, **settings):
    """The swapped flag of the dialect that works; None when none does."""
    client = client_of(wfs)
    sample = await client.get_page()
    extent = probe_extent(sample, SOURCE, None)
    _, found = await probe_dialect(client, sample, extent, SOURCE.model_copy(update=settings))
    return None if found is None else found.dialect.swapped


@pytest.mark.parametrize(("boxes", "swapped"), [("xy", False), ("yx", True), ("ignored", None), ("refused", None)])
async def test_dialect_is_the_one_that_brings_the_known_object(boxes, swapped):
    assert await probed(ScriptedWfs(things(50), boxes=boxes)) is swapped


@pytest.mark.parametrize(("boxes", "configured", "swapped"), [("xy", "yx", None), ("yx", "yx", True)])
async def test_only_the_configured_order_is_tried(boxes, configured, swapped):
    assert await probed(ScriptedWfs(things(50), boxes=boxes), bbox_order=configured) is swapped


@pytest.mark.parametrize(("inside", "swapped"), [(1, None), (2, False)])
async def test_most_of_the_answer_must_touch_the_box(inside, swapped):
    """The known object alone is no evidence: a server that ignores boxes returns it as well."""
    known = [Thing(number, (85_000.0, 455_000.0)) for number in range(inside)]

    assert await probed(ScriptedWfs([*known, Thing(9, (88_000.0, 458_000.0))], boxes="ignored")) is swapped


@pytest.mark.parametrize("boxes", ["xy", "yx"])
async def test_exact_dialect_brings_the_object_from_its_outermost_vertices(boxes):
    client = client_of(ScriptedWfs(things(50), boxes=boxes))
    sample = await client.get_page()
    extent = probe_extent(sample, SOURCE, None)
    client, found = await probe_dialect(client, sample, extent, SOURCE)

    assert await is_exact(client, sample, extent, found.dialect)
    assert not await is_exact(client, sample, extent, replace(found.dialect, swapped=not found.dialect.swapped))
