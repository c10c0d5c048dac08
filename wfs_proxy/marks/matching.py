"""Which objects a signal is about: by id first, by place second.

    signal -> the layers of its category and state -> each object that it names -> rows by id, else rows by place

For each reference (an object that an answer names):

1. Rows with the reference's id, in all layers that accept the signal and its question. A row farther than 50 m from the
   place that the form stored is void: the number belongs to another object by now. Where the form stored no place, a
   row farther than the layer's `id_within` metres from the report is void: the text is the number of something else.
2. Without such a row: the rows within the layer's `within` metres of the place.
3. One row is marked. Of several rows, the one whose own point is the place, digit for digit; else, with the id, the one
   that is also at the place. Several that have the same business key are all marked: a form selects them together.
   Otherwise the reference is ambiguous, is counted, and marks nothing, because marking the wrong object keeps people
   from reporting it.

A signal without a reference names the object whose own point is the signal's place, digit for digit: the newer form
stores the point of the chosen object there, but no answer while its address service is slow. So does a signal whose
references have no place and mark nothing, because answers to other questions may look like references. Other places
count only for a signal without a reference, in layers with `place_only`, and in the public geography.

All layers of one Signalen instance are matched together, because an id may exist in two of them. Invariant: a reference
marks the same rows as if it were compared with every object
(`test_marks_are_those_of_the_oracle_after_every_poll`).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from wfs_proxy.marks.layer_target import LayerTarget
from wfs_proxy.marks.reported_objects import AssetReference, Place, Signal

__all__ = ["FARTHEST_ID_MATCH", "MatchedRow", "SignalMatches", "match", "metres_between"]

FARTHEST_ID_MATCH = 50.0
"""Metres. An object with the right id that is farther from where the form saw it is another object by now."""

_EARTH_RADIUS = 6_371_008.8
"""Metres, the mean radius (Moritz, Geodetic Reference System 1980); distances are within a third of a percent."""

MatchedRow = tuple[int, int]
"""(index of a `LayerTarget`, row of its snapshot)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SignalMatches:
    """What one signal marks, and why it does not mark more."""

    targets: tuple[int, ...]
    """The indexes of the targets that accept the signal."""

    rows: tuple[MatchedRow, ...] = ()
    """Each row once."""

    ambiguous: int = 0
    """References that match several objects."""

    void: int = 0
    """References whose id exists only too far away."""

    unmatched: int = 0
    """References that match no object, including those with a void id."""


def match(signals: Iterable[Signal], targets: Sequence[LayerTarget], *, public_only: bool) -> dict[int, SignalMatches]:
    """Return what each signal marks, by its id. Signals that no target accepts are left out.

    Args:
        signals: in any state.
        targets: all layers that use the Signalen instance of these signals.
        public_only: the signals come from the public geography, which has place and category only. Each is matched
            by its place.
    """
    matcher = _Matcher(targets, public_only=public_only)
    accepted = [(signal, indexes) for signal in signals if (indexes := matcher.accepting(signal))]
    hits = matcher.by_id([reference.id_hash or 0 for signal, _ in accepted for reference in signal.assets])
    return {signal.id: matcher.matches(signal, indexes, hits) for signal, indexes in accepted}


def metres_between(one: Place, other: Place) -> float:
    """Return the distance of two places that are near each other, on a plane."""
    east = math.radians(other[0] - one[0]) * math.cos(math.radians((one[1] + other[1]) / 2))
    return _EARTH_RADIUS * math.hypot(east, math.radians(other[1] - one[1]))


_Hits = list[tuple[list[int], list[int]]]
"""For each target: where the rows of each reference begin and end in its index of names."""


