"""Attributes of objects and clusters as the tags of a tile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wfs_proxy.faces.tiles.feature_ids import numbered
from wfs_proxy.faces.tiles.mvt import (
    Integers,
    Tags,
    ValueTable,
    boolean_values,
    integer_values,
    number_values,
    text_values,
)
from wfs_proxy.serve import MarkedSnapshot
from wfs_proxy.snapshot import BooleanColumn, Column, NumberColumn, Rows, TextColumn

__all__ = [
    "CLUSTER",
    "COUNT",
    "REPORTED",
    "TaggedFeatures",
    "clusters_tagged",
    "id_property",
    "joined",
    "objects_tagged",
]

CLUSTER, COUNT, REPORTED = "cluster", "point_count", "reported_count"
"""The attributes of a cluster. The first two are those of MapLibre's own clusters."""


class TaggedFeatures(NamedTuple):
    """Features without their places."""

    ids: Integers
    """(N,)"""

    tags: Mapping[str, Tags]
    """Key -> values."""


def id_property(names: Sequence[str]) -> str:
    """Return the attribute with the GeoJSON id: `id`, or `_id` where the layer has a property of this name."""
    name = "id"
    while name in names:
        name = f"_{name}"
    return name


def objects_tagged(part: MarkedSnapshot, rows: Rows) -> TaggedFeatures:
    """Return objects with all that is served of them, but for areas (`footprint`)."""
    snapshot = part.snapshot
    own_ids, lengths = snapshot.ids.joined(snapshot.ranks[rows])
    prefix = f"{snapshot.layer_id}.".encode()
    name = id_property(part.column_names)
    tags = {name: Tags(name, np.arange(len(rows)), text_values(own_ids, lengths, prefix))}
    tags |= {name: _tags(name, part.column(name, rows)) for name in part.column_names}
    return TaggedFeatures(numbered(own_ids, lengths, prefix), tags)


def clusters_tagged(ids: Integers, counts: Integers, reported: Integers | None) -> TaggedFeatures:
    """Return clusters with their numbers of objects; `reported` is None in a layer without marks."""
    tags = [
        Tags(CLUSTER, np.ones(len(ids), dtype=np.int64), boolean_values()),
        _number_tags(COUNT, counts.astype(np.int64)),
        *([] if reported is None else [_number_tags(REPORTED, reported.astype(np.int64))]),
    ]
    return TaggedFeatures(ids, {tag.key: tag for tag in tags})


def joined(parts: Sequence[TaggedFeatures]) -> TaggedFeatures:
    """Return the features of all parts, one part after another."""
    if len(parts) == 1:
        return parts[0]
    keys = list(dict.fromkeys(key for part in parts for key in part.tags))
    ids = np.concatenate([part.ids.astype(np.uint64) for part in parts])
    return TaggedFeatures(ids, {key: _joined_tags(key, parts) for key in keys})


def _joined_tags(key: str, parts: Sequence[TaggedFeatures]) -> Tags:
    codes: list[NDArray[np.int64]] = []
    count, content = 0, []
    for part in parts:
        tags = part.tags.get(key)
        if tags is None:
            codes.append(np.full(len(part.ids), -1, dtype=np.int64))
            continue
        codes.append(np.where(tags.codes < 0, -1, tags.codes + count))
        count += tags.values.size
        content.append(tags.values.content)
    return Tags(key, np.concatenate(codes), ValueTable(count, b"".join(content)))


def _tags(key: str, column: Column) -> Tags:
    match column:
        case TextColumn():
            used, places = column.occurring()
            return Tags(key, places, text_values(*column.texts.joined(used)))
        case NumberColumn():
            tags = _number_tags(key, column.values)
            return tags._replace(codes=np.where(column.nulls, -1, tags.codes))
        case BooleanColumn():
            return Tags(key, column.values, boolean_values())


def _number_tags(key: str, numbers: NDArray[np.int64] | NDArray[np.float64]) -> Tags:
    used, codes = np.unique(numbers, return_inverse=True)
    whole = numbers.dtype == np.int64
    return Tags(key, codes, integer_values(used.astype(np.int64)) if whole else number_values(used.astype(np.float64)))
