"""Memory of a proxy with a million objects and two workers, while it serves and while it fills.

What the workers share is counted once: the sum is of each process's proportional set size, as Linux tells it. The
fill's peak is the highest resident size that any of the processes ever had.
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

__all__ = ["rows"]

COUNT = 1_000_000
WORKERS = 2
BOXES = 5000
SECONDS = 5.0
"""How long it serves before its memory is read: by then every worker has touched what it needs."""

_GIGABYTE = 1e9


def rows(console: Console) -> Iterator[Row]:
    """Measure the memory of all processes of a proxy.

    Raises:
        MissingProgram: wrk is not here.
        InvalidMeasurement: a request failed, or there are not so many workers.
    """
    program("wrk", package="wrk")
    console.print(f"memory: filling a layer of {COUNT} objects")
    requests = [Request(path=path) for path in objects.paths(objects.screens(BOXES, COUNT))]
    with tempfile.TemporaryDirectory() as folder:
        document = Path(folder, "objects.geojson")
        document.write_bytes(objects.document(COUNT))
        layers = objects.write_layer(Path(folder, "layers"), str(document))
        environment = {"WFS_PROXY_WORKERS": str(WORKERS), "WFS_PROXY_CACHE_DIR": f"{folder}/cache"}
        with servers.proxy(layers, environment=environment) as server:
            measure(server.address, requests, seconds=SECONDS)
            processes = _processes(server.pid)
            if len(processes) < WORKERS:
                raise InvalidMeasurement(f"{len(processes)} process instead of {WORKERS} workers")
            steady, peak = _proportional_bytes(processes), _highest_bytes(processes)
    yield Row(
        id="memory-steady",
        what=f"memory that all processes share and have, {COUNT} objects, {WORKERS} workers",
        value=steady / _GIGABYTE,
        unit="GB",
        ratio=steady / _GIGABYTE,
        goal="<= 1.5",
    )
    yield Row(
        id="memory-peak",
        what="the same: most that one process had, the fill included",
        value=peak / _GIGABYTE,
        unit="GB",
    )


def _processes(pid: int) -> list[psutil.Process]:
    process = psutil.Process(pid)
    return [process, *process.children(recursive=True)]


def _proportional_bytes(processes: Sequence[psutil.Process]) -> int:
    return sum(process.memory_full_info().pss for process in processes)


def _highest_bytes(processes: Sequence[psutil.Process]) -> int:
    statuses = [Path(f"/proc/{process.pid}/status").read_text() for process in processes]
    return max(int(status.partition("VmHWM:")[2].split(maxsplit=1)[0]) * 1024 for status in statuses)
