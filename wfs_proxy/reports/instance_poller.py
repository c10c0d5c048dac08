"""Polls one Signalen instance, or follows the process that polls it.

    step: leader -> poll Signalen -> deliver -> publish -> look for what disappeared -> deliver, publish
          otherwise -> read what the leader published -> deliver
    then: leader -> share what it found out about Signalen, or why the poll failed
          otherwise -> read that

A failed poll changes only the status, and the next one follows a period later. Nothing that Signalen answered is
logged: the texts of this program's own errors contain none of it, and unexpected errors are logged by class and line
only.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
import traceback
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from wfs_proxy.cache import failure_pause
from wfs_proxy.errors import UpstreamRefused, WfsProxyError
from wfs_proxy.marks import ReportedObjects
from wfs_proxy.offload import Offload
from wfs_proxy.reports.file_coordinator import FileCoordinator, Kept
from wfs_proxy.reports.poll_findings import PollFindings, decode_findings, encode_findings
from wfs_proxy.reports.poll_status import PollStatus
from wfs_proxy.reports.published_signals import LayerNames, PublishedSignals
from wfs_proxy.reports.redis_coordinator import RedisCoordinator

__all__ = ["Deliver", "Feed", "InstancePoller", "PollerPolicy"]

LOG = logging.getLogger(__name__)

Deliver = Callable[[str, ReportedObjects], Awaitable[None]]
"""Receives the name of an instance and what is reported there, after every successful poll, with or without changes."""

FOLLOW_EVERY = 2.0
"""Seconds between two checks for new reports of the leader, and for whether it has ended."""

LONGEST_RETRY_AFTER = 600.0
"""Seconds for which Signalen's Retry-After is obeyed at most."""


class Feed(Protocol):
    """A source of open signals."""

    public_only: bool
    unknown: tuple[str, ...]
    categories: tuple[str, ...]
    malformed: int
    error: str | None

    async def refresh(self) -> bool:
        """Read what changed. Return whether all of it was read; if not, the next call continues."""
        ...

    async def find_disappeared(self) -> bool:
        """Look for signals that disappeared. Return whether the open signals changed."""
        ...

    def progress(self) -> bytes | None:
        """Return what another process needs to continue here."""
        ...

    def resume(self, progress: bytes, published: ReportedObjects | None) -> None:
        """Continue where another process stopped."""
        ...

    def reported(self, as_of: float) -> ReportedObjects:
        """Return the signals that are open, as of a moment."""
        ...


@dataclass(frozen=True, kw_only=True)
class PollerPolicy:
    """The dependencies that tests replace."""

    clock: Callable[[], float] = time.time
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    jitter: Callable[[], float] = random.random
    """A number from 0 to 1."""
    offload: Offload = asyncio.to_thread


