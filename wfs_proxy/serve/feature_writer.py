"""What a format has to do: turn selected features, or all objects of a layer, into bytes."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from wfs_proxy.config import Layer
from wfs_proxy.filters import properties_in
from wfs_proxy.serve.layer_schema import mark_names
from wfs_proxy.serve.marked_snapshot import MarkedSnapshot
from wfs_proxy.serve.query import Cursor, FeatureQuery
from wfs_proxy.serve.selection import Selection

__all__ = ["Drawing", "FeatureWriter", "LayerData", "SelectedFeatures"]


class SelectedFeatures(NamedTuple):
    """The features that answer a query, all of one version of the objects and of the marks."""

    layer: Layer

    parts: list[MarkedSnapshot]
    """The snapshots that the runs of `selection` refer to by number: one, or the cells that the query touches."""

    selection: Selection

    query: FeatureQuery
    """As it was answered: checked, and with its boxes in the order that meets the layer."""

    version: str
    """Of what decides about the order of the objects: the objects, and the marks if they are sorted by marks."""

    modified_at: float
    """When the objects were first seen with this content, in seconds since 1970."""

    def next_page(self) -> Cursor | None:
        """Return where the next page starts; None on the last page and without pages.

        Marks change every minute. Where they decide which objects are found, a number of objects would miss or repeat
        some; the next page starts behind the last object of this one instead.
        """
        following = self.selection.next
        if following is None:
            return None
        condition = self.query.filter
        if condition is None or mark_names(self.layer).isdisjoint(properties_in(condition)):
            return Cursor(version=self.version, offset=following)
        return Cursor(version=self.version, after=self.selection.last)


class FeatureWriter(Protocol):
    """One format of answers, with the parameters of a request that change its bytes."""

    @property
    def media_type(self) -> str:
        """The Content-Type of the bytes."""

    @property
    def key(self) -> str:
        """All that changes the bytes in addition to the data and the query: equal keys give equal bytes.

        Different formats have different keys, because ETags are made of them.
        """

    def write(self, selected: SelectedFeatures) -> bytes:
        """Return the whole answer, not compressed."""


class LayerData(NamedTuple):
    """The objects of a layer, all of one version, with their marks."""

    layer: Layer

    parts: list[MarkedSnapshot]
    """One, or the cells that were asked for."""

    version: str
    """Of the objects and the marks together."""


class Drawing(Protocol):
    """An answer that is made of a layer as a whole and not of selected features, such as a tile with clusters."""

    @property
    def key(self) -> str:
        """All that changes the bytes in addition to the data, as for a `FeatureWriter`."""

    def work(self, data: LayerData) -> float:
        """Return about how many objects `draw` looks at."""

    def draw(self, data: LayerData) -> bytes:
        """Return the whole answer, not compressed."""
