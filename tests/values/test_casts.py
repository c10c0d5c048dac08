import math

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wfs_proxy.values.casts import CASTS, is_absent, key_text


def cases(*rows):
    return [pytest.param(given, expected, id=f"{given!r}"[:40]) for given, expected in rows]


@pytest.mark.parametrize(
    ("value", "expected"),
    cases(
        ("000123", "000123"),
        ("  LM 12\n", "LM 12"),
        ("12.0", "12.0"),
        (12.0, "12"),
        (12, "12"),
        (1.5, "1.5"),
        (True, "true"),
        (math.nan, None),
        (math.inf, None),
        (["a", None, "b"], "a, b"),
        ([1, 2.0], "1, 2"),
        ({"a": [1, "é"]}, '{"a":[1,"é"]}'),
        ("Fré", "Fré"),
        ("\ud800!", "?!"),
    ),
)
def test_string(value, expected):
    assert CASTS["string"](value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    cases(
        ("12", 12),
        (" +12 ", 12),
        ("012", 12),
        ("12.0", 12),
        ("12,0", 12),
        ("1.2E3", 1200),
        (12.0, 12),
        (True, 1),
        ("12.5", None),
        (12.5, None),
        ("twaalf", None),
        ("1_000", None),
        ("١٢", None),
        (math.nan, None),
        (2**53 - 1, 2**53 - 1),
        ("9007199254740991", 2**53 - 1),
        (2**53, None),
        (-(2**64), None),
        ("9" * 5000, None),
        ([12], None),
    ),
)
def test_integer(value, expected):
    result = CASTS["integer"](value)

    assert result == expected
    assert type(result) is type(expected)


@pytest.mark.parametrize(
    ("value", "expected"),
    cases(
        ("1.5", 1.5),
        ("1,5", 1.5),
        (".5", 0.5),
        ("-1.5e-3", -0.0015),
        (3, 3.0),
        (True, 1.0),
        ("1.234,5", None),
        ("NaN", None),
        ("Infinity", None),
        (math.nan, None),
        (-math.inf, None),
        ("1e999", None),
        (10**400, None),
        ("hoog", None),
        ({}, None),
    ),
)
def test_number(value, expected):
    result = CASTS["number"](value)

    assert result == expected
    assert type(result) is type(expected)


@pytest.mark.parametrize("value", [True, 1, 1.0, "1", "1.0", "J", "j", "Ja", "TRUE", "t", "Y", "yes", "waar", " ja "])
def test_true(value):
    assert CASTS["boolean"](value) is True


@pytest.mark.parametrize("value", [False, 0, 0.0, "0", "N", "nee", "False", "f", "no", "onwaar"])
def test_false(value):
    assert CASTS["boolean"](value) is False


@pytest.mark.parametrize("value", ["misschien", 2, -1, "2", math.nan, ["J"]])
def test_neither_true_nor_false(value):
    assert CASTS["boolean"](value) is None


@pytest.mark.parametrize("value", [None, "", "  \n", []])
def test_absent(value):
    assert is_absent(value)


@pytest.mark.parametrize("value", [0, False, "0", "-", {}, math.nan])
def test_present(value):
    assert not is_absent(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    cases(
        (12, "12"),
        (12.0, "12"),
        ("12.0", "12"),
        ("12.000", "12"),
        ("-3.0", "-3"),
        ("1.2345678E7", "12345678"),
        ("00012", "00012"),
        ("00012.0", "00012.0"),
        ("3.10", "3.10"),
        ("1E5", "1E5"),
        (" LM-1 ", "LM-1"),
        ("http://data.gwsw.nl/put/1|2", "http://data.gwsw.nl/put/1|2"),
        (None, ""),
        ("  ", ""),
        (math.nan, ""),
    ),
)
def test_key(value, expected):
    assert key_text(value) == expected


@given(st.integers(-(2**53) + 1, 2**53 - 1))
def test_key_is_the_same_in_every_format(number):
    assert {key_text(number), key_text(str(number)), key_text(f"{number}.0"), key_text(float(number))} == {str(number)}


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(st.sampled_from(sorted(CASTS)), values | st.from_regex(r"[0-9T:/.Z+-]{0,25}", fullmatch=True))
def test_any_value_is_cast_to_json_or_null(kind, value):
    expected = {"integer": int, "number": float, "boolean": bool}.get(kind, str)

    result = CASTS[kind](value)

    assert result is None or type(result) is expected
    orjson.dumps(result)
