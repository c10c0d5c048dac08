"""Where an increment begins: at Signalen's own time at the last good poll, minus an overlap.

A transaction may commit later than one that began after it, so an increment reads the last minutes again. While nothing
changes, that costs one request for a few rows, however many signals changed before. After so many changes that all open
signals were read instead, the overlap would have the same result at each poll; until it has passed, an increment then
begins no earlier than that reading did, and overlaps it little.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

__all__ = ["IncrementWindow"]

OVERLAP = timedelta(minutes=5)
"""How long before the last good poll an increment begins."""

SHORT_OVERLAP = timedelta(seconds=30)
"""The same after too many changes. Signalen's own requests end after 15 s at most."""


@dataclass(frozen=True, kw_only=True)
class IncrementWindow:
    """The times, by Signalen's clock, from which the start of the next increment follows."""

    began: datetime
    """When the last good increment began."""

    overlapped: datetime
    """When the last one with the whole overlap began."""

    crowded: bool = False
    """Whether all open signals were read at that time, because there were too many changes."""

    @property
    def start(self) -> datetime:
        """The time from which changes have to be read."""
        return max(self.began - SHORT_OVERLAP, self.overlapped) if self._is_short else self.overlapped - OVERLAP

    def after(self, began: datetime) -> IncrementWindow:
        """Return the window after an increment from `start` that began at this time."""
        return replace(self, began=began) if self._is_short else IncrementWindow(began=began, overlapped=began)

    @property
    def _is_short(self) -> bool:
        return self.crowded and self.began - self.overlapped < OVERLAP
