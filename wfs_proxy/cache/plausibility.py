"""Decide whether a new snapshot may replace the one that is served.

An export that broke off halfway, or a renamed column, gives a document that is readable and wrong. Such a snapshot is
quarantined until a second fetch confirms it; the good one is served in the meantime.
"""

from __future__ import annotations

from wfs_proxy.cache.metadata import FetchSummary

__all__ = ["reason_to_quarantine"]

LARGEST_LOSS = 0.2
"""The part of its objects that a layer may lose without a second fetch."""


def reason_to_quarantine(served: FetchSummary, new: FetchSummary, quarantined: FetchSummary | None) -> str | None:
    """Return why `new` must not replace `served` yet; None when it may.

    Args:
        served: what is served now.
        new: what was just fetched.
        quarantined: the fetch before this one, if it was quarantined.
    """
    lost = served.count - new.count
    if served.report.complete and not new.report.complete and lost > 0:
        return f"it is incomplete and has {lost} objects fewer than the served data"
    confirmed = quarantined is not None and _agree(quarantined, new)
    return None if confirmed else _suspicion(served, new)


def _suspicion(served: FetchSummary, new: FetchSummary) -> str | None:
    lost = served.count - new.count
    if lost > LARGEST_LOSS * served.count:
        return f"it lost {lost} of {served.count} objects"
    absent = sorted(set(new.pipeline.absent_fields) - set(served.pipeline.absent_fields))
    if absent:
        return f"no object has the attribute {', '.join(absent)} any more"
    return None


def _agree(earlier: FetchSummary, later: FetchSummary) -> bool:
    """Whether two fetches in a row found the same, apart from the usual changes of a day."""
    counts = earlier.count, later.count
    return (
        earlier.report.complete == later.report.complete
        and max(counts) - min(counts) <= LARGEST_LOSS * max(counts)
        and set(earlier.pipeline.absent_fields) == set(later.pipeline.absent_fields)
    )
