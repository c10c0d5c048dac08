"""A clock that only moves when a test says so."""

from __future__ import annotations


class Clock:
    """Returns the time in seconds since 1970 when it is called."""

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now
