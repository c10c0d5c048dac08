"""Samples of the machine per second: memory, processors, requests received by vendors, the proxy's metrics."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import psutil
from prometheus_client.parser import text_string_to_metric_families

from bench.load.processes import Processes, fetch

__all__ = ["LOOKUPS", "Sample", "sampled"]

LOOKUPS = "wfs_proxy_cache_requests_total"
"""The metric that counts requests by state of the data."""

_MEGABYTE = 1e6


@dataclass(frozen=True, kw_only=True)
class Sample:
    """The machine during one second."""

    second: int
    """After the start of the run; -1 before it."""

    memory: float | None
    """Megabytes of the proxy's processes, with shared pages divided among them (PSS); None without processes."""

    processes: int
    """Number of processes of the proxy."""

    cpu: Mapping[str, float]
    """Percent of one processor for "proxy", "generator" and "vendors"; percent of all processors for "machine"."""

    vendors: int | None
    """Requests to vendors since the start; None if the vendors' status does not arrive in time."""

    rejected: int | None
    """Of these, refused or not answered."""

    signalen: int | None
    """Requests to Signalen since the start."""

    lookups: Mapping[str, float] | None
    """Requests per state of the data since the proxy started; None if its metrics do not come in time."""


class _Meter:
    """Processor use of process trees between two calls."""

    def __init__(self) -> None:
        self._before: dict[int, float] = {}
        self._at = time.monotonic()

    def percent(self, trees: Mapping[str, list[psutil.Process]]) -> dict[str, float]:
        """Return the use per tree since the last call, in percent of one processor."""
        now = time.monotonic()
        elapsed, self._at = now - self._at, now
        used = {name: sum(self._used(process) for process in tree) for name, tree in trees.items()}
        return {name: 100 * seconds / elapsed for name, seconds in used.items()}

    def _used(self, process: psutil.Process) -> float:
        try:
            seconds = sum(process.cpu_times()[:2])
        except psutil.Error:
            return 0.0
        before = self._before.get(process.pid, 0.0)
        self._before[process.pid] = seconds
        # a process id that was reused starts from 0
        return max(seconds - before, 0.0)


@contextmanager
def sampled(processes: Processes, generator: int, start: float) -> Iterator[list[Sample]]:
    """Collect samples until the block ends.

    Args:
        processes: to be sampled.
        generator: process id of the generator.
        start: of the run, in seconds since 1970.
    """
    samples: list[Sample] = []
    done = threading.Event()
    thread = threading.Thread(target=_collect, args=(processes, generator, start, samples, done), daemon=True)
    thread.start()
    try:
        yield samples
    finally:
        done.set()
        thread.join()


def _collect(processes: Processes, generator: int, start: float, samples: list[Sample], done: threading.Event) -> None:
    meter = _Meter()
    psutil.cpu_percent()
    meter.percent(_trees(processes, generator))
    # one sample at the end of each second, and one before the first
    second = -1
    while not done.wait(max(start + second + 1 - time.time(), 0.0)):
        samples.append(_sample(processes, generator, second, meter))
        second = max(second + 1, int(time.time() - start))


def _sample(processes: Processes, generator: int, second: int, meter: _Meter) -> Sample:
    trees = _trees(processes, generator)
    cpu = {**meter.percent(trees), "machine": psutil.cpu_percent()}
    status = processes.status()
    metrics = fetch(f"{processes.proxy.address}/metrics")
    return Sample(
        second=second,
        memory=_memory(trees["proxy"]),
        processes=len(trees["proxy"]),
        cpu=cpu,
        vendors=status.vendors if status else None,
        rejected=status.rejected if status else None,
        signalen=status.signalen if status else None,
        lookups=_lookups(metrics.decode()) if metrics else None,
    )


def _trees(processes: Processes, generator: int) -> dict[str, list[psutil.Process]]:
    roots = {"proxy": processes.proxy.process.pid, "generator": generator, "vendors": processes.vendors.pid}
    return {name: _tree(root) for name, root in roots.items()}


def _tree(root: int) -> list[psutil.Process]:
    try:
        process = psutil.Process(root)
        return [process, *process.children(recursive=True)]
    except psutil.Error:
        return []


def _memory(processes: Iterable[psutil.Process]) -> float | None:
    sizes = []
    for process in processes:
        # the process may have ended or be a zombie
        with contextlib.suppress(psutil.Error):
            sizes.append(process.memory_full_info().pss)
    return sum(sizes) / _MEGABYTE if sum(sizes) else None


def _lookups(metrics: str) -> dict[str, float]:
    counts: dict[str, float] = {}
    for family in text_string_to_metric_families(metrics):
        for sample in family.samples:
            if sample.name == LOOKUPS:
                state = sample.labels["result"]
                counts[state] = counts.get(state, 0.0) + sample.value
    return counts
