"""The pollers of a catalogue: which instances are asked, for whom, and what of them the layers need."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Iterable
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
from wfs_proxy.reports.open_signals import SignalFilter
from wfs_proxy.reports.poll_status import PollStatus
from wfs_proxy.reports.private_feed import PrivateFeed
from wfs_proxy.reports.public_feed import PublicFeed
from wfs_proxy.reports.redis_coordinator import RedisCoordinator

__all__ = ["Boxes", "CataloguePoller", "combined_filter"]

Boxes = Callable[[str], BBox | None]
"""The name of an instance -> where the objects of its layers are; None while nothing is known of them."""


@dataclass(frozen=True, kw_only=True)
class _Running:
    instance: SignalenInstance
    scope: SignalFilter
    poller: InstancePoller
    task: asyncio.Task[None]


class CataloguePoller:
    """One task for each instance that a layer names. For use on one event loop."""

    def __init__(  # noqa: PLR0913 - what it brings together, by name
        self,
        http: HttpClients,
        deliver: Deliver,
        *,
        boxes: Boxes = lambda _: None,
        directory: Path | None = None,
        redis: RedisConnection | None = None,
        policy: PollerPolicy | None = None,
    ) -> None:
        """Prepare to poll.

        Args:
            http: how Signalen is asked.
            deliver: what to do with what is reported.
            boxes: where the public geography is asked for.
            directory: where processes of this machine meet; None: each polls for itself.
            redis: where machines meet; None: each polls for itself.
            policy: clock, sleep, jitter and offloading.
        """
        self._http = http
        self._deliver = deliver
        self._boxes = boxes
        self._directory = directory
        self._redis = redis
        self._policy = policy or PollerPolicy()
        self._running: dict[str, _Running] = {}
        self._ending: set[asyncio.Task[None]] = set()

    def use(self, catalogue: Catalogue) -> None:
        """Poll for these layers from now on; what is as it was goes on undisturbed."""
        wanted = {name: (catalogue.instances[name], scope) for name, scope in _scopes(catalogue).items()}
        for name in list(self._running):
            running = self._running[name]
            if wanted.get(name) != (running.instance, running.scope):
                self._stop(name)
        for name in wanted.keys() - self._running.keys():
            self._start(name, *wanted[name])

    def statuses(self) -> tuple[PollStatus, ...]:
        """How the polls go, by the names of the instances."""
        return tuple(self._running[name].poller.status for name in sorted(self._running))

    def status(self, name: str) -> PollStatus | None:
        """How the polls of one instance go; None when no layer names it."""
        running = self._running.get(name)
        return None if running is None else running.poller.status

    async def close(self) -> None:
        """Stop all."""
        for name in list(self._running):
            self._stop(name)
        await asyncio.gather(*self._ending, return_exceptions=True)

    def _start(self, name: str, instance: SignalenInstance, scope: SignalFilter) -> None:
        poller = InstancePoller(
            name,
            period=instance.poll,
            feed=self._feed(name, instance, scope),
            coordinator=self._coordinator(coordination_name(name, instance, scope), instance.poll),
            deliver=self._deliver,
            policy=self._policy,
        )
        task = asyncio.create_task(poller.run(), name=f"reports of {name}")
        self._running[name] = _Running(instance=instance, scope=scope, poller=poller, task=task)

    def _coordinator(self, name: str, period: float) -> FileCoordinator | RedisCoordinator:
        local = FileCoordinator(self._directory, name)
        return local if self._redis is None else RedisCoordinator(self._redis, local, name, period=period)

    def _feed(self, name: str, instance: SignalenInstance, scope: SignalFilter) -> Feed:
        client = SignalenClient(instance, self._http, self._policy.offload)
        if instance.auth is None:
            return PublicFeed(client, instance, scope, self._policy.clock, lambda: self._boxes(name))
        return PrivateFeed(client, instance, scope, self._policy.clock)

    def _stop(self, name: str) -> None:
        task = self._running.pop(name).task
        task.cancel()
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)


def combined_filter(layers: Iterable[Reports]) -> SignalFilter:
    """What several layers of one instance need together."""
    needs = list(layers)
    return SignalFilter(
        states=frozenset[str]().union(*(open_states(reports.open_states) for reports in needs)),
        categories=frozenset(slug for reports in needs for slug in reports.categories)
        if all(reports.categories for reports in needs)
        else None,
    )


def _scopes(catalogue: Catalogue) -> dict[str, SignalFilter]:
    """The instances that layers name and `signalen.yaml` has, with what is needed of each."""
    needs: dict[str, list[Reports]] = {}
    for layer in catalogue.values():
        reports = layer.reports
        if reports is not None and reports.signalen in catalogue.instances:
            needs.setdefault(str(reports.signalen), []).append(reports)
    return {name: combined_filter(reports) for name, reports in needs.items()}


def coordination_name(name: str, instance: SignalenInstance, scope: SignalFilter) -> str:
    """Processes share what they found only where they ask the same of the same Signalen."""
    categories = None if scope.categories is None else sorted(scope.categories)
    asked = orjson.dumps([instance.url, instance.auth is None, sorted(scope.states), categories])
    return f"signalen-{name}.{hashlib.blake2b(asked, digest_size=6).hexdigest()}"
