"""A process that keeps snapshots on a disk shelf, and can be killed at any call of the system.

    python crash_child.py < one JSON object a line > one JSON object a line

Everything is imported once; for each line a child is forked, which does what the line says and ends. Fill k brings a
known snapshot (`snapshot_of(k)`), and its record names k, so that whoever looks can tell whether both belong together.
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
"""What changes a disk."""

SMALL, LARGE = 40, 15_000
"""Objects: one is read, the other is mapped."""

ADDRESSES = {"cell": ("15-1-2", SMALL), "whole": ("", LARGE)}
"""What is fetched: a cell or the whole layer, of how many objects."""

SNAPSHOTS = {(size, turn): points.snapshot(points.grid(size + turn)) for size in (SMALL, LARGE) for turn in range(3)}


def snapshot_of(number: int, size: int) -> Snapshot:
    """What fill `number` brings: three snapshots in turn, so that each comes back after it was removed."""
    return SNAPSHOTS[size, number % 3]


async def inline(work: Callable[..., Any], *arguments: Any) -> Any:
    """No thread, so that the calls of the system come in the same order each time."""
    return work(*arguments)


async def fill(store: EntryCache, number: int, what: str) -> bool:
    """Fetch and keep number `number`; whether that is what is on the shelf then."""
    cell, size = ADDRESSES[what]

    async def give(*_: object) -> FetchedSnapshot:
        return FetchedSnapshot(
            snapshot=snapshot_of(number, size), summary=FetchSummary(report=FetchReport(requests=number))
        )

    # an hour apart, so that what an earlier process kept is never what was asked for
    wanted = spec(give, cell=cell)
    kept = (await fetch(store, wanted)).stored
    return kept is not None and kept.version == snapshot_of(number, size).version


def fill_from(root: Path, first: int, rounds: int | None, what: list[str], told: int) -> None:
    """Fetch one after the other, and tell each that is kept."""
    now = [0.0]
    store = EntryCache(
        clock=lambda: now[0], policy=reason_to_quarantine, backend=DiskBackend(root, offload=inline), jitter=lambda: 0.0
    )
    numbers: Iterable[int] = itertools.count(first) if rounds is None else range(first, first + rounds)
    for number in numbers:
        now[0] = number * 3600.0
        for each in what:
            if asyncio.run(fill(store, number, each)):
                os.write(told, f"{each} {number}\n".encode())


def hold_turn(root: Path, told: int) -> None:
    """Take the turn of the whole layer, and keep it until killed."""

    async def hold() -> None:
        async with disk_backend(root).lease(f"{FOLDER}/whole") as ours:
            os.write(told, b"held 1\n" if ours else b"refused 1\n")
            signal.pause()

    asyncio.run(hold())


def kill_at(number: int, when: str, told: int) -> None:
    """Patch this process so that it is killed before, within or after the n-th call that changes the disk."""
    count = itertools.count(1)
    write = os.write

    def patched(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def killing(*arguments: Any, **options: Any) -> Any:
            if arguments[0] == told or next(count) != number:
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


def obey(order: dict[str, Any], told: int) -> None:
    """Do what one line says."""
    root = Path(order["root"])
    if "kill_at" in order:
        kill_at(order["kill_at"], order["when"], told)
    match order["do"]:
        case "fill":
            fill_from(root, order["first"], order.get("rounds"), order["what"], told)
        case "evict":
            evict(root, set(), 0, time.time() + order["later"])
        case "hold":
            hold_turn(root, told)


def serve(lines: Iterable[str]) -> None:
    """Fork a child for each line, and tell how it ended and what it told."""
    for line in lines:
        order = json.loads(line)
        reading, told = os.pipe()
        started = time.monotonic()
        child = os.fork()
        if not child:
            status = 1
            try:
                obey(order, told)
                status = 0
            finally:
                os._exit(status)
        os.close(told)
        if "delay" in order:
            time.sleep(max(0.0, started + order["delay"] - time.monotonic()))
            os.kill(child, signal.SIGKILL)
        if order["do"] == "hold":
            select.select([reading], [], [])
            answer({"pid": child})
        with os.fdopen(reading) as pipe:
            lines_told = [text.split() for text in pipe]
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        kept = {what: int(number) for what, number in lines_told}
        answer({"status": status, "kept": kept})


def answer(told: dict[str, Any]) -> None:
    """Tell the test."""
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    serve(sys.stdin)
