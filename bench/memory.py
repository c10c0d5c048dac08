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

__all__ = ["processes", "proportional_bytes", "rows"]

COUNT = 1_000_000
WORKERS = 2
BOXES = 60_000
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
            family = processes(server.pid)
            # the supervisor, its workers, and what fetches for them
            if len(family) < 1 + WORKERS:
                raise InvalidMeasurement(f"{len(family)} processes instead of {1 + WORKERS}")
            steady, peak = proportional_bytes(family), _highest_bytes(family)
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


def processes(pid: int) -> list[psutil.Process]:
    """A process and all that it started."""
    process = psutil.Process(pid)
    return [process, *process.children(recursive=True)]


def proportional_bytes(family: Sequence[psutil.Process]) -> int:
    """What they take together, what they share counted once."""
    return sum(process.memory_full_info().pss for process in family)


def _highest_bytes(family: Sequence[psutil.Process]) -> int:
    statuses = [Path(f"/proc/{process.pid}/status").read_text() for process in family]
    return max(int(status.partition("VmHWM:")[2].split(maxsplit=1)[0]) * 1024 for status in statuses)
