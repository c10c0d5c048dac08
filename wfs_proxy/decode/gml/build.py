"""Parsed geometries to shapely geometries, a batch of features at a time.

All positions of a batch are in one array. Index arrays say to which ring or line, part and geometry each of them
belongs (the layout of GeoArrow), so that a handful of calls into GEOS build thousands of geometries.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from wfs_proxy.decode.gml.parsed_geometry import GeometryFamily, ParsedCollection, ParsedGeometry
from wfs_proxy.decode.gml.positions import ResolvedPositions, resolve

__all__ = ["build_geometries"]

TOO_FEW = "too few positions"


class _BatchLayout:
    """Which of K sequences of positions belongs to which of P parts, and which part to which of N geometries."""

    def __init__(self, geometries: Sequence[ParsedGeometry]) -> None:
        parts = list(itertools.chain.from_iterable([geometry.parts for geometry in geometries]))
        self.sequences = list(itertools.chain.from_iterable(parts))
        self.geometry_of_part = np.repeat(np.arange(len(geometries)), [len(geometry.parts) for geometry in geometries])
        self.part_of_sequence = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
        self.geometry_of_sequence = self.geometry_of_part[self.part_of_sequence]
        self.families = np.array([geometry.family for geometry in geometries], dtype=np.intp)
        self.multi = np.array([geometry.multi for geometry in geometries], dtype=np.bool_)


def build_geometries(
    parsed: Sequence[ParsedGeometry | ParsedCollection | None],
) -> tuple[NDArray[np.object_], dict[int, str]]:
    """Build many geometries.

    Returns:
        (N,) shapely geometries, None where there is nothing to build or where it failed; and index -> why it failed.
        An empty geometry is None without a reason.
    """
    plain = [geometry for geometry in parsed if isinstance(geometry, ParsedGeometry)]
    if len(plain) == len(parsed):
        return _build_members(plain)
    members: list[ParsedGeometry] = []
    spans: list[slice] = []
    for each in parsed:
        own = each.members if isinstance(each, ParsedCollection) else [each] if each is not None else []
        spans.append(slice(len(members), len(members) + len(own)))
        members.extend(own)
    built_members, member_errors = _build_members(members)
    built = np.full(len(parsed), None, dtype=np.object_)
    errors: dict[int, str] = {}
    for index, (each, span) in enumerate(zip(parsed, spans, strict=True)):
        error = next(
            (member_errors[member] for member in range(span.start, span.stop) if member in member_errors), None
        )
        if error is not None:
            errors[index] = error
        elif isinstance(each, ParsedCollection):
            built[index] = _collect(built_members[span])
        elif each is not None:
            built[index] = built_members[span.start]
    return built, errors


def _collect(members: NDArray[np.object_]) -> shapely.GeometryCollection | None:
    present = [member for member in members if member is not None]
    return shapely.GeometryCollection(present) if present else None


def _build_members(geometries: Sequence[ParsedGeometry]) -> tuple[NDArray[np.object_], dict[int, str]]:
    """Build geometries that are not collections.

    Those that cannot be built are left out before the calls into GEOS, so each result is the same as when the geometry
    is built alone.
    """
    layout = _BatchLayout(geometries)
    resolved = resolve(layout.sequences)
    errors = _errors(layout, resolved)
    readable = np.ones(len(geometries), dtype=np.bool_)
    readable[list(errors)] = False
    built = np.full(len(geometries), None, dtype=np.object_)
    for family in GeometryFamily:
        chosen = readable & (layout.families == family)
        owners = layout.geometry_of_part[chosen[layout.geometry_of_part]]
        if len(owners):
            parts = _build_parts(family, chosen, layout, resolved)
            several = layout.multi[owners]
            built[owners[~several]] = parts[~several]
            built[np.unique(owners[several])] = _MULTI[family](parts[several], indices=_renumber(owners[several]))
    return built, errors


def _build_parts(
    family: GeometryFamily, chosen: NDArray[np.bool_], layout: _BatchLayout, resolved: ResolvedPositions
) -> NDArray[np.object_]:
    """Return the parts of the chosen geometries, all of one family: points, lines or polygons."""
    of_sequence = chosen[layout.geometry_of_sequence]
    counts = resolved.counts[of_sequence]
    xy = resolved.xy[np.repeat(of_sequence, resolved.counts)]
    sequence = np.repeat(np.arange(len(counts)), counts)
    parts: Any
    match family:
        case GeometryFamily.POINT:
            parts = shapely.points(xy)
        case GeometryFamily.LINE:
            parts = shapely.linestrings(xy, indices=sequence)
        case GeometryFamily.AREA:
            rings: Any = shapely.linearrings(xy, indices=sequence)
            parts = shapely.polygons(rings, indices=_renumber(layout.part_of_sequence[of_sequence]))
    return np.asarray(parts, dtype=np.object_)


_MULTI: dict[GeometryFamily, Callable[..., Any]] = {
    GeometryFamily.POINT: shapely.multipoints,
    GeometryFamily.LINE: shapely.multilinestrings,
    GeometryFamily.AREA: shapely.multipolygons,
}


def _renumber(groups: NDArray[np.intp]) -> NDArray[np.intp]:
    """Renumber sorted group numbers from 0 without gaps: shapely makes one geometry for each number up to the last."""
    return np.cumsum(np.diff(groups, prepend=groups[:1]) != 0)


def _errors(layout: _BatchLayout, resolved: ResolvedPositions) -> dict[int, str]:
    """Return geometry -> why it cannot be built: a sequence that is unreadable, or too short for the family."""
    counts = resolved.counts
    families = layout.families[layout.geometry_of_sequence]
    short = (families == GeometryFamily.POINT) & (counts != 1)
    short |= (families == GeometryFamily.LINE) & (counts < 2)  # noqa: PLR2004  two positions make a line
    short |= (families == GeometryFamily.AREA) & (_closed_counts(resolved) < 4)  # noqa: PLR2004  three corners and the first
    owners = layout.geometry_of_sequence
    errors = dict.fromkeys(owners[short].tolist(), TOO_FEW)
    errors.update({int(owners[sequence]): reason for sequence, reason in resolved.errors.items()})
    return errors


def _closed_counts(resolved: ResolvedPositions) -> NDArray[np.intp]:
    """Return the (K,) positions of each sequence once it is closed. GEOS closes open rings itself."""
    counts = resolved.counts
    ends = np.cumsum(counts)
    filled = counts > 0
    is_open = np.zeros(len(counts), dtype=np.bool_)
    is_open[filled] = (resolved.xy[ends[filled] - 1] != resolved.xy[(ends - counts)[filled]]).any(axis=1)
    return counts + is_open
