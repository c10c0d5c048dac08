"""The time by Signalen's clock, which may be hours apart from ours.

Changes are asked for by Signalen's own times, so a poll has to know what Signalen's clock showed when an earlier one
began. Its answers say so in the header field `Date` (RFC 9110, section 6.6.1). An answer without one still bounds the
time: no row changed after the answer was sent.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from wfs_proxy.reports.signal_pages import SignalPage

__all__ = ["ServerClock", "time_of"]


class ServerClock:
    """Reads the time of Signalen from its answers.

    Args:
        clock: our own, in seconds since 1970. Only its differences matter where answers have a `Date`.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._behind: timedelta | None = None

    def at(self, page: SignalPage) -> datetime | None:
        """Return a time that Signalen's clock had reached when it sent this page; None if nothing is known of it.

        Without a `Date` it is the largest time that all answers so far prove. A row from the future proves nothing:
        each is taken to be no later than our own time.
        """
        if page.answered_at is not None:
            return page.answered_at
        now = datetime.fromtimestamp(self._clock(), UTC)
        for moment in page.updated:
            behind = max(now - moment, timedelta())
            self._behind = behind if self._behind is None else min(self._behind, behind)
        return None if self._behind is None else now - self._behind


def time_of(header: str | None) -> datetime | None:
    """Return the time of a `Date` header; None if there is none, or none that can be read."""
    try:
        when = parsedate_to_datetime(header or "")
        return (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
