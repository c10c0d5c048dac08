"""Reads the parameters `bbox` and `bbox-crs` (OGC 17-069r4, section 7.15.3; OGC 18-058r1, section 6.3).

The numbers are read as the standard says and never swapped: a client that names a coordinate reference system knows its
axis order.
"""

from __future__ import annotations

import math
import re
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wfs_proxy.bbox import BBox
from wfs_proxy.errors import BadRequest
from wfs_proxy.faces.ogcapi.coordinate_systems import CoordinateSystem
from wfs_proxy.geo import area_of_use

__all__ = ["RequestedArea", "read_bbox"]

_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)

_PLANE, _WITH_HEIGHTS = 4, 6
"""Numbers of a box."""

_STEP = 250.0
"""Metres: a straight line of this length in RD is less than 2 mm from the one between its ends in degrees."""

_MOST_STEPS = 400
"""Vertices of a side at most: a country wide, they are 800 m apart, and the shape is 2 cm off."""

_MARGIN = 300_000.0
"""Metres around the area of a system in which coordinates are accepted: a screen may show more than a country. What is
farther away is cut off, because there the coordinates of a national grid mean no place."""


class RequestedArea(NamedTuple):
    """The area of a request: boxes in degrees, and the exact shape where that is no box."""

    boxes: tuple[BBox, ...]
    """One; two where the requested box crosses the antimeridian."""

    ring: tuple[tuple[float, float], ...] | None = None
    """The longitude and latitude of the vertices of the box where its edges are no meridians and parallels, the last
    as the first. None where `boxes` are exact."""


def read_bbox(text: str, system: CoordinateSystem) -> RequestedArea:
    """Read the value of `bbox`.

    Args:
        text: four numbers, or six with heights, which are ignored: no object has one.
        system: the value of `bbox-crs`.

    Raises:
        BadRequest: it is no box, or outside the area of the system.
    """
    numbers = [_number(text, part) for part in text.split(",")]
    if len(numbers) not in (_PLANE, _WITH_HEIGHTS):
        raise BadRequest(f"bbox={text} must be four numbers: the lower left and the upper right corner.")
    half = len(numbers) // 2
    first_low, second_low = numbers[:2]
    first_high, second_high = numbers[half : half + 2]
    if not system.is_geographic:
        return _planar(text, (first_low, second_low, first_high, second_high), system)
    if system.latitude_first:
        return _geographic(text, second_low, first_low, second_high, first_high)
    return _geographic(text, first_low, second_low, first_high, second_high)


def _number(text: str, part: str) -> float:
    number = float(part) if _NUMBER.fullmatch(part.strip()) else math.nan
    if not math.isfinite(number):
        raise BadRequest(f"bbox={text} must consist of numbers; {part!r} is none.")
    return number


def _geographic(text: str, west: float, south: float, east: float, north: float) -> RequestedArea:
    if max(abs(west), abs(east)) > 180 or max(abs(south), abs(north)) > 90:  # noqa: PLR2004 - degrees
        raise BadRequest(
            f"bbox={text} is outside longitude -180 to 180 and latitude -90 to 90. For coordinates in metres, name "
            "their system in bbox-crs."
        )
    if south > north:
        raise BadRequest(f"bbox={text} has its corners in the wrong order: give the lower left corner first.")
    if west > east:
        return RequestedArea((BBox(west, south, 180.0, north), BBox(-180.0, south, east, north)))
    return RequestedArea((BBox(west, south, east, north),))


def _planar(text: str, corners: tuple[float, float, float, float], system: CoordinateSystem) -> RequestedArea:
    left, lower, right, upper = corners
    if left > right or lower > upper:
        raise BadRequest(f"bbox={text} has its corners in the wrong order: give the lower left corner first.")
    bounds = _bounds(system)
    clipped = BBox(left, lower, right, upper).intersection(bounds)
    if clipped is None:
        raise BadRequest(f"bbox={text} is outside the area of {system.uri} ({system.title}).")
    lonlat = system.to_lonlat(_ring(clipped))
    box = BBox.of_points(lonlat)
    assert box is not None  # a ring has vertices
    if system.is_aligned:
        return RequestedArea((box,))
    return RequestedArea((box,), tuple((longitude, latitude) for longitude, latitude in lonlat.tolist()))


@cache
def _bounds(system: CoordinateSystem) -> BBox:
    """Return the coordinates that are accepted, in metres."""
    west, south, east, north = area_of_use(system.name)
    corners = np.array([[west, south], [east, south], [east, north], [west, north]])
    bounds = BBox.of_points(system.from_lonlat(corners))
    assert bounds is not None  # there are corners
    return BBox(bounds.west - _MARGIN, bounds.south - _MARGIN, bounds.east + _MARGIN, bounds.north + _MARGIN)


def _ring(box: BBox) -> NDArray[np.float64]:
    """Return (V, 2) the vertices of a box in metres, counter-clockwise, the last as the first, with many on a side."""
    corners = np.array(
        [[box.west, box.south], [box.east, box.south], [box.east, box.north], [box.west, box.north]], dtype=np.float64
    )
    following = np.roll(corners, -1, axis=0)
    sides = [_side(start, end) for start, end in zip(corners, following, strict=True)]
    return np.concatenate([*sides, corners[:1]])


def _side(start: NDArray[np.float64], end: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the vertices of a side, without its end."""
    steps = min(max(1, math.ceil(float(np.abs(end - start).max()) / _STEP)), _MOST_STEPS)
    along = np.arange(steps)[:, np.newaxis] / steps
    side: NDArray[np.float64] = start + (end - start) * along
    return side
