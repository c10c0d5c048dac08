from __future__ import annotations

import datetime as dt

import pytest

from wfs_proxy.pages.formats import number, time_of


@pytest.mark.parametrize(
    ("value", "nl", "en"), [(0, "0", "0"), (999, "999", "999"), (1234567, "1.234.567", "1,234,567")]
)
def test_thousands_are_separated(value, nl, en):
    assert (number(value, "nl"), number(value, "en")) == (nl, en)


@pytest.mark.parametrize(
    ("moment", "nl", "en"),
    [
        (dt.datetime(2026, 11, 30, 14, 5, tzinfo=dt.UTC), "30 nov 15:05", "30 Nov 15:05"),
        (dt.datetime(2026, 6, 30, 22, 5, tzinfo=dt.UTC), "1 jul 00:05", "1 Jul 00:05"),
    ],
)
def test_times_are_those_of_the_netherlands(moment, nl, en):
    assert (time_of(moment, "nl"), time_of(moment, "en")) == (nl, en)
