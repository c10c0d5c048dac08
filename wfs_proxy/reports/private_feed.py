"""The open signals of one instance, read with credentials: increments, and full synchronisations now and then.

    refresh: what changed (an increment) -> what is open (a full synchronisation, when due) -> open signals

An increment filters neither by state nor by category, so that it sees closed signals and signals that moved to another
category. It begins five minutes before the newest known change, because a transaction may commit later than one that
began after it. A full synchronisation finds the signals that disappeared. It is spread over several polls, so that it
does not delay increments.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from wfs_proxy.config import SignalenInstance
from wfs_proxy.errors import DecodeError, UpstreamError
from wfs_proxy.marks import ReportedObjects
from wfs_proxy.reports.client import SignalenClient
from wfs_proxy.reports.full_sync import FullSync
from wfs_proxy.reports.keyset_pagination import Keyset
from wfs_proxy.reports.open_signals import OpenSignals, SignalFilter
from wfs_proxy.reports.signal_pages import SignalPage

__all__ = ["OVERLAP", "PrivateFeed"]

OVERLAP = timedelta(minutes=5)
"""How long before the newest known change an increment begins. Signalen's own requests end after 15 s at most."""

LARGEST_INCREMENT = 5000
"""Rows. If more signals changed (after a migration, or days without a poll), a full synchronisation starts instead."""


class PrivateFeed:
    """The open signals of one instance, from its private list."""

    public_only = False

    def __init__(
        self,
        client: SignalenClient,
        instance: SignalenInstance,
        signal_filter: SignalFilter,
        clock: Callable[[], float],
    ) -> None:
        self._client = client
        self._instance = instance
        self._filter = signal_filter
        self._clock = clock
        self._open = OpenSignals(signal_filter)
        self._newest: datetime | None = None
        self._full_sync: FullSync | None = None
        self._complete = False
        self._next_full_sync = 0.0
        self.malformed = 0
        self.unknown: tuple[str, ...] = ()
        self.error: str | None = None
        """Why the full synchronisation fails although increments succeed."""

    async def refresh(self) -> None:
        """Read what changed.

        Raises:
            UpstreamError: Signalen did not answer, or refused a request. What was read is kept, and the next call
                continues there.
            DecodeError: the answer is not what Signalen returns.
        """
        await self._read_increment()
        if self._full_sync is None and (not self._complete or self._clock() >= self._next_full_sync):
            self._full_sync = self._new_full_sync()
        if self._full_sync is None:
            return
        try:
            await self._advance(self._full_sync)
        except (UpstreamError, DecodeError) as error:
            if not self._complete:
                raise
            self.error = f"full synchronisation is making no progress: {error}"

    def reported(self, as_of: float) -> ReportedObjects:
        """Return the signals that are open, as of a moment."""
        return self._open.reported(as_of)

    def _new_full_sync(self) -> FullSync:
        return FullSync(self._client, self._filter, self._instance.page_size)

    async def _read_increment(self) -> None:
        if self._newest is None:
            self._newest = await self._newest_change()
            self._complete = False  # without a start time there can be no increment
            return
        # a time in the future would hide all changes until then
        after = min(self._newest, datetime.fromtimestamp(self._clock(), UTC)) - OVERLAP
        keyset = Keyset(self._client, "updated", after=after, page_size=self._instance.page_size)
        while not keyset.done:
            page = await keyset.step()
            if page.count is not None and page.count > LARGEST_INCREMENT:
                await self._start_over()
                return
            self._apply(page)

    async def _newest_change(self) -> datetime | None:
        """Return the time of the newest change of any signal, by Signalen's clock; None if there are no signals."""
        page = await self._client.private_page([("ordering", "-updated_at"), ("page_size", "1")])
        return max((signal.updated_at for signal in page.signals), default=None)

    async def _start_over(self) -> None:
        self._newest = await self._newest_change()
        self._full_sync = self._new_full_sync()
        self._complete = False

    def _apply(self, page: SignalPage) -> None:
        self.malformed += page.malformed
        self._open.apply(page.signals)
        if self._full_sync is not None:
            self._full_sync.found.apply(page.signals)
        for signal in page.signals:
            if self._newest is None or signal.updated_at > self._newest:
                self._newest = signal.updated_at

    async def _advance(self, full_sync: FullSync) -> None:
        """Continue a full synchronisation: the first one to its end, a later one for half of the poll period."""
        until = self._clock() + self._instance.poll / 2
        while not full_sync.done and (not self._complete or self._clock() < until):
            self.malformed += (await full_sync.step()).malformed
        if not full_sync.done:
            return
        await self._client.offload(self._open.replace_all, full_sync.found)
        self._next_full_sync = self._clock() + self._instance.full_sync
        self.unknown = full_sync.unknown
        self._complete, self._full_sync, self.error = True, None, None
