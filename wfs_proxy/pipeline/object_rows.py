"""The rows of a batch as they are served, and the twins among them made one object.

From here to the end of the pipeline nothing of the vendor's document is needed but these columns.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from wfs_proxy.config import Layer, Reports
from wfs_proxy.features import FeatureBatch
from wfs_proxy.pipeline.output_columns import project_fields
from wfs_proxy.pipeline.twins import Twins, find_twins, kinds_of, merged_attributes
from wfs_proxy.values import comparable_text, key_text, to_text

__all__ = ["ObjectRows", "object_rows", "with_twins_merged"]

_T = TypeVar("_T", bound=np.generic)


@dataclass(frozen=True, kw_only=True, eq=False)
class ObjectRows:
    """The rows of a batch as they are served, before equal rows are removed and ids are made unique."""

    keys: NDArray[np.object_]
    """(N,) the business key as the vendor wrote it; None where there is none."""

    type_names: NDArray[np.object_]

    lonlat: NDArray[np.float64]
    """(N, 2) longitude, latitude in degrees, not rounded."""

    columns: Mapping[str, NDArray[np.object_]]
    """Output field, and the footprint -> (N,) JSON values."""

    names: tuple[NDArray[np.object_], ...] | None
    """As in `PointBatch`."""

    vendor: NDArray[np.object_] | None
    """As in `PointBatch`."""

    merged: NDArray[np.int32]
    """(N,) how many further objects of the vendor are part of this one."""

    def __len__(self) -> int:
        return len(self.keys)

    def take(self, rows: NDArray[np.intp]) -> ObjectRows:
        """Return the rows at positions (M,)."""
        return ObjectRows(
            keys=self.keys[rows],
            type_names=self.type_names[rows],
            lonlat=self.lonlat[rows],
            columns={name: values[rows] for name, values in self.columns.items()},
            names=None if self.names is None else tuple(texts[rows] for texts in self.names),
            vendor=None if self.vendor is None else self.vendor[rows],
            merged=self.merged[rows],
        )


def object_rows(
    batch: FeatureBatch, columns: Mapping[str, NDArray[np.object_]], lonlat: NDArray[np.float64], layer: Layer
) -> ObjectRows:
    """Return the rows of a batch.

    Args:
        batch: the objects that have a point.
        columns: output field, and the footprint -> (N,) JSON values.
        lonlat: (N, 2) longitude, latitude in degrees.
        layer: the layer file.
    """
    return ObjectRows(
        keys=_keys(batch, layer),
        type_names=batch.type_names,
        lonlat=lonlat,
        columns=columns,
        names=_names(batch, columns, layer),
        vendor=_vendor(batch, layer.reports),
        merged=np.zeros(len(batch), dtype=np.int32),
    )


def with_twins_merged(
    objects: ObjectRows,
    batch: FeatureBatch,
    layer: Layer,
    outlines: Callable[[NDArray[np.intp]], NDArray[np.object_]],
) -> ObjectRows:
    """Return the objects, with those that the vendor has twice as one (`twins.py`).

    Args:
        objects: (N,) the rows.
        batch: (N,) the same rows as the vendor has them.
        layer: the layer file.
        outlines: rows (M,) -> (M,) their geometries in longitude, latitude.
    """
    kinds = kinds_of(_type_order(batch, layer), batch.geometry)
    twins = find_twins(objects.keys, kinds, objects.lonlat, objects.columns, outlines)
    if not twins:
        return objects
    first = np.array([each.first for each in twins], dtype=np.intp)
    placed = objects.take(np.array([each.place for each in twins], dtype=np.intp))
    attributes = merged_attributes(batch, twins)
    fields = project_fields(attributes, layer.properties).columns
    further = [row for each in twins for row in each.rows[1:]]
    whole = ObjectRows(
        keys=objects.keys,
        type_names=objects.type_names,
        lonlat=_replaced(objects.lonlat, first, placed.lonlat),
        columns={
            name: _replaced(values, first, fields.get(name, placed.columns[name]))
            for name, values in objects.columns.items()
        },
        names=_names_of_twins(objects.names, _names(attributes, fields, layer), twins),
        vendor=None if objects.vendor is None else _vendor_of_twins(objects.vendor, twins),
        merged=_replaced(objects.merged, first, np.array([each.merged for each in twins], dtype=np.int32)),
    )
    return whole.take(np.delete(np.arange(len(objects)), further))


def _type_order(batch: FeatureBatch, layer: Layer) -> NDArray[np.int64]:
    """Return (N,) the position of each row's type in the layer file; unknown types follow, by name."""
    if batch.type_index is not None:
        return batch.type_index.astype(np.int64)
    known = dict.fromkeys(name.rpartition(":")[2] for name in layer.source.requested_types)
    order = {name: place for place, name in enumerate((*known, *sorted(set(batch.type_names) - known.keys())))}
    return np.fromiter((order[name] for name in batch.type_names), dtype=np.int64, count=len(batch))


