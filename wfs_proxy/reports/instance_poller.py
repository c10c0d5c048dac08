"""Who asks when: one task for each instance of Signalen that a layer names.

    turn: elected? -> poll (feed -> publish -> deliver), else follow (news of the one that polls -> deliver)

A poll that fails changes nothing but the status; the next one comes a period later. Nothing that Signalen answered is
ever logged: of a fault its own text, of an unforeseen one its class.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from wfs_proxy.errors import UpstreamRefused, WfsProxyError
from wfs_proxy.marks import ReportedObjects
from wfs_proxy.reports.file_coordinator import FileCoordinator
from wfs_proxy.reports.poll_status import PollStatus
from wfs_proxy.reports.redis_coordinator import RedisCoordinator
from wfs_proxy.sources import Offload

__all__ = ["Deliver", "Feed", "InstancePoller", "PollerPolicy"]

LOG = logging.getLogger(__name__)

Deliver = Callable[[str, ReportedObjects], Awaitable[None]]
"""Takes the name of an instance and what is reported there; after every good poll, news or not."""

FOLLOW_EVERY = 2.0
"""Seconds between two looks at what another process published, or at whether it has ended."""

LONGEST_WAIT = 600.0
"""Seconds that Signalen's Retry-After is obeyed at most."""


class Feed(Protocol):
    """Where open signals come from."""

    public_only: bool
    unknown: tuple[str, ...]
    malformed: int
    error: str | None

    async def refresh(self) -> None:
        """Ask."""
        ...

    def reported(self, as_of: float) -> ReportedObjects:
        """What is open, as of a moment."""
        ...


@dataclass(frozen=True, kw_only=True)
class PollerPolicy:
    """What may differ between a service and a test."""

    clock: Callable[[], float] = time.time
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    jitter: Callable[[], float] = random.random
    """A number from 0 to 1."""
    offload: Offload = asyncio.to_thread


class InstancePoller:
    """Polls one instance, or follows the process that does."""

    def __init__(  # noqa: PLR0913 - what it brings together, by name
        self,
        name: str,
        *,
        period: float,
        feed: Feed,
        coordinator: FileCoordinator | RedisCoordinator,
        deliver: Deliver,
        policy: PollerPolicy,
    ) -> None:
        self._name = name
        self._period = period
        self._feed = feed
        self._coordinator = coordinator
        self._deliver = deliver
        self._policy = policy
        self._polling = False
        self._last: ReportedObjects | None = None
        self._good = self._failed = 0
        self._error: str | None = None
        self._directory_error: str | None = None

    @property
    def status(self) -> PollStatus:
        """How it goes."""
        return PollStatus(
            instance=self._name,
            public_only=self._feed.public_only,
            as_of=None if self._last is None else self._last.as_of,
            signals=0 if self._last is None else len(self._last),
            good=self._good,
            failed=self._failed,
            error=self._error or self._feed.error or self._directory_error,
            unknown=self._feed.unknown,
            malformed=self._feed.malformed,
        )

    async def run(self) -> None:
        """Poll or follow, until cancelled. What an earlier process published is delivered first."""
        try:
            await self._guarded(self._follow)
            while True:
                began = self._policy.clock()
                retry_after = await self._guarded(self.turn)
                await self._policy.sleep(self._pause(self._policy.clock() - began, retry_after))
        finally:
            await self._policy.offload(self._coordinator.close)

    async def turn(self) -> None:
        """Poll once, or look once at what another process found.

        Raises:
            WfsProxyError: the poll failed.
        """
        self._polling = await self._policy.offload(self._elected)
        if self._polling:
            await self._poll()
        else:
            await self._follow()

    async def _guarded(self, step: Callable[[], Awaitable[None]]) -> float:
        """Take a step that may fail; how many seconds Signalen wants to be left alone."""
        try:
            await step()
        except WfsProxyError as fault:
            self._tell(str(fault))
            return (fault.retry_after or 0.0) if isinstance(fault, UpstreamRefused) else 0.0
        except Exception as fault:  # noqa: BLE001 - a poller that died unseen would show old marks for ever
            self._tell(f"an error of this program: {_class_and_place(fault)}")
        else:
            if self._error is not None:
                LOG.info("Signalen %s: the reports are read again", self._name)
            self._error = None
        return 0.0

    def _tell(self, fault: str) -> None:
        self._failed += self._polling
        if fault != self._error:
            # the same trouble in other words (the breaker counts) is no second alarm
            level = logging.WARNING if self._error is None else logging.INFO
            LOG.log(level, "Signalen %s: reports cannot be read, so the marks stay as they are: %s", self._name, fault)
        self._error = fault

    def _elected(self) -> bool:
        try:
            return self._coordinator.try_to_lead()
        except OSError as fault:
            self._tell_directory(fault)
            return True

    def _tell_directory(self, fault: OSError) -> None:
        told = f"the cache directory cannot be used, so other processes must poll for themselves: {fault.strerror}"
        if told != self._directory_error:
            LOG.warning("Signalen %s: %s", self._name, told)
        self._directory_error = told

    async def _poll(self) -> None:
        asked_at = self._policy.clock()
        await self._feed.refresh()
        reported: ReportedObjects = await self._policy.offload(self._feed.reported, asked_at)
        await self._hand_over(reported)
        self._good += 1
        try:
            await self._policy.offload(self._coordinator.publish, reported)
        except OSError as fault:
            self._tell_directory(fault)

    async def _follow(self) -> None:
        try:
            news = await self._policy.offload(self._coordinator.read_new)
        except OSError as fault:
            self._tell_directory(fault)
            return
        if news is not None:
            await self._hand_over(news)

    async def _hand_over(self, reported: ReportedObjects) -> None:
        await self._deliver(self._name, reported)
        self._last = reported

    def _pause(self, elapsed: float, retry_after: float) -> float:
        """Polls begin a period apart, less a random tenth, so that many processes do not ask at the same moment."""
        period = self._period * (1.0 - self._policy.jitter() / 10)
        if not self._polling:
            return min(period, FOLLOW_EVERY)
        return max(period - elapsed, period / 10, min(retry_after, LONGEST_WAIT))


def _class_and_place(fault: Exception) -> str:
    """What is told of an unforeseen fault: its text or a traceback could hold what Signalen answered."""
    frame = traceback.extract_tb(fault.__traceback__)[-1]
    return f"{type(fault).__name__}, {Path(frame.filename).name} line {frame.lineno}"
