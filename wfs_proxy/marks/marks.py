"""The marks of a layer: a small code per row of a snapshot that selects the bytes with which the feature ends.

    reports -> matching (which rows) -> match state (which signals mark which row) -> marks (a code per row)
            -> mark suffixes (bytes)

Marks are kept apart from the snapshot, so a new report needs no fetch and recomputes only the rows that it marks. Of a
signal, marks contain only the mark itself and, if the layer serves them, a public word and a coarse age.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from wfs_proxy.marks.layer_target import LayerTarget, StateRules
from wfs_proxy.marks.mark_suffixes import Codes, MarkSuffixes, age_of, today_at, unmarked_suffix, vendor_meanings
from wfs_proxy.marks.match_state import MatchCounts, MatchState
from wfs_proxy.marks.reported_objects import Signal
from wfs_proxy.snapshot import SEPARATOR, Column, Rows

__all__ = [
    "LayerMarks",
    "LayerTarget",
    "Marks",
    "MatchCounts",
    "MatchState",
    "StateRules",
    "compute_marks",
    "unmarked_suffix",
    "vendor_marks",
]


@dataclass(frozen=True, kw_only=True, eq=False)
class Marks:
    """How each feature of one snapshot ends. Marks with the same `version` give the same bytes."""

    version: str
    """BLAKE2b of the marks, 24 hexadecimal digits, the same in every process."""

    suffixes: tuple[bytes, ...] = field(repr=False)
    """By code: the bytes between a feature's fragment and the next one, including "}}" and the separator."""

    encoded_unmarked: bool
    """Whether the encoded features of the snapshot end with the suffix of code 0, so that only other rows change."""

    codes: Codes = field(repr=False)
    """(N,)"""

    tables: Mapping[str, Column] = field(default_factory=dict, repr=False)
    """Property of a mark -> its value by code, in the order in which they are served."""

    reported: int
    """How many objects are marked, by signals or by the vendor."""

    by_signals: int = 0
    """How many objects have an open signal in Signalen."""

    by_vendor: int = 0
    """How many objects the vendor marks."""

    counts: MatchCounts = field(default_factory=MatchCounts)
    """How the signals matched."""

    def column(self, name: str, rows: Rows | None = None) -> Column:
        """Return the values of a property of the marks: of these rows (M,), or (N,) of all.

        Raises:
            KeyError: there is no such property.
        """
        return self.tables[name].take(self.codes if rows is None else self.codes[rows])

    def suffix(self, row: int) -> bytes:
        """Return the bytes that follow the fragment of one row, without the separator."""
        return self.suffixes[int(self.codes[row])].removesuffix(SEPARATOR)

    @property
    def is_reported(self) -> NDArray[np.bool_]:
        """(N,) whether each object is marked."""
        return (self.codes & 1).astype(np.bool_)

    @cached_property
    def patches(self) -> tuple[memoryview[int], tuple[bytes | None, ...]]:
        """The codes, shape (N,), and by code the suffix that replaces the encoded one; None keeps the encoded one."""
        return self.codes.data, (None if self.encoded_unmarked else self.suffixes[0], *self.suffixes[1:])


@dataclass(frozen=True, kw_only=True, eq=False)
class LayerMarks:
    """The marks of one snapshot, with and without the signals of Signalen."""

    full: Marks
    """By signals and by the vendor."""

    vendor: Marks
    """By the vendor only. Served while the open signals are unknown, or known from too long ago."""

    today: dt.date | None = field(default=None, repr=False)
    """The date in the Netherlands for which the ages were computed."""

    match_state: MatchState | None = field(default=None, repr=False)
    """What `full` was computed from; None while nothing is known of Signalen."""

    generation: int = field(repr=False, default=0)
    """The generation of `match_state` at that time."""


def vendor_marks(target: LayerTarget) -> Marks:
    """Return the marks of a layer that come from the vendor's own attribute."""
    return _vendor_marks(target, _mark_suffixes(target))


