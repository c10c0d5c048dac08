"""The bytes that end a feature: each state that an object of a layer can be in, encoded once.

An object is marked or not, has a public word or none, and was reported today, this week, longer ago, or nobody says. A
layer knows all these combinations beforehand, so a mark is a small number beside the row, and the same number means the
same bytes in every process.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import orjson
from numpy.typing import NDArray

from wfs_proxy.config import Reports, VendorMarks
from wfs_proxy.marks.layer_target import StateRules
from wfs_proxy.snapshot import FRAGMENT_END, SEPARATOR

__all__ = ["AGES", "Codes", "MarkSuffixes", "VendorMeaning", "age_of", "today_at", "unmarked_suffix", "vendor_meanings"]

Codes = NDArray[np.unsignedinteger[Any]]
"""As wide as a layer's endings need."""

AGES: Final = (None, "vandaag", "deze week", "langer")
"""What `reports.age` tells; None where nobody says since when."""

_DAYS_IN_A_WEEK = 7
_HERE = ZoneInfo("Europe/Amsterdam")


def today_at(now: float) -> dt.date:
    """The date in the Netherlands, of seconds since 1970."""
    return dt.datetime.fromtimestamp(now, _HERE).date()


def age_of(created_at: dt.datetime, today: dt.date) -> str:
    """How long ago something was reported, no finer than a neighbour may know: today, in the last seven days, longer.

    Args:
        created_at: with its offset. In the future counts as today: clocks differ.
        today: in the Netherlands.
    """
    days = (today - created_at.astimezone(_HERE).date()).days
    if days <= 0:
        return "vandaag"
    return "deze week" if days < _DAYS_IN_A_WEEK else "langer"


@dataclass(frozen=True, kw_only=True)
class VendorMeaning:
    """What one text of the vendor's means."""

    reported: bool
    word: str | None


def vendor_meanings(vendor: VendorMarks, states: StateRules) -> Mapping[str, VendorMeaning]:
    """Text of the vendor's attribute -> what it means.

    A state counts as reported where it is one of the open states, unless the file says otherwise: "afwachting van
    netleverancier" is closed in Signalen, and the lamp is still out. A text in `values` counts in any case.
    """
    found = {text: VendorMeaning(reported=True, word=states.words.get("")) for text in vendor.values}
    for state in vendor.states:
        reported = state.state in states.open if state.reported is None else state.reported
        reported = reported or state.text in vendor.values
        found[state.text] = VendorMeaning(
            reported=reported, word=state.word or (states.words.get(state.state) if reported else None)
        )
    return found


def unmarked_suffix(reports: Reports | None, *, bare: bool) -> bytes:
    """How features of a layer end that nobody reported, the separator included.

    Args:
        reports: the block of the layer's file; None where it has none.
        bare: the layer has no other property, so no comma comes first.
    """
    ending = FRAGMENT_END if reports is None else _ending(reports, None, None, False, bare=bare)
    return ending + SEPARATOR


class MarkSuffixes:
    """The endings of one layer's features, by code. 0: neither reported, nor with a word, nor with an age."""

    def __init__(self, reports: Reports, states: StateRules, *, bare: bool) -> None:
        """The arguments say what the endings depend on.

        Args:
            reports: the block of the layer's file.
            states: which states there are words for.
            bare: the layer has no other property, so no comma comes first.
        """
        vendor = vendor_meanings(reports.vendor, states) if reports.vendor is not None else {}
        known = {*states.words.values(), *(meaning.word for meaning in vendor.values() if meaning.word)}
        words = (None, *sorted(known)) if reports.word is not None else (None,)
        ages = AGES if reports.age is not None else (None,)
        combinations = list(product(words, ages, (False, True)))
        self._words = [word for word, _, _ in combinations]
        self._codes = {combination: code for code, combination in enumerate(combinations)}
        self.separated = tuple(_ending(reports, *combination, bare=bare) + SEPARATOR for combination in combinations)
        """code -> what follows a fragment, and the separator."""

        self.type: np.dtype[np.unsignedinteger[Any]] = np.min_scalar_type(len(combinations))
        """Wide enough for every code."""

        self._has_words, self._has_ages = reports.word is not None, reports.age is not None

    def code(self, *, reported: bool, word: str | None = None, age: str | None = None) -> int:
        """The code of a state; a word or an age that the layer does not serve is left out. Odd: reported."""
        return self._codes[word if self._has_words else None, age if self._has_ages else None, reported]

    def word_of(self, code: int) -> str | None:
        """The word in an ending."""
        return self._words[code]


def _ending(reports: Reports, word: str | None, age: str | None, reported: bool, *, bare: bool) -> bytes:  # noqa: FBT001 - one of a combination
    properties: dict[str, object] = {
        rule.property: rule.reported if reported else rule.otherwise for rule in reports.mark
    }
    if reports.word is not None:
        properties[reports.word] = word
    if reports.age is not None:
        properties[reports.age] = age
    members = _dumps(properties)[1:-1]
    comma = b"," if members and not bare else b""
    return comma + members + FRAGMENT_END


def _dumps(properties: dict[str, object]) -> bytes:
    try:
        return orjson.dumps(properties)
    except orjson.JSONEncodeError:  # an integer over 64 bits
        return json.dumps(properties, separators=(",", ":")).encode()
