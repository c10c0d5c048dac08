"""From positions to shapely geometries, a batch of features at a time.

A `Shape` is what all readers of geometry elements make: which family, and where its positions stand. `build` turns many
of them into geometries with a handful of calls into GEOS.
"""

from __future__ import annotations

import enum
import itertools
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from wfs_proxy.decode.gml.positions import Positions, Resolved, resolve

__all__ = ["Collection", "Family", "Shape", "build"]

TOO_FEW = "too few positions"


class Family(enum.IntEnum):
    """What the parts of a shape are."""

    POINT = 0
    LINE = 1
    AREA = 2


class Shape(NamedTuple):
    """Parts of one family; no parts: an empty geometry."""

    family: Family
    parts: list[list[Positions]]
    """A part is one position, one line, or the outer ring of an area followed by its holes."""

    multi: bool
    """True: a Multi- geometry, even with one part."""


class Collection(NamedTuple):
    """Shapes of several families; collections within it have been unpacked."""

    members: list[Shape]


class _Layout:
    """Which sequence of positions belongs to which part, and which part to which of N shapes."""

    def __init__(self, shapes: Sequence[Shape]) -> None:
        parts = list(itertools.chain.from_iterable([shape.parts for shape in shapes]))
        self.sequences = list(itertools.chain.from_iterable(parts))
        self.shape_of_part = np.repeat(np.arange(len(shapes)), [len(shape.parts) for shape in shapes])
        self.part_of_sequence = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
        self.shape_of_sequence = self.shape_of_part[self.part_of_sequence]
        self.families = np.array([shape.family for shape in shapes], dtype=np.intp)
        self.multi = np.array([shape.multi for shape in shapes], dtype=np.bool_)


def build(shapes: Sequence[Shape | Collection | None]) -> tuple[NDArray[np.object_], dict[int, str]]:
    """(N,) geometries, and for those that could not be read (None in the array) the reason by position.

    An empty shape is None without a reason.
    """
    plain = [shape for shape in shapes if isinstance(shape, Shape)]
    if len(plain) == len(shapes):
        return _build_leaves(plain)
    leaves: list[Shape] = []
    places: list[slice] = []
    for shape in shapes:
        members = shape.members if isinstance(shape, Collection) else [shape] if shape is not None else []
        places.append(slice(len(leaves), len(leaves) + len(members)))
        leaves.extend(members)
    geometry, faults = _build_leaves(leaves)
    built = np.full(len(shapes), None, dtype=np.object_)
    reasons: dict[int, str] = {}
    for index, (shape, place) in enumerate(zip(shapes, places, strict=True)):
        fault = next((faults[leaf] for leaf in range(place.start, place.stop) if leaf in faults), None)
        if fault is not None:
            reasons[index] = fault
        elif isinstance(shape, Collection):
            built[index] = _collected(geometry[place])
        elif shape is not None:
            built[index] = geometry[place.start]
    return built, reasons


def _collected(geometry: NDArray[np.object_]) -> shapely.GeometryCollection | None:
    members = [member for member in geometry if member is not None]
    return shapely.GeometryCollection(members) if members else None


def _build_leaves(shapes: Sequence[Shape]) -> tuple[NDArray[np.object_], dict[int, str]]:
    layout = _Layout(shapes)
    resolved = resolve(layout.sequences)
    faults = _faults(layout, resolved)
    sound = np.ones(len(shapes), dtype=np.bool_)
    sound[list(faults)] = False
    geometry = np.full(len(shapes), None, dtype=np.object_)
    for family in Family:
        chosen = sound & (layout.families == family)
        owners = layout.shape_of_part[chosen[layout.shape_of_part]]
        if len(owners):
            parts = _parts(family, chosen, layout, resolved)
            several = layout.multi[owners]
            geometry[owners[~several]] = parts[~several]
            geometry[np.unique(owners[several])] = _MULTI[family](parts[several], indices=_numbered(owners[several]))
    return geometry, faults


def _parts(family: Family, chosen: NDArray[np.bool_], layout: _Layout, resolved: Resolved) -> NDArray[np.object_]:
    """The parts of the chosen shapes, all of one family: points, lines or polygons."""
    of_sequence = chosen[layout.shape_of_sequence]
    counts = resolved.counts[of_sequence]
    xy = resolved.xy[np.repeat(of_sequence, resolved.counts)]
    sequence = np.repeat(np.arange(len(counts)), counts)
    parts: Any
    match family:
        case Family.POINT:
            parts = shapely.points(xy)
        case Family.LINE:
            parts = shapely.linestrings(xy, indices=sequence)
        case Family.AREA:
            rings: Any = shapely.linearrings(xy, indices=sequence)
            parts = shapely.polygons(rings, indices=_numbered(layout.part_of_sequence[of_sequence]))
    return np.asarray(parts, dtype=np.object_)


_MULTI: dict[Family, Callable[..., Any]] = {
    Family.POINT: shapely.multipoints,
    Family.LINE: shapely.multilinestrings,
    Family.AREA: shapely.multipolygons,
}


def _numbered(groups: NDArray[np.intp]) -> NDArray[np.intp]:
    """Sorted group numbers without gaps, from 0."""
    return np.cumsum(np.diff(groups, prepend=groups[:1]) != 0)


def _faults(layout: _Layout, resolved: Resolved) -> dict[int, str]:
    """Shape -> why it cannot be built: a sequence that cannot be read, or that is too short for its family."""
    counts = resolved.counts
    families = layout.families[layout.shape_of_sequence]
    short = (families == Family.POINT) & (counts != 1)
    short |= (families == Family.LINE) & (counts < 2)  # noqa: PLR2004  two positions make a line
    short |= (families == Family.AREA) & (_closed_counts(resolved) < 4)  # noqa: PLR2004  three corners and the first
    owners = layout.shape_of_sequence
    faults = dict.fromkeys(owners[short].tolist(), TOO_FEW)
    faults.update({int(owners[sequence]): reason for sequence, reason in resolved.faults.items()})
    return faults


def _closed_counts(resolved: Resolved) -> NDArray[np.intp]:
    """(K,) positions of each sequence once it is closed; GEOS closes rings itself."""
    counts = resolved.counts
    ends = np.cumsum(counts)
    filled = counts > 0
    open_ended = np.zeros(len(counts), dtype=np.bool_)
    open_ended[filled] = (resolved.xy[ends[filled] - 1] != resolved.xy[(ends - counts)[filled]]).any(axis=1)
    return counts + open_ended
