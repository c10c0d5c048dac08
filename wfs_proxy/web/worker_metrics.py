"""The metrics of all workers of one port, whichever of them is asked.

Prometheus reaches one of them by chance, so each leaves what it counted in a folder that all know, and whoever is asked
adds them up: counters and histograms are sums, gauges are its own. What a worker counted that has died is gone, which
Prometheus takes for a counter that began anew, as it is.
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
    """The metrics of this worker and of those beside it."""

    def __init__(self, own: Callable[[], bytes], folder: Path) -> None:
        """Publish nothing yet.

        Args:
            own: the metrics of this process in Prometheus' text format 0.0.4.
            folder: where workers of one port meet.
        """
        self._own = own
        self._folder = folder
        self._file = folder / f"{os.getpid()}.prom"

    @asynccontextmanager
    async def published(self) -> AsyncIterator[None]:
        """Let the other workers see what is counted for as long as the context lasts."""
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
        """Let the other workers see what was counted until now.

        Raises:
            OSError: it cannot be written.
        """
        new = self._file.with_suffix(".new")
        new.write_bytes(self._own())
        new.replace(self._file)

    def text(self) -> bytes:
        """All together, in the same format."""
        return generate_latest(_MetricFamilies(_merged(self._own(), self._others())))

    def _others(self) -> Iterator[bytes]:
        with suppress(OSError):
            for file in sorted(self._folder.glob("*.prom")):
                if file == self._file:
                    continue
                if not _lives(file.stem):
                    file.unlink(missing_ok=True)
                    continue
                with suppress(OSError):
                    yield file.read_bytes()


class _MetricFamilies:
    """What looks like a registry to the exposition."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


def _lives(pid: str) -> bool:
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


def _summed(one: Iterable[Sample], other: Iterable[Sample]) -> list[Sample]:
    sums: dict[tuple[str, tuple[tuple[str, str], ...]], Sample] = {}
    for sample in (*one, *other):
        key = sample.name, tuple(sorted(sample.labels.items()))
        before = sums.get(key)
        sums[key] = sample if before is None else sample._replace(value=before.value + sample.value)
    return list(sums.values())
