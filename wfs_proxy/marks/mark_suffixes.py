"""The bytes that end a feature, encoded once for each combination of marks that an object can have.

An object is reported or not, has a public word or none, and was reported today, this week, longer ago or at an unknown
time. A layer knows all these combinations in advance. So a mark is a small code per row, and a code selects the same
bytes in every process.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import orjson
from numpy.typing import NDArray

from wfs_proxy.config import Reports, VendorMarks, type_of_mark
from wfs_proxy.features import ColumnKind
from wfs_proxy.marks.layer_target import StateRules
from wfs_proxy.snapshot import FRAGMENT_END, SEPARATOR, Column, column_of

__all__ = ["AGES", "Codes", "MarkSuffixes", "VendorMeaning", "age_of", "today_at", "unmarked_suffix", "vendor_meanings"]

Codes = NDArray[np.unsignedinteger[Any]]
"""(N,) one code per row; as wide as the number of a layer's suffixes needs."""

AGES: Final = (None, "vandaag", "deze week", "langer")
"""The values of the property `reports.age`; None where the time of the report is not known."""

_Combination = tuple[str | None, str | None, bool]
"""(word, age, reported)."""

_UNMARKED: Final[_Combination] = (None, None, False)

_DAYS_IN_A_WEEK = 7
_NETHERLANDS = ZoneInfo("Europe/Amsterdam")


def today_at(now: float) -> dt.date:
    """Return the date in the Netherlands at a time in seconds since 1970."""
    return dt.datetime.fromtimestamp(now, _NETHERLANDS).date()


def age_of(created_at: dt.datetime, today: dt.date) -> str:
    """Return how long ago something was reported: today, in the last seven days, or longer ago.

    It is this coarse for privacy: a neighbour must not learn who reported.

    Args:
        created_at: with its offset. A time in the future counts as today, because clocks differ.
        today: the date in the Netherlands.
    """
    days = (today - created_at.astimezone(_NETHERLANDS).date()).days
    if days <= 0:
        return "vandaag"
    return "deze week" if days < _DAYS_IN_A_WEEK else "langer"


@dataclass(frozen=True, kw_only=True)
class VendorMeaning:
    """What one value of the vendor's attribute means."""

    reported: bool
    word: str | None


def vendor_meanings(vendor: VendorMarks, states: StateRules) -> Mapping[str, VendorMeaning]:
    """Return the meaning of each known text of the vendor's attribute.

    A text with a state counts as reported if that state is one of the open states, unless the layer file says
    otherwise: "afwachting van netleverancier" is closed in Signalen, but the lamp is still out. A text in `values`
    always counts as reported.
    """
    meanings = {text: VendorMeaning(reported=True, word=states.words.get("")) for text in vendor.values}
    for state in vendor.states:
        reported = state.state in states.open if state.reported is None else state.reported
        reported = reported or state.text in vendor.values
        meanings[state.text] = VendorMeaning(
            reported=reported, word=state.word or (states.words.get(state.state) if reported else None)
        )
    return meanings


def unmarked_suffix(reports: Reports | None, *, only_marks: bool) -> bytes:
    """Return the suffix of features that nobody reported, with the separator.

    Args:
        reports: the `reports` block of the layer's file; None if it has none.
        only_marks: the layer has no other property, so the suffix begins without a comma.
    """
    suffix = FRAGMENT_END if reports is None else _suffix(reports, _UNMARKED, only_marks=only_marks)
    return suffix + SEPARATOR


class MarkSuffixes:
    """The suffixes of one layer's features, by code. Code 0: not reported, without word and age."""

    def __init__(self, reports: Reports, states: StateRules, *, only_marks: bool) -> None:
        """Encode all combinations.

        Args:
            reports: the `reports` block of the layer's file.
            states: the open states and the words of all states.
            only_marks: the layer has no other property, so a suffix begins without a comma.
        """
        vendor = vendor_meanings(reports.vendor, states) if reports.vendor is not None else {}
        known = {*states.words.values(), *(meaning.word for meaning in vendor.values() if meaning.word)}
        words = (None, *sorted(known)) if reports.word is not None else (None,)
        ages = AGES if reports.age is not None else (None,)
        combinations = list(product(words, ages, (False, True)))
        self._words = [word for word, _, _ in combinations]
        self._codes = {combination: code for code, combination in enumerate(combinations)}
        self.separated = tuple(
            _suffix(reports, combination, only_marks=only_marks) + SEPARATOR for combination in combinations
        )
        """By code: the bytes that follow a feature's fragment, with the separator."""

        self.tables = _tables(reports, combinations)
        """Property of a mark -> its value by code, in the order in which they are served."""

        self.dtype: np.dtype[np.unsignedinteger[Any]] = np.min_scalar_type(len(combinations))
        """The smallest type that holds every code."""

        self._has_words, self._has_ages = reports.word is not None, reports.age is not None

    def code(self, *, reported: bool, word: str | None = None, age: str | None = None) -> int:
        """Return the code of a combination; odd if reported. A word or age that the layer does not serve is ignored."""
        return self._codes[word if self._has_words else None, age if self._has_ages else None, reported]

    def word_of(self, code: int) -> str | None:
        """Return the word that belongs to a code."""
        return self._words[code]


def _suffix(reports: Reports, combination: _Combination, *, only_marks: bool) -> bytes:
    members = _dumps(_properties(reports, combination))[1:-1]
    comma = b"," if members and not only_marks else b""
    return comma + members + FRAGMENT_END


def _properties(reports: Reports, combination: _Combination) -> dict[str, str | int | None]:
    word, age, reported = combination
    properties: dict[str, str | int | None] = {
        rule.property: rule.reported if reported else rule.otherwise for rule in reports.mark
    }
    if reports.word is not None:
        properties[reports.word] = word
    if reports.age is not None:
        properties[reports.age] = age
    return properties


def _tables(reports: Reports, combinations: Sequence[_Combination]) -> Mapping[str, Column]:
    """Return property -> (C,) its value by code."""
    kinds: Mapping[str, ColumnKind] = {rule.property: type_of_mark(rule) for rule in reports.mark}
    served = [_properties(reports, combination) for combination in combinations]
    return {
        name: column_of(np.array([properties[name] for properties in served], dtype=object), kinds.get(name, "string"))
        for name in served[0]
    }


def _dumps(properties: dict[str, str | int | None]) -> bytes:
    try:
        return orjson.dumps(properties)
    except orjson.JSONEncodeError:  # an integer over 64 bits
        return json.dumps(properties, separators=(",", ":")).encode()
