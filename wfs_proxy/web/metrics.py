"""The metrics that Prometheus reads at `/metrics`.

Requests are counted when they are answered; the state of layers and polls is measured when Prometheus asks.
"""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from wfs_proxy.serve import Measurements, StatusService

__all__ = ["Metrics"]

BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 20.0)
"""Seconds: an answer from memory takes about a millisecond, one that waits for the vendor up to twenty seconds."""


class Metrics:
    """The registry of one app, so that several apps in one process do not mix."""

    def __init__(self, status: StatusService) -> None:
        self._registry = CollectorRegistry()
        self.requests = Counter(
            "wfs_proxy_http_requests", "Answered requests.", ("method", "route", "status"), registry=self._registry
        )
        self.duration = Histogram(
            "wfs_proxy_http_request_duration_seconds",
            "Time from request to answer.",
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
        self.swapped_boxes = Counter(
            "wfs_proxy_swapped_boxes",
            "Requests whose bbox= had latitude first, so that only swapped it meets the layer.",
            ("layer",),
            registry=self._registry,
        )
        self._registry.register(_StatusCollector(status))
        ProcessCollector(registry=self._registry)

    def text(self) -> bytes:
        """Return all metrics in Prometheus' text format 0.0.4."""
        return generate_latest(self._registry)


class _StatusCollector(Collector):
    """Measures when it is asked."""

    def __init__(self, status: StatusService) -> None:
        self._status = status

    def describe(self) -> list[Metric]:
        """Return nothing, so that registering does not collect."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Yield the state of the catalogue, the cache, each layer and each Signalen."""
        measured = self._status.measurements()
        yield GaugeMetricFamily(
            "wfs_proxy_catalogue_current",
            "1 when the layer files are what is served, 0 when the last reload was refused.",
            measured.catalogue_current,
        )
        yield GaugeMetricFamily(
            "wfs_proxy_cache_usable",
            "1 when fetched data can be stored for other processes and the next start.",
            measured.cache_usable,
        )
        yield _lookups(measured)
        yield from _fetches(measured)
        yield from _layers(measured)
        yield from _polls(measured)


def _lookups(measured: Measurements) -> Metric:
    family = CounterMetricFamily(
        "wfs_proxy_cache_requests", "Requests by the state of the layer's data.", labels=("layer", "result")
    )
    for (layer, freshness), count in measured.lookups.items():
        family.add_metric((layer, freshness.value), count)
    return family


def _fetches(measured: Measurements) -> Iterator[Metric]:
    fetches = CounterMetricFamily("wfs_proxy_fills", "Fetches of a layer.", labels=("layer", "outcome"))
    seconds = CounterMetricFamily("wfs_proxy_fill_seconds", "Total duration of these fetches.", labels=("layer",))
    for (layer, outcome), count in measured.fetches.items():
        fetches.add_metric((layer, outcome.value), count)
    for layer, total in measured.fetch_seconds.items():
        seconds.add_metric((layer,), total)
    yield from (fetches, seconds)


def _layers(measured: Measurements) -> Iterator[Metric]:
    objects = GaugeMetricFamily("wfs_proxy_layer_objects", "Objects served.", labels=("layer",))
    age = GaugeMetricFamily("wfs_proxy_cache_age_seconds", "Age of the served data.", labels=("layer",))
    complete = GaugeMetricFamily(
        "wfs_proxy_layer_complete", "1 when the vendor's answers prove the layer complete.", labels=("layer",)
    )
    skipped = GaugeMetricFamily(
        "wfs_proxy_features_skipped", "Objects of the vendor that are not served.", labels=("layer", "reason")
    )
    for layer, figures in measured.layers.items():
        objects.add_metric((layer,), figures.objects)
        age.add_metric((layer,), figures.age)
        complete.add_metric((layer,), figures.complete)
        for reason, count in figures.skipped.items():
            skipped.add_metric((layer, reason), count)
    yield from (objects, age, complete, skipped, _problems(measured))


def _problems(measured: Measurements) -> Metric:
    family = GaugeMetricFamily(
        "wfs_proxy_layer_problems", "Problems in /layers/{id}, by kind.", labels=("layer", "code")
    )
    for layer, codes in measured.problems.items():
        for code, count in codes.items():
            family.add_metric((layer, code), count)
    return family


def _polls(measured: Measurements) -> Iterator[Metric]:
    """Yield the state of the polls. The only label is the instance: nothing of a report may become one."""
    by_instance = ("instance",)
    polls = CounterMetricFamily(
        "wfs_proxy_report_polls", "Polls of a Signalen by this process.", labels=("instance", "outcome")
    )
    signals = GaugeMetricFamily("wfs_proxy_reports", "Open reports known.", labels=by_instance)
    age = GaugeMetricFamily("wfs_proxy_reports_age_seconds", "Time since the last successful poll.", labels=by_instance)
    unknown = GaugeMetricFamily(
        "wfs_proxy_report_categories_unknown",
        "Categories of layer files that the Signalen does not know.",
        labels=by_instance,
    )
    malformed = CounterMetricFamily(
        "wfs_proxy_reports_malformed", "Reports that could not be read.", labels=by_instance
    )
    for status in measured.polls:
        name = status.instance
        polls.add_metric((name, "good"), status.good)
        polls.add_metric((name, "failed"), status.failed)
        signals.add_metric((name,), status.signals)
        unknown.add_metric((name,), len(status.unknown))
        malformed.add_metric((name,), status.malformed)
        if status.as_of is not None:
            age.add_metric((name,), measured.now - status.as_of)
    yield from (polls, signals, age, unknown, malformed)
