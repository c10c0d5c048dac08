"""Reports as a poll returns them."""

from __future__ import annotations

from datetime import UTC, datetime

from wfs_proxy.marks.reported_objects import ReportedObjects, Signal


def reported(*numbers: int, as_of: float = 1000.0, version: str = "1") -> ReportedObjects:
    then = datetime(2026, 11, 23, tzinfo=UTC)
    rows = {
        number: Signal(
            id=number, state="m", category="lamp", created_at=then, updated_at=then, place=(4.0, 52.0), assets=()
        )
        for number in numbers
    }
    return ReportedObjects(signals=rows, as_of=as_of, version=version)
