"""Keeping the register true to the private list: nothing missed, nothing without bound.

    refresh: what changed (an increment) -> what is open (a full synchronisation, when due) -> the register

An increment filters neither state nor category, so that a closure or a move to another category is seen. It begins five
minutes before the newest change that is known: a transaction may commit later than one that began after it. A full
synchronisation asks for open states and the layers' categories only, so millions of closed signals cost nothing; it
finds out what vanished. It is spread over several polls, so that news does not wait for it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta

from wfs_proxy.config import SignalenInstance
from wfs_proxy.errors import DecodeError, UpstreamError
from wfs_proxy.marks import ReportedObjects
from wfs_proxy.reports.client import InvalidChoice, QueryParameters, SignalenClient
from wfs_proxy.reports.keyset_pagination import Keyset
from wfs_proxy.reports.open_signals import OpenSignals, SignalFilter
from wfs_proxy.reports.signal_pages import SignalPage

__all__ = ["OVERLAP", "PrivateFeed"]

OVERLAP = timedelta(minutes=5)
"""How long before the newest known change an increment begins. Signalen's own requests end after 15 s at most."""

MOST_CHANGED = 5000
"""Rows of an increment; when more has changed (a migration, days without a poll), what is open is asked for instead."""

CATEGORIES_AT_ONCE = 40
"""In one address: slugs have up to 50 characters, and web servers take 8 kB."""


class PrivateFeed:
    """The open signals of one instance, by its private list."""

    public_only = False

    def __init__(
        self, client: SignalenClient, instance: SignalenInstance, scope: SignalFilter, clock: Callable[[], float]
    ) -> None:
        self._client = client
        self._instance = instance
        self._scope = scope
        self._clock = clock
        self._register = OpenSignals(scope)
        self._newest: datetime | None = None
        self._sweep: FullSync | None = None
        self._complete = False
        self._next_sweep = 0.0
        self.malformed = 0
        self.unknown: tuple[str, ...] = ()
        self.error: str | None = None
        """Why the full synchronisation does not get on, while increments do."""

    async def refresh(self) -> None:
        """Bring the register up to date.

        Raises:
            UpstreamError: Signalen did not answer or refused. What was read is kept, and the next call goes on there.
            DecodeError: it answered something else.
        """
        await self._take_changes()
        if self._sweep is None and (not self._complete or self._clock() >= self._next_sweep):
            self._sweep = self._new_sweep()
        if self._sweep is None:
            return
        try:
            await self._advance(self._sweep)
        except (UpstreamError, DecodeError) as fault:
            if not self._complete:
                raise
            self.error = f"the full synchronisation does not get on: {fault}"

    def reported(self, as_of: float) -> ReportedObjects:
        """What is open, as of a moment."""
        return self._register.reported(as_of)

    def _new_sweep(self) -> FullSync:
        return FullSync(self._client, self._scope, self._instance.page_size)

    async def _take_changes(self) -> None:
        if self._newest is None:
            self._newest = await self._newest_change()
            self._complete = False  # without a moment to begin at, changes cannot be asked for
            return
        # a moment that lies ahead of us would hide everything until then
        after = min(self._newest, datetime.fromtimestamp(self._clock(), UTC)) - OVERLAP
        walk = Keyset(self._client, "updated", after=after, page_size=self._instance.page_size)
        while not walk.done:
            page = await walk.step()
            if page.count is not None and page.count > MOST_CHANGED:
                await self._start_anew()
                return
            self._apply(page)

    async def _newest_change(self) -> datetime | None:
        """The newest change of any signal, by Signalen's own clock; None where there is no signal at all."""
        page = await self._client.private_page([("ordering", "-updated_at"), ("page_size", "1")])
        return max((signal.updated_at for signal in page.signals), default=None)

    async def _start_anew(self) -> None:
        self._newest = await self._newest_change()
        self._sweep = self._new_sweep()
        self._complete = False

    def _apply(self, page: SignalPage) -> None:
        self.malformed += page.malformed
        self._register.apply(page.signals)
        if self._sweep is not None:
            self._sweep.found.apply(page.signals)
        for signal in page.signals:
            if self._newest is None or signal.updated_at > self._newest:
                self._newest = signal.updated_at

    async def _advance(self, sweep: FullSync) -> None:
        """Go on with a full synchronisation: to its end the first time, else for half of a poll's period."""
        until = self._clock() + self._instance.poll / 2
        while not sweep.done and (not self._complete or self._clock() < until):
            self.malformed += (await sweep.step()).malformed
        if not sweep.done:
            return
        await self._client.offload(self._register.become, sweep.found)
        self._next_sweep = self._clock() + self._instance.full_sync
        self.unknown = sweep.unknown
        self._complete, self._sweep, self.error = True, None, None


class FullSync:
    """One full synchronisation, page by page. `found` is what is open, once it is `done`."""

    def __init__(self, client: SignalenClient, scope: SignalFilter, page_size: int) -> None:
        self._client = client
        self._page_size = page_size
        self._states = sorted(scope.states)
        self._chunks = deque(_chunks(scope.categories))
        self._walk: Keyset | None = None
        self._unknown: set[str] = set()
        self.found = OpenSignals(scope)

    @property
    def done(self) -> bool:
        """Whether all was read."""
        return not self._chunks or not self._states

    @property
    def unknown(self) -> tuple[str, ...]:
        """Categories and states that this Signalen does not know."""
        return tuple(sorted(self._unknown))

    async def step(self) -> SignalPage:
        """Read one page.

        A category or state that Signalen does not know is left out from here on; the rest goes on.
        """
        categories = self._chunks[0]
        if self._walk is None:
            filters = (*_values("status", self._states), *_values("category_slug", categories or ()))
            self._walk = Keyset(self._client, "created", filters=filters, page_size=self._page_size)
        try:
            page = await self._walk.step()
        except InvalidChoice as fault:
            await self._leave_out_unknown(fault)
            return SignalPage(signals=(), rows=0, count=None)
        self.found.apply(page.signals)
        if self._walk.done:
            self._chunks.popleft()
            self._walk = None
        return page

    async def _leave_out_unknown(self, fault: InvalidChoice) -> None:
        categories = self._chunks[0]
        unknown = set[str]()
        if "status" in fault.fields:
            unknown |= await self._unknown_of("status", self._states)
        if "category_slug" in fault.fields and categories is not None:
            unknown |= await self._unknown_of("category_slug", categories)
        if not unknown:
            raise fault
        self._unknown |= unknown
        self._states = [state for state in self._states if state not in unknown]
        self._walk = None
        if categories is not None:
            self._chunks[0] = tuple(slug for slug in categories if slug not in unknown)
            if not self._chunks[0]:
                self._chunks.popleft()

    async def _unknown_of(self, name: str, values: Iterable[str]) -> set[str]:
        """The values that are refused one by one: the answer's text names only the first, in the server's language."""
        unknown = set()
        for value in values:
            try:
                await self._client.private_page([(name, value), ("page_size", "1")])
            except InvalidChoice:
                unknown.add(value)
        return unknown


def _values(name: str, values: Iterable[str]) -> QueryParameters:
    return tuple((name, value) for value in values)


def _chunks(categories: frozenset[str] | None) -> Iterator[tuple[str, ...] | None]:
    """Portions of the categories that fit in an address; None for all categories."""
    if categories is None:
        yield None
        return
    slugs = sorted(categories)
    for start in range(0, len(slugs), CATEGORIES_AT_ONCE):
        yield tuple(slugs[start : start + CATEGORIES_AT_ONCE])
