"""Boxes where the answers are in another CRS than the type: every combination, in about as many requests as in one."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import cache

import numpy as np
import pyproj
import pytest
import vendor
from scripted_wfs import ScriptedWfs, Thing, things

from wfs_proxy.bbox import BBox
from wfs_proxy.config.layer import Layer
from wfs_proxy.geo.crs.srs_name import AxisOrder, parse_srs_name
from wfs_proxy.http.client import HttpClients
from wfs_proxy.http.policy import HttpPolicy
from wfs_proxy.sources.native_box import NativeBox
from wfs_proxy.sources.open_source import open_source
from wfs_proxy.sources.protocol import FetchedFeatures
from wfs_proxy.sources.wfs.bbox_dialects import BoxDialect

pytestmark = pytest.mark.anyio

RD, UTM31, UTM32, LONLAT = "EPSG:28992", "EPSG:25831", "EPSG:25832", "EPSG:4326"
CENTRE = BBox(4.33, 52.06, 4.36, 52.08)


@dataclass
class TwoSystems(ScriptedWfs):
    """A server whose data are in one CRS and whose answers are in another."""

    native: str = RD
    answers: str = UTM31
    boxes_in: str = "native"
    """The CRS of a box: the native one or that of the answers, whatever its label says; or the labelled one only."""

    def __post_init__(self) -> None:
        self.srs_name = _urn(self.native)

    def _in_box(self, found: list[Thing], query: dict[str, str]) -> list[Thing]:
        if "bbox" not in query:
            return found
        *numbers, label = [*query["bbox"].split(","), ""][:5]
        crs = {"native": self.native, "answers": self.answers}.get(self.boxes_in)
        if crs is None:
            crs = parse_srs_name(label).crs if label else self.native
        low_1, low_2, high_1, high_2 = map(float, numbers)
        places = _positions(found, crs)
        inside = (places >= (low_1, low_2)).all(axis=1) & (places <= (high_1, high_2)).all(axis=1)
        return [thing for thing, is_inside in zip(found, inside, strict=True) if is_inside]

    def _place(self, thing: Thing, version: str) -> str:
        first, second = _positions([thing], self.answers)[0].tolist()
        inner = (
            f"<gml:coordinates>{first},{second}</gml:coordinates>"
            if version == "1.0.0"
            else f"<gml:pos>{first} {second}</gml:pos>"
        )
        return f'<app:geom><gml:Point srsName="{_urn(self.answers)}">{inner}</gml:Point></app:geom>'


def _urn(crs: str) -> str:
    return f"urn:ogc:def:crs:EPSG::{crs.rpartition(':')[2]}"


def _positions(found: list[Thing], crs: str) -> np.ndarray:
    """Return (N, 2) the places in a CRS, in the order of its authority."""
    places = np.array([thing.place for thing in found]).reshape(-1, 2)
    if crs == RD:
        return places
    digits = 8 if crs == LONLAT else 3
    return np.column_stack(_from_rd(crs).transform(*places.T)).round(digits)


@cache
def _from_rd(crs: str) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(RD, crs)


async def fetch(wfs: ScriptedWfs, *areas: BBox | None, **source) -> list[FetchedFeatures]:
    with vendor.serving(wfs) as server:
        layer = Layer(
            id="a",
            title="A",
            source={"type": "wfs", "url": server.url, "type_names": ["app:lamp"], **source},
            properties={},
        )
        async with HttpClients(HttpPolicy(proxy_for=lambda _: None)) as http:
            opened = open_source(layer, http, asyncio.to_thread)
            return [await opened.fetch(area) for area in areas]


COMBINATIONS = [(native, answers) for native in (RD, UTM31, UTM32, LONLAT) for answers in (RD, UTM31, UTM32, LONLAT)]
REQUESTS_IN_ONE_CRS = 26


@pytest.mark.parametrize("boxes_in", ["native", "answers", "label"])
@pytest.mark.parametrize(("native", "answers"), COMBINATIONS)
async def test_layer_is_complete_in_about_as_many_requests_as_in_one_crs(native, answers, boxes_in):
    wfs = TwoSystems(things(257), cap=100, pages="ignored", native=native, answers=answers, boxes_in=boxes_in)

    (found,) = await fetch(wfs, None)

    assert sorted(int(number) for number in found.batch.columns["number"]) == list(range(257))
    assert found.report.complete
    assert found.report.requests <= REQUESTS_IN_ONE_CRS + 10


@pytest.mark.parametrize("version", ["1.0.0", "1.1.0", "2.0.0"])
async def test_layer_is_complete_in_every_version(version):
    wfs = TwoSystems(things(257), cap=100, pages="ignored", counts="unknown")

    (found,) = await fetch(wfs, None, version=version)

    assert sorted(int(number) for number in found.batch.columns["number"]) == list(range(257))
    assert found.report.complete
    assert found.report.requests <= REQUESTS_IN_ONE_CRS + 10


async def test_placeholder_at_the_origin_costs_few_requests():
    wfs = TwoSystems([*things(257), Thing(257, (0.0, 0.0))], cap=100, pages="ignored")

    (found,) = await fetch(wfs, None)

    assert len(found.batch) == 258
    assert found.report.complete
    assert found.report.requests <= REQUESTS_IN_ONE_CRS + 20


@pytest.mark.parametrize("boxes_in", ["native", "answers", "label"])
@pytest.mark.parametrize(("native", "answers"), [(RD, UTM31), (UTM31, RD), (LONLAT, RD), (RD, LONLAT), (UTM32, UTM31)])
async def test_area_has_its_objects(native, answers, boxes_in):
    lamps = things(800)
    wfs = TwoSystems(lamps, cap=100, native=native, answers=answers, boxes_in=boxes_in)
    longitude, latitude = _positions(lamps, LONLAT)[:, ::-1].T
    inside = (
        (longitude > CENTRE.west) & (longitude < CENTRE.east) & (latitude > CENTRE.south) & (latitude < CENTRE.north)
    )
    wanted = {lamp.number for lamp, is_inside in zip(lamps, inside, strict=True) if is_inside}

    first, second = await fetch(wfs, CENTRE, CENTRE)

    for found in (first, second):
        assert wanted <= {int(number) for number in found.batch.columns["number"]}
        assert found.report.complete
        assert not found.report.notes
    assert second.report.requests <= 5


def test_converted_box_is_around_the_box_and_its_parts_are_sent_as_they_are():
    dialect = BoxDialect(crs_name=_urn(RD), swapped=True, answers=(UTM31, AxisOrder.XY), native=RD)
    box = NativeBox(740_000.0, 5_901_000.0, 740_400.0, 5_901_400.0)

    converted = dialect.converted(box)

    corners = np.array([(box[0], box[1]), (box[2], box[1]), (box[0], box[3]), (box[2], box[3])])
    x, y = pyproj.Transformer.from_crs(UTM31, RD, always_xy=True).transform(*corners.T)
    assert converted.low_1 <= x.min() <= x.max() <= converted.high_1
    assert converted.low_2 <= y.min() <= y.max() <= converted.high_2
    assert dialect.sent(converted) == (converted[1], converted[0], converted[3], converted[2])
