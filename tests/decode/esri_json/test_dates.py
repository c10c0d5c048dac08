"""Milliseconds since 1970 as text."""

from __future__ import annotations

import math

import numpy as np
import pytest

from wfs_proxy.decode.esri_json.dates import date_fields, with_dates


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, "1970-01-01T00:00:00Z"),
        (1_259_794_800_000, "2009-12-02T23:00:00Z"),
        (1_259_794_800_123, "2009-12-02T23:00:00.123Z"),
        (1_259_794_800_000.0, "2009-12-02T23:00:00Z"),
        (-2_208_988_800_000, "1900-01-01T00:00:00Z"),
        (None, None),
        ("2009-12-03", "2009-12-03"),
        (True, True),
        (10**18, 10**18),
        (-(10**18), -(10**18)),
        (math.inf, math.inf),
    ],
)
def test_milliseconds_become_text(value, expected):
    columns = with_dates({"a": np.array([value], dtype=object), "b": np.array([0], dtype=object)}, ["a", "c"])

    assert (columns["a"].tolist(), columns["b"].tolist(), "c" in columns) == ([expected], [0], False)


def test_nan_stays():
    assert math.isnan(with_dates({"a": np.array([math.nan], dtype=object)}, ["a"])["a"][0])


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ([{"name": "a", "type": "esriFieldTypeDate"}, {"name": "b", "type": "esriFieldTypeString"}], ("a",)),
        ([{"name": "a", "type": "esriFieldTypeDateOnly"}], ()),
        ([None, "a", {}, {"type": "esriFieldTypeDate"}], ()),
        (None, ()),
        ({"name": "a"}, ()),
    ],
)
def test_dates_are_the_fields_of_that_type(fields, expected):
    assert date_fields(fields) == expected
