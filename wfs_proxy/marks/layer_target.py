"""A layer as the matching of reports sees it: its current objects, and which signals are about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from wfs_proxy.bbox import BBox
from wfs_proxy.config import Layer, Reports
from wfs_proxy.marks.reported_objects import Place
from wfs_proxy.snapshot import NameIndex, Snapshot

__all__ = ["LayerTarget", "StateRules", "box_around"]

_NO_NAMES = NameIndex.build(())
_LARGEST_LATITUDE = 89.0
"""Degrees. No municipality is closer to a pole."""


@dataclass(frozen=True, kw_only=True)
class StateRules:
    """What the states of signals mean to one layer."""

    open: frozenset[str]
    """The codes of the states in which a signal marks objects."""

    words: Mapping[str, str] = field(default_factory=dict)
    """State code -> the word that the public reads. Signals of the public geography have the state ""."""


@dataclass(frozen=True, kw_only=True, eq=False)
class LayerTarget:
    """A layer whose file has a `reports` block, together with its current snapshot."""

    layer: Layer
    snapshot: Snapshot
    states: StateRules

    @property
    def reports(self) -> Reports:
        """The `reports` block of the layer's file."""
        assert self.layer.reports is not None
        return self.layer.reports

    @property
    def names(self) -> NameIndex:
        """The names by which reports may refer to the objects."""
        return _NO_NAMES if self.snapshot.names is None else self.snapshot.names

    @property
    def within(self) -> float:
        """The largest distance in metres at which a report matches an object by place."""
        return self.reports.match.within

    @property
    def id_within(self) -> float:
        """The largest distance in metres from a report to an object whose id it has without coordinates."""
        return self.reports.match.id_within

    @property
    def place_only(self) -> bool:
        """Whether a report that names no object may mark the object at its place."""
        return self.reports.match.place_only

    def is_equivalent_to(self, other: LayerTarget) -> bool:
        """Whether the same signals mark the same rows in both."""
        return self.snapshot is other.snapshot and self.layer == other.layer and self.states == other.states

    def accepts(self, category: str, state: str, *, public_only: bool) -> bool:
        """Whether a signal is open and in one of this layer's categories.

        Args:
            category: slug of the signal's sub category.
            state: code of its state.
            public_only: the signal comes from the public geography, which has open signals only and no states.
        """
        return self.reports.has_category(category) and (public_only or state in self.states.open)

    def place_of(self, row: int) -> Place:
        """Return the longitude and latitude of an object in degrees."""
        longitude, latitude = self.snapshot.lonlat[row].tolist()
        return longitude, latitude

    def rows_around(self, place: Place) -> list[int]:
        """Return the rows in a box that extends at least `within` metres from a place in each direction."""
        box = box_around(place, self.within)
        if box is None or not len(self.snapshot):
            return []
        rows: list[int] = self.snapshot.rows_in(box).tolist()
        return rows


def box_around(place: Place, metres: float) -> BBox | None:
    """Return a box with every point within a distance of a place; None near a pole, where it has all longitudes."""
    longitude, latitude = place
    if not abs(latitude) <= _LARGEST_LATITUDE:
        return None
    return BBox(longitude, latitude, longitude, latitude).expanded(metres)