def _replaced(values: NDArray[_T], rows: NDArray[np.intp], by: NDArray[_T]) -> NDArray[_T]:
    copy = values.copy()
    copy[rows] = by
    return copy


def _names_of_twins(
    own: tuple[NDArray[np.object_], ...] | None, merged: tuple[NDArray[np.object_], ...] | None, twins: Sequence[Twins]
) -> tuple[NDArray[np.object_], ...] | None:
    """Return the names with those of the merged attributes; a report may also use a name that only one twin has."""
    if own is None or merged is None:
        return None
    first = np.array([each.first for each in twins], dtype=np.intp)
    names = [_replaced(texts, first, new) for texts, new in zip(own, merged, strict=True)]
    for number in range(max(len(each.rows) for each in twins)):
        for texts in own:
            further = np.full(len(texts), None, dtype=object)
            for each in twins:
                further[each.first] = texts[each.rows[number]] if number < len(each.rows) else None
            names.append(further)
    return tuple(names)


def _vendor_of_twins(vendor: NDArray[np.object_], twins: Sequence[Twins]) -> NDArray[np.object_]:
    """Return the vendor's texts; a text on any twin counts, that of the first type before others."""
    merged = vendor.copy()
    for each in twins:
        merged[each.first] = next((vendor[row] for row in each.rows if vendor[row] is not None), None)
    return merged


def _keys(batch: FeatureBatch, layer: Layer) -> NDArray[np.object_]:
    """Return (N,) the business key: the configured attribute, else the feature id; None where there is none."""
    name = layer.properties.id
    return batch.ids if name is None else batch.column(name)


def _names(
    batch: FeatureBatch, columns: Mapping[str, NDArray[np.object_]], layer: Layer
) -> tuple[NDArray[np.object_], ...] | None:
    """Return the names, apart from the id, by which a report may refer to the objects: the `match` fields."""
    if layer.reports is None or layer.reports.signalen is None:
        return None
    keys = _keys(batch, layer)
    return tuple(
        _texts(to_text, columns[name]) if name in columns else _texts(key_text, keys)
        for name in layer.reports.match.fields
    )


def _texts(function: Callable[[object], str | None], values: NDArray[np.object_]) -> NDArray[np.object_]:
    return np.fromiter(map(function, values), dtype=object, count=len(values))


def _vendor(batch: FeatureBatch, reports: Reports | None) -> NDArray[np.object_] | None:
    """Return (N,) the vendor's own mark or status where the layer file gives it a meaning, else None."""
    if reports is None or reports.vendor is None:
        return None
    known = frozenset(reports.vendor.texts)

    def meant(value: object) -> str | None:
        texts = (comparable_text(item) for item in _items(value) if isinstance(item, str | int | float))
        return next((text for text in texts if text in known), None)

    return _texts(meant, batch.column(reports.vendor.field))


def _items(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]
