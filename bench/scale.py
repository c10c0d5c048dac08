"""The effect of a layer's size on an answer: a hundred objects of ten thousand, and of a million.

Both layers have the same density, so a screen shows the same number of objects of each. The vendor's objects are in
random order on the map, which is the worst case.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from rich.console import Console

from bench import objects, servers
from bench.missing import program
from bench.report import Row
from bench.wrk import Request, measure

__all__ = ["rows"]

FEW = 10_000
MANY = 1_000_000
BOXES = 60_000
ROUNDS = 5
SECONDS = 3.0
"""Of each measurement in one round."""

_MICROSECONDS = 1e6


def rows(console: Console) -> Iterator[Row]:
    """Measure the same screens on a small and on a large layer.

    Raises:
        MissingProgram: wrk is not installed.
        InvalidMeasurement: a request failed.
    """
    program("wrk", package="wrk")
    with ExitStack() as stack:
        console.print(f"scale: fetching layers of {FEW:,} and {MANY:,} objects")
        pairs = {count: (_started(stack, count), _requests(count)) for count in (FEW, MANY)}
        console.print(f"scale: {ROUNDS} rounds")
        rounds = [
            {count: measure(address, requests, seconds=SECONDS) for count, (address, requests) in pairs.items()}
            for _ in range(ROUNDS)
        ]
    yield Row(
        id="scale-p50",
        what=f"median time of a box in a layer of {MANY:,} objects, eight at once; against {FEW:,}",
        value=median(one[MANY].p50 for one in rounds) * _MICROSECONDS,
        unit="us",
        reference=median(one[FEW].p50 for one in rounds) * _MICROSECONDS,
        ratio=median(one[MANY].p50 / one[FEW].p50 for one in rounds),
        goal="<= 1.2",
    )


def _started(stack: ExitStack, count: int) -> str:
    """Start a proxy with `count` objects; return its address."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    document = folder / "objects.geojson"
    document.write_bytes(objects.document(count))
    layers = objects.write_layer(folder / "layers", str(document))
    return stack.enter_context(servers.proxy(layers)).address


def _requests(count: int) -> list[Request]:
    return [Request(path=path) for path in objects.paths(objects.screens(BOXES, count))]
