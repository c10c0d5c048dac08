"""The metrics of all workers of one port, whichever worker Prometheus reaches.

Each worker writes its metrics to a file in a shared folder every few seconds. The worker that is asked adds them up:
counters and histograms are sums; gauges are its own. The counts of a worker that died are lost, which Prometheus treats
as a counter reset.

We merge metrics ourselves because the multiprocess mode of prometheus-client drops custom collectors, and the state of
layers and polls comes from one (`metrics.py`).
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from prometheus_client import generate_latest
from prometheus_client.core import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

__all__ = ["PUBLISHED_EVERY", "WorkerMetrics"]

PUBLISHED_EVERY = 5.0
"""Seconds; less than the 15 between two scrapes of most Prometheus servers."""

_SUMMED = {"counter", "histogram"}


class WorkerMetrics:
    """The metrics of this worker together with those of the others."""

    def __init__(self, own: Callable[[], bytes], folder: Path) -> None:
        """Publish nothing yet.

        Args:
            own: returns the metrics of this process in Prometheus' text format 0.0.4.
            folder: shared by the workers of one port.
        """
        self._own = own
        self._folder = folder
        self._file = folder / f"{os.getpid()}.prom"

    @asynccontextmanager
    async def published(self) -> AsyncIterator[None]:
        """Publish the metrics of this worker every few seconds while the context lasts."""
        task = asyncio.create_task(self._keep_publishing(), name="publish metrics")
        try:
            yield
        finally:
            task.cancel()
            with suppress(OSError):
                self._file.unlink(missing_ok=True)

    async def _keep_publishing(self) -> None:
        while True:
            with suppress(OSError):
                self.publish()
            await asyncio.sleep(PUBLISHED_EVERY)

    def publish(self) -> None:
        """Publish the metrics of this worker as of now.

        Raises:
            OSError: the file cannot be written.
        """
        new = self._file.with_suffix(".new")
        new.write_bytes(self._own())
        new.replace(self._file)

    def text(self) -> bytes:
        """Return the metrics of all workers, in the same format."""
        return generate_latest(_MetricFamilies(_merged(self._own(), self._others())))

    def _others(self) -> Iterator[bytes]:
        with suppress(OSError):
            for file in sorted(self._folder.glob("*.prom")):
                if file == self._file:
                    continue
                if not _is_alive(file.stem):
                    file.unlink(missing_ok=True)
                    continue
                with suppress(OSError):
                    yield file.read_bytes()


class _MetricFamilies:
    """Has the part of a registry that `generate_latest` uses."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


def _is_alive(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except (ProcessLookupError, ValueError):
        return False
    except PermissionError:
        pass
    return True


def _merged(own: bytes, others: Iterable[bytes]) -> list[Metric]:
    families = {family.name: family for family in _read(own)}
    for text in others:
        for family in _read(text):
            if family.type in _SUMMED and family.name in families:
                families[family.name].samples = _summed(families[family.name].samples, family.samples)
            elif family.type in _SUMMED:
                families[family.name] = family
    return list(families.values())


def _read(text: bytes) -> Iterable[Metric]:
    families: Iterable[Metric] = text_string_to_metric_families(text.decode())
    return families


def _summed(ours: Iterable[Sample], others: Iterable[Sample]) -> list[Sample]:
    sums: dict[tuple[str, tuple[tuple[str, str], ...]], Sample] = {}
    for sample in (*ours, *others):
        key = sample.name, tuple(sorted(sample.labels.items()))
        known = sums.get(key)
        sums[key] = sample if known is None else sample._replace(value=known.value + sample.value)
    return list(sums.values())
