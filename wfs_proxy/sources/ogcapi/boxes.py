"""Boxes that lose no object on the way into the coordinates of a server. Pure."""

from __future__ import annotations

import math

from wfs_proxy.bbox import METRES_PER_DEGREE, BBox

__all__ = ["box_around"]

_TILT = 0.05
"""Metres aside per metre of length. Some servers (pygeoapi) transform only two corners of a box to a grid, whose north
is not that of the map: by up to 1.6 degrees in RD, and 2.5 in the zones of UTM, which is 0.044 metres per metre."""


def box_around(area: BBox, metres: float) -> BBox:
    """Return a box that contains an area with a margin, also on a server that transforms only two of its corners.

    Args:
        area: in degrees.
        metres: the margin.
    """
    height = (area.north - area.south) * METRES_PER_DEGREE
    nearest_to_equator = 0.0 if area.south <= 0.0 <= area.north else min(abs(area.south), abs(area.north))
    width = (area.east - area.west) * METRES_PER_DEGREE * math.cos(math.radians(nearest_to_equator))
    return area.expanded(metres + _TILT * max(width, height))
