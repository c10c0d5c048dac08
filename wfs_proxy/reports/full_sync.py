"""A full synchronisation: reads all open signals of the layers' categories, to find those that disappeared.

It asks for open states and the layers' categories only, so millions of closed signals cost nothing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

from wfs_proxy.reports.client import InvalidChoice, QueryParameters, SignalenClient
from wfs_proxy.reports.keyset_pagination import Keyset, Position
from wfs_proxy.reports.open_signals import OpenSignals, SignalFilter
from wfs_proxy.reports.page_size import PageSize
from wfs_proxy.reports.signal_pages import SignalPage

__all__ = ["FullSync", "filters_of", "portions"]

CATEGORIES_PER_REQUEST = 40
"""They are part of the URL: slugs have up to 50 characters, and web servers accept 8 kB."""


class FullSync:
    """One full synchronisation, page by page. `found` has all open signals once it is `done`."""

    def __init__(self, client: SignalenClient, signal_filter: SignalFilter, size: PageSize) -> None:
        self._client = client
        self._size = size
        self._states = sorted(signal_filter.states)
        self._portions = deque(portions(signal_filter.categories))
        self._keyset: Keyset | None = None
        self._position = Position()
        self._unknown: set[str] = set()
        self.found = OpenSignals(signal_filter)

    @property
    def done(self) -> bool:
        """Whether all signals were read."""
        return not self._portions or not self._states

    @property
    def unknown(self) -> tuple[str, ...]:
        """Categories and states that this Signalen does not know."""
        return tuple(sorted(self._unknown))

    @property
    def portions_left(self) -> int:
        """The portions of categories that are not read to their end."""
        return len(self._portions)

    @property
    def position(self) -> Position:
        """How far the current portion is read."""
        return Position() if self._keyset is None else self._keyset.position

    def resume(self, portions_left: int, position: Position, unknown: Iterable[str]) -> None:
        """Continue where another process stopped, which had read the signals that `found` has by now."""
        self._unknown = set(unknown)
        self._states = [state for state in self._states if state not in self._unknown]
        while len(self._portions) > portions_left:
            self._portions.popleft()
        known = map(self._without_unknown, self._portions)
        self._portions = deque(portion for portion in known if portion != ())  # () would ask for all categories
        self._position = position

    async def step(self) -> SignalPage:
        """Read one page.

        A category or state that Signalen does not know is left out from then on; reading continues with the others.
        """
        categories = self._portions[0]
        if self._keyset is None:
            filters = filters_of(self._states, categories)
            self._keyset = Keyset(self._client, "created", filters=filters, size=self._size, position=self._position)
            self._position = Position()
        try:
            page = await self._keyset.step()
        except InvalidChoice as error:
            await self._leave_out_unknown(error)
            return SignalPage(signals=(), rows=0, count=None)
        self.found.apply(page.signals)
        if self._keyset.done:
            self._portions.popleft()
            self._keyset = None
        return page

    async def _leave_out_unknown(self, error: InvalidChoice) -> None:
        categories = self._portions[0]
        unknown = set[str]()
        if "status" in error.fields:
            unknown |= await self._unknown_of("status", self._states)
        if "category_slug" in error.fields and categories is not None:
            unknown |= await self._unknown_of("category_slug", categories)
        if not unknown:
            raise error
        self._unknown |= unknown
        self._states = [state for state in self._states if state not in unknown]
        self._keyset = None
        self._portions[0] = self._without_unknown(categories)
        if self._portions[0] == ():
            self._portions.popleft()

    def _without_unknown(self, portion: tuple[str, ...] | None) -> tuple[str, ...] | None:
        return None if portion is None else tuple(slug for slug in portion if slug not in self._unknown)

    async def _unknown_of(self, name: str, values: Iterable[str]) -> set[str]:
        """Return the values that Signalen refuses.

        Each is tried separately, because the error message names only the first one, in the server's language.
        """
        unknown = set()
        for value in values:
            try:
                await self._client.private_page([(name, value), ("page_size", "1")])
            except InvalidChoice:
                unknown.add(value)
        return unknown


def filters_of(states: Iterable[str], categories: Iterable[str] | None) -> QueryParameters:
    """Return the parameters for signals in these states and categories; None for all categories."""
    return (*_values("status", states), *_values("category_slug", () if categories is None else categories))


def portions(categories: frozenset[str] | None) -> Iterator[tuple[str, ...] | None]:
    """Yield portions of the categories that fit in a URL; None for all categories."""
    if categories is None:
        yield None
        return
    slugs = sorted(categories)
    for start in range(0, len(slugs), CATEGORIES_PER_REQUEST):
        yield tuple(slugs[start : start + CATEGORIES_PER_REQUEST])


def _values(name: str, values: Iterable[str]) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for value in values)
