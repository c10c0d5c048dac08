"""May a new snapshot replace the one that is served?

A vendor's export that broke halfway, or a column that was renamed, is readable and wrong. Such a snapshot waits until a
second look finds the same; what was good is served meanwhile (the contract "truth: completeness").
"""

from __future__ import annotations

from wfs_proxy.cache.metadata import FetchSummary

__all__ = ["reason_to_quarantine"]

LARGEST_LOSS = 0.2
"""The part of its objects that a layer may lose at once without a second look."""


def reason_to_quarantine(served: FetchSummary, new: FetchSummary, held_back: FetchSummary | None) -> str | None:
    """Why `new` must not replace `served` yet; None when it may.

    Args:
        served: what is served now.
        new: what was just fetched.
        held_back: what the look before this one brought, if that was held back.
    """
    lost = served.count - new.count
    if served.complete and not new.complete and lost > 0:
        return f"it is not complete and has {lost} objects fewer than what is served"
    suspicion = _suspicion(served, new)
    confirmed = held_back is not None and _agree(held_back, new)
    return None if confirmed else suspicion


def _suspicion(served: FetchSummary, new: FetchSummary) -> str | None:
    lost = served.count - new.count
    if lost > LARGEST_LOSS * served.count:
        return f"it lost {lost} of {served.count} objects"
    absent = sorted(set(new.absent_fields) - set(served.absent_fields))
    if absent:
        return f"no object has the attribute {', '.join(absent)} any more"
    return None


def _agree(earlier: FetchSummary, later: FetchSummary) -> bool:
    """Whether two looks in a row saw the same, but for the daily coming and going of objects."""
    counts = earlier.count, later.count
    return (
        earlier.complete == later.complete
        and max(counts) - min(counts) <= LARGEST_LOSS * max(counts)
        and set(earlier.absent_fields) == set(later.absent_fields)
    )
