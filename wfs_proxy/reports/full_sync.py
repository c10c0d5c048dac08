"""A full synchronisation: reads all open signals of the layers' categories, to find those that disappeared.

It asks for open states and the layers' categories only, so millions of closed signals cost nothing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

from wfs_proxy.reports.client import InvalidChoice, QueryParameters, SignalenClient
from wfs_proxy.reports.keyset_pagination import Keyset
from wfs_proxy.reports.open_signals import OpenSignals, SignalFilter
from wfs_proxy.reports.signal_pages import SignalPage

__all__ = ["FullSync"]

CATEGORIES_PER_REQUEST = 40
"""They are part of the URL: slugs have up to 50 characters, and web servers accept 8 kB."""


class FullSync:
    """One full synchronisation, page by page. `found` has all open signals once it is `done`."""

    def __init__(self, client: SignalenClient, signal_filter: SignalFilter, page_size: int) -> None:
        self._client = client
        self._page_size = page_size
        self._states = sorted(signal_filter.states)
        self._chunks = deque(_chunks(signal_filter.categories))
        self._keyset: Keyset | None = None
        self._unknown: set[str] = set()
        self.found = OpenSignals(signal_filter)

    @property
    def done(self) -> bool:
        """Whether all signals were read."""
        return not self._chunks or not self._states

    @property
    def unknown(self) -> tuple[str, ...]:
        """Categories and states that this Signalen does not know."""
        return tuple(sorted(self._unknown))

    async def step(self) -> SignalPage:
        """Read one page.

        A category or state that Signalen does not know is left out from then on; reading continues with the others.
        """
        categories = self._chunks[0]
        if self._keyset is None:
            filters = (*_values("status", self._states), *_values("category_slug", categories or ()))
            self._keyset = Keyset(self._client, "created", filters=filters, page_size=self._page_size)
        try:
            page = await self._keyset.step()
        except InvalidChoice as error:
            await self._leave_out_unknown(error)
            return SignalPage(signals=(), rows=0, count=None)
        self.found.apply(page.signals)
        if self._keyset.done:
            self._chunks.popleft()
            self._keyset = None
        return page

    async def _leave_out_unknown(self, error: InvalidChoice) -> None:
        categories = self._chunks[0]
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
        if categories is not None:
            self._chunks[0] = tuple(slug for slug in categories if slug not in unknown)
            if not self._chunks[0]:
                self._chunks.popleft()

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


def _values(name: str, values: Iterable[str]) -> QueryParameters:
    return tuple((name, value) for value in values)


def _chunks(categories: frozenset[str] | None) -> Iterator[tuple[str, ...] | None]:
    """Yield portions of the categories that fit in a URL; None for all categories."""
    if categories is None:
        yield None
        return
    slugs = sorted(categories)
    for start in range(0, len(slugs), CATEGORIES_PER_REQUEST):
        yield tuple(slugs[start : start + CATEGORIES_PER_REQUEST])
