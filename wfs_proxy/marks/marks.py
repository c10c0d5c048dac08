"""The marks of a layer: what is reported x the objects that there are -> how each feature ends.

    reports -> matching (which rows) -> ledger (who marks which row) -> marks (a small number a row) -> endings (bytes)

Pure: no clock, no socket. Marks lie over a snapshot, so a new report costs neither a fetch nor the encoding of anything
but the rows that it marks; and a signal leaves nothing in them but the mark, and the word and the coarse age where the
layer serves those.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from wfs_proxy.marks.layer_target import LayerTarget, StateRules
from wfs_proxy.marks.mark_suffixes import Codes, MarkSuffixes, age_of, today_at, unmarked_suffix, vendor_meanings
from wfs_proxy.marks.match_state import MatchCounts, MatchState
from wfs_proxy.marks.reported_objects import Signal
from wfs_proxy.snapshot import SEPARATOR

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
    """How each feature of one snapshot ends. Two with the same `version` end them alike."""

    version: str
    """BLAKE2b of the marks, 24 hexadecimal digits, the same in every process."""

    endings: tuple[bytes, ...] = field(repr=False)
    """code -> what follows a fragment up to the next one, "}}" and the separator included."""

    baked: bool
    """Whether the snapshot's features end as code 0 says; then only the others have to be changed."""

    codes: Codes = field(repr=False)
    """(N,)"""

    reported: int
    """Objects that are marked, whoever says so."""

    by_signals: int = 0
    """Objects that Signalen says are reported."""

    by_vendor: int = 0
    """Objects that the vendor says are reported."""

    tally: MatchCounts = field(default_factory=MatchCounts)
    """How the reports of Signalen fared."""

    def end(self, row: int) -> bytes:
        """What follows the fragment of one row, up to its end."""
        return self.endings[int(self.codes[row])].removesuffix(SEPARATOR)

    @cached_property
    def patching(self) -> tuple[memoryview[int], tuple[bytes | None, ...]]:
        """(N,) the codes, and by code what takes the place of how a snapshot's feature ends; None: it stays."""
        return self.codes.data, (None if self.baked else self.endings[0], *self.endings[1:])


@dataclass(frozen=True, kw_only=True, eq=False)
class LayerMarks:
    """The marks of one snapshot, with and without what Signalen says."""

    full: Marks
    vendor: Marks
    """For when nobody knows any more what is open in Signalen."""

    today: dt.date | None = field(default=None, repr=False)
    """The date in the Netherlands that the ages were told on."""

    ledger: MatchState | None = field(default=None, repr=False)
    """What `full` came from; None while nothing is known of Signalen."""

    generation: int = field(repr=False, default=0)
    """Of the ledger, at that time."""


def vendor_marks(scope: LayerTarget) -> Marks:
    """The marks of a layer as far as the vendor tells them."""
    return _vendor_marks(scope, _endings(scope))


def compute_marks(ledger: MatchState, number: int, now: float, before: LayerMarks | None = None) -> LayerMarks:
    """The marks of one layer.

    Args:
        ledger: what is reported.
        number: which of the ledger's scopes.
        now: seconds since 1970; ages are told by its date.
        before: the marks from which only the changed rows are made anew, where they are the same ledger's of one entry
            ago.
    """
    scope, today = ledger.scopes[number], today_at(now)
    endings = _endings(scope)
    if before is not None and _goes_on(ledger, before, today):
        vendor, codes, rows = before.vendor, before.full.codes.copy(), ledger.changed[number]
    else:
        vendor = _vendor_marks(scope, endings)
        codes, rows = vendor.codes.copy(), ledger.rows(number)
    for row in rows:
        codes[row] = _code(endings, int(vendor.codes[row]), ledger.signals_of(number, row), scope.states, today)
    full = Marks(
        version=_version(endings, codes),
        endings=endings.separated,
        baked=endings.separated[0] == scope.snapshot.ending,
        codes=codes,
        reported=_reported(codes),
        by_signals=len(ledger.rows(number)),
        by_vendor=vendor.by_vendor,
        tally=replace(ledger.tallies[number]),
    )
    return LayerMarks(full=full, vendor=vendor, today=today, ledger=ledger, generation=ledger.generation)


def _endings(scope: LayerTarget) -> MarkSuffixes:
    snapshot = scope.snapshot
    # properties without a member end with the brace that opens them
    bare = len(snapshot) > 0 and snapshot.fragment(0).endswith(b"{")
    return MarkSuffixes(scope.reports, scope.states, bare=bare)


def _goes_on(ledger: MatchState, before: LayerMarks, today: dt.date) -> bool:
    return before.ledger is ledger and before.generation == ledger.generation - 1 and before.today == today


def _vendor_marks(scope: LayerTarget, endings: MarkSuffixes) -> Marks:
    snapshot, vendor = scope.snapshot, scope.reports.vendor
    codes: Codes = np.zeros(len(snapshot), dtype=endings.type)
    if vendor is not None and snapshot.vendor_codes is not None:
        means = vendor_meanings(vendor, scope.states)
        told = [means.get(text) for text in snapshot.vendor_texts]
        # the last one is what the position -1, no text, finds
        table = [0 if it is None else endings.code(reported=it.reported, word=it.word) for it in (*told, None)]
        codes = np.array(table, dtype=endings.type)[snapshot.vendor_codes]
    reported = _reported(codes)
    return Marks(
        version=_version(endings, codes),
        endings=endings.separated,
        baked=endings.separated[0] == scope.snapshot.ending,
        codes=codes,
        reported=reported,
        by_vendor=reported,
    )


def _code(
    endings: MarkSuffixes, vendor_code: int, signals: Sequence[Signal], states: StateRules, today: dt.date
) -> int:
    """The code of an object that `signals` mark; without any the vendor's is left."""
    if not signals:
        return vendor_code
    newest = max(signals, key=lambda signal: (signal.updated_at, signal.id))
    # the vendor speaks of this very object, a signal perhaps of several
    vendor_word = endings.word_of(vendor_code) if vendor_code & 1 else None
    oldest = min(signal.created_at for signal in signals)
    return endings.code(reported=True, word=vendor_word or states.words.get(newest.state), age=age_of(oldest, today))


def _reported(codes: Codes) -> int:
    return int(np.count_nonzero(codes & 1))


def _version(endings: MarkSuffixes, codes: Codes) -> str:
    digest = hashlib.blake2b(b"".join(endings.separated), digest_size=12)
    digest.update(codes.data)
    return digest.hexdigest()
