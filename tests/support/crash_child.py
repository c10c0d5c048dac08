"""A process that writes snapshots to a disk backend, and can be killed at any system call.

    python crash_child.py < one JSON object a line > one JSON object a line

Everything is imported once. For each line a child is forked, which does one job and exits. Fetch k gives a
known snapshot, `snapshot_of(k)`, and its metadata contain k, so that a reader can check that they belong together.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import select
import signal
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import points
from caches import FOLDER, disk_backend, fetch, spec

from wfs_proxy.cache.disk import DiskBackend
from wfs_proxy.cache.entry import FetchedSnapshot
from wfs_proxy.cache.entry_cache import EntryCache
from wfs_proxy.cache.eviction import evict
from wfs_proxy.cache.metadata import FetchSummary
from wfs_proxy.cache.plausibility import reason_to_quarantine
from wfs_proxy.features import FetchReport
from wfs_proxy.snapshot.snapshot import Snapshot

CALLS = ("write", "fsync", "replace", "rename", "mkdir", "unlink", "rmdir")
"""The system calls that change a disk."""

SMALL, LARGE = 40, 15_000
"""Objects; the small snapshot is read into memory, the large one is mapped."""

ADDRESSES = {"cell": ("15-1-2", SMALL), "whole": ("", LARGE)}
"""What is fetched: a cell or the whole layer, and the number of its objects."""

SNAPSHOTS = {(size, extra): points.snapshot(points.grid(size + extra)) for size in (SMALL, LARGE) for extra in range(3)}


def snapshot_of(number: int, size: int) -> Snapshot:
    """Return the result of fetch `number`: one of three snapshots, so each is written again after its removal."""
    return SNAPSHOTS[size, number % 3]


async def inline(work: Callable[..., Any], *arguments: Any) -> Any:
    """Use no thread, so that the system calls have the same order each time."""
    return work(*arguments)


async def fetch_number(cache: EntryCache, number: int, what: str) -> bool:
    """Run fetch `number`; return whether its result was stored."""
    cell, size = ADDRESSES[what]

    async def vendor(*_: object) -> FetchedSnapshot:
        summary = FetchSummary(count=size, report=FetchReport(requests=number))
        return FetchedSnapshot(snapshot=snapshot_of(number, size), summary=summary)

    stored = (await fetch(cache, spec(vendor, cell=cell))).stored
    return stored is not None and stored.version == snapshot_of(number, size).version


def fetch_from(root: Path, first: int, rounds: int | None, what: list[str], output: int) -> None:
    """Run one fetch after the other, and report each whose result was stored."""
    now = [0.0]
    cache = EntryCache(
        clock=lambda: now[0], policy=reason_to_quarantine, backend=DiskBackend(root, offload=inline), jitter=lambda: 0.0
    )
    numbers: Iterable[int] = itertools.count(first) if rounds is None else range(first, first + rounds)
    for number in numbers:
        # an hour apart, so that data of an earlier process are never fresh
        now[0] = number * 3600.0
        for each in what:
            if asyncio.run(fetch_number(cache, number, each)):
                os.write(output, f"{each} {number}\n".encode())


def hold_lease(root: Path, output: int) -> None:
    """Hold the lease of the whole layer until killed."""

    async def hold() -> None:
        async with disk_backend(root).lease(f"{FOLDER}/whole") as ours:
            os.write(output, b"held 1\n" if ours else b"refused 1\n")
            signal.pause()

    asyncio.run(hold())


def kill_at(number: int, when: str, output: int) -> None:
    """Patch this process so that it is killed before, within or after the n-th call that changes the disk."""
    count = itertools.count(1)
    write = os.write

    def patched(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def killing(*arguments: Any, **options: Any) -> Any:
            if arguments[0] == output or next(count) != number:
                return call(*arguments, **options)
            if when == "within" and name == "write":
                descriptor, data = arguments
                write(descriptor, bytes(data[: len(data) // 2]))
            try:
                return call(*arguments, **options) if when == "after" else None
            finally:
                os.kill(os.getpid(), signal.SIGKILL)

        return killing

    for name in CALLS:
        setattr(os, name, patched(name, getattr(os, name)))


def run_order(order: dict[str, Any], output: int) -> None:
    """Do the job of one line."""
    root = Path(order["root"])
    if "kill_at" in order:
        kill_at(order["kill_at"], order["when"], output)
    if "processor_time" in order:
        # SIGPROF ends a process like SIGKILL. Processor time, unlike elapsed time, says how far the process got on a
        # busy machine.
        signal.setitimer(signal.ITIMER_PROF, order["processor_time"])
    match order["do"]:
        case "fetch":
            fetch_from(root, order["first"], order.get("rounds"), order["what"], output)
        case "evict":
            evict(root, set(), 0, time.time() + order["later"])
        case "hold":
            hold_lease(root, output)


def serve(lines: Iterable[str]) -> None:
    """Fork a child for each line, and report how it ended and what it stored."""
    for line in lines:
        order = json.loads(line)
        reading, output = os.pipe()
        child = os.fork()
        if not child:
            status = 1
            try:
                run_order(order, output)
                status = 0
            finally:
                os._exit(status)
        os.close(output)
        if order["do"] == "hold":
            select.select([reading], [], [])
            answer({"pid": child})
        with os.fdopen(reading) as pipe:
            reported = [text.split() for text in pipe]
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        stored = {what: int(number) for what, number in reported}
        answer({"status": status, "stored": stored})


def answer(message: dict[str, Any]) -> None:
    """Send a line to the test."""
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    serve(sys.stdin)
