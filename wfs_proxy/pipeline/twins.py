"""Recognise objects that the vendor has twice: in two feature types, or as an area and as a point.

Two objects are twins if they have the same business key, come from different feature types or have geometries of
different kinds (point, line, area), and they lie at most 5 m apart. A point in an area is at distance 0 of it, however
large the area is and wherever its own point is. Two points of one type are never twins: containers side by side may
share the number of their location.

The members of an object are all twins of each other, so a chain of objects 4 m apart does not become one object. Where
an object has several possible twins, the nearest pair is joined first; of equally near pairs, the one whose members
come first in the order of `type_names`. The result depends on the set of objects, never on their order.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from wfs_proxy.features import FeatureBatch
from wfs_proxy.geo import AREA, dimensions, near_pairs
from wfs_proxy.pipeline.identity import content_of
from wfs_proxy.values import is_absent, key_text

__all__ = ["FARTHEST_TWIN", "Twins", "find_twins", "kinds_of", "merged_attributes"]

FARTHEST_TWIN = 5.0
"""Metres between two objects that are one."""

_MILLIMETRES = 3
"""Decimals of a distance: of pairs that are equally near, the order of the types decides, and no rounding error."""

_KINDS = 3
"""Kinds of geometry: areas, lines, points, in this order."""


@dataclass(frozen=True, kw_only=True)
class Twins:
    """The rows that are one object."""

    rows: tuple[int, ...]
    """Positions in the batch in the order in which their attributes count: by type, areas first."""

    place: int
    """The row whose point and footprint are used: the first area, or the first row."""

    merged: int
    """How many objects became part of another one. Rows of one type that are equal in everything served count once."""

    @property
    def first(self) -> int:
        """The row that stays."""
        return self.rows[0]


def kinds_of(types: NDArray[np.int64], geometry: NDArray[np.object_]) -> NDArray[np.int64]:
    """Return (N,) numbers, equal for rows of the same type and kind of geometry, ascending in the order of preference.

    Args:
        types: (N,) position of the row's feature type in the layer's `type_names`.
        geometry: (N,) the vendor's geometries; only their dimensions count.
    """
    return types * _KINDS + (AREA - dimensions(geometry))


def find_twins(
    keys: NDArray[np.object_],
    kinds: NDArray[np.int64],
    lonlat: NDArray[np.float64],
    columns: Mapping[str, NDArray[np.object_]],
    outlines: Callable[[NDArray[np.intp]], NDArray[np.object_]],
) -> tuple[Twins, ...]:
    """Return the objects that the vendor has more than once, ordered by their first row.

    Args:
        keys: (N,) the business key as the vendor wrote it; None or blank where there is none.
        kinds: (N,) see `kinds_of`.
        lonlat: (N, 2) the points of the objects: longitude, latitude in degrees, finite.
        columns: output field -> (N,) JSON values, which make rows of the same place equal or not.
        outlines: rows (M,) -> (M,) their geometries in longitude, latitude. Only asked for rows that share their key.
    """
    if len(kinds) == 0 or (kinds == kinds[0]).all():
        return ()
    groups = list(_rows_by_key(keys, kinds))
    shared = np.array([row for rows in groups for row in rows], dtype=np.intp)
    geometry = np.full(len(kinds), None, dtype=object)
    geometry[shared] = outlines(shared)
    candidates = _Candidates(kinds=kinds, lonlat=lonlat, columns=columns, geometry=geometry)
    found = [twins for rows in groups for twins in candidates.twins(rows)]
    return tuple(sorted(found, key=lambda twins: twins.first))


def merged_attributes(batch: FeatureBatch, twins: Sequence[Twins]) -> FeatureBatch:
    """Return one row for each object: its first row, with each absent attribute of the first other row that has it."""
    first = batch.take(np.array([each.first for each in twins], dtype=np.intp))
    columns = {name: _first_present(values, twins) for name, values in batch.columns.items()}
    return replace(first, columns=columns)


def _first_present(values: NDArray[np.object_], twins: Sequence[Twins]) -> NDArray[np.object_]:
    chosen = [
        next((values[row] for row in each.rows if not is_absent(values[row])), values[each.first]) for each in twins
    ]
    merged = np.empty(len(chosen), dtype=object)
    merged[:] = chosen
    return merged


def _rows_by_key(keys: NDArray[np.object_], kinds: NDArray[np.int64]) -> Iterable[list[int]]:
    """Yield the rows of each key that has rows of different types or kinds of geometry."""
    names = [key_text(key) for key in keys]
    uses = Counter(names)
    by_key: defaultdict[str, list[int]] = defaultdict(list)
    for row, name in enumerate(names):
        if name and uses[name] > 1:
            by_key[name].append(row)
    return (rows for rows in by_key.values() if len({int(kinds[row]) for row in rows}) > 1)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Candidates:
    kinds: NDArray[np.int64]
    """(N,) see `kinds_of`."""

    lonlat: NDArray[np.float64]
    columns: Mapping[str, NDArray[np.object_]]
    geometry: NDArray[np.object_]
    """(N,) geometries in longitude, latitude in degrees, where there may be twins."""

    def twins(self, rows: Sequence[int]) -> Iterable[Twins]:
        """Yield the objects of which there are several among rows with one key."""
        near = self._near(rows)
        if not near:
            return
        contents = {row: content_of(row, self.lonlat, self.columns) for row in rows}
        ranks = {row: (int(self.kinds[row]), contents[row], row) for row in rows}
        for cluster in _joined(near, ranks, contents):
            different = {ranks[row][:2] for row in cluster}
            if len(different) > 1:
                ordered = sorted(cluster, key=ranks.__getitem__)
                areas = (row for row in ordered if self.kinds[row] % _KINDS == 0)
                yield Twins(rows=tuple(ordered), place=next(areas, ordered[0]), merged=len(different) - 1)

    def _near(self, rows: Sequence[int]) -> dict[tuple[int, int], float]:
        """Return the pairs of rows that may be one object, and their distances in metres, to a millimetre."""
        pairs, metres = near_pairs(self.geometry[rows], FARTHEST_TWIN)
        near = {
            (rows[one], rows[other]): round(distance, _MILLIMETRES)
            for (one, other), distance in zip(pairs.tolist(), metres.tolist(), strict=True)
        }
        return {pair: near[pair] for pair in near if self.kinds[pair[0]] != self.kinds[pair[1]]}


_Rank = tuple[int, str, int]
"""(type and kind of geometry, content, row)."""


def _joined(
    near: Mapping[tuple[int, int], float], ranks: Mapping[int, _Rank], contents: Mapping[int, str]
) -> Iterable[list[int]]:
    """Join the nearest pairs first, as long as each member may be one object with every other (complete linkage)."""
    clusters = _equal_rows(contents)

    def order(pair: tuple[int, int]) -> tuple[float, list[tuple[int, str]]]:
        return near[pair], sorted(ranks[row][:2] for row in pair)

    for one, other in sorted(near, key=order):
        left, right = clusters[one], clusters[other]
        if left is not right and all((min(pair), max(pair)) in near for pair in product(left, right)):
            left += right
            clusters.update(dict.fromkeys(right, left))
    return {id(cluster): cluster for cluster in clusters.values()}.values()


def _equal_rows(contents: Mapping[int, str]) -> dict[int, list[int]]:
    """Return for each row the rows with the same content, which are one object anyway."""
    by_content: defaultdict[str, list[int]] = defaultdict(list)
    for row, content in contents.items():
        by_content[content].append(row)
    return {row: by_content[content] for row, content in contents.items()}
