"""Casts: from a value in a vendor's document to the JSON value of a field's type.

GML has only text, GeoJSON has numbers, and the same vendor may send either. So "12", "12.0", 12 and 12.0 are the same
integer, and "J", "true" and 1 the same boolean. A cast returns None for a value that it cannot convert; none raises.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from typing import Literal

from wfs_proxy.values.dates import to_date, to_datetime

__all__ = ["CASTS", "FieldType", "JsonValue", "comparable_text", "is_absent", "key_text", "to_text"]

JsonValue = str | int | float | bool | None

FieldType = Literal["string", "integer", "number", "boolean", "date", "datetime"]
"""The types of a field."""

_LARGEST_INTEGER = 2**53 - 1
"""JavaScript rounds larger integers (RFC 7493, section 2.2)."""
_LONGEST_NUMBER = 100
"""Characters; no measurement is longer, and Python refuses integers of thousands of digits."""

_DECIMAL = re.compile(r"-?(0|[1-9][0-9]*)\.[0-9]+")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:[.][0-9]*)?|[.][0-9]+)(?:[eE][+-]?[0-9]+)?")
_INTEGER = re.compile(r"([+-]?[0-9]+)(?:[.,]0*)?")
_INTEGRAL_KEY = re.compile(r"(-?(?:0|[1-9][0-9]*))\.0+")
_JAVA_DOUBLE = re.compile(r"-?[1-9]\.[0-9]+E(?:[7-9]|1[0-9])")
"""The form in which Java, and so GeoServer's GML, writes doubles from 10^7 on: 12345678 is 1.2345678E7."""

_TRUE = frozenset({"1", "true", "t", "j", "ja", "y", "yes", "waar"})
_FALSE = frozenset({"0", "false", "f", "n", "nee", "no", "onwaar"})


def comparable_text(value: str | float) -> str:
    """Return a text that is equal for values that mean the same.

    Trimmed; True is "true"; trailing zeros of a decimal number are removed, so 1, 1.0, "1" and "1.0" are "1", and
    1.5 is "1.50". Leading zeros stay: "034575" is a code.
    """
    if isinstance(value, bool):
        return str(value).lower()
    text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()
    return text.rstrip("0").rstrip(".") if "." in text and _DECIMAL.fullmatch(text) else text


def is_absent(value: object) -> bool:
    """Whether a value is null, blank text (MapServer and shapefiles write null so) or an empty list."""
    return value is None or (isinstance(value, str) and not value.strip()) or value == []


def to_text(value: object) -> str | None:
    """Return trimmed text. An integral number has no ".0"; the text "12.0" is not changed.

    Repeated values are joined by ", "; other nested values are compact JSON. None for NaN and infinity. A lone
    surrogate, which UTF-8 cannot encode, becomes "?".
    """
    if isinstance(value, str):
        text = value.strip()
    elif isinstance(value, bool):
        text = str(value).lower()
    elif isinstance(value, float):
        if not math.isfinite(value):
            return None
        text = str(int(value)) if value.is_integer() else repr(value)
    elif isinstance(value, list) and not any(isinstance(item, list | dict) for item in value):
        text = ", ".join(item for item in map(to_text, value) if item)
    elif isinstance(value, list | dict):
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    else:
        text = "" if value is None else str(value)
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def key_text(value: object) -> str:
    """Return the text of a business key, the same in every format that the vendor sends; "" where there is none.

    As `to_text`, but integral text has no ".0" either: a column of doubles is 12 or 12.0 in JSON, and "12.0" or
    "1.2345678E7" (for 12345678) in GML. Leading zeros are kept.
    """
    text = to_text(value) or ""
    if "." not in text:
        return text
    if integral := _INTEGRAL_KEY.fullmatch(text):
        return integral[1]
    if _JAVA_DOUBLE.fullmatch(text) and float(text).is_integer():
        return str(int(float(text)))
    return text


def _to_integer(value: object) -> int | None:
    number: int | None = None
    if isinstance(value, int):
        number = int(value)
    elif isinstance(value, float):
        number = int(value) if value.is_integer() else None
    elif isinstance(value, str) and (written := _INTEGER.fullmatch(value.strip())) and len(value) <= _LONGEST_NUMBER:
        number = int(written[1])
    elif isinstance(value, str) and (decimal := _to_number(value)) is not None:
        number = int(decimal) if decimal.is_integer() else None
    return number if number is not None and abs(number) <= _LARGEST_INTEGER else None


def _to_number(value: object) -> float | None:
    """Return a finite number; "1,5" with a decimal comma is 1.5."""
    if isinstance(value, str):
        value = value.strip().replace(",", ".", 1)
        if len(value) > _LONGEST_NUMBER or not _NUMBER.fullmatch(value):
            return None
    elif not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _to_boolean(value: object) -> bool | None:
    text = comparable_text(value).lower() if isinstance(value, str | int | float) else ""
    return True if text in _TRUE else False if text in _FALSE else None


CASTS: Mapping[FieldType, Callable[[object], JsonValue]] = {
    "string": to_text,
    "integer": _to_integer,
    "number": _to_number,
    "boolean": _to_boolean,
    "date": to_date,
    "datetime": to_datetime,
}
"""Type of a field -> the function that converts a value that is not absent; its result is None where that fails."""
