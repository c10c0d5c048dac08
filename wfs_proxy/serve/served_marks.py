"""Which marks of an entry are served: with or without the signals of Signalen, and for how long."""

from __future__ import annotations

from typing import NamedTuple

from wfs_proxy.config import SignalenInstance
from wfs_proxy.marks import LayerMarks, Marks, ReportedObjects

__all__ = ["LONGEST_MAX_AGE", "MarksState", "marks_of_signalen", "marks_without_signalen"]

LONGEST_MAX_AGE = 60.0
"""Seconds for which an answer with marks may be cached at most, even if Signalen is polled less often."""

_DEFAULT_INSTANCE = SignalenInstance(url="http://signalen.invalid")
"""Has the default periods, for an instance that `signalen.yaml` does not have."""


class MarksState(NamedTuple):
    """The marks that are served now, and how long they may be cached."""

    marks: Marks
    """What is served."""

    ttl: float | None
    """Seconds until the next poll of Signalen, at most `LONGEST_MAX_AGE`, negative if overdue; None where Signalen is
    not polled."""

    reported: ReportedObjects | None
    """The result of the last successful poll, even if it is too old to be used; None before the first and for layers
    without Signalen."""

    expired: bool
    """Whether the last successful poll is so old that only the vendor's marks are served."""


def marks_without_signalen(marks: LayerMarks) -> MarksState:
    """Return the marks of a layer whose `reports` name no Signalen instance."""
    return MarksState(marks=marks.full, ttl=None, reported=None, expired=False)


def marks_of_signalen(
    marks: LayerMarks, instance: SignalenInstance | None, reported: ReportedObjects | None, now: float
) -> MarksState:
    """Return the marks of a layer whose `reports` name a Signalen instance.

    Args:
        marks: with and without the signals of Signalen.
        instance: from `signalen.yaml`; None if it is not there.
        reported: the result of the last successful poll.
        now: seconds since 1970.
    """
    if reported is None:
        return MarksState(marks=marks.vendor, ttl=None if instance is None else 0.0, reported=None, expired=False)
    periods = instance or _DEFAULT_INSTANCE
    age = max(0.0, now - reported.as_of)
    expired = age > periods.marks_stale_for
    return MarksState(
        marks=marks.vendor if expired else marks.full,
        ttl=min(periods.poll - age, LONGEST_MAX_AGE),
        reported=reported,
        expired=expired,
    )
