"""Which objects a signal is about: by id first, by place second (the contract "truth: Reported").

    signal -> the layers whose category and states it has -> each object that it names -> rows by id, else by place

All layers that ask one instance of Signalen are looked at together, for an id may fit objects of two of them. A
reference marks one object or none: to mark the wrong one keeps somebody from reporting what is broken.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

from wfs_proxy.marks.layer_target import LayerTarget
from wfs_proxy.marks.reported_objects import AssetReference, Place, Signal
from wfs_proxy.snapshot import hashed

__all__ = ["FARTHEST_ID_MATCH", "MatchedRow", "SignalMatches", "match", "metres_between"]

FARTHEST_ID_MATCH = 50.0
"""Metres. An object with the right id farther from where the form saw it is another object by now."""

_EARTH_RADIUS = 6_371_008.8
"""Metres, the mean one (Moritz, Geodetic Reference System 1980): within a third of a percent everywhere."""

MatchedRow = tuple[int, int]
"""(number of the scope, row of its snapshot)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SignalMatches:
    """What one signal marks, and why it does not mark more."""

    scopes: tuple[int, ...]
    """The numbers of the scopes that it belongs to."""

    targets: tuple[MatchedRow, ...] = ()
    """Each once."""

    ambiguous: int = 0
    """References that fit several objects."""

    void: int = 0
    """References whose id only fits objects that are too far away."""

    unmatched: int = 0
    """References that fit no object at all, those with a void id included."""


def match(signals: Iterable[Signal], scopes: Sequence[LayerTarget], *, public_only: bool) -> dict[int, SignalMatches]:
    """What signals mark, by their ids; those that belong to no scope are left out.

    Args:
        signals: open or not.
        scopes: all layers that ask the instance from which the signals are.
        public_only: the signals come from the public geography, which has place and category only. Each is matched
            by its place.
    """
    matcher = _Matcher(scopes, public_only=public_only)
    chosen = [(signal, numbers) for signal in signals if (numbers := matcher.scopes_of(signal))]
    hits = matcher.by_id([reference.id for signal, _ in chosen for reference in signal.assets])
    return {signal.id: matcher.found(signal, numbers, hits) for signal, numbers in chosen}


def metres_between(one: Place, other: Place) -> float:
    """The distance of two places that are near each other, on a plane."""
    east = math.radians(other[0] - one[0]) * math.cos(math.radians((one[1] + other[1]) / 2))
    return _EARTH_RADIUS * math.hypot(east, math.radians(other[1] - one[1]))


Hits = list[tuple[list[int], list[int]]]
"""For each scope where the rows of each reference begin and end in its index of names."""


class _Matcher:
    def __init__(self, scopes: Sequence[LayerTarget], *, public_only: bool) -> None:
        self._scopes = scopes
        self._public_only = public_only
        self._numbers: dict[tuple[str, str], tuple[int, ...]] = {}
        self._asked = 0

    def scopes_of(self, signal: Signal) -> tuple[int, ...]:
        """The scopes that a signal's category and state belong to; none for one that is not open there."""
        key = signal.category, signal.state
        numbers = self._numbers.get(key)
        if numbers is None:
            accepting = (
                number
                for number, scope in enumerate(self._scopes)
                if scope.accepts(signal.category, signal.state, public_only=self._public_only)
            )
            numbers = self._numbers[key] = tuple(accepting)
        return numbers

    def by_id(self, ids: Sequence[str]) -> Hits:
        hashes = hashed(ids)
        return [scope.names.find(hashes) for scope in self._scopes]

    def found(self, signal: Signal, numbers: tuple[int, ...], hits: Hits) -> SignalMatches:
        """What one signal marks. References are asked for in the order in which `by_id` got them."""
        targets: dict[MatchedRow, None] = {}
        ambiguous = void = unmatched = 0
        for reference in signal.assets:
            asked_for, self._asked = self._asked, self._asked + 1
            wanted = [number for number in numbers if self._scopes[number].asks(reference.question_key)]
            if not wanted:
                continue
            named = self._named(wanted, asked_for, hits) if reference.id else []
            near = _near_enough(named, reference.place, self._scopes)
            void += bool(named) and not near
            candidates = self._decided(near, wanted, _place_of(reference, signal))
            if len(candidates) == 1:
                targets[candidates[0]] = None
            ambiguous += len(candidates) > 1
            unmatched += not candidates
        if not signal.assets:
            candidates = self._by_place_alone(numbers, signal.place)
            targets.update(dict.fromkeys(candidates if len(candidates) == 1 else ()))
            ambiguous += len(candidates) > 1
            unmatched += not candidates
        return SignalMatches(
            scopes=numbers, targets=tuple(targets), ambiguous=ambiguous, void=void, unmatched=unmatched
        )

    def _named(self, wanted: list[int], asked_for: int, hits: Hits) -> list[MatchedRow]:
        return [
            (number, row)
            for number in wanted
            for starts, ends in (hits[number],)
            if starts[asked_for] < ends[asked_for]
            for row in self._scopes[number].names.rows[starts[asked_for] : ends[asked_for]].tolist()
        ]

    def _decided(self, named: list[MatchedRow], wanted: list[int], place: Place | None) -> list[MatchedRow]:
        """The object that is meant; several when that cannot be told, none when there is none."""
        if len(named) == 1:
            return named
        if not named:
            return self._at(wanted, place)
        near = [target for target in named if self._is_at(target, place)]
        return near if len(near) == 1 else named

    def _by_place_alone(self, numbers: tuple[int, ...], place: Place | None) -> list[MatchedRow]:
        return self._at([number for number in numbers if self._public_only or self._scopes[number].place_only], place)

    def _at(self, numbers: Iterable[int], place: Place | None) -> list[MatchedRow]:
        """The objects that lie within their layer's distance of a place."""
        if place is None:
            return []
        rows = ((number, self._scopes[number].rows_around(place)) for number in numbers)
        around = chain.from_iterable(((number, row) for row in found) for number, found in rows)
        return [target for target in around if self._is_at(target, place)]

    def _is_at(self, target: MatchedRow, place: Place | None) -> bool:
        scope = self._scopes[target[0]]
        return place is not None and metres_between(place, scope.place_of(target[1])) <= scope.within


def _near_enough(named: list[MatchedRow], place: Place | None, scopes: Sequence[LayerTarget]) -> list[MatchedRow]:
    if place is None:
        return named
    return [
        (number, row)
        for number, row in named
        if metres_between(place, scopes[number].place_of(row)) <= FARTHEST_ID_MATCH
    ]


def _place_of(reference: AssetReference, signal: Signal) -> Place | None:
    """Where the object is; a signal about one object lies where the object does."""
    if reference.place is not None:
        return reference.place
    return signal.place if len(signal.assets) == 1 else None
