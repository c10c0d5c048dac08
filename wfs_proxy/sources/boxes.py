"""Arithmetic on boxes in the coordinates of a vendor's answers. Pure.

A `NativeBox` is held in the CRS and axis order of the answers, so that what was received can be compared with what was
requested. How such a box must be sent is a matter of each kind of source.
"""

from __future__ import annotations

from math import ceil, floor

import numpy as np
from numpy.typing import NDArray

from wfs_proxy.bbox import BBox
from wfs_proxy.geo import AxisOrder, from_crs84, is_geographic
from wfs_proxy.sources.native_box import NativeBox

__all__ = [
    "area_in_crs",
    "around_object",
    "grid_in",
    "grown",
    "is_tiny",
    "quarters",
    "smallest_object",
    "strips_around",
    "surroundings",
    "united",
    "whole_plane",
]

_EARTH_METRES = 21e6
"""More than the largest coordinate of any projected system in metres (Web Mercator ends at 20,037,508)."""

_MARGINS = {True: 1e-5, False: 1.0}
"""geographic -> about a metre in its unit: a margin, so that rounding on the way does not lose an object."""

_TINIEST = {True: 5e-6, False: 0.5}
"""geographic -> the side at which a box is not divided further, in its unit."""

_SAMPLES = 9
"""Points per side of the grid that represents an area in another CRS, where its edges are curved."""


def united(boxes: NDArray[np.float64]) -> NativeBox | None:
    """Return the box around boxes (N, 4), without those that are not finite; None when there is none."""
    finite = boxes[np.isfinite(boxes).all(axis=1)]
    if len(finite) == 0:
        return None
    low_1, low_2 = finite[:, :2].min(axis=0).tolist()
    high_1, high_2 = finite[:, 2:].max(axis=0).tolist()
    return NativeBox(low_1, low_2, high_1, high_2)


def grown(box: NativeBox, *, geographic: bool) -> NativeBox:
    """Return the box with a margin of about a metre, on whole metres or hundred-thousandths of a degree.

    Round numbers are the same on every machine and with every version of PROJ, so a recording of the request can be
    replayed.
    """
    step = _MARGINS[geographic]
    low_1, low_2, high_1, high_2 = box
    return NativeBox(
        (floor(low_1 / step) - 1) * step,
        (floor(low_2 / step) - 1) * step,
        (ceil(high_1 / step) + 1) * step,
        (ceil(high_2 / step) + 1) * step,
    )


def surroundings(box: NativeBox) -> NativeBox:
    """Return a box three times as wide and as high, with the same centre."""
    low_1, low_2, high_1, high_2 = box
    size_1, size_2 = high_1 - low_1, high_2 - low_2
    return NativeBox(low_1 - size_1, low_2 - size_2, high_1 + size_1, high_2 + size_2)


def smallest_object(bounds: NDArray[np.float64]) -> int | None:
    """Return the row of the smallest object with bounds (N, 4), placeholders near 0,0 last; None without any bounds."""
    size = (bounds[:, 2:] - bounds[:, :2]).sum(axis=1)
    size[(np.abs(bounds) < 1).all(axis=1)] += _EARTH_METRES
    size[~np.isfinite(bounds).all(axis=1)] = np.inf
    return int(size.argmin()) if np.isfinite(size).any() else None


def around_object(bounds: NDArray[np.float64], *, geographic: bool) -> NativeBox | None:
    """Return a box around the smallest of the objects with bounds (N, 4); None without any bounds."""
    row = smallest_object(bounds)
    if row is None:
        return None
    return grown(NativeBox(*bounds[row].tolist()), geographic=geographic)


def whole_plane(order: AxisOrder, *, geographic: bool) -> NativeBox:
    """Return a box around every position that a CRS can have."""
    if not geographic:
        return NativeBox(-_EARTH_METRES, -_EARTH_METRES, _EARTH_METRES, _EARTH_METRES)
    return NativeBox(-180.0, -90.0, 180.0, 90.0) if order is AxisOrder.XY else NativeBox(-90.0, -180.0, 90.0, 180.0)


def area_in_crs(area: BBox, crs: str, order: AxisOrder) -> NativeBox | None:
    """Return the box around an area in another CRS, with a margin; None where the CRS cannot represent the area."""
    xy = from_crs84(grid_in(area), crs)
    written = xy if order is AxisOrder.XY else xy[:, ::-1]
    box = united(np.hstack([written, written]))
    return None if box is None else grown(box, geographic=is_geographic(crs))


def grid_in(box: BBox | NativeBox) -> NDArray[np.float64]:
    """Return (M, 2) positions spread over a box, its corners and edges included."""
    low_1, low_2, high_1, high_2 = box
    first, second = np.meshgrid(np.linspace(low_1, high_1, _SAMPLES), np.linspace(low_2, high_2, _SAMPLES))
    return np.column_stack([first.ravel(), second.ravel()])


def strips_around(inner: NativeBox, outer: NativeBox) -> list[NativeBox]:
    """Return the part of `outer` that is outside `inner`, as up to four boxes that share no area."""
    low_1, low_2 = max(inner[0], outer[0]), max(inner[1], outer[1])
    high_1, high_2 = min(inner[2], outer[2]), min(inner[3], outer[3])
    candidates = [
        NativeBox(outer[0], outer[1], low_1, outer[3]),
        NativeBox(high_1, outer[1], outer[2], outer[3]),
        NativeBox(low_1, outer[1], high_1, low_2),
        NativeBox(low_1, high_2, high_1, outer[3]),
    ]
    return [box for box in candidates if box[0] < box[2] and box[1] < box[3]]


def quarters(box: NativeBox) -> list[NativeBox]:
    """Return the four quarters of a box."""
    low_1, low_2, high_1, high_2 = box
    middle_1, middle_2 = (low_1 + high_1) / 2, (low_2 + high_2) / 2
    return [
        NativeBox(low_1, low_2, middle_1, middle_2),
        NativeBox(middle_1, low_2, high_1, middle_2),
        NativeBox(low_1, middle_2, middle_1, high_2),
        NativeBox(middle_1, middle_2, high_1, high_2),
    ]


def is_tiny(box: NativeBox, *, geographic: bool) -> bool:
    """Whether both sides are too short to divide."""
    return max(box[2] - box[0], box[3] - box[1]) <= _TINIEST[geographic]
