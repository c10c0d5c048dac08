"""A process that is killed while it keeps something, at every call of the system and at random times.

Whatever it was doing: who comes next finds the old or the new, whole, and can go on.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
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

KILLED, UNHARMED = -9, 0
WORDS = {size: [content(snapshot_of(number, size)) for number in range(3)] for size in (SMALL, LARGE)}
"""What the snapshots are, computed here."""

MOST_CALLS = 300
"""Calls that change the disk in one order; more would be a loop."""


class Children:
    """Processes that do one thing each, forked from one that has imported everything."""

    def __init__(self, server: subprocess.Popen[str]) -> None:
        self._server = server

    def run(self, do: str, root: Path, **order: Any) -> tuple[int, dict[str, int]]:
        """How the process ended, and the number of the last fill that it told of, by what it fetched."""
        self.tell(do, root, **order)
        ended = self.hear()
        return ended["status"], ended["kept"]

    def tell(self, do: str, root: Path, **order: Any) -> None:
        self._server.stdin.write(json.dumps({"do": do, "root": str(root), **order}) + "\n")
        self._server.stdin.flush()

    def hear(self) -> dict[str, Any]:
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
    """An empty folder, in memory where that can be: a kill does not reach below the file system, and disks are slow."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK):
        yield tmp_path
        return
    with TemporaryDirectory(dir=memory) as folder:
        yield Path(folder)


def key_folder(root: Path, what: str) -> Path:
    return root / FOLDER / (ADDRESSES[what][0] or "whole")


def look(root: Path, what: str) -> Lookup | None:
    """What a process finds that comes next."""
    return asyncio.run(disk_backend(root).read(f"{FOLDER}/{key_folder(root, what).name}", None))


def number_on(root: Path, what: str) -> int | None:
    """The number of the fill that is on the shelf, after all of it was compared with what that fill brought."""
    found = look(root, what)
    if found is None:
        return None
    assert found.problem is None
    number, size = found.metadata.summary.report.requests, ADDRESSES[what][1]
    assert content(found.stored.snapshot) == WORDS[size][number % 3]
    return number


def assert_nothing_is_left_over(root: Path, what: str) -> None:
    number, size = number_on(root, what), ADDRESSES[what][1]
    names = {path.name for path in key_folder(root, what).iterdir()}
    assert names == {"state.json", "lock", snapshot_of(number, size).version}


@pytest.mark.parametrize(
    ("what", "when"), [("cell", "before"), ("cell", "within"), ("cell", "after"), ("whole", "after")]
)
def test_killed_at_any_call_the_old_or_the_new_is_whole_and_the_next_goes_on(children, cache, what, when):
    """One folder for all of it, so that whatever a killed process leaves is there when the next one is killed."""
    number = 1
    assert children.run("fill", cache, first=number, rounds=1, what=[what]) == (UNHARMED, {what: number})
    for call in range(1, MOST_CALLS):
        order = {"first": number + 1, "rounds": 1, "what": [what], "kill_at": call, "when": when}
        status, _ = children.run("fill", cache, **order)
        assert number_on(cache, what) in {number, number + 1}
        if status == UNHARMED:
            break
        assert status == KILLED
        # the content that was being removed comes back, or the one that was being written
        number += 3 + call % 2
        assert children.run("fill", cache, first=number, rounds=1, what=[what]) == (UNHARMED, {what: number})
        assert_nothing_is_left_over(cache, what)
    assert 40 < call < MOST_CALLS - 1, "nobody was killed where the disk is changed"


@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_at_any_call_of_the_first_fill_there_is_nothing_or_all(children, cache, when):
    for call in range(1, MOST_CALLS):
        root = cache / str(call)
        order = {"first": 1, "rounds": 1, "what": ["cell"], "kill_at": call, "when": when}
        status, _ = children.run("fill", root, **order)
        assert number_on(root, "cell") in {None, 1}
        assert children.run("fill", root, first=2, rounds=1, what=["cell"]) == (UNHARMED, {"cell": 2})
        assert_nothing_is_left_over(root, "cell")
        if status == UNHARMED:
            break
    assert 20 < call < MOST_CALLS - 1


@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_at_any_call_of_the_tidying_there_is_nothing_or_all(children, cache, when):
    for call in range(1, MOST_CALLS):
        root = cache / str(call)
        children.run("fill", root, first=1, rounds=1, what=["cell"])
        later = 31 * 86_400
        status, _ = children.run("evict", root, later=later, kill_at=call, when=when)
        assert number_on(root, "cell") in {None, 1}
        if status == UNHARMED:
            break
        assert children.run("evict", root, later=later) == (UNHARMED, {})
        assert children.run("fill", root, first=2, rounds=1, what=["cell"]) == (UNHARMED, {"cell": 2})
        assert_nothing_is_left_over(root, "cell")
    assert list(root.iterdir()) == []
    assert 10 < call < MOST_CALLS - 1


@pytest.mark.timeout(300)
def test_killed_at_two_hundred_random_times_nothing_that_was_kept_is_lost(children, cache):
    """One folder for all of it. A process tells what it has kept, and from then on that or a later one is there."""
    chance = random.Random(20)
    last, kept = 0, {"cell": 0, "whole": 0}
    died_at_work = 0
    for _ in range(200):
        order = {"first": last + 1, "what": ["cell", "whole"], "delay": chance.uniform(0.0, 0.1)}
        status, told = children.run("fill", cache, **order)
        assert status == KILLED
        kept |= told
        for what in kept:
            number = number_on(cache, what)
            assert (number or 0) >= kept[what]
            kept[what] = number or 0
            if key_folder(cache, what).is_dir():
                names = [path.name for path in key_folder(cache, what).iterdir()]
                died_at_work += len(names) > 3
                assert len(names) <= 6
        last = max(kept.values())
    assert last > 50, "the processes were killed before they did anything"
    assert died_at_work > 5, "no process was killed at work"
    assert children.run("fill", cache, first=last + 1, rounds=1, what=["cell", "whole"])[0] == UNHARMED
    for what in kept:
        assert_nothing_is_left_over(cache, what)


def test_a_killed_process_loses_its_turn(children, cache):
    async def turn(shelf: DiskBackend) -> bool:
        async with shelf.lease(f"{FOLDER}/whole") as ours:
            return ours

    children.tell("hold", cache)
    pid = children.hear()["pid"]
    assert not asyncio.run(turn(disk_backend(cache)))
    subprocess.run(["kill", "-9", str(pid)], check=True)
    assert children.hear() == {"status": KILLED, "kept": {"held": 1}}
    assert asyncio.run(turn(disk_backend(cache)))
