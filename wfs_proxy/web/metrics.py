"""What Prometheus can read at `/metrics`.

Requests are counted as they happen; what the store knows about layers is read when somebody asks.
"""

from __future__ import annotations

from collections import Counter as Counts
from collections.abc import Callable, Iterable, Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from wfs_proxy.cache import Outcome
from wfs_proxy.reports import PollStatus
from wfs_proxy.serve import LayerService

__all__ = ["Metrics", "PollStatuses"]

PollStatuses = Callable[[], Iterable[PollStatus]]
"""How the polls of each Signalen go now."""

BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 20.0)
"""Seconds: an answer from memory takes about one thousandth, one that waits for the vendor up to twenty."""


class Metrics:
    """The registry of one app; several apps in one process do not mix."""

    def __init__(self, service: LayerService, polls: PollStatuses = tuple) -> None:
        self._registry = CollectorRegistry()
        self.requests = Counter(
            "wfs_proxy_http_requests", "Answered requests.", ("method", "route", "status"), registry=self._registry
        )
        self.duration = Histogram(
            "wfs_proxy_http_request_duration_seconds",
            "From request to answer.",
            ("route",),
            buckets=BUCKETS,
            registry=self._registry,
        )
        self.truncated = Counter(
            "wfs_proxy_truncated_answers",
            "Answers that left out objects although the client set no limit.",
            ("layer",),
            registry=self._registry,
        )
        self._registry.register(_LayerCollector(service))
        self._registry.register(_PollCollector(polls, service.now))
        ProcessCollector(registry=self._registry)

    def text(self) -> bytes:
        """All metrics in Prometheus' text format 0.0.4."""
        return generate_latest(self._registry)


class _LayerCollector(Collector):
    def __init__(self, service: LayerService) -> None:
        self._service = service

    def describe(self) -> list[Metric]:
        """Nothing, so that registering does not collect."""
        return []

    def collect(self) -> Iterator[Metric]:
        """What the service and its store know now."""
        yield GaugeMetricFamily(
            "wfs_proxy_catalogue_current",
            "1 when the layer files are what is served, 0 when the last reload was refused.",
            0 if self._service.catalogue_fault else 1,
        )
        yield GaugeMetricFamily(
            "wfs_proxy_cache_usable",
            "1 when what is fetched can be kept for other processes and a restart.",
            0 if self._service.shelf_fault else 1,
        )
        yield self._lookups()
        yield from self._fills()
        yield from self._entries()

    def _lookups(self) -> Metric:
        family = CounterMetricFamily(
            "wfs_proxy_cache_requests", "Requests by the state of the layer's data.", labels=("layer", "result")
        )
        for (layer, freshness), count in self._service.lookups.items():
            family.add_metric((layer, freshness.value), count)
        return family

    def _fills(self) -> Iterator[Metric]:
        fills = CounterMetricFamily("wfs_proxy_fills", "Fetches of a layer.", labels=("layer", "outcome"))
        seconds = CounterMetricFamily("wfs_proxy_fill_seconds", "Time spent on them.", labels=("layer",))
        for layer in self._service.catalogue:
            for outcome in Outcome:
                fills.add_metric((layer, outcome.value), self._service.fills[layer, outcome])
            seconds.add_metric((layer,), self._service.fill_seconds.get(layer, 0.0))
        yield fills
        yield seconds

    def _entries(self) -> Iterator[Metric]:
        objects = GaugeMetricFamily("wfs_proxy_layer_objects", "Objects served.", labels=("layer",))
        age = GaugeMetricFamily("wfs_proxy_cache_age_seconds", "Age of what is served.", labels=("layer",))
        complete = GaugeMetricFamily(
            "wfs_proxy_layer_complete", "1 when the vendor's answers prove the layer whole.", labels=("layer",)
        )
        skipped = GaugeMetricFamily(
            "wfs_proxy_features_skipped", "Objects of the vendor that are not served.", labels=("layer", "reason")
        )
        now = self._service.now()
        for layer, slots in self._service.slots().items():
            held = [slot.entry for slot in slots if slot.entry is not None]
            if not held:
                continue
            objects.add_metric((layer,), sum(len(entry.snapshot) for entry in held))
            age.add_metric((layer,), now - min(entry.fetched_at for entry in held))
            complete.add_metric((layer,), all(entry.filled.facts.complete for entry in held))
            lost = sum((Counts(entry.filled.facts.report.skipped) for entry in held), Counts[str]())
            for reason, count in lost.items():
                skipped.add_metric((layer, reason), count)
        yield from (objects, age, complete, skipped)


class _PollCollector(Collector):
    """Labelled by the instance's name only: nothing of a report is a label."""

    def __init__(self, polls: PollStatuses, clock: Callable[[], float]) -> None:
        self._polls = polls
        self._clock = clock

    def describe(self) -> list[Metric]:
        """Nothing, so that registering does not collect."""
        return []

    def collect(self) -> Iterator[Metric]:
        """How the polls go."""
        by_instance = ("instance",)
        polls = CounterMetricFamily(
            "wfs_proxy_report_polls", "Polls of a Signalen by this process.", labels=("instance", "outcome")
        )
        signals = GaugeMetricFamily("wfs_proxy_reports", "Open reports known.", labels=by_instance)
        age = GaugeMetricFamily("wfs_proxy_reports_age_seconds", "Time since the last good poll.", labels=by_instance)
        unknown = GaugeMetricFamily(
            "wfs_proxy_report_categories_unknown",
            "Categories of layer files that the Signalen does not know.",
            labels=by_instance,
        )
        malformed = CounterMetricFamily(
            "wfs_proxy_reports_malformed", "Reports that could not be read.", labels=by_instance
        )
        for status in self._polls():
            name = status.instance
            polls.add_metric((name, "good"), status.good)
            polls.add_metric((name, "failed"), status.failed)
            signals.add_metric((name,), status.signals)
            unknown.add_metric((name,), len(status.unknown))
            malformed.add_metric((name,), status.malformed)
            if status.as_of is not None:
                age.add_metric((name,), self._clock() - status.as_of)
        yield from (polls, signals, age, unknown, malformed)
