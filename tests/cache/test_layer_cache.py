"""A layer in cells answers like one that is held whole, and costs the vendor little."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path

import geojson
import numpy as np
import points
import pytest
from clocks import Clock
from hypothesis import given
from hypothesis import strategies as st
from services import Services, new_services

from wfs_proxy.bbox import BBox
from wfs_proxy.cache.disk import DiskBackend
from wfs_proxy.cache.entry import FetchedSnapshot
from wfs_proxy.cache.entry_cache import EntryCache
from wfs_proxy.cache.layer_cache import MOST_CELLS, MOST_FETCHES
from wfs_proxy.cache.plausibility import reason_to_quarantine
from wfs_proxy.config.catalogue import Catalogue
from wfs_proxy.config.layer import Layer
from wfs_proxy.config.signalen_file import SignalenInstance
from wfs_proxy.errors import BadRequest, NotFound, NotReady, UpstreamUnreachable
from wfs_proxy.geo.cells import Cell, cells_in, owns
from wfs_proxy.marks.reported_objects import AssetReference, Place, ReportedObjects, Signal
from wfs_proxy.serve.query import DEFAULT_LIMIT, Cursor, FeatureQuery
from wfs_proxy.serve.representation import Preconditions, Representation
from wfs_proxy.snapshot.names import hash_of_name

NOTHING_KNOWN = Preconditions()
CELLS = {"mode": "cells", "cell_zoom": 15, "fresh_for": "1h", "stale_for": "1d"}
WEST, SOUTH, SIDE = 4.30, 52.00, 0.03
REPORTS = {"signalen": "default", "categories": ["lamp"], "match": {"within": "5m", "place_only": True}}
INSTANCE = SignalenInstance(url="http://127.0.0.1:9", poll="30s")


def lamps(count: int) -> dict[str, Place]:
    """Ids and places in some 4 by 6 cells."""
    random = np.random.default_rng(5)
    places = (WEST, SOUTH) + random.random((count, 2)).round(6) * SIDE
    return {f"{number:05d}": tuple(place) for number, place in enumerate(places.round(7).tolist())}


class Vendor:
    """Returns the lamps of a cell, and counts the requests for each cell."""

    def __init__(self, places: dict[str, Place]) -> None:
        self.places = places
        self.asked: Counter[str] = Counter()
        self.away = False
        self.gate = asyncio.Event()
        self.gate.set()

    async def __call__(self, layer: Layer, cell: Cell | None, _folder: Path | None) -> FetchedSnapshot:
        assert cell is not None
        self.asked[cell.key] += 1
        await self.gate.wait()
        if self.away:
            raise UpstreamUnreachable("the vendor is away")
        inside = {name: place for name, place in self.places.items() if owns(cell, np.array([place]))[0]}
        return points.fetched(points.batch(inside), layer.id)


def new_service(vendor: Vendor, clock: Clock, *, backend: DiskBackend | None = None, **blocks: object) -> Services:
    layer = points.layer(fetch=CELLS, **blocks)
    entries = EntryCache(clock=clock, policy=reason_to_quarantine, backend=backend)
    return new_services(Catalogue([layer], instances={"default": INSTANCE}), vendor, entries, clock=clock)


async def ask(service: Services, box: tuple[float, ...], **query: object) -> Representation:
    return await service.features.features("masten", FeatureQuery(box=BBox(*box), **query), NOTHING_KNOWN)


def ids_in(representation: Representation) -> list[str]:
    collection = geojson.loads(representation.body)
    assert collection.is_valid
    assert len(collection["features"]) == representation.returned
    return [feature["id"].removeprefix("masten.") for feature in collection["features"]]


def inside(places: dict[str, Place], box: tuple[float, ...]) -> list[str]:
    west, south, east, north = box
    return [name for name, (x, y) in places.items() if west <= x <= east and south <= y <= north]


def run(scenario: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(scenario())


_fractions = st.floats(-0.2, 1.2)


@given(corners=st.tuples(_fractions, _fractions, _fractions, _fractions))
def test_a_box_gives_exactly_what_lies_in_it(corners):
    async def scenario() -> None:
        a, b, c, d = corners
        longitudes, latitudes = sorted((WEST + a * SIDE, WEST + c * SIDE)), sorted((SOUTH + b * SIDE, SOUTH + d * SIDE))
        box = longitudes[0], latitudes[0], longitudes[1], latitudes[1]
        places = lamps(300)
        service = new_service(Vendor(places), Clock())
        answer = await ask(service, box)
        assert sorted(ids_in(answer)) == inside(places, box)
        assert answer.matched == answer.returned
        await service.close()

    run(scenario)


def test_pages_go_by_id_over_all_cells_and_give_every_object_once():
    async def scenario() -> None:
        places = lamps(500)
        service = new_service(Vendor(places), Clock())
        box = WEST, SOUTH, WEST + SIDE, SOUTH + SIDE
        collected, answer = [], await ask(service, box, limit=70)
        for _ in range(8):
            collected += ids_in(answer)
            links = geojson.loads(answer.body).get("links")
            if not links:
                break
            cursor = dict(part.split("=") for part in links[0]["href"].partition("?")[2].split("&"))["cursor"]
            version, _, offset = cursor.partition(".")
            answer = await ask(service, box, limit=70, cursor=Cursor(version=version, offset=int(offset)))
        assert collected == sorted(places)
        await service.close()

    run(scenario)


def test_an_over_full_box_keeps_what_is_nearest_its_centre_whichever_cell_that_is_in():
    async def scenario() -> None:
        places = lamps(DEFAULT_LIMIT + 500)
        service = new_service(Vendor(places), Clock())
        box = WEST, SOUTH, WEST + SIDE, SOUTH + SIDE
        answer = await ask(service, box)
        assert (answer.truncated, answer.returned, answer.matched) == (True, DEFAULT_LIMIT, len(places))
        centre = np.array([WEST + SIDE / 2, SOUTH + SIDE / 2])
        scale = np.array([np.cos(np.radians(centre[1])), 1])

        def distance(name: str) -> float:
            return float(np.hypot(*((np.array(places[name]) - centre) * scale)))

        kept = set(ids_in(answer))
        assert max(map(distance, kept)) <= min(distance(name) for name in places if name not in kept) + 1e-12
        await service.close()

    run(scenario)


def test_each_cell_is_asked_for_once_and_its_neighbours_before_anybody_wants_them():
    async def scenario() -> None:
        vendor = Vendor(lamps(300))
        service = new_service(vendor, Clock())
        middle = Cell(15, 16776, 10811)
        west, south, east, north = middle.box
        box = (
            west + (east - west) / 3,
            south + (north - south) / 3,
            east - (east - west) / 3,
            north - (north - south) / 3,
        )
        await asyncio.gather(*(ask(service, box) for _ in range(200)))
        await until(lambda: len(vendor.asked) == 9)
        assert set(vendor.asked.values()) == {1}
        answer = await ask(service, Cell(15, 16777, 10811).box)
        assert not answer.waited or vendor.asked.total() > 9
        await service.close()

    run(scenario)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - seen from outside
            await asyncio.sleep(0.001)


def test_a_box_over_the_whole_country_is_refused_without_a_request():
    async def scenario() -> None:
        vendor = Vendor({})
        service = new_service(vendor, Clock())
        with pytest.raises(BadRequest, match=f"at most {MOST_CELLS} cells: zoom in"):
            await ask(service, (3.3, 50.7, 7.3, 53.6))
        with pytest.raises(BadRequest, match="give bbox"):
            await service.features.features("masten", FeatureQuery(), NOTHING_KNOWN)
        assert vendor.asked == {}

    run(scenario)


def test_nothing_is_asked_outside_the_extent_of_the_layer():
    async def scenario() -> None:
        vendor = Vendor(lamps(10))
        source = {"type": "wfs", "url": "http://127.0.0.1:9", "type_names": ["a"], "extent": [4.30, 52.0, 4.33, 52.03]}
        service = new_service(vendor, Clock(), source=source)
        answer = await ask(service, (5.0, 52.0, 5.001, 52.001))
        assert (ids_in(answer), answer.matched, vendor.asked) == ([], 0, {})
        assert answer.ttl > 0

    run(scenario)


def test_many_clients_of_a_large_area_do_not_exceed_the_vendors_limit():
    async def scenario() -> None:
        vendor = Vendor({})
        vendor.gate.clear()
        service = new_service(vendor, Clock())
        boxes = [(4 + x / 50, 51 + y / 50, 4.001 + x / 50, 51.001 + y / 50) for x in range(40) for y in range(25)]
        asked = [asyncio.create_task(ask(service, box)) for box in boxes]
        await until(lambda: sum(task.done() for task in asked) >= len(asked) - MOST_FETCHES)
        refused = [task for task in asked if task.done()]
        assert len(asked) - len(refused) <= MOST_FETCHES
        assert vendor.asked.total() <= MOST_FETCHES
        for task in refused:
            with pytest.raises(NotReady, match="Too many parts of masten"):
                task.result()
        vendor.gate.set()
        await asyncio.gather(*asked, return_exceptions=True)
        await service.close()

    run(scenario)


def test_a_stale_cell_is_served_while_the_vendor_is_away_and_an_unknown_one_is_not():
    async def scenario() -> None:
        clock, vendor = Clock(), Vendor(lamps(300))
        service = new_service(vendor, clock)
        box = Cell(15, 16776, 10811).box
        inner = (box[0] + 1e-4, box[1] + 1e-4, box[2] - 1e-4, box[3] - 1e-4)
        fresh = ids_in(await ask(service, inner))
        await until(lambda: len(vendor.asked) == 9)
        vendor.away = True
        clock.now += 3700
        stale = await ask(service, inner)
        assert (ids_in(stale), stale.ttl) == (fresh, -100)
        with pytest.raises(NotReady, match="the vendor is away"):
            await ask(service, (6.0, 52.0, 6.0001, 52.0001))
        await service.close()

    run(scenario)


def test_cells_in_memory_are_bounded_and_what_went_comes_back_from_the_disk(tmp_path: Path):
    async def scenario() -> None:
        clock, vendor = Clock(), Vendor(lamps(300))
        backend = DiskBackend(tmp_path, offload=asyncio.to_thread)
        layer = points.layer(fetch=CELLS)
        entries = EntryCache(clock=clock, policy=reason_to_quarantine, backend=backend, memory=20_000)
        service = new_services(Catalogue([layer]), vendor, entries, clock=clock)
        box = WEST, SOUTH, WEST + SIDE, SOUTH + SIDE
        everything = ids_in(await ask(service, box))
        await until(lambda: entries.fetching == 0)
        asked = dict(vendor.asked)
        assert len(entries.cells("masten")) < len(cells_in(box, 15))
        assert sorted(ids_in(await ask(service, box))) == sorted(everything)
        assert {cell.key: vendor.asked[cell.key] for cell in cells_in(box, 15)} == {
            cell.key: asked[cell.key] for cell in cells_in(box, 15)
        }
        await service.close()

    run(scenario)


def test_a_cell_that_is_larger_than_all_memory_stays_while_the_empty_ones_around_it_come_and_go():
    async def scenario() -> None:
        clock = Clock()
        cell = Cell(15, 16777, 10811)
        west, south, _, _ = cell.box
        vendor = Vendor({f"{number:05d}": (west + 1e-3 + number * 1e-7, south + 1e-3) for number in range(2000)})
        entries = EntryCache(clock=clock, policy=reason_to_quarantine, memory=100_000)
        service = new_services(Catalogue([points.layer(fetch=CELLS)]), vendor, entries, clock=clock)
        box = west + 1e-3, south + 1e-3, west + 2e-3, south + 2e-3
        for _ in range(5):
            assert len(ids_in(await ask(service, box))) == 2000
            await until(lambda: entries.fetching == 0)
        assert vendor.asked[cell.key] == 1
        await service.close()

    run(scenario)


def test_one_of_two_processes_asks_for_a_cell(tmp_path: Path):
    async def scenario() -> None:
        clock, vendor = Clock(), Vendor(lamps(300))
        vendor.gate.clear()
        services = [
            new_service(vendor, clock, backend=DiskBackend(tmp_path, offload=asyncio.to_thread)) for _ in range(2)
        ]
        box = (4.3101, 52.0101, 4.3102, 52.0102)
        asked = [asyncio.create_task(ask(service, box)) for service in services for _ in range(20)]
        await until(lambda: bool(vendor.asked))
        vendor.gate.set()
        answers = await asyncio.gather(*asked)
        assert len({answer.etag for answer in answers}) == 1
        (cell,) = cells_in(box, 15)
        assert vendor.asked[cell.key] == 1
        for service in services:
            await service.close()

    run(scenario)


def test_an_object_is_found_once_a_map_has_shown_its_cell():
    async def scenario() -> None:
        places = lamps(300)
        service = new_service(Vendor(places), Clock())
        name, (longitude, latitude) = next(iter(places.items()))
        with pytest.raises(NotFound):
            await service.features.feature("masten", name, NOTHING_KNOWN)
        await ask(service, (longitude, latitude, longitude, latitude))
        found = await service.features.feature("masten", name, NOTHING_KNOWN)
        assert geojson.loads(found.body)["id"] == f"masten.{name}"
        await service.close()

    run(scenario)


def reported(clock: Clock, *assets: tuple[str, Place | None], place: Place | None = None) -> ReportedObjects:
    then = dt.datetime.fromtimestamp(clock(), dt.UTC)
    named = [AssetReference(id_hash=hash_of_name(name), place=at, question_key="lamp") for name, at in assets] or [None]
    signals = {
        number: Signal(
            id=number,
            state="m",
            category="lamp",
            created_at=then,
            updated_at=then,
            place=place,
            assets=() if asset is None else (asset,),
        )
        for number, asset in enumerate(named)
    }
    return ReportedObjects(signals=signals, as_of=clock(), version=str(hash((assets, place))))


def marked_in(representation: Representation) -> list[str]:
    features = geojson.loads(representation.body)["features"]
    return sorted(feature["id"].partition(".")[2] for feature in features if feature["properties"]["IS_GEMELD"] == "1")


def test_reports_mark_objects_in_whichever_cell_they_are_before_and_after_it_is_fetched():
    async def scenario() -> None:
        clock, places = Clock(), lamps(300)
        service = new_service(Vendor(places), clock, reports=REPORTS)
        box = WEST, SOUTH, WEST + SIDE, SOUTH + SIDE
        one, other, third = list(places)[:3]
        reports = reported(clock, (one, places[one]), (other, None))
        await service.marks.use_reported("default", reports)
        first = await ask(service, box)
        assert marked_in(first) == [one, other]
        await service.marks.use_reported("default", reported(clock, place=places[third]))
        second = await ask(service, box)
        assert marked_in(second) == [third]
        assert first.etag != second.etag
        assert service.status.description("masten").reported.count == 1
        await service.marks.use_reported("default", reported(clock, (one, places[other])))
        assert marked_in(await ask(service, box)) == [other], "the right id in a wrong place is void; the place counts"
        await service.close()

    run(scenario)


_steps = st.tuples(st.integers(0, 20), st.integers(0, 20))


@given(
    objects=st.lists(_steps, min_size=1, max_size=12, unique=True),
    signals=st.lists(st.tuples(_steps, st.integers(-1, 12), st.booleans()), max_size=8),
)
def test_cells_are_marked_as_the_whole_would_be_also_across_their_edges(objects, signals):
    """Objects and reports three metres apart around a corner of four cells; a report counts five metres around it."""
    west, south, _, _ = Cell(15, 16777, 10811).box

    def place(step: tuple[int, int]) -> Place:
        return round(west + (step[0] - 10) * 4e-5, 7), round(south + (step[1] - 10) * 2.7e-5, 7)

    places = {f"{number:02d}": place(step) for number, step in enumerate(objects)}

    async def scenario() -> None:
        clock = Clock()
        reports = reported(
            clock,
            *((f"{name:02d}" if name >= 0 else "", place(step) if placed else None) for step, name, placed in signals),
        )
        whole = points.layer(reports=REPORTS)
        answers = []
        for service in (
            new_service(Vendor(places), clock, reports=REPORTS),
            new_services(
                Catalogue([whole], instances={"default": INSTANCE}),
                Whole(places),
                EntryCache(clock=clock, policy=reason_to_quarantine),
                clock=clock,
            ),
        ):
            box = west - 0.01, south - 0.01, west + 0.01, south + 0.01
            await ask(service, box)
            await service.marks.use_reported("default", reports)
            answers.append(marked_in(await ask(service, box)))
            await service.close()
        assert answers[0] == answers[1]

    run(scenario)


class Whole(Vendor):
    """Returns all lamps at once."""

    async def __call__(self, layer: Layer, _cell: Cell | None, _folder: Path | None) -> FetchedSnapshot:
        return points.fetched(points.batch(self.places), layer.id)


def test_the_status_of_a_layer_in_cells_is_that_of_its_cached_cells():
    async def scenario() -> None:
        places = lamps(300)
        service = new_service(Vendor(places), Clock())
        before = service.status.description("masten")
        assert (before.count, before.cells, before.freshness) == (None, 0, "absent")
        await ask(service, (WEST, SOUTH, WEST + SIDE, SOUTH + SIDE))
        description = service.status.description("masten")
        assert description.count == 300
        assert description.cells >= 24
        assert description.freshness == "fresh"
        await service.close()

    run(scenario)
