"""Reads the parameters `bbox` and `bbox-crs` (OGC 17-069r4, section 7.15.3; OGC 18-058r1, section 6.3).

The numbers are read as the standard says and never swapped: a client that names a coordinate reference system knows its
axis order.
"""

from __future__ import annotations

from wfs_proxy.bbox import BBox
from wfs_proxy.errors import BadRequest
from wfs_proxy.faces.ogcapi.coordinate_systems import CoordinateSystem
from wfs_proxy.filters import NOTHING, AreaCrs, Expression, Intersects, any_of, read_box
from wfs_proxy.geo import AxisOrder
from wfs_proxy.serve import read_coordinate

__all__ = ["read_bbox"]

_PLANE, _WITH_HEIGHTS = 4, 6
"""Numbers of a box."""


def read_bbox(text: str, system: CoordinateSystem) -> Expression:
    """Return the objects in a box.

    Args:
        text: the value of `bbox`: four numbers, or six with heights, which are ignored because no object has one.
        system: the value of `bbox-crs`.

    Raises:
        BadRequest: it is no box, or outside the area of the system.
    """
    numbers = [_number(text, part) for part in text.split(",")]
    if len(numbers) not in (_PLANE, _WITH_HEIGHTS):
        raise BadRequest(f"bbox={text} must be four numbers: the lower left and the upper right corner.")
    half = len(numbers) // 2
    (first_low, second_low), (first_high, second_high) = numbers[:2], numbers[half : half + 2]
    if not system.is_geographic:
        return _planar(text, BBox(first_low, second_low, first_high, second_high), system)
    if system.latitude_first:
        return _geographic(text, BBox(second_low, first_low, second_high, first_high))
    return _geographic(text, BBox(first_low, second_low, first_high, second_high))


def _number(text: str, part: str) -> float:
    number = read_coordinate(part)
    if number is None:
        raise BadRequest(f"bbox={text} must consist of numbers; {part!r} is none.")
    return number


def _geographic(text: str, box: BBox) -> Expression:
    west, south, east, north = box
    if max(abs(west), abs(east)) > 180 or max(abs(south), abs(north)) > 90:  # noqa: PLR2004 - degrees
        raise BadRequest(
            f"bbox={text} is outside longitude -180 to 180 and latitude -90 to 90. For coordinates in metres, name "
            "their system in bbox-crs."
        )
    if south > north:
        raise _wrong_order(text)
    if west > east:  # it crosses the antimeridian
        return any_of([Intersects(BBox(west, south, 180.0, north)), Intersects(BBox(-180.0, south, east, north))])
    return Intersects(box)


def _planar(text: str, box: BBox, system: CoordinateSystem) -> Expression:
    if box.west > box.east or box.south > box.north:
        raise _wrong_order(text)
    corners = (box.west, box.south), (box.east, box.north)
    area = read_box(corners, AreaCrs(crs=system.name, order=AxisOrder.XY), swappable=False)
    if area == NOTHING:
        raise BadRequest(f"bbox={text} is outside the area of {system.uri} ({system.title}).")
    return area


def _wrong_order(text: str) -> BadRequest:
    return BadRequest(f"bbox={text} has its corners in the wrong order: give the lower left corner first.")
