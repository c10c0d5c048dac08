"""Boxes to ask for: how a vendor understands one, and how one is divided. Pure.

A box is held in the coordinates of the answers, as they are written there, so that what was received can be compared
with what was asked. How it must be sent (which number first, under which name of the CRS) is a `BoxDialect`, found by
asking for a box around a known object until that object comes back.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from math import ceil, floor

import numpy as np
from numpy.typing import NDArray

from wfs_proxy.bbox import BBox
from wfs_proxy.errors import UnknownCrs
from wfs_proxy.geo import AxisOrder, area_of_use, from_crs84, is_geographic, parse_srs_name, to_crs84
from wfs_proxy.sources.wfs.kvp import NativeBox, Version

__all__ = [
    "BoxDialect",
    "TypeExtent",
    "around",
    "dialects",
    "divided",
    "grown",
    "is_tiny",
    "smallest",
    "strips",
    "united",
    "whole_plane",
    "written_area",
]

_EARTH_METRES = 21e6
"""Beyond the largest coordinate of any projected system in metres (Web Mercator ends at 20,037,508)."""

_MARGINS = {True: 1e-5, False: 1.0}
"""geographic -> about a metre in its unit: around a known object, so that rounding on the way does not lose it."""

_TINIEST = {True: 5e-6, False: 0.5}
"""geographic -> the side at which a box is not divided further."""

_REACH = 5.0
"""Degrees around a system's area of use: within them its formulas hold, and RD's 0,0 placeholders lie there too."""

_SAMPLES = 9
"""Points along each side of an extent that is turned into another system, whose edges are curved."""


@dataclass(frozen=True, kw_only=True)
class TypeExtent:
    """Where the objects of a type are, in the coordinates of the answers."""

    inner: NativeBox
    """Around the objects that are known, and the declared extent."""

    plane: NativeBox
    """Around everything that can be."""

    probe: NativeBox
    """Around one known object."""

    crs: str | None
    """The CRS of the answers, as `SrsName.crs` spells it; None when nobody knows."""

    order: AxisOrder
    """Of the numbers in the answers."""

    geographic: bool
    """Whether they are degrees."""


@dataclass(frozen=True, kw_only=True)
class BoxDialect:
    """How a vendor wants a box."""

    name: str | None
    """What to call its CRS; None: nothing is said."""

    swapped: bool
    """Whether the numbers go the other way round: than in the answers, or than easting first in the native CRS."""

    answers: tuple[str, AxisOrder] | None = None
    """The CRS and the order of the answers, when the box has to be turned into another CRS."""

    native: str | None = None
    """That other CRS: the type's own."""

    def sent(self, box: NativeBox) -> NativeBox:
        """The numbers in the order to send."""
        if self.answers is not None and self.native is not None:
            box = _in_native(box, *self.answers, self.native)
        low_1, low_2, high_1, high_2 = box
        return NativeBox(low_2, low_1, high_2, high_1) if self.swapped else box


def _in_native(box: NativeBox, crs: str, order: AxisOrder, native: str) -> NativeBox:
    """The box around a box of another CRS, as far as the native CRS reaches."""
    places = _grid(box)
    lonlat = to_crs84(places if order is AxisOrder.XY else places[:, ::-1], crs)
    west, south, east, north = area_of_use(native)
    lonlat = np.clip(lonlat, (west - _REACH, south - _REACH), (east + _REACH, north + _REACH))
    reached = BBox.of_points(lonlat[np.isfinite(lonlat).all(axis=1)])
    assert reached is not None
    return written_area(reached, native, AxisOrder.XY) or box


def dialects(
    version: Version, names: list[str], *, ground: TypeExtent, native: str | None, wanted: AxisOrder | None
) -> Iterator[BoxDialect]:
    """The dialects to try, the most likely first.

    Args:
        version: 1.0.0 has no place for the name of a CRS.
        names: of CRSs, as the vendor spells them, the best first.
        ground: tells how the answers are written.
        native: the type's own CRS, as the vendor spells it. Boxes are safest there: QGIS Server takes them in it even
            when it answers in degrees, and MapServer loses objects when it has to reproject.
        wanted: the order that the layer file says; None: either.
    """
    own = None if native is None else _other_crs(native, ground)
    if own is not None and ground.crs is not None:
        for name, swapped in product(_said(version, [str(native)]), (False, True)):
            if wanted is None or swapped is (wanted is AxisOrder.YX):
                yield BoxDialect(name=name, swapped=swapped, answers=(ground.crs, ground.order), native=own)
    degrees = ["EPSG:4326", "urn:ogc:def:crs:EPSG::4326"] if ground.geographic else []
    for name, swapped in product(_said(version, [*names, *degrees]), (False, True)):
        if wanted is None or swapped is (ground.order is not wanted):
            yield BoxDialect(name=name, swapped=swapped)


