"""The effect of refreshing 50,000 objects on the times of answers.

Requests are sent at a fifth of the proxy's peak rate, once while nothing is fetched and once while the layer is fetched
again and again: its data are stale after a second, and the vendor's objects differ each time. The duration of an answer
is measured from the time at which its request was due (see `paced.py`).
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from rich.console import Console

from bench import documents, objects, paced, servers
from bench.documents import Documents
from bench.invalid import InvalidMeasurement
from bench.missing import program
from bench.report import Row
from bench.wrk import Request, measure

__all__ = ["rows"]

COUNT = 50_000
BOXES = 60_000
ROUNDS = 3
SECONDS = 10.0
"""Of each measurement in one round."""
SECONDS_AT_PEAK = 3.0
_PART_OF_THE_PEAK = 0.2
_MILLISECONDS = 1000.0

_FETCH_TIMEOUT = 120.0
"""Seconds until the next fetch must start."""

_PAUSE = 0.005
"""Seconds between two checks whether it has."""


def rows(console: Console) -> Iterator[Row]:
    """Measure answers with and without a refresh in progress.

    Raises:
        MissingProgram: wrk is not installed.
        InvalidMeasurement: a request failed, or nothing was fetched.
    """
    program("wrk", package="wrk")
    paths = objects.paths(objects.screens(BOXES, COUNT))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        bodies = [objects.document(COUNT, built=year) for year in (1950, 1951)]
        vendor = stack.enter_context(documents.serving(*bodies))
        vendor.answering.set()
        calm = stack.enter_context(servers.proxy(objects.write_layer(folder / "calm", vendor.url))).address
        layers = objects.write_layer(folder / "busy", vendor.url, fresh_for="1s")
        busy = stack.enter_context(servers.proxy(layers)).address
        peak = measure(calm, [Request(path=path) for path in paths], seconds=SECONDS_AT_PEAK).per_second
        rate = peak * _PART_OF_THE_PEAK
        console.print(f"refresh: {ROUNDS} rounds at {rate:.0f} requests per second, a fifth of {peak:.0f}")
        rounds = []
        for _ in range(ROUNDS):
            without = paced.measure(calm, paths, rate=rate, seconds=SECONDS)
            rounds.append((_while_refreshing(vendor, busy, paths, rate), without))
    yield Row(
        id="refresh-p99",
        what=f"99th percentile at a fifth of the peak rate while {COUNT:,} objects are refreshed; against without",
        value=median(during.p99 for during, _ in rounds) * _MILLISECONDS,
        unit="ms",
        reference=median(without.p99 for _, without in rounds) * _MILLISECONDS,
        ratio=median(during.p99 / without.p99 for during, without in rounds),
        goal="<= 2",
    )


def _while_refreshing(vendor: Documents, address: str, paths: list[str], rate: float) -> paced.Paced:
    """Measure from the moment at which a fetch starts; on a busy machine one may take longer than the measurement."""
    _wait_for_fetch(vendor)
    return paced.measure(address, paths, rate=rate, seconds=SECONDS)


def _wait_for_fetch(vendor: Documents) -> None:
    before, deadline = vendor.requests, time.monotonic() + _FETCH_TIMEOUT
    while vendor.requests == before:
        if time.monotonic() > deadline:
            raise InvalidMeasurement(f"no fetch started within {_FETCH_TIMEOUT:.0f} s")
        time.sleep(_PAUSE)
