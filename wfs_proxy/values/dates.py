"""Parse dates and times as vendors write them, in Dutch civil time.

    2009-12-03, 20091203, 2009/12/03 (GDAL), 03-12-2009, 2009-12-03Z (an xs:date of GeoServer): that day
    2009-12-02T23:00:00Z, with any offset (ISO 8601, RFC 3339): an instant; Luminizer writes local midnight so
    2009-12-03T00:00:00, 2009/12/03 00:00:00: a time in Dutch civil time
    1259794800000, number or text: milliseconds since 1970 UTC (ArcGIS)

A year (1998) or a month (199805) is not a date, nor is 03/12/2009, which may be in March or in December.
"""

from __future__ import annotations

import datetime as dt
import re
from zoneinfo import ZoneInfo

__all__ = ["to_date", "to_datetime"]

_HERE = ZoneInfo("Europe/Amsterdam")
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_FIRST_MILLISECONDS = 1_000_000
"""Smaller numbers are years and months, not the first quarter of an hour of 1970."""

_WHOLE = re.compile(r"-?[0-9]{1,17}")
_COMPACT_DATE = re.compile(r"[0-9]{8}")
_ZONED_DATE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:Z|[+-][0-9]{2}:[0-9]{2})")
_DAY_FIRST = re.compile(r"([0-9]{1,2})-([0-9]{1,2})-([0-9]{4})(.*)")
_SLASHED = re.compile(r"([0-9]{4})/([0-9]{2})/([0-9]{2})(.*)")


def to_date(value: object) -> str | None:
    """Return the day in the Netherlands as YYYY-MM-DD (ISO 8601); None for a value that is not a date."""
    try:
        moment = _moment(value)
        if isinstance(moment, dt.datetime) and moment.tzinfo is not None:
            moment = moment.astimezone(_HERE)
    except (ValueError, OverflowError):
        return None
    day = moment.date() if isinstance(moment, dt.datetime) else moment
    return None if day is None else day.isoformat()


def to_datetime(value: object) -> str | None:
    """Return the time with the offset of the Netherlands at that time (RFC 3339); None for a value that is not a date.

    A day becomes its midnight. An hour that occurs twice in autumn means the first; one that is skipped in spring is
    read as if the clock had not changed. Before 1940 the offset had seconds, which RFC 3339 cannot express: those times
    are in UTC.
    """
    try:
        moment = _moment(value)
        if moment is None:
            return None
        if not isinstance(moment, dt.datetime):
            moment = dt.datetime.combine(moment, dt.time())
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=_HERE).astimezone(dt.UTC)  # via UTC, which normalises a skipped hour
        here = moment.astimezone(_HERE)
    except (ValueError, OverflowError):
        return None
    offset = here.utcoffset() or dt.timedelta()
    return (here.astimezone(dt.UTC) if offset.seconds % 60 else here).isoformat()


def _moment(value: object) -> dt.date | dt.datetime | None:
    """Parse a day, a time with an offset, or a time in civil time.

    Raises:
        ValueError: there is no such day or hour.
        OverflowError: before the year 1 or after 9999.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, float):
        return _of_number(int(value)) if value.is_integer() else None
    if isinstance(value, int):
        return _of_number(value)
    return _of_text(value.strip()) if isinstance(value, str) else None


def _of_number(number: int) -> dt.date | dt.datetime | None:
    if _COMPACT_DATE.fullmatch(str(number)):
        return dt.date.fromisoformat(str(number))
    if abs(number) < _FIRST_MILLISECONDS:
        return None
    return _EPOCH + dt.timedelta(milliseconds=number)


def _of_text(text: str) -> dt.date | dt.datetime | None:
    if _WHOLE.fullmatch(text):
        return _of_number(int(text))
    if zoned := _ZONED_DATE.fullmatch(text):
        text = zoned[1]
    elif day_first := _DAY_FIRST.fullmatch(text):
        text = f"{day_first[3]}-{day_first[2]:>02}-{day_first[1]:>02}{day_first[4]}"
    elif slashed := _SLASHED.fullmatch(text):
        text = f"{slashed[1]}-{slashed[2]}-{slashed[3]}{slashed[4]}"
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return dt.datetime.fromisoformat(text)
