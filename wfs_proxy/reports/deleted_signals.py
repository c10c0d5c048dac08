"""Finds known signals that Signalen no longer has, with a few requests instead of a full synchronisation.

A deleted signal appears in no increment. Signalen says in each answer how many signals there are, so one request for a
single row shows whether any of the known ones is missing. If so, the time in which they were reported is halved until
the missing ones are found.

Signalen's filter `id` cannot do this for many ids at once: it takes one number, the last one if it is repeated
(`SignalFilterSet.id`, a NumberFilter, in Amsterdam/signals).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence

from wfs_proxy.marks import Signal
from wfs_proxy.reports.client import QueryParameters, SignalenClient, moment
from wfs_proxy.reports.full_sync import filters_of, portions
from wfs_proxy.reports.keyset_pagination import Keyset, Position
from wfs_proxy.reports.open_signals import SignalFilter
from wfs_proxy.reports.page_size import PageSize

__all__ = ["DeletedSignals"]

MOST_REQUESTS = 60
"""In one search. If more are needed, many signals are missing, and a full synchronisation is cheaper."""

FEW = 50
"""Signals that are read one by one instead of being counted."""


class DeletedSignals:
    """One search among the known signals.

    Args:
        client: asks Signalen.
        size: the size of its pages.
        signal_filter: the states and categories of the known signals, all of which Signalen knows.
    """

    def __init__(self, client: SignalenClient, size: PageSize, signal_filter: SignalFilter) -> None:
        self._client = client
        self._size = size
        self._states = sorted(signal_filter.states)
        self._categories = signal_filter.categories
        self._requests = 0
        self.deleted: set[int] = set()
        """The ids of signals that Signalen no longer has."""
        self.changed: list[Signal] = []
        """Signals that were missing because they have just changed."""

    @property
    def gave_up(self) -> bool:
        """Whether the search ended before its end."""
        return self._requests >= MOST_REQUESTS

    async def search(self, known: Iterable[Signal]) -> None:
        """Search for missing signals among these.

        Raises:
            UpstreamError: Signalen did not answer, or refused a request.
            DecodeError: the answer is not what Signalen returns.
        """
        by_age = sorted(known, key=lambda signal: (signal.created_at, signal.id))
        for categories in portions(self._categories):
            wanted = [signal for signal in by_age if categories is None or signal.category in categories]
            await self._search(wanted, filters_of(self._states, categories))

    async def _search(self, known: Sequence[Signal], filters: QueryParameters) -> None:
        groups = [known] if known else []
        while groups and not self.gave_up:
            group = groups.pop()
            if await self._all_are_there(group, filters):
                continue
            parts = list(_halves(group)) if len(group) > FEW else []
            if len(parts) > 1:
                groups += parts
            else:
                await self._look_up_missing(group, filters)

    async def _all_are_there(self, group: Sequence[Signal], filters: QueryParameters) -> bool:
        self._requests += 1
        page = await self._client.private_page([*_reported_like(group, filters), ("page_size", "1")])
        return page.count is None or page.count >= len(group)

    async def _look_up_missing(self, group: Sequence[Signal], filters: QueryParameters) -> None:
        found = await self._ids_of(group, filters)
        for signal in group:
            if signal.id not in found and not self.gave_up:
                await self._look_up(signal)

    async def _ids_of(self, group: Sequence[Signal], filters: QueryParameters) -> set[int]:
        until = ("created_before", moment(group[-1].created_at))
        keyset = Keyset(
            self._client,
            "created",
            filters=(*filters, until),
            size=self._size,
            position=Position(after=group[0].created_at),
        )
        found = set[int]()
        while not keyset.done and not self.gave_up:
            self._requests += 1
            found.update(signal.id for signal in (await keyset.step()).signals)
        return found

    async def _look_up(self, signal: Signal) -> None:
        self._requests += 1
        page = await self._client.private_page([("id", str(signal.id)), ("page_size", "1")])
        if not page.rows:
            self.deleted.add(signal.id)
        self.changed += [row for row in page.signals if row.id == signal.id]


def _reported_like(group: Sequence[Signal], filters: QueryParameters) -> Iterator[tuple[str, str]]:
    """Yield the parameters for signals that were reported in the time of this group, which is sorted by that time."""
    yield "created_after", moment(group[0].created_at)
    yield "created_before", moment(group[-1].created_at)
    yield from filters


def _halves(group: Sequence[Signal]) -> Iterator[Sequence[Signal]]:
    """Yield two parts that have no time in common; one part if all signals were reported at the same time."""
    times = [signal.created_at for signal in group]
    middle = times[len(times) // 2]
    cut = bisect_left(times, middle)
    if cut == 0:
        cut = bisect_right(times, middle)
    yield from (part for part in (group[:cut], group[cut:]) if part)
