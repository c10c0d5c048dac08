"""The open signals of one instance, read with credentials: increments, and full synchronisations now and then.

    refresh:          what changed (an increment) -> the first full synchronisation -> open signals
    find_disappeared: a search for deleted signals, or a part of a later full synchronisation -> open signals

An increment filters neither by state nor by category, so that it sees closed signals and signals that moved to another
category. `IncrementWindow` says where it begins. What disappeared is looked for after the news of a poll was delivered,
and a full synchronisation is spread over several polls, so that neither delays news.

A refresh ends after some seconds with unfinished work, so that the caller can store `progress`, from which another
process continues.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from wfs_proxy.config import SignalenInstance
from wfs_proxy.errors import DecodeError, UpstreamError
from wfs_proxy.marks import ReportedObjects, Signal
from wfs_proxy.reports.client import InvalidChoice, SignalenClient
from wfs_proxy.reports.deleted_signals import DeletedSignals
from wfs_proxy.reports.feed_progress import FeedProgress, SyncProgress, decode_progress, encode_progress
from wfs_proxy.reports.full_sync import FullSync
from wfs_proxy.reports.increment_window import IncrementWindow
from wfs_proxy.reports.keyset_pagination import Keyset, Position
from wfs_proxy.reports.open_signals import OpenSignals, SignalFilter
from wfs_proxy.reports.page_size import PageSize
from wfs_proxy.reports.server_clock import ServerClock
from wfs_proxy.reports.signal_pages import SignalPage

__all__ = ["SEARCH_EVERY", "PrivateFeed"]

LARGEST_INCREMENT = 5000
"""Rows. If more signals changed (after a migration, or days without a poll), and more than are open, a full
synchronisation starts instead."""

SEARCH_EVERY = 300.0
"""Seconds between two searches for deleted signals."""

PORTION = 10.0
"""Seconds after which a refresh ends with unfinished work."""


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
        self._server_clock = ServerClock(clock)
        self._size = PageSize(instance.page_size, clock)
        self._open = OpenSignals(signal_filter)
        self._window: IncrementWindow | None = None
        self._increment: Keyset | None = None
        self._increment_began: datetime | None = None
        self._full_sync: FullSync | None = None
        self._whole = False
        self._nameless = False
        self._next_full_sync = 0.0
        self._next_search = 0.0
        self.malformed = 0
        self.unknown: tuple[str, ...] = ()
        self.categories: tuple[str, ...] = ()
        self.error: str | None = None
        """Why looking for signals that disappeared fails although increments succeed."""

    async def refresh(self) -> bool:
        """Read what changed. Return whether all of it was read; if not, the next call continues there.

        Raises:
            UpstreamError: Signalen did not answer, or refused a request. What was read is kept, and the next call
                continues there.
            DecodeError: the answer is not what Signalen returns.
        """
        until = self._clock() + PORTION
        if not await self._read_increment(until):
            return False
        if not self._whole:
            await self._advance(until)
        return self._whole

    async def find_disappeared(self) -> bool:
        """Look for signals that disappeared, if that is due. Return whether the open signals changed.

        An error of Signalen is not raised but kept as `error`: the increments succeed.
        """
        before = self._open.version
        try:
            if self._full_sync is not None or self._nameless or self._clock() >= self._next_full_sync:
                await self._advance(self._clock() + self._instance.poll / 2)
            elif self._clock() >= self._next_search:
                await self._search_deleted()
        except (UpstreamError, DecodeError) as error:
            self.error = f"reports that disappeared cannot be found, so they stay marked: {error}"
        return self._open.version != before

    def reported(self, as_of: float) -> ReportedObjects:
        """Return the signals that are open, as of a moment."""
        return self._open.reported(as_of)

    def progress(self) -> bytes | None:
        """Return what another process needs to continue here; None if there is nothing yet."""
        if self._window is None:
            return None
        published = self._whole and self._increment is None
        signals = () if published else self._open.signals
        found = () if self._full_sync is None else self._full_sync.found.signals
        return encode_progress(
            FeedProgress(
                window=self._window,
                increment=None if self._increment is None else self._increment.position,
                increment_began=self._increment_began,
                whole=self._whole,
                version=self._open.version,
                signals=None if published else tuple(map(_without_ids, signals)),
                sync=None if self._full_sync is None else _sync_progress(self._full_sync),
                next_full_sync=self._next_full_sync,
                nameless=self._nameless or any(map(_has_id, (*signals, *found))),
                page_rows=self._size.rows,
                unknown=self.unknown,
                categories=self.categories,
            )
        )

    def resume(self, progress: bytes, published: ReportedObjects | None) -> None:
        """Continue where another process stopped; do nothing if that cannot be read, or is not up to date.

        Args:
            progress: what its `progress` returned.
            published: what it published last.
        """
        known = decode_progress(progress)
        if known is None:
            return
        signals = known.signals
        # published signals lack the ids that were no object's name at that time; then a suffix follows the version
        if signals is None and published is not None and published.version.partition(".")[0] == known.version:
            signals = tuple(published.signals.values())
        if signals is not None:
            self._resume(known, signals, {} if published is None else published.signals)
            cut = known.signals is None and published is not None and published.version != known.version
            self._nameless = known.nameless or cut

    def _resume(self, known: FeedProgress, signals: tuple[Signal, ...], published: Mapping[int, Signal]) -> None:
        read = OpenSignals(self._filter)
        read.apply(_with_published_ids(signals, published))
        self._open.replace_all(read)
        self._window, self._whole = known.window, known.whole
        self.unknown, self.categories = known.unknown, known.categories
        self._increment = None if known.increment is None else self._new_increment(known.increment)
        self._increment_began = known.increment_began
        self._next_full_sync = min(known.next_full_sync, self._clock() + self._instance.full_sync)
        self._size.resume(known.page_rows)
        self._full_sync = None
        if known.sync is not None:
            self._full_sync = self._new_full_sync()
            self._full_sync.resume(known.sync.portions_left, known.sync.position, known.sync.unknown)
            self._full_sync.found.apply(_with_published_ids(known.sync.found, published))

    def _new_full_sync(self) -> FullSync:
        return FullSync(self._client, self._filter, self._size)

    def _new_increment(self, position: Position) -> Keyset:
        return Keyset(self._client, "updated", size=self._size, position=position)

    async def _read_increment(self, until: float) -> bool:
        """Read what changed, page by page. Return whether all of it was read."""
        if self._window is None:
            await self._begin()
            return True
        if self._increment is None:
            self._increment = self._new_increment(Position(after=self._window.start))
            self._increment_began = None
        while not self._increment.done:
            page = await self._increment.step()
            at = self._server_clock.at(page)
            self._increment_began = at if self._increment_began is None else self._increment_began
            if at is not None and page.count is not None and page.count > max(LARGEST_INCREMENT, len(self._open)):
                self._start_over(at)
                return True
            self._apply(page)
            if self._clock() >= until and not self._increment.done:
                return False
        if self._increment_began is not None:
            self._window = self._window.after(self._increment_began)
        self._increment = None
        return True

    async def _begin(self) -> None:
        """Learn the time by Signalen's clock; without it there can be no increment, so everything is read again."""
        self._whole = False
        page = await self._client.private_page([("ordering", "-updated_at"), ("page_size", "1")])
        at = self._server_clock.at(page)
        if at is not None:
            self._window = IncrementWindow(began=at, overlapped=at)

    def _start_over(self, at: datetime) -> None:
        """Read all open signals instead of all changes."""
        self._window = IncrementWindow(began=at, overlapped=at, crowded=True)
        self._increment, self._full_sync, self._whole = None, None, False

    def _apply(self, page: SignalPage) -> None:
        self.malformed += page.malformed
        self._take(page.signals)

    def _take(self, signals: tuple[Signal, ...]) -> None:
        self._open.apply(signals)
        if self._full_sync is not None:
            self._full_sync.found.apply(signals)

    async def _advance(self, until: float) -> None:
        """Begin or continue a full synchronisation, for at least one page."""
        if self._full_sync is None and self._whole:
            self._nameless = False  # this one reads all ids
        full_sync = self._full_sync = self._full_sync or self._new_full_sync()
        while not full_sync.done:
            self.malformed += (await full_sync.step()).malformed
            if self._clock() >= until:
                break
        if not full_sync.done:
            return
        await self._client.offload(self._open.replace_all, full_sync.found)
        self._next_full_sync = self._clock() + self._instance.full_sync
        self._next_search = self._clock() + SEARCH_EVERY
        self.unknown = full_sync.unknown
        self.categories = await self._client.category_slugs() if self.unknown else ()
        self._whole, self._full_sync, self.error = True, None, None

    async def _search_deleted(self) -> None:
        self._next_search = self._clock() + SEARCH_EVERY
        search = DeletedSignals(self._client, self._size, self._filter.without(self.unknown))
        try:
            await search.search(self._open.signals)
        except InvalidChoice:
            self._next_full_sync = self._clock()  # which finds out what Signalen no longer knows
            return
        self._take(tuple(search.changed))
        self._open.remove(search.deleted)
        if search.gave_up:
            self._next_full_sync = self._clock()
        self.error = None


def _sync_progress(full_sync: FullSync) -> SyncProgress:
    return SyncProgress(
        portions_left=full_sync.portions_left,
        position=full_sync.position,
        unknown=full_sync.unknown,
        found=tuple(map(_without_ids, full_sync.found.signals)),
    )


def _has_id(signal: Signal) -> bool:
    return any(asset.id_hash is not None for asset in signal.assets)


def _without_ids(signal: Signal) -> Signal:
    if not _has_id(signal):
        return signal
    return replace(signal, assets=tuple(replace(asset, id_hash=None) for asset in signal.assets))


def _with_published_ids(signals: Iterable[Signal], published: Mapping[int, Signal]) -> Iterator[Signal]:
    """Yield saved signals with the ids that were published of them: the answers of a signal never change."""
    for signal in signals:
        known = published.get(signal.id)
        if known is not None and _without_ids(known).assets == _without_ids(signal).assets:
            yield replace(signal, assets=known.assets)
        else:
            yield signal
