"""Transform RD New (EPSG:28992) to ETRS89 degrees and back with the official grid, as RDNAPTRANS(tm)2018 prescribes.

RD is a stereographic projection of positions that have the distortions of the old triangulation. A formula alone is
therefore 5-15 cm off; that is what PROJ does without the grid, while it reports the result as the best available.
Variant 2 of RDNAPTRANS2018 undoes projection and distortion: the inverse projection, then one correction grid with
bilinear interpolation, directly to ETRS89. The grid is an NTv2 file in `data/`; `data/README.md` has its origin and
licence.

The degrees are served as WGS84, as is usual in Dutch web maps. ETRS89 and WGS84 coincided in 1989 and drift apart with
the continent, some 2.5 cm a year.

Accuracy against the official procedure: within 0.1 mm in the grid (2-8 degrees east, 50-56 degrees north: the
Netherlands with their part of the North Sea, the north of Belgium and the German border region). Outside the grid the
similarity transformation alone is used, as RDNAPTRANS2018 prescribes; RD coordinates mean little there.
"""

from __future__ import annotations

import math
from functools import cache
from importlib import resources

import numpy as np
import pyproj
from numpy.typing import NDArray
from pyproj.enums import TransformDirection

__all__ = ["etrs89_to_rd", "rd_to_etrs89"]

_UNPROJECT = (
    "+step +inv +proj=sterea +lat_0=52d9'22.178\"N +lon_0=5d23'15.5\"E +k=0.9999079"
    " +x_0=155000 +y_0=463000 +ellps=bessel"
)
"""The inverse of the RD projection (EPSG:28992, oblique stereographic around Amersfoort), to radians on Bessel 1841."""

_TO_DEGREES = "+step +proj=unitconvert +xy_in=rad +xy_out=deg"

_ARCSECONDS = math.degrees(1e-6) * 3600
"""Arc seconds in a microradian, the unit in which NSGI publishes the rotations."""

_SIMILARITY = (
    "+step +proj=cart +ellps=bessel +step +proj=helmert +convention=coordinate_frame"
    " +x=565.7381 +y=50.4018 +z=465.2904 +s=4.07244"
    f" +rx={1.91514 * _ARCSECONDS} +ry={-1.60363 * _ARCSECONDS} +rz={9.09546 * _ARCSECONDS}"
    " +step +inv +proj=cart +ellps=GRS80"
)
"""RD Bessel to ETRS89 without the grid: RDNAPTRANS2018, section 3.3 (metres, parts per million, arc seconds)."""


def rd_to_etrs89(xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Transform RD New to longitude and latitude.

    Args:
        xy: (M, 2) RD x and y in metres.

    Returns:
        (M, 2) longitude, latitude in degrees (ETRS89); not finite where the input is not.
    """
    return _transformed(xy, TransformDirection.FORWARD)


def etrs89_to_rd(lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Transform longitude and latitude to RD New: the inverse of `rd_to_etrs89`, within 1 mm outside the grid.

    Args:
        lonlat: (M, 2) longitude, latitude in degrees (ETRS89).

    Returns:
        (M, 2) RD x and y in metres; not finite where the input is not.
    """
    return _transformed(lonlat, TransformDirection.INVERSE)


def _transformed(given: NDArray[np.float64], direction: TransformDirection) -> NDArray[np.float64]:
    """Return (M, 2) the coordinates with the grid, and without it where it ends."""
    found = _with(_with_grid(), given, direction)
    beyond = np.isinf(found[:, 0])
    if beyond.any():
        found[beyond] = _with(_without_grid(), given[beyond], direction)
    return found


def _with(
    transformer: pyproj.Transformer, given: NDArray[np.float64], direction: TransformDirection
) -> NDArray[np.float64]:
    return np.column_stack(transformer.transform(given[:, 0], given[:, 1], direction=direction))


@cache
def _with_grid() -> pyproj.Transformer:
    return _pipeline(f"+step +proj=hgridshift +grids={_grid_file()}")


@cache
def _without_grid() -> pyproj.Transformer:
    return _pipeline(_SIMILARITY)


def _pipeline(datum_step: str) -> pyproj.Transformer:
    # one Transformer serves all threads: pyproj keeps one PROJ object per thread
    return pyproj.Transformer.from_pipeline(f"+proj=pipeline {_UNPROJECT} {datum_step} {_TO_DEGREES}")


def _grid_file() -> str:
    """Return the absolute path of the grid, quoted for PROJ because it may contain spaces."""
    path = str(resources.files("wfs_proxy").joinpath("geo", "crs", "data", "rdtrans2018.gsb"))
    return '"' + path.replace('"', '""') + '"'
