"""The fetch process, with a vendor in a thread."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import psutil
import pytest
import vendor
from caches import FOLDER, disk_cache, spec
from caches import fetch as fetch_entry
from clocks import Clock

from wfs_proxy.cache import disk
from wfs_proxy.cache.snapshot_folder import MAPPED_FROM, open_snapshot
from wfs_proxy.config.layer import Layer
from wfs_proxy.errors import NotFeatures, UpstreamUnreachable, WfsProxyError
from wfs_proxy.fetch import jobs
from wfs_proxy.fetch.process import FetchProcess
from wfs_proxy.snapshot.snapshot import Snapshot


def lamps(count: int) -> vendor.Answer:
    features = [
        {
            "type": "Feature",
            "id": f"{number:06d}",
            "geometry": {"type": "Point", "coordinates": [4.3 + number * 1e-6, 52.0]},
            "properties": {"nummer": f"{number:06d}", "soort": "lichtmast" * 10},
        }
        for number in range(count)
    ]
    body = json.dumps({"type": "FeatureCollection", "features": features}).encode()
    return vendor.Answer(body=body, headers={"Content-Type": "application/geo+json"})


def layer(url: str, **source: object) -> Layer:
    return Layer.model_validate(
        {
            "id": "masten",
            "title": "Masten",
            "source": {"type": "geojson", "url": f"{url}/masten.geojson", **source},
            "properties": {"id": "nummer", "fields": {"nummer": "string", "soort": "string"}},
        }
    )


@contextlib.asynccontextmanager
async def fetching(**options: object) -> AsyncIterator[FetchProcess]:
    one = FetchProcess(log_level="warning", **options)
    try:
        yield one
    finally:
        await one.close()


def children() -> set[int]:
    return {child.pid for child in psutil.Process().children() if child.status() != psutil.STATUS_ZOMBIE}


def test_a_fetch_imports_nothing_from_the_working_directory(tmp_path, monkeypatch):
    (tmp_path / "numpy.py").write_text("raise SystemExit('imported from the working directory')")
    (tmp_path / "wfs_proxy").mkdir()
    monkeypatch.chdir(tmp_path)

    async def scenario(url: str) -> None:
        async with fetching() as fetch:
            assert len((await fetch(layer(url), None, None)).snapshot) == 3

    with vendor.serving(lambda _: lamps(3)) as server:
        asyncio.run(scenario(server.url))


def test_a_fetch_process_that_fails_refers_to_its_own_error(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONHOME", str(tmp_path))

    async def scenario() -> None:
        async with fetching() as fetch:
            with pytest.raises(WfsProxyError, match="exit status 1; see its error above"):
                await fetch(layer("http://127.0.0.1:9"), None, None)

    asyncio.run(scenario())


def test_a_fetch_process_that_ended_before_its_first_job_refers_to_its_own_error(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONHOME", str(tmp_path))

    async def scenario() -> None:
        async with fetching() as fetch:
            # the event loop does not notice the end before the job is sent
            fetch.start().process.wait()
            with pytest.raises(WfsProxyError, match="exit status 1; see its error above"):
                await fetch(layer("http://127.0.0.1:9"), None, None)

    asyncio.run(scenario())


def test_a_layer_is_fetched_by_another_process_with_a_lower_priority():
    async def scenario(url: str) -> None:
        before = children()
        async with fetching() as fetch:
            fetched = await fetch(layer(url), None, None)
            (child,) = children() - before
            assert psutil.Process(child).nice() > psutil.Process().nice()
            assert (len(fetched.snapshot), fetched.summary.report.complete, fetched.summary.pipeline.received) == (
                3,
                True,
                3,
            )
            assert fetched.snapshot.find("masten.000001") is not None
        assert children() == before

    with vendor.serving(lambda _: lamps(3)) as server:
        asyncio.run(scenario(server.url))


def test_a_document_that_has_not_changed_is_neither_sent_nor_decoded():
    def scenario_of(seen: vendor.Seen) -> vendor.Answer:
        known = seen.headers.get("if-none-match") == '"v1"'
        return vendor.Answer(status=304) if known else replace(lamps(3), headers={"ETag": '"v1"'})

    async def scenario(url: str) -> None:
        async with fetching() as fetch:
            validators = (await fetch(layer(url), None, None)).summary.report.validators
            assert await fetch(layer(url), None, None, validators) is None
        # what is known survives the process
        async with fetching() as fetch:
            assert await fetch(layer(url), None, None, validators) is None

    with vendor.serving(scenario_of) as server:
        asyncio.run(scenario(server.url))


def test_a_large_snapshot_is_written_to_disk_and_a_small_one_comes_through_the_pipe(tmp_path: Path):
    async def scenario(url: str) -> None:
        async with fetching() as fetch:
            large = await fetch(layer(url), None, tmp_path / "masten")
            assert large.snapshot.memory == 0
            assert [path.name for path in (tmp_path / "masten").iterdir()] == [large.snapshot.version]
            through_the_pipe = await fetch(layer(url), None, None)
            assert through_the_pipe.snapshot.memory > MAPPED_FROM
            assert through_the_pipe.snapshot.version == large.snapshot.version
            count[0] = 3
            small = await fetch(layer(url), None, tmp_path / "klein")
            assert len(small.snapshot) == 3
            assert not (tmp_path / "klein").exists()

    count = [6000]
    with vendor.serving(lambda _: lamps(count[0])) as server:
        asyncio.run(scenario(server.url))


def test_a_large_snapshot_is_opened_once_on_its_way_from_the_fetch_process_to_the_map(tmp_path: Path, monkeypatch):
    """Opening it verifies the checksums of all its files, which takes seconds for millions of objects."""
    opened: list[Path] = []

    def counting(path: Path) -> Snapshot:
        opened.append(path)
        return open_snapshot(path)

    for module in (jobs, disk):
        monkeypatch.setattr(module, "open_snapshot", counting)

    async def scenario(url: str) -> None:
        async with fetching() as fetch:
            entries = disk_cache(tmp_path, Clock())
            slot = await fetch_entry(entries, spec(partial(fetch, layer(url), None)))
            folder = tmp_path / FOLDER / "whole"
            assert (len(slot.entry.snapshot), slot.entry.snapshot.memory) == (6000, 0)
            assert opened == [folder / slot.entry.snapshot.version]
            assert slot.stored.snapshot is slot.entry.snapshot

    with vendor.serving(lambda _: lamps(6000)) as server:
        asyncio.run(scenario(server.url))


def test_where_nothing_can_be_written_a_large_snapshot_comes_through_the_pipe(tmp_path: Path):
    (tmp_path / "file").touch()

    async def scenario(url: str) -> None:
        async with fetching() as fetch:
            fetched = await fetch(layer(url), None, tmp_path / "file" / "masten")
            assert len(fetched.snapshot) == 6000

    with vendor.serving(lambda _: lamps(6000)) as server:
        asyncio.run(scenario(server.url))


def test_an_error_in_the_fetch_process_is_raised_here():
    async def scenario(url: str) -> None:
        async with fetching() as fetch:
            with pytest.raises(NotFeatures, match="HTML"):
                await fetch(layer(url), None, None)

    with vendor.serving(lambda _: vendor.Answer(body=b"<!doctype html><html><title>Log in</title></html>")) as server:
        asyncio.run(scenario(server.url))


def test_when_the_process_dies_the_fetch_fails_and_the_next_one_starts_another():
    asked, answer = threading.Event(), threading.Event()

    def slow(_: object) -> vendor.Answer:
        asked.set()
        answer.wait(30)
        return lamps(3)

    async def scenario(url: str) -> None:
        before = children()
        async with fetching() as fetch:
            running = asyncio.create_task(fetch(layer(url), None, None))
            await asyncio.to_thread(asked.wait, 30)
            (child,) = children() - before
            os.kill(child, signal.SIGKILL)
            with pytest.raises(WfsProxyError, match="fetch process was killed; is there enough memory"):
                await running
            answer.set()
            assert len((await fetch(layer(url), None, None)).snapshot) == 3
            assert child not in children()

    with vendor.serving(slow) as server:
        asyncio.run(scenario(server.url))


def test_a_fetch_that_takes_too_long_is_ended_with_its_process(monkeypatch):
    released = threading.Event()

    def hanging(_: object) -> vendor.Answer:
        released.wait(30)
        return lamps(3)

    async def scenario(url: str) -> None:
        async with fetching(longest=8.0) as fetch:
            with pytest.raises(UpstreamUnreachable, match="longer than 8 s"):
                await fetch(layer(url, timeout="60s"), None, None)
            released.set()
            # the limit was for the fetch that hangs: the start of the next process may take longer on a busy machine
            monkeypatch.setattr(fetch, "_longest", 600.0)
            assert len((await fetch(layer(url), None, None)).snapshot) == 3

    with vendor.serving(hanging) as server:
        asyncio.run(scenario(server.url))


def test_a_cancelled_fetch_stops_and_the_others_continue():
    answer = threading.Event()

    def scripted(seen: vendor.Seen) -> vendor.Answer:
        if "stuck" in seen.path:
            answer.wait(30)
        return lamps(3)

    async def scenario(url: str) -> None:
        async with fetching() as fetch:
            stuck = asyncio.create_task(fetch(layer(f"{url}/stuck"), None, None))
            await fetch(layer(url), None, None)
            stuck.cancel()
            with pytest.raises(asyncio.CancelledError):
                await stuck
            assert len((await fetch(layer(url), None, None)).snapshot) == 3
            answer.set()

    with vendor.serving(scripted) as server:
        asyncio.run(scenario(server.url))


def test_several_layers_are_fetched_at_the_same_time():
    together = threading.Barrier(2, timeout=30)

    def meeting(_: object) -> vendor.Answer:
        together.wait()
        return lamps(3)

    async def scenario(url: str) -> None:
        async with fetching() as fetch:
            one, other = await asyncio.gather(fetch(layer(url), None, None), fetch(layer(url), None, None))
            assert len(one.snapshot) == len(other.snapshot) == 3

    with vendor.serving(meeting) as server:
        asyncio.run(scenario(server.url))


def test_after_a_large_fetch_the_process_is_replaced_and_after_a_small_one_it_is_not():
    async def scenario(url: str) -> None:
        before = children()
        async with fetching(retired_after=10) as fetch:
            await fetch(layer(url), None, None)
            (first,) = children() - before
            await fetch(layer(url), None, None)
            assert children() - before == {first}
            count[0] = 11
            await fetch(layer(url), None, None)
            await until(lambda: len(children() - before) == 1 and first not in children())
            assert len((await fetch(layer(url), None, None)).snapshot) == 11

    count = [3]
    with vendor.serving(lambda _: lamps(count[0])) as server:
        asyncio.run(scenario(server.url))


def test_a_snapshot_on_disk_does_not_replace_the_process(tmp_path: Path):
    async def scenario(url: str) -> None:
        before = children()
        async with fetching() as fetch:
            await fetch(layer(url), None, tmp_path / "masten")
            (first,) = children() - before
            await fetch(layer(url), None, tmp_path / "masten")
            assert children() - before == {first}

    with vendor.serving(lambda _: lamps(6000)) as server:
        asyncio.run(scenario(server.url))


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110 - it is another process that is waited for
            await asyncio.sleep(0.01)
