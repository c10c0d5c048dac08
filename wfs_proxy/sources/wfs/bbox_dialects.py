"""The ways in which a vendor may understand a bounding box: which number first, in which CRS, under which name. Pure.

The standards define all three, but many servers deviate from them, so `bbox_probe` tries these dialects in turn.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np

from wfs_proxy.bbox import BBox
from wfs_proxy.errors import UnknownCrs
from wfs_proxy.geo import AxisOrder, area_of_use, is_geographic, parse_srs_name, to_crs84
from wfs_proxy.sources.boxes import area_in_crs, grid_in, whole_plane
from wfs_proxy.sources.native_box import NativeBox
from wfs_proxy.sources.wfs.kvp import Version
from wfs_proxy.sources.wfs.type_extent import TypeExtent

__all__ = ["BoxDialect", "RequestArea", "candidate_dialects"]

_REACH = 5.0
"""Degrees around a system's area of use in which its formulas still hold. RD's placeholder 0,0 is inside as well."""


@dataclass(frozen=True, kw_only=True)
class RequestArea:
    """Where the objects of a type are, in the coordinates in which boxes are requested."""

    inner: NativeBox
    """Around the known objects and the declared extent."""

    plane: NativeBox
    """Around every position that the CRS can have."""

    geographic: bool
    """Whether the numbers are degrees."""


@dataclass(frozen=True, kw_only=True)
class BoxDialect:
    """One way to send a box."""

    crs_name: str | None
    """The name of the CRS that goes with the box; None: no name is sent."""

    swapped: bool
    """Whether the two ordinates trade places: compared with the answers, or with easting first in `native`."""

    answers: tuple[str, AxisOrder] | None = None
    """CRS and axis order of the answers, when the box has to be transformed to another CRS."""

    native: str | None = None
    """That other CRS: the type's own."""

    def converted(self, box: NativeBox) -> NativeBox:
        """Return a box around a box of the answers, in the coordinates in which boxes are requested.

        These are the answers' own, or those of `native` with easting first. Boxes are divided in them: a box that is
        converted grows, because its edges are curved in the other CRS, and the parts of a divided one would overlap.
        """
        if self.answers is None or self.native is None:
            return box
        return _transformed(box, *self.answers, self.native)

    def sent(self, box: NativeBox) -> NativeBox:
        """Return the numbers of a box to request, in the order in which to send them."""
        low_1, low_2, high_1, high_2 = box
        return NativeBox(low_2, low_1, high_2, high_1) if self.swapped else box

    def area(self, extent: TypeExtent) -> RequestArea:
        """Return where the objects of a type are, in the coordinates in which boxes are requested."""
        if self.answers is None or self.native is None:
            return RequestArea(inner=extent.inner, plane=extent.plane, geographic=extent.geographic)
        geographic = is_geographic(self.native)
        plane = whole_plane(AxisOrder.XY, geographic=geographic)
        return RequestArea(inner=self.converted(extent.inner), plane=plane, geographic=geographic)


def _transformed(box: NativeBox, crs: str, order: AxisOrder, native: str) -> NativeBox:
    """Return the box around a box of another CRS, cut off where `native` is no longer defined."""
    positions = grid_in(box)
    lonlat = to_crs84(positions if order is AxisOrder.XY else positions[:, ::-1], crs)
    west, south, east, north = area_of_use(native)
    lonlat = np.clip(lonlat, (west - _REACH, south - _REACH), (east + _REACH, north + _REACH))
    area = BBox.of_points(lonlat[np.isfinite(lonlat).all(axis=1)])
    assert area is not None
    return area_in_crs(area, native, AxisOrder.XY) or box


def candidate_dialects(
    version: Version, names: list[str], *, extent: TypeExtent, native: str | None, configured: AxisOrder | None
) -> Iterator[BoxDialect]:
    """Yield the dialects to try, the most likely first.

    Args:
        version: in 1.0.0 a box cannot name its CRS.
        names: of CRSs, as the vendor spells them, the best first.
        extent: of the type, with the CRS and axis order of the answers.
        native: the type's own CRS, as the vendor spells it. It is tried first, because QGIS Server expects boxes in it
            even when it answers in degrees, and MapServer loses objects when it has to transform the box.
        configured: the axis order that the layer file prescribes; None: try both.
    """
    own = None if native is None else _differing_crs(native, extent)
    if own is not None and extent.crs is not None:
        for name, swapped in product(_names_to_send(version, [str(native)]), (False, True)):
            if configured is None or swapped is (configured is AxisOrder.YX):
                yield BoxDialect(crs_name=name, swapped=swapped, answers=(extent.crs, extent.order), native=own)
    degrees = ["EPSG:4326", "urn:ogc:def:crs:EPSG::4326"] if extent.geographic else []
    for name, swapped in product(_names_to_send(version, [*names, *degrees]), (False, True)):
        if configured is None or swapped is (extent.order is not configured):
            yield BoxDialect(crs_name=name, swapped=swapped)


def _names_to_send(version: Version, names: list[str]) -> list[str | None]:
    return [None] if version == "1.0.0" else [*dict.fromkeys(names), None]


def _differing_crs(native: str, extent: TypeExtent) -> str | None:
    """Return the native CRS, if it is known and the answers are in another one."""
    try:
        crs = parse_srs_name(native).crs
    except UnknownCrs:
        return None
    return None if crs == extent.crs or (is_geographic(crs) and extent.geographic) else crs
