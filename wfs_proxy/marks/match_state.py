"""Which signals mark which row, kept from one poll to the next.

A poll changes perhaps a hundred signals of a hundred thousand, so the state is updated rather than rebuilt: for each
signal that changed, the rows that it marked are released, and the rows that it marks now are added.

Invariant: after any sequence of polls the state equals one that is built from the last poll alone
(`test_marks_are_those_of_the_oracle_after_every_poll`).
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
    """How many signals and references of one layer matched. A signal of several layers counts in each."""

    signals: int = 0
    """Signals with a category and a state of the layer."""

    ambiguous: int = 0
    """References that match several objects and therefore mark none."""

    void: int = 0
    """References whose id exists only too far from the place that the form stored, or from the report without one."""

    unmatched: int = 0
    """References that match no object. Includes void ones, unless an object was found at their place."""

    def add(self, matches: SignalMatches, sign: int) -> None:
        """Add what one signal matched, or subtract it where `sign` is -1."""
        self.signals += sign
        self.ambiguous += sign * matches.ambiguous
        self.void += sign * matches.void
        self.unmatched += sign * matches.unmatched


class MatchState:
    """What the signals of one Signalen instance mark in all layers that use it. Not safe for use by several threads."""

    def __init__(self, targets: Sequence[LayerTarget]) -> None:
        self.targets = tuple(targets)
        self.generation = 0
        """How many times `update` was called."""

        self.changed: tuple[Collection[int], ...] = ()
        """For each target the rows that the last update touched."""

        self._reported: ReportedObjects | None = None
        self._clear()

    def _clear(self) -> None:
        self._matches: dict[int, SignalMatches] = {}
        self._signals_by_row: tuple[dict[int, tuple[int, ...]], ...] = tuple({} for _ in self.targets)
        self.counts = tuple(MatchCounts() for _ in self.targets)
        """For each target."""

    def covers(self, targets: Sequence[LayerTarget]) -> bool:
        """Whether this state can be used for these targets: same layers, same snapshots, same rules."""
        return len(targets) == len(self.targets) and all(
            mine.is_equivalent_to(other) for mine, other in zip(self.targets, targets, strict=True)
        )

    def update(self, reported: ReportedObjects) -> None:
        """Apply what is reported now. Takes time proportional to what changed since the last call."""
        before, self._reported = self._reported, reported
        if before is None or before.public_only is not reported.public_only:
            self._clear()
            before = ReportedObjects(signals={}, as_of=reported.as_of, version="", public_only=reported.public_only)
        signals, gone = _differences(before, reported)
        found = match(signals, self.targets, public_only=reported.public_only)
        changed: tuple[set[int], ...] = tuple(set() for _ in self.targets)
        for signal_id in (*gone, *(signal.id for signal in signals)):
            self._remove(signal_id, changed)
        for signal_id, matches in found.items():
            self._add(signal_id, matches, changed)
        self.changed = changed
        self.generation += 1

    def rows(self, index: int) -> Collection[int]:
        """Return the rows of a target that signals mark."""
        return self._signals_by_row[index].keys()

    def signals_of(self, index: int, row: int) -> list[Signal]:
        """Return the signals that mark a row of a target."""
        known = self._reported.signals if self._reported is not None else {}
        return [known[signal_id] for signal_id in self._signals_by_row[index].get(row, ())]

    def _remove(self, signal_id: int, changed: Sequence[set[int]]) -> None:
        matches = self._matches.pop(signal_id, None)
        if matches is None:
            return
        for index in matches.targets:
            self.counts[index].add(matches, -1)
        for index, row in matches.rows:
            changed[index].add(row)
            left = tuple(other for other in self._signals_by_row[index].pop(row) if other != signal_id)
            if left:
                self._signals_by_row[index][row] = left

    def _add(self, signal_id: int, matches: SignalMatches, changed: Sequence[set[int]]) -> None:
        self._matches[signal_id] = matches
        for index in matches.targets:
            self.counts[index].add(matches, 1)
        for index, row in matches.rows:
            changed[index].add(row)
            self._signals_by_row[index][row] = (*self._signals_by_row[index].get(row, ()), signal_id)


def _differences(before: ReportedObjects, now: ReportedObjects) -> tuple[Collection[Signal], Collection[int]]:
    """Return the signals that are new or changed, and the ids of those that are gone."""
    if now.version == before.version:
        return (), ()
    if now.changed is not None and now.since == before.version:
        changed = [now.signals[signal_id] for signal_id in now.changed if signal_id in now.signals]
        return changed, [signal_id for signal_id in now.changed if signal_id not in now.signals]
    return _compared(before.signals, now.signals)


def _compared(old: Mapping[int, Signal], new: Mapping[int, Signal]) -> tuple[list[Signal], list[int]]:
    # most signals are identical objects, which this finds out without running Python code for each of them
    suspects = compress(new.values(), map(is_not, new.values(), map(old.get, new)))
    changed = [signal for signal in suspects if old.get(signal.id) != signal]
    return changed, [signal_id for signal_id in old if signal_id not in new]
