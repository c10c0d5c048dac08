"""A layer from a file is fetched when the file changes, and only then."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import points
import pytest
from clocks import Clock
from services import Services, new_services

from wfs_proxy.bbox import BBox
from wfs_proxy.cache.entry import FetchedSnapshot, Outcome
from wfs_proxy.cache.file_watch import FileWatch
from wfs_proxy.cache.key import CacheKey
from wfs_proxy.config.catalogue import Catalogue
from wfs_proxy.config.layer import Layer
from wfs_proxy.errors import ConfigurationError
from wfs_proxy.file_state import file_state
from wfs_proxy.geo import Cell, cells_in

KEY = CacheKey("masten")


class Reader:
    """Reads a file whose lines are objects, and counts how often."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.reads = 0
        self.by_cell: Counter[Cell | None] = Counter()

    async def __call__(self, layer: Layer, cell: Cell | None, _: Path | None) -> FetchedSnapshot:
        self.reads += 1
        self.by_cell[cell] += 1
        state = file_state(self.path)
        if state is None:
            raise ConfigurationError(f"the file {self.path.name} cannot be read")
        count = len(self.path.read_text().splitlines())
        return points.fetched(points.grid(count), layer.id, file_state=state)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "masten.csv"
    file.write_text("1\n" * 5)
    return file


class Proxy:
    """The cache of one process with a layer of the file, on a clock that the test moves."""

    def __init__(self, path: Path, **blocks: object) -> None:
        self.reader = Reader(path)
        self.clock = Clock()
        self.layer = points.layer(source={"type": "file", "path": str(path)}, **blocks)
        self.services: Services = new_services(Catalogue([self.layer]), self.reader, clock=self.clock)

    async def look(self, *, after: float = 1.0) -> int | None:
        """Look as every second, wait for the fetch, and return how many objects are served."""
        self.clock.now += after
        cache = self.services.cache
        await cache._renew(self.layer)  # noqa: SLF001 - one round of `run`, which ends only when it is cancelled
        slot = self.slot
        if slot.fetching is not None:
            await slot.fetching
        return len(slot.entry.snapshot) if slot.entry is not None else None

    @property
    def slot(self):
        return self.services.entries.slot(KEY)


