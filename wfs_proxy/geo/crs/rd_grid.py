"""RD New (EPSG:28992) to ETRS89 degrees, as the procedure RDNAPTRANS(tm)2018 prescribes.

The registration file is official: RD is a stereographic projection of places that carry the distortions of the old
triangulation, so a formula alone is 5-15 cm off, and that is what PROJ does without the grid (and then reports the
result as the best available). Variant 2 of RDNAPTRANS2018 undoes projection and distortion: inverse projection, then
one correction grid, interpolated bilinearly, straight to ETRS89. The grid lies in `data/` as an NTv2 file
(`data/README.md` tells its origin and licence).

ETRS89 degrees are served as WGS84, as everywhere in Dutch web maps: the two coincided in 1989 and drift apart with
the continent, some 2.5 cm a year.

Accuracy against the official procedure: within 0.1 mm inside the grid (2-8 degrees east, 50-56 degrees north: the
Netherlands with their part of the North Sea, the north of Belgium and the German border). Outside it the similarity
transformation alone is used, as RDNAPTRANS2018 itself prescribes; RD means little there.
"""

from __future__ import annotations

import math
from functools import cache
from importlib import resources

import numpy as np
import pyproj
from numpy.typing import NDArray

__all__ = ["rd_to_etrs89"]

_UNPROJECT = (
    "+step +inv +proj=sterea +lat_0=52d9'22.178\"N +lon_0=5d23'15.5\"E +k=0.9999079"
    " +x_0=155000 +y_0=463000 +ellps=bessel"
)
"""The inverse of the RD projection (EPSG:28992: oblique stereographic about Amersfoort), to radians on Bessel 1841."""

_TO_DEGREES = "+step +proj=unitconvert +xy_in=rad +xy_out=deg"

_ARCSECONDS = math.degrees(1e-6) * 3600
"""In a microradian, the unit in which NSGI publishes the rotations."""

_SIMILARITY = (
    "+step +proj=cart +ellps=bessel +step +proj=helmert +convention=coordinate_frame"
    " +x=565.7381 +y=50.4018 +z=465.2904 +s=4.07244"
    f" +rx={1.91514 * _ARCSECONDS} +ry={-1.60363 * _ARCSECONDS} +rz={9.09546 * _ARCSECONDS}"
    " +step +inv +proj=cart +ellps=GRS80"
)
"""RD Bessel to ETRS89 without the grid: RDNAPTRANS2018, section 3.3 (metres, parts per million, arc seconds)."""


def rd_to_etrs89(xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn RD New into longitude and latitude.

    Args:
        xy: (M, 2) RD x and y in metres.

    Returns:
        (M, 2) longitude, latitude in degrees (ETRS89); not finite where the input is not.
    """
    lonlat = _transformed(_with_grid(), xy)
    beyond = np.isinf(lonlat[:, 0])
    if beyond.any():
        lonlat[beyond] = _transformed(_without_grid(), xy[beyond])
    return lonlat


def _transformed(transformer: pyproj.Transformer, xy: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.column_stack(transformer.transform(xy[:, 0], xy[:, 1]))


@cache
def _with_grid() -> pyproj.Transformer:
    return _pipeline(f"+step +proj=hgridshift +grids={_grid_file()}")


@cache
def _without_grid() -> pyproj.Transformer:
    return _pipeline(_SIMILARITY)


def _pipeline(datum_step: str) -> pyproj.Transformer:
    # pyproj keeps one PROJ object a thread behind a Transformer, so one for all threads is enough
    return pyproj.Transformer.from_pipeline(f"+proj=pipeline {_UNPROJECT} {datum_step} {_TO_DEGREES}")


def _grid_file() -> str:
    """The grid's absolute path, quoted for PROJ: a checkout may lie under a directory with spaces in its name."""
    path = str(resources.files("wfs_proxy").joinpath("geo", "crs", "data", "rdtrans2018.gsb"))
    return '"' + path.replace('"', '""') + '"'
