"""Who marks which row, kept from one poll to the next.

Signals change a hundred at a time while a hundred thousand stay as they are. So a ledger is not made anew: what changed
is struck out and entered again, and `changed` tells which rows that touched.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from operator import is_not

from wfs_proxy.marks.layer_target import LayerTarget
from wfs_proxy.marks.matching import SignalMatches, match
from wfs_proxy.marks.reported_objects import ReportedObjects, Signal

__all__ = ["MatchCounts", "MatchState"]


@dataclass(kw_only=True)
class MatchCounts:
    """How the reports of one layer fared; a signal of several layers counts in each."""

    signals: int = 0
    """Signals whose category and state are the layer's."""

    ambiguous: int = 0
    """References that fit several objects, and so mark none."""

    void: int = 0
    """References with an id that the layers only have more than 50 m away."""

    unmatched: int = 0
    """References that fit no object, those of `void` included unless their place found one."""

    def add(self, found: SignalMatches, sign: int) -> None:
        """Count what one signal found, or with -1 take it back."""
        self.signals += sign
        self.ambiguous += sign * found.ambiguous
        self.void += sign * found.void
        self.unmatched += sign * found.unmatched


class MatchState:
    """What all signals of one instance mark in all layers that ask it. For use by one thread at a time."""

    def __init__(self, scopes: Sequence[LayerTarget]) -> None:
        self.scopes = tuple(scopes)
        self.generation = 0
        """How often reports were entered."""

        self.changed: tuple[Collection[int], ...] = ()
        """For each scope the rows that the last entry touched."""

        self._reported: ReportedObjects | None = None
        self._begin()

    def _begin(self) -> None:
        self._found: dict[int, SignalMatches] = {}
        self._claimants: tuple[dict[int, tuple[int, ...]], ...] = tuple({} for _ in self.scopes)
        self.tallies = tuple(MatchCounts() for _ in self.scopes)

    def covers(self, scopes: Sequence[LayerTarget]) -> bool:
        """Whether the same signals mark the same rows in these scopes."""
        return len(scopes) == len(self.scopes) and all(
            mine.is_same(other) for mine, other in zip(self.scopes, scopes, strict=True)
        )

    def enter(self, reported: ReportedObjects) -> None:
        """Take over what is reported now, in the time of what changed since the last time."""
        before, self._reported = self._reported, reported
        if before is None or before.public_only is not reported.public_only:
            self._begin()
            before = ReportedObjects(signals={}, as_of=reported.as_of, version="", public_only=reported.public_only)
        signals, gone = _differences(before, reported)
        entries = match(signals, self.scopes, public_only=reported.public_only)
        changed: tuple[set[int], ...] = tuple(set() for _ in self.scopes)
        for claimant in (*gone, *(signal.id for signal in signals)):
            self._strike(claimant, changed)
        for claimant, found in entries.items():
            self._enter(claimant, found, changed)
        self.changed = changed
        self.generation += 1

    def rows(self, number: int) -> Collection[int]:
        """The rows of a scope that signals mark."""
        return self._claimants[number].keys()

    def signals_of(self, number: int, row: int) -> list[Signal]:
        """The signals that mark a row of a scope."""
        known = self._reported.signals if self._reported is not None else {}
        return [known[claimant] for claimant in self._claimants[number].get(row, ())]

    def _strike(self, claimant: int, changed: Sequence[set[int]]) -> None:
        found = self._found.pop(claimant, None)
        if found is None:
            return
        for number in found.scopes:
            self.tallies[number].add(found, -1)
        for number, row in found.targets:
            changed[number].add(row)
            left = tuple(other for other in self._claimants[number].pop(row) if other != claimant)
            if left:
                self._claimants[number][row] = left

    def _enter(self, claimant: int, found: SignalMatches, changed: Sequence[set[int]]) -> None:
        self._found[claimant] = found
        for number in found.scopes:
            self.tallies[number].add(found, 1)
        for number, row in found.targets:
            changed[number].add(row)
            self._claimants[number][row] = (*self._claimants[number].get(row, ()), claimant)


def _differences(before: ReportedObjects, now: ReportedObjects) -> tuple[Collection[Signal], Collection[int]]:
    """The signals that are new or not as they were, and the ids of those that are gone."""
    if now.version == before.version:
        return (), ()
    if now.changed is not None and now.since == before.version:
        changed = [now.signals[claimant] for claimant in now.changed if claimant in now.signals]
        return changed, [claimant for claimant in now.changed if claimant not in now.signals]
    return _compared(before.signals, now.signals)


def _compared(old: Mapping[int, Signal], new: Mapping[int, Signal]) -> tuple[list[Signal], list[int]]:
    # most signals are the very same objects, and to find that out must cost next to nothing for each
    suspects = compress(new.values(), map(is_not, new.values(), map(old.get, new)))
    changed = [signal for signal in suspects if old.get(signal.id) != signal]
    return changed, [claimant for claimant in old if claimant not in new]
