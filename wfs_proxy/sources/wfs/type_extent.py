"""Where the objects of a feature type are, as a sample of them shows."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from wfs_proxy.bbox import BBox
from wfs_proxy.config import WfsSource
from wfs_proxy.geo import AxisOrder, is_geographic
from wfs_proxy.sources.boxes import area_in_crs, around_object, grown, united, whole_plane
from wfs_proxy.sources.feature_page import FeaturePage
from wfs_proxy.sources.native_box import NativeBox
from wfs_proxy.sources.readings import first_reading

__all__ = ["TypeExtent", "probe_extent"]

_MAX_DEGREES = 180


@dataclass(frozen=True, kw_only=True)
class TypeExtent:
    """Where the objects of a type are, in the coordinates of the answers."""

    inner: NativeBox
    """Around the known objects and the declared extent. Most objects are inside."""

    plane: NativeBox
    """Around every position that the CRS can have. All objects are inside."""

    known_object: NativeBox
    """Around one known object, for requests that test how the vendor understands a box."""

    crs: str | None
    """The CRS of the answers, as `SrsName.crs` spells it; None when it could not be determined."""

    order: AxisOrder
    """Of the numbers in the answers."""

    geographic: bool
    """Whether the numbers are degrees."""


def probe_extent(page: FeaturePage, source: WfsSource, declared: BBox | None) -> TypeExtent | None:
    """Return where the objects of a type are, judged by one answer; None when no object in it has a geometry.

    Args:
        page: the answer.
        source: the layer's; its `extent`, `srs_name` and `axis_order` count as evidence.
        declared: the extent that the capabilities declare for the type.
    """
    known = united(page.bounds)
    if known is None:
        return None
    reading = first_reading(replace(page.batch, declared_extent=declared), source)
    order = AxisOrder.XY if reading is None else reading.order
    # without a reading the numbers decide: no place on land is within 180 metres of the origin of its grid
    geographic = bool(np.abs(known).max() <= _MAX_DEGREES) if reading is None else is_geographic(reading.crs)
    extent = source.extent or declared
    area = area_in_crs(extent, reading.crs, order) if extent is not None and reading is not None else None
    inner = united(np.array([known, area if area is not None else known]))
    known_object = around_object(page.bounds, geographic=geographic)
    assert inner is not None
    assert known_object is not None
    return TypeExtent(
        inner=grown(inner, geographic=geographic),
        plane=whole_plane(order, geographic=geographic),
        known_object=known_object,
        crs=None if reading is None else reading.crs,
        order=order,
        geographic=geographic,
    )
