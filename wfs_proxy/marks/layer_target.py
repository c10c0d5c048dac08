"""One layer as those who look for reported objects see it: its objects, and which signals are about them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from wfs_proxy.config import Layer, Reports
from wfs_proxy.marks.reported_objects import Place
from wfs_proxy.snapshot import Box, NameIndex, Snapshot

__all__ = ["LayerTarget", "StateRules", "box_around"]

_NOTHING = NameIndex.build(())
_METRES_IN_A_DEGREE = 111_000.0
"""Of latitude, rounded down: a box that is a little too large loses nothing."""
_LARGEST_LATITUDE = 89.0
"""Degrees; where meridians meet a box in degrees means nothing, and no municipality is there."""


@dataclass(frozen=True, kw_only=True)
class StateRules:
    """What the states of signals mean to one layer."""

    open: frozenset[str]
    """The codes of the states in which a signal counts."""

    words: Mapping[str, str] = field(default_factory=dict)
    """Code of a state -> what the public reads. "" is the state of signals whose state is not known."""


@dataclass(frozen=True, kw_only=True, eq=False)
class LayerTarget:
    """A layer whose file has `reports`, and the objects that it has now."""

    layer: Layer
    snapshot: Snapshot
    states: StateRules

    @property
    def reports(self) -> Reports:
        """The block of the layer's file."""
        assert self.layer.reports is not None
        return self.layer.reports

    @property
    def names(self) -> NameIndex:
        """What reports may call the objects."""
        return _NOTHING if self.snapshot.names is None else self.snapshot.names

    @property
    def within(self) -> float:
        """Metres that a report and an object which match by place may be apart."""
        return self.reports.match.within

    @property
    def place_only(self) -> bool:
        """Whether a report that names no object may mark one."""
        return self.reports.match.place_only

    def is_same(self, other: LayerTarget) -> bool:
        """Whether the same signals mark the same rows here as there."""
        return self.snapshot is other.snapshot and self.layer == other.layer and self.states == other.states

    def accepts(self, category: str, state: str, *, public_only: bool) -> bool:
        """Whether a signal is about this layer's objects and open; a `public_only` one has no state, but is open."""
        in_scope = not self.reports.categories or category in self.reports.categories
        return in_scope and (public_only or state in self.states.open)

    def asks(self, question_key: str) -> bool:
        """Whether the answers to a question name this layer's objects."""
        return not self.reports.question_keys or question_key in self.reports.question_keys

    def place_of(self, row: int) -> Place:
        """Longitude, latitude of an object."""
        longitude, latitude = self.snapshot.lonlat[row].tolist()
        return longitude, latitude

    def rows_around(self, place: Place) -> list[int]:
        """The rows in a box around a place that is at least `within` wide on each side."""
        box = box_around(place, self.within)
        if box is None or not len(self.snapshot):
            return []
        rows: list[int] = self.snapshot.rows_in(box).tolist()
        return rows


def box_around(place: Place, metres: float) -> Box | None:
    """A box that reaches at least so far on each side of a place; None where meridians are too close for one."""
    longitude, latitude = place
    if not abs(latitude) <= _LARGEST_LATITUDE:
        return None
    north = metres / _METRES_IN_A_DEGREE
    # the parallel of the box's edge that is nearer the pole is the shorter one
    east = north / math.cos(math.radians(min(abs(latitude) + north, _LARGEST_LATITUDE)))
    return longitude - east, latitude - north, longitude + east, latitude + north
