"""Dates in the answers of ArcGIS: milliseconds since 1970 UTC, which only the description of the field reveals."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["date_fields", "with_dates"]

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def date_fields(fields: Any) -> tuple[str, ...]:
    """Return the names of the fields with dates in the member `fields` of an answer or of a layer's description."""
    described = fields if isinstance(fields, list) else []
    return tuple(
        str(field["name"])
        for field in described
        if isinstance(field, Mapping) and field.get("type") == "esriFieldTypeDate" and "name" in field
    )


def with_dates(columns: Mapping[str, NDArray[np.object_]], names: Iterable[str]) -> dict[str, NDArray[np.object_]]:
    """Return columns with the dates of some of them as text (RFC 3339, UTC): "2009-12-02T23:00:00Z".

    Values that are no number of milliseconds in the years 1 to 9999 stay as they are.

    Args:
        columns: name -> (N,) values.
        names: the columns with dates.
    """
    dated = {
        name: np.fromiter(map(_as_text, columns[name]), dtype=object, count=len(columns[name]))
        for name in names
        if name in columns
    }
    return {**columns, **dated}


def _as_text(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    try:
        moment = _EPOCH + dt.timedelta(milliseconds=value)
    except (OverflowError, ValueError):  # ValueError: NaN
        return value
    return moment.isoformat(timespec="milliseconds" if moment.microsecond else "seconds").replace("+00:00", "Z")
