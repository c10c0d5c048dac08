"""What the machine does, second by second: memory, processors, requests that reach the vendors, the proxy's metrics."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import psutil
from prometheus_client.parser import text_string_to_metric_families

from bench.load.stage import Stage, fetch

__all__ = ["LOOKUPS", "Sample", "sampled"]

LOOKUPS = "wfs_proxy_cache_requests_total"
"""The metric that tells requests by the state of the data."""

_MEGABYTE = 1e6


@dataclass(frozen=True, kw_only=True)
class Sample:
    """The machine during one second."""

    second: int
    """After the start of the run; -1 for what was before."""

    memory: float | None
    """Megabytes of the proxy's processes, shared pages divided among them (PSS); None while there is none."""

    processes: int
    """How many the proxy has."""

    cpu: Mapping[str, float]
    """Percent of one processor: "proxy", "generator", "vendors"; "machine" is that of all processors, by anybody."""

    vendors: int | None
    """Requests to vendors since the start; None when the vendors do not tell in time."""

    turned_away: int | None
    """Of these, refused or left hanging."""

    signalen: int | None
    """Requests to Signalen since the start."""

    lookups: Mapping[str, float] | None
    """State of the data -> requests, as the proxy's metrics tell since it started; None when they do not in time."""


class _Meter:
    """Processor time of trees of processes, between two looks."""

    def __init__(self) -> None:
        self._before: dict[int, float] = {}
        self._at = time.monotonic()

    def percent(self, trees: Mapping[str, list[psutil.Process]]) -> dict[str, float]:
        """Of one processor, by tree."""
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
        # a number that was given to another process starts anew
        return max(seconds - before, 0.0)


@contextmanager
def sampled(stage: Stage, generator: int, start: float) -> Iterator[list[Sample]]:
    """Collect samples until the block ends.

    Args:
        stage: what is looked at.
        generator: its process id.
        start: of the run, in seconds since 1970.
    """
    samples: list[Sample] = []
    done = threading.Event()
    thread = threading.Thread(target=_collect, args=(stage, generator, start, samples, done), daemon=True)
    thread.start()
    try:
        yield samples
    finally:
        done.set()
        thread.join()


def _collect(stage: Stage, generator: int, start: float, samples: list[Sample], done: threading.Event) -> None:
    meter = _Meter()
    psutil.cpu_percent()
    meter.percent(_trees(stage, generator))
    # a look at the end of each second, and one before the first
    second = -1
    while not done.wait(max(start + second + 1 - time.time(), 0.0)):
        samples.append(_sample(stage, generator, second, meter))
        second = max(second + 1, int(time.time() - start))


def _sample(stage: Stage, generator: int, second: int, meter: _Meter) -> Sample:
    trees = _trees(stage, generator)
    cpu = {**meter.percent(trees), "machine": psutil.cpu_percent()}
    told = stage.told()
    metrics = fetch(f"{stage.proxy.address}/metrics")
    return Sample(
        second=second,
        memory=_memory(trees["proxy"]),
        processes=len(trees["proxy"]),
        cpu=cpu,
        vendors=told.vendors if told else None,
        turned_away=told.turned_away if told else None,
        signalen=told.signalen if told else None,
        lookups=_lookups(metrics.decode()) if metrics else None,
    )


def _trees(stage: Stage, generator: int) -> dict[str, list[psutil.Process]]:
    roots = {"proxy": stage.proxy.process.pid, "generator": generator, "vendors": stage.vendors.pid}
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
        # it may end, or be a zombie, while we look
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
