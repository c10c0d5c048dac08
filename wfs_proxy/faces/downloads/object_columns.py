"""The objects of a download as a table: which columns it has, and their values a few thousand rows at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from wfs_proxy.config import Layer
from wfs_proxy.serve import MarkedSnapshot, SelectedFeatures, schema_of
from wfs_proxy.snapshot import Rows
from wfs_proxy.values import FieldType

__all__ = ["ROWS_AT_ONCE", "Batch", "ColumnNames", "batches", "ids_of", "property_types", "unused_name"]

ROWS_AT_ONCE = 2_000
"""Rows that are in memory as text or as Python objects at the same time: about 1 MB."""


class Batch(NamedTuple):
    """Consecutive rows of a download."""

    part: MarkedSnapshot
    rows: Rows
    """(M,) in the order in which they are written."""


class ColumnNames(NamedTuple):
    """The names of the columns that every object has. Properties keep theirs, so these give way: `_id`."""

    id: str
    longitude: str
    latitude: str
    x: str
    """In RD (EPSG:28992), in metres."""
    y: str

    @classmethod
    def beside(cls, properties: Sequence[str]) -> ColumnNames:
        """Return the names for a layer with these properties."""
        return cls(*(unused_name(name, properties) for name in ("id", "longitude", "latitude", "x_rd", "y_rd")))


def unused_name(name: str, others: Sequence[str]) -> str:
    """Return a name that differs from all others, also for a reader that ignores case."""
    lower = {other.lower() for other in others}
    while name.lower() in lower:
        name = f"_{name}"
    return name


def property_types(layer: Layer) -> Mapping[str, FieldType]:
    """Return served property -> its type, the marks included, but no footprint: no cell of a table can hold one."""
    return schema_of(layer).types


def batches(selected: SelectedFeatures, size: int = ROWS_AT_ONCE) -> Iterator[Batch]:
    """Yield the selected rows in order."""
    for number, rows in selected.selection.runs:
        for start in range(0, len(rows), size):
            yield Batch(selected.parts[number], rows[start : start + size])


def ids_of(batch: Batch) -> list[str]:
    """Return (M,) the ids that GeoJSON has: "<layer>.<id>"."""
    snapshot = batch.part.snapshot
    return [f"{snapshot.layer_id}.{text.decode()}" for text in snapshot.ids.take(snapshot.ranks[batch.rows])]
