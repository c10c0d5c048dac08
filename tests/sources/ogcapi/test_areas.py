"""Areas of a collection, against a scripted OGC API that may not understand a box."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np
import pytest
import vendor
from scripted_ogcapi import ScriptedOgcApi
from scripted_wfs import things

from wfs_proxy.bbox import BBox
from wfs_proxy.config.layer import Layer
from wfs_proxy.geo.crs.srs_name import RD_NEW
from wfs_proxy.geo.crs.transform import to_crs84
from wfs_proxy.http.client import HttpClients
from wfs_proxy.http.policy import HttpPolicy
from wfs_proxy.sources.open_source import open_source
from wfs_proxy.sources.protocol import FetchedFeatures, SampledSource

pytestmark = pytest.mark.anyio

AREA = BBox(4.32, 52.05, 4.37, 52.08)


@asynccontextmanager
async def source(api: ScriptedOgcApi, **settings) -> AsyncIterator[tuple[SampledSource, vendor.Server]]:
    with vendor.serving(api) as server:
        async with HttpClients(HttpPolicy(proxy_for=lambda _: None)) as http:
            named = {"type": "ogcapi", "url": server.url, "collections": ["lamp"], **settings}
            layer = Layer(id="a", title="A", source=named, fetch={"mode": "cells"})
            yield open_source(layer, http, asyncio.to_thread), server


def expected(api: ScriptedOgcApi, area: BBox = AREA) -> set[int]:
    lonlat = to_crs84(np.array([each.place for each in api.things]), RD_NEW)
    return set(np.flatnonzero(area.contains_points(lonlat)).tolist())


def numbers(found: FetchedFeatures) -> set[int]:
    return {int(value) for value in found.batch.columns["number"]}


def items(server: vendor.Server) -> list[vendor.Seen]:
    return [each for each in server.seen if each.path.endswith("/items")]


@pytest.mark.parametrize("cursors", [False, True], ids=["offsets", "cursors"])
async def test_area_is_requested_as_a_box_in_degrees(cursors):
    api = ScriptedOgcApi(things(700), most=100, cursors=cursors)

    async with source(api) as (opened, server):
        found = await opened.fetch(AREA)
        before = len(server.seen)
        again = await opened.fetch(AREA)
        requests = len(server.seen) - before

    assert expected(api) <= numbers(found)
    assert len(numbers(found)) < 1.4 * len(expected(api))
    assert found.report.complete
    assert found.report.notes == ()
    assert requests == again.report.requests == -(-len(numbers(found)) // 100)
    assert all("bbox" in each.query and "bbox-crs" not in each.query for each in items(server)[1:])


async def test_no_object_is_lost_if_a_server_transforms_only_two_corners():
    api = ScriptedOgcApi(things(3_000), most=1_000, boxes="corners")

    async with source(api) as (opened, _):
        found = await opened.fetch(AREA)

    assert expected(api) <= numbers(found)
    assert found.report.complete
    assert found.report.notes == ()


async def test_area_without_objects_is_empty_and_complete_and_has_the_attributes():
    async with source(ScriptedOgcApi(things(200), most=100)) as (opened, _):
        found = await opened.fetch(BBox(5.0, 51.0, 5.01, 51.01))

    assert len(found.batch) == 0
    assert found.report.complete
    assert {"number", "kind"} <= set(found.batch.columns)


@pytest.mark.parametrize("boxes", ["ignored", "refused", "swapped"])
async def test_collection_is_fetched_whole_once_where_boxes_do_not_work(boxes):
    api = ScriptedOgcApi(things(700), most=100, boxes=boxes)

    async with source(api) as (opened, server):
        found = await opened.fetch(AREA)
        before = len(server.seen)
        await opened.fetch(BBox(4.3, 52.05, 4.32, 52.08))
        requests = len(server.seen) - before

    assert expected(api) <= numbers(found)
    assert len(found.batch) < 700
    assert found.report.complete
    assert any("use `mode: snapshot`" in note for note in found.report.notes)
    assert requests == 0


async def test_filter_and_box_work_together():
    api = ScriptedOgcApi(things(700), most=100, filters=frozenset({"parameters"}))

    async with source(api, where={"kind": ["mast"]}) as (opened, server):
        found = await opened.fetch(AREA)

    assert {number for number in expected(api) if number % 2} <= numbers(found)
    assert not any(number % 2 == 0 for number in numbers(found))
    assert all(each.query["kind"] == "mast" for each in items(server))


async def test_sample_is_one_small_request_for_each_collection():
    api = ScriptedOgcApi(things(700), most=100, collections=("lamp", "kast"))

    async with source(api, collections=["lamp", "kast"]) as (opened, server):
        first = await opened.sample(20)
        before = len(server.seen)
        second = await opened.sample(5)
        requests = len(server.seen) - before

    assert (len(first.batch), len(second.batch)) == (40, 10)
    assert requests == second.report.requests == 2
    assert not first.report.complete
