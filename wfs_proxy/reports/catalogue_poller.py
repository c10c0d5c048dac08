"""Polls all Signalen instances that the layers of a catalogue use."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import orjson

from wfs_proxy.bbox import BBox
from wfs_proxy.cache.redis import RedisConnection
from wfs_proxy.config import Catalogue, Reports, SignalenInstance, open_states
from wfs_proxy.http import HttpClients
from wfs_proxy.reports.client import SignalenClient
from wfs_proxy.reports.file_coordinator import FileCoordinator
from wfs_proxy.reports.instance_poller import Deliver, Feed, InstancePoller, PollerPolicy
from wfs_proxy.reports.open_signals import AskedQuestions, SignalFilter
from wfs_proxy.reports.poll_status import PollStatus
from wfs_proxy.reports.private_feed import PrivateFeed
from wfs_proxy.reports.public_feed import PublicFeed
from wfs_proxy.reports.published_signals import ObjectNames
from wfs_proxy.reports.redis_coordinator import RedisCoordinator

__all__ = ["Boxes", "CataloguePoller", "combined_filter", "coordination_name"]

Boxes = Callable[[str], BBox | None]
"""The name of an instance -> the area of its layers' objects; None while it is unknown."""


@dataclass(frozen=True, kw_only=True)
class _Running:
    instance: SignalenInstance
    signal_filter: SignalFilter
    poller: InstancePoller
    task: asyncio.Task[None]


class CataloguePoller:
    """Runs one poller for each instance that a layer uses. For use on one event loop."""

    def __init__(  # noqa: PLR0913 - its collaborators, by name
        self,
        http: HttpClients,
        deliver: Deliver,
        *,
        boxes: Boxes = lambda _: None,
        names: ObjectNames = lambda _: (),
        directory: Path | None = None,
        redis: RedisConnection | None = None,
        policy: PollerPolicy | None = None,
    ) -> None:
        """Prepare to poll.

        Args:
            http: the clients for requests to Signalen.
            deliver: receives what is reported.
            boxes: the areas for which the public geography is read.
            names: the names of the objects that are known; only ids among them are shared with other processes.
            directory: shared by the processes of this machine, so that only one polls; None: each polls by itself.
            redis: shared by several machines, so that only one polls; None: each polls by itself.
            policy: clock, sleep, jitter and offloading.
        """
        self._http = http
        self._deliver = deliver
        self._boxes = boxes
        self._names = names
        self._directory = directory
        self._redis = redis
        self._policy = policy or PollerPolicy()
        self._running: dict[str, _Running] = {}
        self._ending: set[asyncio.Task[None]] = set()

    def use(self, catalogue: Catalogue) -> None:
        """Poll for these layers from now on. Pollers of instances that did not change continue."""
        wanted = {name: (catalogue.instances[name], needed) for name, needed in _filters(catalogue).items()}
        for name in list(self._running):
            running = self._running[name]
            if wanted.get(name) != (running.instance, running.signal_filter):
                self._stop(name)
        for name in wanted.keys() - self._running.keys():
            self._start(name, *wanted[name])

    def statuses(self) -> tuple[PollStatus, ...]:
        """Return the states of all pollers, by the names of the instances."""
        return tuple(self._running[name].poller.status for name in sorted(self._running))

    def status(self, name: str) -> PollStatus | None:
        """Return the state of the polls of one instance; None if no layer uses it."""
        running = self._running.get(name)
        return None if running is None else running.poller.status

    async def close(self) -> None:
        """Stop all pollers."""
        for name in list(self._running):
            self._stop(name)
        await asyncio.gather(*self._ending, return_exceptions=True)

    def _start(self, name: str, instance: SignalenInstance, signal_filter: SignalFilter) -> None:
        poller = InstancePoller(
            name,
            period=instance.poll,
            feed=self._feed(name, instance, signal_filter),
            coordinator=self._coordinator(coordination_name(name, instance, signal_filter), instance.poll),
            deliver=self._deliver,
            names=lambda: self._names(name),
            policy=self._policy,
        )
        task = asyncio.create_task(poller.run(), name=f"reports of {name}")
        self._running[name] = _Running(instance=instance, signal_filter=signal_filter, poller=poller, task=task)

    def _coordinator(self, name: str, period: float) -> FileCoordinator | RedisCoordinator:
        local = FileCoordinator(self._directory, name)
        return local if self._redis is None else RedisCoordinator(self._redis, local, name, period=period)

    def _feed(self, name: str, instance: SignalenInstance, signal_filter: SignalFilter) -> Feed:
        client = SignalenClient(instance, self._http, self._policy.offload)
        if instance.auth is None:
            return PublicFeed(client, instance, signal_filter, self._policy.clock, lambda: self._boxes(name))
        return PrivateFeed(client, instance, signal_filter, self._policy.clock)

    def _stop(self, name: str) -> None:
        task = self._running.pop(name).task
        task.cancel()
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)


def combined_filter(layers: Mapping[str, Reports]) -> SignalFilter:
    """Return the filter for all signals that at least one of these layers needs. `layers` are by their ids."""
    all_reports = layers.values()
    return SignalFilter(
        states=frozenset[str]().union(*(open_states(reports.open_states) for reports in all_reports)),
        categories=frozenset(slug for reports in all_reports for slug in reports.categories)
        if all(reports.categories for reports in all_reports)
        else None,
        questions=frozenset(
            AskedQuestions(
                layer=layer_id, categories=frozenset(reports.categories), keys=frozenset(reports.question_keys)
            )
            for layer_id, reports in layers.items()
        ),
    )


def _filters(catalogue: Catalogue) -> dict[str, SignalFilter]:
    """Return the filter of each instance that layers use and `signalen.yaml` has."""
    by_instance: dict[str, dict[str, Reports]] = {}
    for layer in catalogue.values():
        reports = layer.reports
        if reports is not None and reports.signalen in catalogue.instances:
            by_instance.setdefault(str(reports.signalen), {})[layer.id] = reports
    return {name: combined_filter(reports) for name, reports in by_instance.items()}


def coordination_name(name: str, instance: SignalenInstance, signal_filter: SignalFilter) -> str:
    """Return a name that processes share only if they need the same of the same signals of the same Signalen."""
    categories = None if signal_filter.categories is None else sorted(signal_filter.categories)
    questions = sorted([one.layer, sorted(one.categories), sorted(one.keys)] for one in signal_filter.questions)
    asked = orjson.dumps([instance.url, instance.auth is None, sorted(signal_filter.states), categories, questions])
    return f"signalen-{name}.{hashlib.blake2b(asked, digest_size=6).hexdigest()}"