def _said(version: Version, names: list[str]) -> list[str | None]:
    return [None] if version == "1.0.0" else [*dict.fromkeys(names), None]


def _other_crs(native: str, ground: TypeExtent) -> str | None:
    """The native CRS, if it is known and the answers are in another one."""
    try:
        crs = parse_srs_name(native).crs
    except UnknownCrs:
        return None
    return None if crs == ground.crs or (is_geographic(crs) and ground.geographic) else crs


def united(boxes: NDArray[np.float64]) -> NativeBox | None:
    """The box around boxes (N, 4), those that are not finite left out; None when there is none."""
    finite = boxes[np.isfinite(boxes).all(axis=1)]
    if len(finite) == 0:
        return None
    low_1, low_2 = finite[:, :2].min(axis=0).tolist()
    high_1, high_2 = finite[:, 2:].max(axis=0).tolist()
    return NativeBox(low_1, low_2, high_1, high_2)


def grown(box: NativeBox, *, geographic: bool) -> NativeBox:
    """The box with a margin of about a metre, on whole metres or hundred-thousandths of a degree.

    Round numbers are the same on every machine and with every PROJ, so a recording can be asked for them again.
    """
    step = _MARGINS[geographic]
    low_1, low_2, high_1, high_2 = box
    return NativeBox(
        (floor(low_1 / step) - 1) * step,
        (floor(low_2 / step) - 1) * step,
        (ceil(high_1 / step) + 1) * step,
        (ceil(high_2 / step) + 1) * step,
    )


def smallest(bounds: NDArray[np.float64]) -> int | None:
    """The row of the object that lies in the least ambiguous place, of those with bounds (N, 4); None without any."""
    size = (bounds[:, 2:] - bounds[:, :2]).sum(axis=1)
    # placeholders such as 0,0 are no place
    size[(np.abs(bounds) < 1).all(axis=1)] += _EARTH_METRES
    size[~np.isfinite(bounds).all(axis=1)] = np.inf
    return int(size.argmin()) if np.isfinite(size).any() else None


def around(bounds: NDArray[np.float64], *, geographic: bool) -> NativeBox | None:
    """A box around the smallest of the objects with bounds (N, 4)."""
    row = smallest(bounds)
    if row is None:
        return None
    return grown(NativeBox(*bounds[row].tolist()), geographic=geographic)


def whole_plane(order: AxisOrder, *, geographic: bool) -> NativeBox:
    """Every place that a CRS can have, so that no object lies outside."""
    if not geographic:
        return NativeBox(-_EARTH_METRES, -_EARTH_METRES, _EARTH_METRES, _EARTH_METRES)
    return NativeBox(-180.0, -90.0, 180.0, 90.0) if order is AxisOrder.XY else NativeBox(-90.0, -180.0, 90.0, 180.0)


def written_area(extent: BBox, crs: str, order: AxisOrder) -> NativeBox | None:
    """An extent in degrees as a box in the coordinates of the answers; None where it has none there."""
    xy = from_crs84(_grid(extent), crs)
    written = xy if order is AxisOrder.XY else xy[:, ::-1]
    box = united(np.hstack([written, written]))
    return None if box is None else grown(box, geographic=is_geographic(crs))


def _grid(box: BBox | NativeBox) -> NDArray[np.float64]:
    """(M, 2) places all over a box, its corners among them."""
    low_1, low_2, high_1, high_2 = box
    first, second = np.meshgrid(np.linspace(low_1, high_1, _SAMPLES), np.linspace(low_2, high_2, _SAMPLES))
    return np.column_stack([first.ravel(), second.ravel()])


def strips(inner: NativeBox, outer: NativeBox) -> list[NativeBox]:
    """What of `outer` lies around `inner`, as up to four boxes that share no area."""
    low_1, low_2 = max(inner[0], outer[0]), max(inner[1], outer[1])
    high_1, high_2 = min(inner[2], outer[2]), min(inner[3], outer[3])
    candidates = [
        NativeBox(outer[0], outer[1], low_1, outer[3]),
        NativeBox(high_1, outer[1], outer[2], outer[3]),
        NativeBox(low_1, outer[1], high_1, low_2),
        NativeBox(low_1, high_2, high_1, outer[3]),
    ]
    return [box for box in candidates if box[0] < box[2] and box[1] < box[3]]


def divided(box: NativeBox) -> list[NativeBox]:
    """Four quarters."""
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
