"""Replaces the coordinates in encoded features by those in another coordinate reference system.

The features are not parsed: their points are found by the text before them, which cannot occur inside a JSON string,
because a quotation mark in a string has a backslash before it.
"""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from wfs_proxy.faces.ogcapi.coordinate_systems import CoordinateSystem, positions

__all__ = ["reprojected"]

_POINT = b'"geometry":{"type":"Point","coordinates":['
"""Precedes the coordinates of a feature (`snapshot.snapshot`)."""

_FOOTPRINT = re.compile(rb'"footprint":\{"type":"(?:Multi)?Polygon","coordinates":(\[[][0-9.,eE+-]+\])\}')
"""An area in the property of that name."""

_VERTEX = re.compile(rb"\[([^][,]+),([^][,]+)\]")
"""The longitude and latitude of a vertex, in the coordinates of a footprint."""


def reprojected(features: bytes, lonlat: NDArray[np.float64], system: CoordinateSystem) -> bytes:
    """Return encoded features with their places in another system.

    Args:
        features: GeoJSON features of points in CRS84, as a snapshot has them.
        lonlat: (M, 2) the longitude and latitude of each, in the same order.
        system: the other system.
    """
    first, *others = features.split(_POINT)
    pieces = [first]
    for feature, position in zip(others, positions(lonlat, system), strict=True):
        pieces += (_POINT, position, feature[feature.index(b"]") :])
    return _with_footprints(b"".join(pieces), system)


def _with_footprints(features: bytes, system: CoordinateSystem) -> bytes:
    """Return the features with their footprints in the system. All vertices are transformed by one call."""
    footprints = list(_FOOTPRINT.finditer(features))
    if not footprints:
        return features
    vertices = [vertex.groups() for found in footprints for vertex in _VERTEX.finditer(found[1])]
    moved = iter(positions(np.array(vertices, dtype=np.float64), system))
    return _FOOTPRINT.sub(lambda found: _VERTEX.sub(lambda _: b"[%b]" % next(moved), found[0]), features)
