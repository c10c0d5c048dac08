import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wfs_proxy.values.dates import to_date, to_datetime


@pytest.mark.parametrize(
    "written",
    [
        "2009-12-03",
        "20091203",
        20091203,
        20091203.0,
        "2009/12/03",
        "03-12-2009",
        "3-12-2009",
        "2009-12-03Z",
        "2009-12-03+01:00",
        " 2009-12-03 ",
        "2009-12-02T23:00:00Z",
        "2009-12-02T23:00:00.000Z",
        "2009-12-03T00:00:00",
        "2009-12-03 23:59:59",
        "2009/12/03 00:00:00",
        "2009/12/03 00:00:00+01",
        "03-12-2009 13:45",
        1259794800000,
        1259794800000.0,
        "1259794800000",
    ],
)
def test_date_in_every_spelling(written):
    assert to_date(written) == "2009-12-03"


@pytest.mark.parametrize(
    "written",
    [
        "1998", 1998, 199805, 0, "03/12/2009", "0000-00-00", "2009-02-30", "20091332", "onbekend", True, 1.5, 10**17,
        -(10**17), float("inf"), float("nan"), ["2009-12-03"],
        "9" * 40, "2009-12-03T25:00:00", "0001-01-01T00:00:00+05:00",
    ],
)  # fmt: skip
def test_values_that_are_not_dates(written):
    assert to_date(written) is None
    assert to_datetime(written) is None


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        pytest.param("2009-12-03", "2009-12-03T00:00:00+01:00", id="day"),
        pytest.param("2009-07-03T12:00:00", "2009-07-03T12:00:00+02:00", id="civil-time"),
        pytest.param("2009-12-02T23:00:00Z", "2009-12-03T00:00:00+01:00", id="utc"),
        pytest.param(1259794800000, "2009-12-03T00:00:00+01:00", id="milliseconds"),
        pytest.param(-3600000, "1970-01-01T00:00:00+01:00", id="before-1970"),
        pytest.param("2009-12-03T10:00:00.25", "2009-12-03T10:00:00.250000+01:00", id="fraction"),
        pytest.param("2024-10-27T02:30:00", "2024-10-27T02:30:00+02:00", id="hour-that-comes-twice"),
        pytest.param("2024-10-27T01:30:00Z", "2024-10-27T02:30:00+01:00", id="second-time"),
        pytest.param("2024-03-31T02:30:00", "2024-03-31T03:30:00+02:00", id="hour-that-is-skipped"),
    ],
)
def test_datetime_has_the_offset_of_its_day(written, expected):
    assert to_datetime(written) == expected


@given(st.datetimes(dt.datetime(1, 1, 2), dt.datetime(9999, 12, 30)))  # noqa: DTZ001 - civil time is what is tested
def test_datetime_can_be_read_back_with_whole_minutes_of_offset(moment):
    back = dt.datetime.fromisoformat(to_datetime(moment.isoformat()))

    assert back.utcoffset().seconds % 60 == 0


@given(st.dates())
def test_day_stays_the_day_it_is(day):
    assert to_date(day.isoformat()) == to_date(f"{day.day}-{day.month}-{day.year:04}") == day.isoformat()
