"""Memory of a proxy with a million objects and two workers, while it serves and while it fetches.

Shared memory is counted once: the sum is of each process's proportional set size (PSS). The peak is the highest
resident size that any of the processes has had.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import psutil
from rich.console import Console

from bench import objects, servers
from bench.invalid import InvalidMeasurement
from bench.missing import program
from bench.report import Row
from bench.wrk import Request, measure

__all__ = ["processes", "proportional_bytes", "rows"]

COUNT = 1_000_000
WORKERS = 2
BOXES = 60_000
SECONDS = 5.0
"""How long it serves before its memory is read, so that every worker has touched the pages that it needs."""

_GIGABYTE = 1e9


def rows(console: Console) -> Iterator[Row]:
    """Measure the memory of all processes of a proxy.

    Raises:
        MissingProgram: wrk is not installed.
        InvalidMeasurement: a request failed, or a worker is missing.
    """
    program("wrk", package="wrk")
    console.print(f"memory: fetching a layer of {COUNT:,} objects")
    requests = [Request(path=path) for path in objects.paths(objects.screens(BOXES, COUNT))]
    with tempfile.TemporaryDirectory() as folder:
        document = Path(folder, "objects.geojson")
        document.write_bytes(objects.document(COUNT))
        layers = objects.write_layer(Path(folder, "layers"), str(document))
        environment = {"WFS_PROXY_WORKERS": str(WORKERS), "WFS_PROXY_CACHE_DIR": f"{folder}/cache"}
        with servers.proxy(layers, environment=environment) as server:
            measure(server.address, requests, seconds=SECONDS)
            family = processes(server.pid)
            # the supervisor and its workers; there are also their fetch processes
            if len(family) < 1 + WORKERS:
                raise InvalidMeasurement(f"{len(family)} processes instead of {1 + WORKERS}")
            steady, peak = proportional_bytes(family), _highest_bytes(family)
    yield Row(
        id="memory-steady",
        what=f"memory of all processes, {COUNT:,} objects, {WORKERS} workers",
        value=steady / _GIGABYTE,
        unit="GB",
        ratio=steady / _GIGABYTE,
        goal="<= 1.5",
    )
    yield Row(
        id="memory-peak",
        what="peak memory of any of these processes, including the fetch",
        value=peak / _GIGABYTE,
        unit="GB",
    )


def processes(pid: int) -> list[psutil.Process]:
    """Return a process and all its descendants."""
    process = psutil.Process(pid)
    return [process, *process.children(recursive=True)]


def proportional_bytes(family: Sequence[psutil.Process]) -> int:
    """Return the bytes that they use together, with shared memory counted once."""
    return sum(process.memory_full_info().pss for process in family)


def _highest_bytes(family: Sequence[psutil.Process]) -> int:
    statuses = [Path(f"/proc/{process.pid}/status").read_text() for process in family]
    return max(int(status.partition("VmHWM:")[2].split(maxsplit=1)[0]) * 1024 for status in statuses)