class InstancePoller:
    """Polls one instance, or follows the process that does."""

    def __init__(  # noqa: PLR0913 - its collaborators, by name
        self,
        name: str,
        *,
        period: float,
        feed: Feed,
        coordinator: FileCoordinator | RedisCoordinator,
        deliver: Deliver,
        names: Callable[[], Sequence[LayerNames]],
        policy: PollerPolicy,
    ) -> None:
        self._name = name
        self._period = period
        self._feed = feed
        self._coordinator = coordinator
        self._deliver = deliver
        self._names = names
        self._published = PublishedSignals()
        self._policy = policy
        self._leading = self._reading = False
        self._last: ReportedObjects | None = None
        self._saved: dict[Kept, bytes] = {}
        self._others = PollFindings()
        """What the process that polls, or polled before this one, found out."""
        self._good = self._failed = self._refusals = 0
        self._error: str | None = None
        self._directory_error: str | None = None

    @property
    def status(self) -> PollStatus:
        """The state of the polls."""
        found = self._findings()
        return PollStatus(
            instance=self._name,
            public_only=self._feed.public_only,
            as_of=None if self._last is None else self._last.as_of,
            signals=0 if self._last is None else len(self._last),
            reading=found.reading,
            good=self._good,
            failed=self._failed,
            error=found.error or self._directory_error,
            unknown=found.unknown,
            categories=found.categories,
            malformed=self._feed.malformed,
        )

    async def run(self) -> None:
        """Poll or follow until cancelled. First deliver what an earlier process published."""
        try:
            await self._guarded(self._follow)
            await self._read_findings()
            while True:
                began = self._policy.clock()
                at_least = await self._guarded(self.step)
                await self._exchange_findings()
                await self._policy.sleep(self._pause(self._policy.clock() - began, at_least))
        finally:
            await self._policy.offload(self._coordinator.close)

    async def step(self) -> None:
        """Poll once, or read once what the leader published.

        Raises:
            WfsProxyError: the poll failed.
        """
        leads = await self._policy.offload(self._try_to_lead)
        if leads and not self._leading:
            await self._resume()
        self._leading = leads
        if leads:
            await self._poll()
        else:
            await self._follow()

    async def _guarded(self, action: Callable[[], Awaitable[None]]) -> float:
        """Do something that may fail. Return the seconds that the next step has to wait at least."""
        try:
            await action()
        except UpstreamRefused as error:
            self._report_error(str(error))
            return self._pause_after(error)
        except WfsProxyError as error:
            self._report_error(str(error))
        except Exception as error:  # noqa: BLE001 - if the poller ended, old marks would be served for ever
            self._report_error(f"internal error: {_class_and_line(error)}")
        else:
            if self._error is not None:
                LOG.info("Signalen %s: reports can be read again", self._name)
            self._error = None
        self._refusals = 0
        return 0.0

    def _pause_after(self, error: UpstreamRefused) -> float:
        """Return Signalen's Retry-After, or the pause after a refusal that will not pass by itself."""
        if error.retryable:
            self._refusals = 0
            return min(error.retry_after or 0.0, LONGEST_RETRY_AFTER)
        self._refusals += 1
        return failure_pause(self._refusals)

    def _report_error(self, error: str) -> None:
        self._failed += self._leading
        if error != self._error:
            # a warning only once: later messages for the same problem may differ, as those of the circuit breaker do
            level = logging.WARNING if self._error is None else logging.INFO
            LOG.log(level, "Signalen %s: reports cannot be read, so the marks do not change: %s", self._name, error)
        self._error = error

    def _try_to_lead(self) -> bool:
        try:
            return self._coordinator.try_to_lead()
        except OSError as error:
            self._report_directory_error(error)
            return True

    def _report_directory_error(self, error: OSError) -> None:
        message = f"the cache directory cannot be used, so every process polls by itself: {error.strerror}"
        if self._directory_error is None:  # later operations fail with other texts for the same reason
            LOG.warning("Signalen %s: %s", self._name, message)
        self._directory_error = message

    async def _poll(self) -> None:
        began = await self._read_all()
        reported = await self._deliver_what_is_known(began)
        self._good += 1
        await self._publish(reported)
        if await self._feed.find_disappeared():
            await self._publish(await self._deliver_what_is_known(began))
        else:
            await self._save_progress()

    async def _read_all(self) -> float:
        """Read all changes, and return when the last part began. After each part its progress is saved."""
        while True:
            began = self._policy.clock()
            try:
                self._reading = not await self._feed.refresh()
            except WfsProxyError:
                self._reading = False
                await self._save_progress()
                raise
            if not self._reading:
                return began
            await self._save_progress()
            await self._share_findings()

    async def _deliver_what_is_known(self, began: float) -> ReportedObjects:
        reported: ReportedObjects = await self._policy.offload(self._feed.reported, began)
        await self._hand_over(reported)
        return reported

    async def _publish(self, reported: ReportedObjects) -> None:
        """Publish the reports, and then the progress, which refers to them."""
        try:
            await self._policy.offload(self._publish_known, reported, self._names())
        except OSError as error:
            self._report_directory_error(error)
        await self._save_progress()

    async def _save_progress(self) -> None:
        progress: bytes | None = await self._policy.offload(self._feed.progress)
        if progress is not None:
            await self._save("progress", progress)

    async def _resume(self) -> None:
        """Continue where the last leader stopped, perhaps in an earlier process."""
        progress = await self._read("progress")
        if progress is not None:
            await self._policy.offload(self._feed.resume, progress, self._last)

    def _publish_known(self, reported: ReportedObjects, names: Sequence[LayerNames]) -> None:
        self._coordinator.publish(self._published.of(reported, names))

    async def _follow(self) -> None:
        try:
            new = await self._policy.offload(self._coordinator.read_new)
        except OSError as error:
            self._report_directory_error(error)
            return
        if new is not None:
            await self._hand_over(new)

    def _findings(self) -> PollFindings:
        """Return what is known about Signalen: by its own polls where this process polls."""
        if not self._leading:
            return replace(self._others, error=self._error or self._others.error)
        # until the first poll succeeds, what an earlier process found out is all that is known
        known = self._feed if self._good else self._others
        return PollFindings(
            unknown=known.unknown,
            categories=known.categories,
            error=self._error or self._feed.error,
            reading=self._reading,
        )

    async def _exchange_findings(self) -> None:
        if self._leading:
            await self._share_findings()
        else:
            await self._read_findings()

    async def _share_findings(self) -> None:
        await self._save("findings", encode_findings(self._findings()))

    async def _read_findings(self) -> None:
        body = await self._read("findings")
        found = None if body is None else decode_findings(body)
        if found is not None:
            self._others = found

    async def _save(self, what: Kept, content: bytes) -> None:
        if content == self._saved.get(what):
            return
        try:
            await self._policy.offload(self._coordinator.save, what, content)
        except OSError as error:
            self._report_directory_error(error)
        self._saved[what] = content

    async def _read(self, what: Kept) -> bytes | None:
        try:
            saved: bytes | None = await self._policy.offload(self._coordinator.read, what)
        except OSError as error:
            self._report_directory_error(error)
            return None
        return saved

    async def _hand_over(self, reported: ReportedObjects) -> None:
        await self._deliver(self._name, reported)
        self._last = reported

    def _pause(self, elapsed: float, at_least: float) -> float:
        """Return the seconds until the next step.

        Polls begin a period apart, minus a random part of up to a tenth, so that many processes do not ask at the same
        moment.
        """
        period = self._period * (1.0 - self._policy.jitter() / 10)
        if not self._leading:
            return min(period, FOLLOW_EVERY)
        return max(period - elapsed, period / 10, at_least)


def _class_and_line(error: Exception) -> str:
    """Describe an unexpected error without its text or traceback, which could contain what Signalen answered."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}, {Path(frame.filename).name} line {frame.lineno}"
