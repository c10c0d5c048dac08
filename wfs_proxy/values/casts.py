"""Casts: from whatever a vendor's document holds to the JSON value that a field promises.

GML knows only text, GeoJSON has numbers, and the same vendor may speak either: so "12", "12.0", 12 and 12.0 are one
integer, and "J", "true", 1 are one boolean. A cast gives None for what it cannot read; nothing is raised.
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
"""What a property can be."""

_LARGEST_INTEGER = 2**53 - 1
"""Beyond it JavaScript changes the last digits (RFC 7493, section 2.2)."""
_LONGEST_NUMBER = 100
"""Characters; no measurement is longer, and Python refuses to read integers of thousands of digits."""

_DECIMAL = re.compile(r"-?(0|[1-9][0-9]*)\.[0-9]+")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:[.][0-9]*)?|[.][0-9]+)(?:[eE][+-]?[0-9]+)?")
_INTEGER = re.compile(r"([+-]?[0-9]+)(?:[.,]0*)?")
_INTEGRAL_KEY = re.compile(r"(-?(?:0|[1-9][0-9]*))\.0+")
_JAVA_DOUBLE = re.compile(r"-?[1-9]\.[0-9]+E(?:[7-9]|1[0-9])")
"""How Java, so GeoServer's GML, writes doubles from 10^7 on (Double.toString): 12345678 is 1.2345678E7."""

_TRUE = frozenset({"1", "true", "t", "j", "ja", "y", "yes", "waar"})
_FALSE = frozenset({"0", "false", "f", "n", "nee", "no", "onwaar"})


def comparable_text(value: str | float) -> str:
    """The text that two values share when they mean the same.

    Trimmed; True is "true"; a decimal number loses the zeros that add nothing, so 1, 1.0, "1" and "1.0" are "1", and
    1.5 is "1.50". Leading zeros stay: "034575" is a code.
    """
    if isinstance(value, bool):
        return str(value).lower()
    text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()
    return text.rstrip("0").rstrip(".") if "." in text and _DECIMAL.fullmatch(text) else text


def is_absent(value: object) -> bool:
    """True for null, for blank text (MapServer and shapefiles write null so) and for an empty list."""
    return value is None or (isinstance(value, str) and not value.strip()) or value == []


def to_text(value: object) -> str | None:
    """Trimmed text. An integral number has no ".0"; the text "12.0" stays as the vendor wrote it.

    Repeated values are joined by ", "; other nested ones are compact JSON. None for NaN and infinity. A lone surrogate,
    which no encoding can write, becomes "?".
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
    """The text of a business key, the same in whatever format the vendor speaks today; "" where there is none.

    As `to_text`, and integral text has no ".0" either: of a column of doubles JSON says 12 or 12.0, GML "12.0" or
    "12345678" as "1.2345678E7". Leading zeros stay.
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
    """A decimal comma is read as well: "1,5" is 1.5."""
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
"""Type of a field -> what makes a value of it out of one that is not absent; None where that fails."""
