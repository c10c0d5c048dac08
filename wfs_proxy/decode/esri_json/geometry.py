"""Esri's geometry objects to shapely geometries (ArcGIS REST API, "Geometry objects").

Point {"x", "y"}, multipoint {"points"}, polyline {"paths"}, polygon {"rings"} and envelope {"xmin", "ymin", "xmax",
"ymax"}. Heights and measures are left out. A `curvePaths` or `curveRings` is read only if all of it is straight.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from wfs_proxy.decode.esri_json.rings import areas_of_rings
from wfs_proxy.decode.nested_positions import PositionsKind, build_from_positions
from wfs_proxy.features import UNREADABLE_GEOMETRY

__all__ = ["CURVES", "build_esri_geometries", "is_esri_geometry"]

CURVES = "geometry with curves"
"""A reason in the batch. The positions of a curve alone would give another shape."""

_PATHS, _RINGS = ("paths", "curvePaths"), ("rings", "curveRings")
_CORNERS = ("xmin", "ymin", "xmax", "ymax")
_COORDINATES = frozenset({"x", "points", *_PATHS, *_RINGS, "xmin"})
_WITHOUT_COORDINATES = frozenset({"spatialReference", "hasZ", "hasM"})
"""Members of an empty geometry of some servers."""

_Kind = PositionsKind | Literal["rings"]


def is_esri_geometry(value: Any) -> bool:
    """Whether a value is a geometry object of Esri JSON, and not of GeoJSON."""
    return isinstance(value, dict) and "coordinates" not in value and not _COORDINATES.isdisjoint(value)


def build_esri_geometries(objects: Sequence[Any]) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """Build many geometries.

    Args:
        objects: Esri's geometry objects, or None.

    Returns:
        (N,) 2D shapely geometries, x first; None where there is none, where it is empty (ArcGIS writes the text "NaN"
        or null for x, or no parts) and where it is unreadable. And (N,) str: why it is unreadable, else None.
    """
    built = np.full(len(objects), None, dtype=object)
    reasons = np.full(len(objects), None, dtype=object)
    rows: dict[_Kind, list[int]] = {}
    coordinates: dict[_Kind, list[Any]] = {}
    for row, candidate in enumerate(objects):
        if _is_empty(candidate):
            continue
        found = _nested(candidate)
        if isinstance(found, str):
            reasons[row] = found
            continue
        kind, nested = found
        rows.setdefault(kind, []).append(row)
        coordinates.setdefault(kind, []).append(nested)
    for kind, nested_lists in coordinates.items():
        built[rows[kind]] = _areas(nested_lists) if kind == "rings" else build_from_positions(kind, nested_lists)
        for row in rows[kind]:
            if built[row] is None:
                reasons[row] = CURVES if _has_curves(objects[row]) else UNREADABLE_GEOMETRY
    return built, reasons


def _is_empty(candidate: Any) -> bool:
    if candidate is None:
        return True
    if not isinstance(candidate, dict):
        return False
    if "x" in candidate:
        return _is_nothing(candidate["x"]) or _is_nothing(candidate.get("y"))
    if "xmin" in candidate:
        return any(_is_nothing(candidate.get(corner)) for corner in _CORNERS)
    return not any(_has_positions(candidate[name]) for name in candidate.keys() - _WITHOUT_COORDINATES)


def _has_positions(parts: Any) -> bool:
    """Whether a list of positions or of parts has any, or is something else than a list."""
    return not isinstance(parts, list | None) or any(part != [] for part in parts or ())


def _is_nothing(number: Any) -> bool:
    """Whether a coordinate says that there is no place."""
    return number is None or number == "NaN" or (isinstance(number, float) and math.isnan(number))


def _nested(candidate: Any) -> tuple[_Kind, Any] | str:
    """Return the kind and the nested positions of a geometry object that is not empty, or why it is unreadable."""
    if not isinstance(candidate, dict):
        return UNREADABLE_GEOMETRY
    if "x" in candidate:
        return "Point", (candidate["x"], candidate.get("y"))
    if "xmin" in candidate:
        west, south, east, north = (candidate.get(corner) for corner in _CORNERS)
        return "Polygon", [[(west, south), (west, north), (east, north), (east, south)]]
    if "points" in candidate:
        return "MultiPoint", candidate["points"]
    for names in (_PATHS, _RINGS):
        if names[0] in candidate or names[1] in candidate:
            return _of_parts(_parts(candidate, names), is_area=names is _RINGS)
    return UNREADABLE_GEOMETRY


def _parts(candidate: Mapping[str, Any], names: tuple[str, str]) -> list[Any]:
    """Return the paths or rings that have positions."""
    lists = [candidate.get(name) or [] for name in names]
    return [part for part in chain.from_iterable(lists) if part != []] if all(map(_is_list, lists)) else [None]


def _of_parts(parts: list[Any], *, is_area: bool) -> tuple[_Kind, Any] | str:
    if not all(map(_is_list, parts)):
        return UNREADABLE_GEOMETRY
    if is_area:
        # a ring that is there twice would be a hole in itself
        rings = [ring for place, ring in enumerate(parts) if ring not in parts[:place]]
        return ("Polygon", rings) if len(rings) == 1 else ("rings", rings)
    return ("LineString", parts[0]) if len(parts) == 1 else ("MultiLineString", parts)


def _has_curves(candidate: Mapping[str, Any]) -> bool:
    """Whether a part has an object such as {"c": [end, through]} between its positions."""
    parts = [part for name in (*_PATHS, *_RINGS) for part in candidate.get(name) or ()]
    return any(isinstance(position, dict) for part in parts if _is_list(part) for position in part)


def _is_list(value: Any) -> bool:
    return isinstance(value, list)


def _areas(polygons: list[list[Any]]) -> NDArray[np.object_]:
    """Return (M,) the areas of objects with several rings; None where one ring is unreadable."""
    counts = np.fromiter(map(len, polygons), dtype=np.intp, count=len(polygons))
    rings = build_from_positions("Polygon", [[ring] for ring in chain.from_iterable(polygons)])
    return areas_of_rings(rings, np.repeat(np.arange(len(polygons)), counts), len(polygons))
