"""Signalen's time, from its answers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from clocks import Clock

from wfs_proxy.reports.server_clock import ServerClock, time_of
from wfs_proxy.reports.signal_pages import SignalPage

NOW = datetime.fromtimestamp(Clock().now, UTC)


def page(*updated: datetime, answered_at: datetime | None = None) -> SignalPage:
    return SignalPage(signals=(), rows=len(updated), count=None, updated=updated, answered_at=answered_at)


def test_date_decides():
    clock = ServerClock(Clock())

    assert clock.at(page(NOW, answered_at=NOW - timedelta(hours=2))) == NOW - timedelta(hours=2)


def test_without_a_date_the_newest_row_proves_a_time_that_goes_on():
    own = Clock()
    clock = ServerClock(own)
    first = clock.at(page(NOW - timedelta(hours=1), NOW - timedelta(minutes=2)))
    own.now += 600
    second = clock.at(page())
    own.now += 60
    third = clock.at(page(NOW + timedelta(seconds=650)))

    assert first == NOW - timedelta(minutes=2)
    assert second == NOW + timedelta(minutes=8)
    assert third == NOW + timedelta(seconds=650)


def test_row_from_the_future_proves_no_more_than_our_own_time():
    assert ServerClock(Clock()).at(page(NOW + timedelta(days=10))) == NOW


def test_nothing_is_known_without_date_and_rows():
    assert ServerClock(Clock()).at(page()) is None


@pytest.mark.parametrize(
    "header", ["Mon, 30 Nov 2026 06:04:38 GMT", "Mon, 30 Nov 2026 06:04:38 -0000", "Mon, 30 Nov 2026 07:04:38 +0100"]
)
def test_date_is_read_in_utc(header: str):
    assert time_of(header) == datetime(2026, 11, 30, 6, 4, 38, tzinfo=UTC)


@pytest.mark.parametrize(
    "header", [None, "", "0", "gisteren", "Mon, 99 Nov 2026 06:04:38 GMT", "Mon, 30 Nov 99999 1:1"]
)
def test_unreadable_date_is_none(header: str | None):
    assert time_of(header) is None
