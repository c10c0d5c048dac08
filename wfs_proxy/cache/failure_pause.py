"""How long to wait after a failure before a server is asked again: the same for vendors and for Signalen."""

from __future__ import annotations

__all__ = ["FIRST_PAUSE", "LONGEST_FAILURE_PAUSE", "failure_pause"]

FIRST_PAUSE = 5.0
"""Seconds until another attempt after a failure; doubled by each further failure."""

LONGEST_FAILURE_PAUSE = 30.0
"""Seconds; the pause after many failures."""


def failure_pause(in_a_row: int) -> float:
    """Return the seconds until another attempt after this many failures in a row, at least one."""
    return min(FIRST_PAUSE * 2.0 ** min(in_a_row - 1, 10), LONGEST_FAILURE_PAUSE)