class _Matcher:
    def __init__(self, targets: Sequence[LayerTarget], *, public_only: bool) -> None:
        self._targets = targets
        self._public_only = public_only
        self._accepting: dict[tuple[str, str], tuple[int, ...]] = {}
        self._next_reference = 0

    def accepting(self, signal: Signal) -> tuple[int, ...]:
        """Return the indexes of the targets that accept the signal's category and state."""
        key = signal.category, signal.state
        indexes = self._accepting.get(key)
        if indexes is None:
            accepting = (
                index
                for index, target in enumerate(self._targets)
                if target.accepts(signal.category, signal.state, public_only=self._public_only)
            )
            indexes = self._accepting[key] = tuple(accepting)
        return indexes

    def by_id(self, id_hashes: Sequence[int]) -> _Hits:
        """Look up the hashes of all ids at once, which is much faster than one by one."""
        hashes = np.array(id_hashes, dtype=np.uint64)
        return [target.names.find(hashes) for target in self._targets]

    def matches(self, signal: Signal, indexes: tuple[int, ...], hits: _Hits) -> SignalMatches:
        """Return what one signal marks. Must be called for signals in the order in which `by_id` got their ids."""
        groups: list[list[MatchedRow]] = []
        void = 0
        for reference in signal.assets:
            position, self._next_reference = self._next_reference, self._next_reference + 1
            asked = [index for index in indexes if self._targets[index].reports.has_question(reference.question_key)]
            if not asked:
                continue
            named = self._rows_with_id(asked, position, hits) if reference.id_hash is not None else []
            near = [found for found in named if self._is_near_enough(found, reference, signal)]
            void += bool(named) and not near
            groups.append(self._candidates(near, asked, _place_of(reference, signal)))
        if not signal.assets:
            groups.append(self._by_place_alone(indexes, signal.place))
        meant = [self._meant(candidates) for candidates in groups]
        rows = dict.fromkeys(chain.from_iterable(meant))
        if not rows and signal.assets and all(reference.place is None for reference in signal.assets):
            own = self._exactly_at(self._at(indexes, signal.place), signal.place)
            rows = dict.fromkeys(self._meant(own))
        unmatched = groups.count([])
        ambiguous = meant.count([]) - unmatched
        return SignalMatches(targets=indexes, rows=tuple(rows), ambiguous=ambiguous, void=void, unmatched=unmatched)

    def _rows_with_id(self, indexes: list[int], position: int, hits: _Hits) -> list[MatchedRow]:
        return [
            (index, row)
            for index in indexes
            for starts, ends in (hits[index],)
            if starts[position] < ends[position]
            for row in self._targets[index].names.rows[starts[position] : ends[position]].tolist()
        ]

    def _is_near_enough(self, found: MatchedRow, reference: AssetReference, signal: Signal) -> bool:
        """Whether a row is where the form saw the object, or near the report if the form stored no place."""
        if reference.place is not None:
            return metres_between(reference.place, self._place_of(found)) <= FARTHEST_ID_MATCH
        farthest = self._targets[found[0]].id_within
        return signal.place is None or metres_between(signal.place, self._place_of(found)) <= farthest

    def _candidates(self, named: list[MatchedRow], indexes: list[int], place: Place | None) -> list[MatchedRow]:
        """Return the row that is meant, several rows if that cannot be decided, or none."""
        if len(named) == 1:
            return named
        if not named:
            return self._at(indexes, place)
        at = self._exactly_at(named, place) or [found for found in named if self._is_at(found, place)]
        return at or named

    def _meant(self, candidates: list[MatchedRow]) -> list[MatchedRow]:
        """Return the only candidate, or all if they have the same business key; none if it is not clear which."""
        if len(candidates) < 2:  # noqa: PLR2004 - one or none
            return candidates
        keys = {self._shared_key(found) for found in candidates}
        return candidates if len(keys) == 1 and None not in keys else []

    def _shared_key(self, found: MatchedRow) -> tuple[int, int] | None:
        index, row = found
        shared = self._targets[index].snapshot.shared_keys
        key = None if shared is None else shared.of(row)
        return None if key is None else (index, key)

    def _by_place_alone(self, indexes: tuple[int, ...], place: Place | None) -> list[MatchedRow]:
        found = self._at(indexes, place)
        # rows of other layers count only if the place is exactly theirs
        return self._exactly_at(found, place) or [
            row for row in found if self._public_only or self._targets[row[0]].place_only
        ]

    def _at(self, indexes: Iterable[int], place: Place | None) -> list[MatchedRow]:
        """Return the rows of several targets whose own point is a place, else those within the target's distance."""
        if place is None:
            return []
        around = ((index, self._targets[index].rows_around(place)) for index in indexes)
        rows = chain.from_iterable(((index, row) for row in found) for index, found in around)
        near = [found for found in rows if self._is_at(found, place)]
        return self._exactly_at(near, place) or near

    def _exactly_at(self, rows: Iterable[MatchedRow], place: Place | None) -> list[MatchedRow]:
        """Return the rows whose point equals a place in every digit that is served: at most one in each target."""
        return [found for found in rows if self._place_of(found) == place]

    def _is_at(self, found: MatchedRow, place: Place | None) -> bool:
        return place is not None and metres_between(place, self._place_of(found)) <= self._targets[found[0]].within

    def _place_of(self, found: MatchedRow) -> Place:
        index, row = found
        return self._targets[index].place_of(row)


def _place_of(reference: AssetReference, signal: Signal) -> Place | None:
    """Return where the object is. A signal that names one object has the object's place."""
    if reference.place is not None:
        return reference.place
    return signal.place if len(signal.assets) == 1 else None
