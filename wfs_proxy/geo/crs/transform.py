"""Transform coordinates of any CRS to longitude and latitude, and look up what PROJ knows of a CRS.

`crs` is always a `SrsName.crs`, such as "EPSG:28992". Coordinates always have easting or longitude first; `axis_order`
determines which of the written numbers that is.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pyproj
from numpy.typing import NDArray
from pyproj.enums import TransformDirection
from pyproj.exceptions import ProjError
from pyproj.network import set_network_enabled  # type: ignore[attr-defined]  # re-exported without __all__

from wfs_proxy.bbox import BBox
from wfs_proxy.errors import UnknownCrs
from wfs_proxy.geo.crs.rd_grid import etrs89_to_rd, rd_to_etrs89
from wfs_proxy.geo.crs.srs_name import CRS84, RD_NEW, AxisOrder, parse_srs_name

__all__ = [
    "area_of_use",
    "from_crs84",
    "is_geographic",
    "metres_per_unit",
    "official_order",
    "projection_origin",
    "to_crs84",
]


@cache
def _crs(name: str) -> pyproj.CRS:
    return pyproj.CRS.from_user_input(name)


def is_geographic(crs: str) -> bool:
    """Whether the coordinates are degrees. `crs` is a `SrsName.crs`: "EPSG:28992"."""
    return _crs(crs).is_geographic


@cache
def official_order(crs: str) -> AxisOrder:
    """Return the axis order that the authority defines. `crs` is a `SrsName.crs`.

    A system whose axes point south and west (Krovak) counts as x,y, as it does in PROJ.
    """
    first, second = _crs(crs).axis_info[:2]
    if first.direction == second.direction:
        # polar systems: both axes point the same way, so only their names differ
        return AxisOrder.YX if first.name.lower().startswith("northing") else AxisOrder.XY
    return AxisOrder.YX if (first.direction, second.direction) == ("north", "east") else AxisOrder.XY


@cache
def area_of_use(crs: str) -> BBox:
    """Return the area that the system is defined for, with west > east across the antimeridian.

    The whole world where PROJ has no area. `crs` is a `SrsName.crs`.
    """
    area = _crs(crs).area_of_use
    return BBox(*area.bounds) if area else BBox(-180.0, -90.0, 180.0, 90.0)


def metres_per_unit(srs: str | None) -> float:
    """Return the metres in a unit of a projected system's coordinates; 1 for another or an unknown system.

    `srs` is a srsName in any spelling; None: there is none.
    """
    try:
        crs = _crs(parse_srs_name(srs).crs) if srs else None
    except UnknownCrs:
        return 1.0
    return float(crs.axis_info[0].unit_conversion_factor) if crs is not None and crs.is_projected else 1.0


@cache
def projection_origin(crs: str) -> tuple[float, float] | None:
    """Return the numbers that the origin of a projection has: its false easting and northing, in the units of the CRS.

    None for geographic systems and for projections without such an origin. `crs` is a `SrsName.crs`.
    """
    operation = _crs(crs).coordinate_operation
    if operation is None or is_geographic(crs):
        return None
    offsets = [
        next((parameter.value for parameter in operation.params if word in parameter.name.lower()), None)
        for word in ("easting", "northing")
    ]
    easting, northing = offsets
    return None if easting is None or northing is None else (float(easting), float(northing))


def to_crs84(xy: NDArray[np.float64], crs: str) -> NDArray[np.float64]:
    """Transform coordinates to longitude and latitude.

    RD New is transformed within 1 mm of RDNAPTRANS2018 (`rd_grid`). Other systems use PROJ's best operation without
    grids: exact for systems based on ETRS89 and WGS 84, within some metres for old national systems (Belgian Lambert
    72: 1 m).

    Args:
        xy: (M, 2) coordinates, easting or longitude first, also where the authority has another order.
        crs: a `SrsName.crs`: "EPSG:28992", "OGC:CRS84".

    Returns:
        (M, 2) longitude, latitude in degrees; not finite where PROJ has no result. Far outside the system's area PROJ
        returns plausible but wrong numbers: compare with `area_of_use`.

    Raises:
        UnknownCrs: PROJ has no transformation from this system to WGS 84.
    """
    if crs == RD_NEW:
        return rd_to_etrs89(xy)
    if crs in {CRS84, "EPSG:4326"}:
        return np.array(xy, dtype=np.float64)
    return np.column_stack(_transformer(crs).transform(xy[:, 0], xy[:, 1]))


def from_crs84(lonlat: NDArray[np.float64], crs: str) -> NDArray[np.float64]:
    """Transform longitude and latitude to another system, as exactly as `to_crs84` does the opposite.

    Args:
        lonlat: (M, 2) longitude, latitude in degrees.
        crs: a `SrsName.crs`.

    Returns:
        (M, 2) coordinates, easting or longitude first; not finite where PROJ has no result.

    Raises:
        UnknownCrs: PROJ has no transformation from this system to WGS 84.
    """
    if crs == RD_NEW:
        return etrs89_to_rd(lonlat)
    if crs in {CRS84, "EPSG:4326"}:
        return np.array(lonlat, dtype=np.float64)
    transform = _transformer(crs).transform
    return np.column_stack(transform(lonlat[:, 0], lonlat[:, 1], direction=TransformDirection.INVERSE))


@cache
def _transformer(crs: str) -> pyproj.Transformer:
    """Return a transformer that all threads can use: pyproj keeps one PROJ object per thread.

    PROJ's "ballpark" transformation, which ignores the datum, is only used where there is no other.
    """
    set_network_enabled(active=False)
    try:
        return _to_crs84(crs, allow_ballpark=False)
    except ProjError:
        pass
    try:
        return _to_crs84(crs, allow_ballpark=True)
    except ProjError as error:
        raise UnknownCrs(f"PROJ has no transformation from {crs} to WGS 84") from error


def _to_crs84(crs: str, *, allow_ballpark: bool) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(_crs(crs), _crs(CRS84), always_xy=True, allow_ballpark=allow_ballpark)