def run(scenario: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(scenario())


def test_changed_file_is_read_at_once_and_an_unchanged_one_never_again(path):
    async def scenario() -> None:
        proxy = Proxy(path)
        assert [await proxy.look() for _ in range(3)] == [5, 5, 5]
        assert proxy.reader.reads == 1
        path.write_text("1\n" * 6)
        assert [await proxy.look(), await proxy.look(), proxy.reader.reads] == [6, 6, 2]
        # `fresh_for` is an hour
        assert await proxy.look(after=4000) == 6
        assert (proxy.reader.reads, proxy.slot.entry.ttl(proxy.clock()), proxy.slot.entry.modified_at) == (
            2, 3600, proxy.clock() - 4001
        )  # fmt: skip
        assert proxy.services.entries.fetches["masten", Outcome.UNCHANGED] == 1
        await proxy.services.close()

    run(scenario)


def test_missing_file_keeps_the_data_and_is_said_until_it_is_back(path):
    async def scenario() -> None:
        proxy = Proxy(path)
        await proxy.look()
        aside = path.rename(path.with_name("aside"))
        assert await proxy.look() == 5
        assert proxy.slot.failure.detail == "the file masten.csv cannot be read"
        aside.rename(path)
        assert await proxy.look(after=60) == 5
        assert (proxy.slot.failure, proxy.reader.reads) == (None, 2)
        await proxy.services.close()

    run(scenario)


def test_file_that_lost_objects_is_looked_at_twice(path):
    async def scenario() -> None:
        proxy = Proxy(path)
        await proxy.look()
        path.write_text("1\n")
        assert await proxy.look() == 5
        assert proxy.slot.quarantined is not None
        assert await proxy.look(after=61) == 1
        await proxy.services.close()

    run(scenario)


def test_file_that_is_restored_while_the_other_one_waits_is_served_on(path):
    async def scenario() -> None:
        proxy = Proxy(path)
        await proxy.look()
        good = path.rename(path.with_name("good"))
        path.write_text("1\n")
        await proxy.look()
        good.rename(path)
        assert await proxy.look(after=61) == 5
        assert (proxy.slot.quarantined, proxy.slot.failure) == (None, None)
        await proxy.services.close()

    run(scenario)


def test_another_machines_numbers_of_the_file_cost_one_read(path):
    """The data are shared by Redis; the file has another inode there."""

    async def scenario() -> None:
        proxy = Proxy(path)
        await proxy.look()
        slot = proxy.slot
        elsewhere = points.fetched(points.grid(5), "masten", file_state="another machine's")
        slot.entry = replace(slot.entry, fetched=elsewhere)
        assert [await proxy.look() for _ in range(3)] == [5, 5, 5]
        assert proxy.reader.reads == 1
        other = Proxy(path)
        other.services.entries.slot(KEY).entry = slot.entry
        assert [await other.look() for _ in range(3)] == [5, 5, 5]
        assert other.reader.reads == 1
        await proxy.services.close()
        await other.services.close()

    run(scenario)


def test_cells_of_a_changed_file_are_read_again_when_a_map_asks_for_them(tmp_path):
    path = tmp_path / "masten.gpkg"
    path.write_text("1\n" * 5)

    async def scenario() -> None:
        proxy = Proxy(path, fetch={"mode": "cells", "fresh_for": "1h", "stale_for": "1d"})
        box = BBox(4.3, 52.0, 4.3001, 52.0001)
        (cell,) = cells_in(box, proxy.layer.fetch.cell_zoom)
        slot = proxy.services.entries.slot(CacheKey("masten", cell))

        async def objects_after(change: int) -> int:
            """Ask as a map does until the cell has been read this often."""
            while proxy.reader.by_cell[cell] < change or slot.fetching is not None:
                proxy.clock.now += 2
                await proxy.services.cache.entries(proxy.layer, box)
                await asyncio.sleep(0.001)
            return len(slot.entry.snapshot)

        assert await objects_after(1) == 5
        path.write_text("1\n" * 6)
        assert await objects_after(2) == 6
        for _ in range(5):
            proxy.clock.now += 2
            await proxy.services.cache.entries(proxy.layer, box)
            await asyncio.sleep(0.01)
        assert proxy.reader.by_cell[cell] == 2
        await proxy.services.close()

    run(scenario)


def test_file_system_that_hangs_is_asked_once_and_delays_nobody(path, monkeypatch):
    monkeypatch.setattr("wfs_proxy.cache.file_watch._LONGEST_LOOK", 0.01)

    async def scenario() -> None:
        looks, gate = [], asyncio.Event()

        async def look(each: Path) -> str | None:
            looks.append(each)
            await gate.wait()
            return "changed"

        watch = FileWatch(look)
        proxy = Proxy(path)
        await proxy.look()
        slot = proxy.slot
        assert [await watch.is_due(proxy.layer, slot, KEY) for _ in range(3)] == [False] * 3
        assert (len(looks), await watch.is_unchanged(proxy.layer, slot, KEY)) == (1, False)
        gate.set()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert await watch.is_due(proxy.layer, slot, KEY)
        await proxy.services.close()

    run(scenario)


def test_layer_from_an_address_has_no_file(path):
    async def scenario() -> None:
        proxy = Proxy(path)
        await proxy.look()
        watch = FileWatch(lambda _: pytest.fail("there is nothing to look at"))
        layer = points.layer()
        assert not await watch.is_due(layer, proxy.slot, KEY)
        assert not await watch.is_unchanged(layer, proxy.slot, KEY)
        await proxy.services.close()

    run(scenario)
