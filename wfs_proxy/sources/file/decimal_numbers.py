"""Numbers as spreadsheets write them, with a decimal comma or point, and perhaps with a sign between thousands.

"155000,5" and "155000.5" are clear, also in one column. "155.123" may be a fraction or a hundred and fifty-five
thousand: other values of the same columns decide, else what is a plausible place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["DecimalSign", "sign_of", "to_numbers"]

DecimalSign = str
"""A comma or a point."""

_BLANKS = re.compile(r"[\s\u00a0\u202f']")
"""Between thousands, and around numbers."""

_PLAIN = re.compile(r"[+-]?\d+(?:[eE][+-]?\d+)?")
_ONE_SIGN = re.compile(r"([+-]?\d*)([.,])(\d*)((?:[eE][+-]?\d+)?)")
_GROUPED = re.compile(r"([+-]?\d{1,3}(?:\.\d{3})+)(?:,(\d*))?|([+-]?\d{1,3}(?:,\d{3})+)(?:\.(\d*))?")
_EITHER = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}")
"""A number that means something else with the other decimal sign."""

_SAMPLE = 1000


def to_numbers(texts: Sequence[str | None], decimal: DecimalSign) -> NDArray[np.float64]:
    """Return (N,) the numbers; NaN where a text is none.

    Args:
        texts: (N,) as written.
        decimal: the sign that decides where a number can be read in two ways.
    """
    if decimal == ".":
        try:
            return _finite(np.array(texts, dtype=np.float64))
        except (TypeError, ValueError):
            pass
    return _finite(np.fromiter((_number(text, decimal) for text in texts), dtype=np.float64, count=len(texts)))


def sign_of(
    columns: Sequence[Sequence[str | None]], plausible: Callable[[Sequence[NDArray[np.float64]]], int]
) -> DecimalSign:
    """Return the decimal sign of columns that belong together.

    Args:
        columns: (N,) texts each.
        plausible: how many of the rows are plausible places, given the numbers of each column.
    """
    sample = [column[:: max(1, len(column) // _SAMPLE)] for column in columns]
    signs = {sign for column in sample for text in column if text and (sign := _clear_sign(text))}
    if len(signs) == 1:
        return signs.pop()
    comma, point = (plausible([to_numbers(column, sign) for column in sample]) for sign in ",.")
    return "," if comma > point else "."


def _finite(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    numbers[~np.isfinite(numbers)] = np.nan
    return numbers


def _clear_sign(text: str) -> DecimalSign | None:
    """Return the decimal sign of a number that can be read in one way only and has one."""
    text = _BLANKS.sub("", text)
    if (one := _ONE_SIGN.fullmatch(text)) and not _EITHER.fullmatch(text):
        return one[2]
    grouped = _GROUPED.fullmatch(text)
    if grouped is None or _EITHER.fullmatch(text):
        return None
    return "," if grouped[1] else "."


def _number(text: str | None, decimal: DecimalSign) -> float:
    text = _BLANKS.sub("", text or "")
    if _PLAIN.fullmatch(text):
        return float(text)
    one = _ONE_SIGN.fullmatch(text)
    if one and (one[2] == decimal or not _EITHER.fullmatch(text)):
        digits = f"{one[1]}.{one[3]}{one[4]}"
        return float(digits) if re.search(r"\d", one[1] + one[3]) else np.nan
    grouped = _GROUPED.fullmatch(text)
    if grouped is None:
        return np.nan
    whole, fraction = (grouped[1], grouped[2]) if grouped[1] else (grouped[3], grouped[4])
    return float(f"{re.sub('[.,]', '', whole)}.{fraction or 0}")