def compute_marks(state: MatchState, index: int, now: float, previous: LayerMarks | None = None) -> LayerMarks:
    """Return the marks of one layer.

    Args:
        state: which signals mark which rows.
        index: the layer's index in `state.targets`.
        now: seconds since 1970. The ages depend on its date.
        previous: earlier marks. If they were computed from the same state just before its last update, and on the same
            date, only the rows that this update changed are computed again.
    """
    target, today = state.targets[index], today_at(now)
    suffixes = _mark_suffixes(target)
    if previous is not None and _can_extend(previous, state, today):
        vendor, codes, rows = previous.vendor, previous.full.codes.copy(), state.changed[index]
    else:
        vendor = _vendor_marks(target, suffixes)
        codes, rows = vendor.codes.copy(), state.rows(index)
    for row in rows:
        codes[row] = _code(suffixes, int(vendor.codes[row]), state.signals_of(index, row), target.states, today)
    full = Marks(
        version=_version(suffixes, codes),
        suffixes=suffixes.separated,
        encoded_unmarked=suffixes.separated[0] == target.snapshot.ending,
        codes=codes,
        tables=suffixes.tables,
        reported=_reported(codes),
        by_signals=len(state.rows(index)),
        by_vendor=vendor.by_vendor,
        counts=replace(state.counts[index]),
    )
    return LayerMarks(full=full, vendor=vendor, today=today, match_state=state, generation=state.generation)


def _mark_suffixes(target: LayerTarget) -> MarkSuffixes:
    snapshot = target.snapshot
    # a fragment without properties ends with the brace that opens them
    only_marks = len(snapshot) > 0 and snapshot.fragment(0).endswith(b"{")
    return MarkSuffixes(target.reports, target.states, only_marks=only_marks)


def _can_extend(previous: LayerMarks, state: MatchState, today: dt.date) -> bool:
    """Whether the rows that changed since `previous` are those of the state's last update."""
    return previous.match_state is state and previous.generation == state.generation - 1 and previous.today == today


def _vendor_marks(target: LayerTarget, suffixes: MarkSuffixes) -> Marks:
    snapshot, vendor = target.snapshot, target.reports.vendor
    codes: Codes = np.zeros(len(snapshot), dtype=suffixes.dtype)
    if vendor is not None and snapshot.vendor_codes is not None:
        known = vendor_meanings(vendor, target.states)
        meanings = [known.get(text) for text in snapshot.vendor_texts]
        # the None at the end is for objects without a text, whose vendor code is -1
        table = [0 if it is None else suffixes.code(reported=it.reported, word=it.word) for it in (*meanings, None)]
        codes = np.array(table, dtype=suffixes.dtype)[snapshot.vendor_codes]
    reported = _reported(codes)
    return Marks(
        version=_version(suffixes, codes),
        suffixes=suffixes.separated,
        encoded_unmarked=suffixes.separated[0] == snapshot.ending,
        codes=codes,
        tables=suffixes.tables,
        reported=reported,
        by_vendor=reported,
    )


def _code(
    suffixes: MarkSuffixes, vendor_code: int, signals: Sequence[Signal], states: StateRules, today: dt.date
) -> int:
    """Return the code of an object that `signals` mark; without signals the vendor's code.

    The word is that of the signal that changed last, because it is the latest known state of the repair. The age is
    that of the oldest signal.
    """
    if not signals:
        return vendor_code
    newest = max(signals, key=lambda signal: (signal.updated_at, signal.id))
    # the vendor's word is about this very object; a signal may be about several
    vendor_word = suffixes.word_of(vendor_code) if vendor_code & 1 else None
    oldest = min(signal.created_at for signal in signals)
    return suffixes.code(reported=True, word=vendor_word or states.words.get(newest.state), age=age_of(oldest, today))


def _reported(codes: Codes) -> int:
    return int(np.count_nonzero(codes & 1))


def _version(suffixes: MarkSuffixes, codes: Codes) -> str:
    digest = hashlib.blake2b(b"".join(suffixes.separated), digest_size=12)
    digest.update(codes.data)
    return digest.hexdigest()
