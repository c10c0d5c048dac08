"""Kill a process while it writes to the disk backend, at every system call and at random times.

The next process finds the old or the new entry, complete, and can continue.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import needs
import pytest
from caches import FOLDER, content, disk_backend
from crash_child import ADDRESSES, LARGE, SMALL, snapshot_of

from wfs_proxy.cache.backend import Lookup
from wfs_proxy.cache.disk import DiskBackend

KILLED, TIMED_OUT, FINISHED = -signal.SIGKILL, -signal.SIGPROF, 0
CONTENTS = {size: [content(snapshot_of(number, size)) for number in range(3)] for size in (SMALL, LARGE)}
"""The contents of the snapshots, computed in this process."""

MOST_CALLS = 300
"""No order needs so many calls that change the disk."""


class Children:
    """Processes that do one thing each, forked from one that has imported everything."""

    def __init__(self, server: subprocess.Popen[str]) -> None:
        self._server = server

    def run(self, do: str, root: Path, **order: Any) -> tuple[int, dict[str, int]]:
        """Return the exit status, and the last fetch that was reported as stored, by what was fetched."""
        self.send(do, root, **order)
        ended = self.receive()
        return ended["status"], ended["stored"]

    def send(self, do: str, root: Path, **order: Any) -> None:
        self._server.stdin.write(json.dumps({"do": do, "root": str(root), **order}) + "\n")
        self._server.stdin.flush()

    def receive(self) -> dict[str, Any]:
        return json.loads(self._server.stdout.readline())


@pytest.fixture(scope="module")
def children() -> Iterator[Children]:
    with subprocess.Popen(
        [sys.executable, needs.ROOT / "tests" / "support" / "crash_child.py"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={"PYTHONPATH": f"{needs.ROOT}:{needs.ROOT / 'tests' / 'support'}", "OPENBLAS_NUM_THREADS": "1"},
    ) as server:
        yield Children(server)
        server.stdin.close()


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[Path]:
    """An empty folder, in memory if possible: killing a process does not affect the file system, and disks are slow."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK):
        yield tmp_path
        return
    with TemporaryDirectory(dir=memory) as folder:
        yield Path(folder)


def entry_folder(root: Path, what: str) -> Path:
    return root / FOLDER / (ADDRESSES[what][0] or "whole")


def read(root: Path, what: str) -> Lookup | None:
    """Return the entry that the next process reads."""
    return asyncio.run(disk_backend(root).read(f"{FOLDER}/{entry_folder(root, what).name}", None))


def number_on(root: Path, what: str) -> int | None:
    """Return the number of the stored fetch, after comparing the stored data with its result."""
    found = read(root, what)
    if found is None:
        return None
    assert found.problem is None
    number, size = found.metadata.summary.report.requests, ADDRESSES[what][1]
    assert content(found.stored.snapshot) == CONTENTS[size][number % 3]
    return number


def assert_nothing_is_left_over(root: Path, what: str) -> None:
    number, size = number_on(root, what), ADDRESSES[what][1]
    names = {path.name for path in entry_folder(root, what).iterdir()}
    assert names == {"state.json", "lock", snapshot_of(number, size).version}


@pytest.mark.parametrize(
    ("what", "when"), [("cell", "before"), ("cell", "within"), ("cell", "after"), ("whole", "after")]
)
def test_killed_at_any_call_the_old_or_the_new_entry_is_complete_and_the_next_process_continues(
    children, cache, what, when
):
    """All use one folder, so that the remains of a killed process are there when the next one is killed."""
    number = 1
    assert children.run("fetch", cache, first=number, rounds=1, what=[what]) == (FINISHED, {what: number})
    for call in range(1, MOST_CALLS):
        order = {"first": number + 1, "rounds": 1, "what": [what], "kill_at": call, "when": when}
        status, _ = children.run("fetch", cache, **order)
        assert number_on(cache, what) in {number, number + 1}
        if status == FINISHED:
            break
        assert status == KILLED
        # next comes the content that was being removed, or the one that was being written
        number += 3 + call % 2
        assert children.run("fetch", cache, first=number, rounds=1, what=[what]) == (FINISHED, {what: number})
        assert_nothing_is_left_over(cache, what)
    assert 40 < call < MOST_CALLS - 1, "no process was killed where the disk is changed"


@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_at_any_call_of_the_first_fetch_there_is_nothing_or_everything(children, cache, when):
    for call in range(1, MOST_CALLS):
        root = cache / str(call)
        order = {"first": 1, "rounds": 1, "what": ["cell"], "kill_at": call, "when": when}
        status, _ = children.run("fetch", root, **order)
        assert number_on(root, "cell") in {None, 1}
        assert children.run("fetch", root, first=2, rounds=1, what=["cell"]) == (FINISHED, {"cell": 2})
        assert_nothing_is_left_over(root, "cell")
        if status == FINISHED:
            break
    assert 20 < call < MOST_CALLS - 1


@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_at_any_call_of_an_eviction_there_is_nothing_or_everything(children, cache, when):
    for call in range(1, MOST_CALLS):
        root = cache / str(call)
        children.run("fetch", root, first=1, rounds=1, what=["cell"])
        later = 31 * 86_400
        status, _ = children.run("evict", root, later=later, kill_at=call, when=when)
        assert number_on(root, "cell") in {None, 1}
        if status == FINISHED:
            break
        assert children.run("evict", root, later=later) == (FINISHED, {})
        assert children.run("fetch", root, first=2, rounds=1, what=["cell"]) == (FINISHED, {"cell": 2})
        assert_nothing_is_left_over(root, "cell")
    assert list(root.iterdir()) == []
    assert 10 < call < MOST_CALLS - 1


@pytest.mark.timeout(600)
def test_killed_at_random_times_nothing_that_was_stored_is_lost(children, cache):
    """All use one folder. Once a process has reported a fetch as stored, that fetch or a later one is found."""
    chance = random.Random(20)
    last, stored = 0, {"cell": 0, "whole": 0}
    interrupted = 0
    for _ in range(200):
        order = {"first": last + 1, "what": ["cell", "whole"], "processor_time": chance.uniform(0.001, 0.1)}
        status, reported = children.run("fetch", cache, **order)
        assert status == TIMED_OUT
        stored |= reported
        for what in stored:
            number = number_on(cache, what)
            assert (number or 0) >= stored[what]
            stored[what] = number or 0
            if entry_folder(cache, what).is_dir():
                names = [path.name for path in entry_folder(cache, what).iterdir()]
                interrupted += len(names) > 3
                assert len(names) <= 6
        last = max(stored.values())
    assert last > 50, "the processes were killed before they did anything"
    assert interrupted > 5, "no process was killed while it wrote"
    assert children.run("fetch", cache, first=last + 1, rounds=1, what=["cell", "whole"])[0] == FINISHED
    for what in stored:
        assert_nothing_is_left_over(cache, what)


def test_a_killed_process_loses_its_lease(children, cache):
    async def get_lease(backend: DiskBackend) -> bool:
        async with backend.lease(f"{FOLDER}/whole") as ours:
            return ours

    children.send("hold", cache)
    pid = children.receive()["pid"]
    assert not asyncio.run(get_lease(disk_backend(cache)))
    subprocess.run(["kill", "-9", str(pid)], check=True)
    assert children.receive() == {"status": KILLED, "stored": {"held": 1}}
    assert asyncio.run(get_lease(disk_backend(cache)))
