"""The coordinate reference systems that objects are available in, and their positions in them (OGC 18-058r1).

Objects are stored in CRS84. Positions in the other systems have the axis order of the authority: latitude first in
EPSG:4326, x first in RD. RD has 3 decimals (1 mm), as the Dutch API Design Rules ask. Degrees have 7 (1 cm), as
everywhere in the proxy, and not the 8 that the rules allow: the stored degrees have no more, and the forms identify an
object by these digits. The price is that RD is computed from a position that is at most 8 mm from the vendor's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import orjson
from numpy.typing import NDArray

from wfs_proxy.errors import BadRequest
from wfs_proxy.geo import from_crs84, to_crs84

__all__ = ["CRS84", "RD", "SYSTEMS", "CoordinateSystem", "positions", "system_named"]

_REGISTER = "http://www.opengis.net/def/crs"


@dataclass(frozen=True, kw_only=True)
class CoordinateSystem:
    """A system in which objects are available."""

    name: str
    """The short name: "EPSG:28992"."""

    uri: str
    """The name in requests and answers."""

    title: str
    latitude_first: bool = False
    is_geographic: bool = True

    @property
    def decimals(self) -> int:
        """Of a coordinate, in degrees or metres."""
        return 7 if self.is_geographic else 3

    def from_lonlat(self, lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return (M, 2) the coordinates of (M, 2) longitude, latitude, in the order of the authority, rounded."""
        if self.is_geographic:
            # ETRS89 and WGS 84 are taken as one, as everywhere in the proxy: see `geo.crs.rd_grid`
            transformed = lonlat[:, ::-1] if self.latitude_first else lonlat
        else:
            transformed = from_crs84(lonlat, self.name)
        rounded: NDArray[np.float64] = np.round(transformed, self.decimals) + 0.0  # turns -0.0 into 0.0
        return rounded

    def to_lonlat(self, coordinates: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return (M, 2) longitude, latitude of (M, 2) coordinates in the order of the authority."""
        if self.is_geographic:
            return coordinates[:, ::-1] if self.latitude_first else coordinates
        return to_crs84(coordinates, self.name)


def _epsg(code: int, title: str, **facts: bool) -> CoordinateSystem:
    return CoordinateSystem(name=f"EPSG:{code}", uri=f"{_REGISTER}/EPSG/0/{code}", title=title, **facts)


CRS84 = CoordinateSystem(name="OGC:CRS84", uri=f"{_REGISTER}/OGC/1.3/CRS84", title="WGS 84, longitude first")

RD = _epsg(28992, "Amersfoort / RD New", is_geographic=False)

SYSTEMS = (
    CRS84,
    RD,
    _epsg(4258, "ETRS89", latitude_first=True),
    _epsg(9067, "ETRF2000", latitude_first=True),
    _epsg(3857, "WGS 84 / Pseudo-Mercator", is_geographic=False),
    _epsg(4326, "WGS 84", latitude_first=True),
)
"""CRS84 first, as section 6.2.1 says."""

_SPELLING = re.compile(
    r"(?:https?://www\.opengis\.net/def/crs/(?P<a>EPSG|OGC)/[\d.]+/"
    r"|urn:ogc:def:crs:(?P<b>EPSG|OGC):[\d.]*:"
    r"|\[?(?P<c>EPSG|OGC):)"
    r"(?P<code>\w+)\]?",
    re.IGNORECASE | re.ASCII,
)
"""A URI; also the urn and the CURIE (EPSG:28992, [EPSG:28992]), which mean the same and cannot be misunderstood."""

_BY_NAME = {system.name.upper(): system for system in SYSTEMS}


def system_named(text: str, parameter: str) -> CoordinateSystem:
    """Return the system that a parameter of a request names.

    Args:
        text: the value of the parameter.
        parameter: its name, for the message.

    Raises:
        BadRequest: objects are not available in that system.
    """
    found = _SPELLING.fullmatch(text)
    authority = (found["a"] or found["b"] or found["c"]) if found else ""
    system = _BY_NAME.get(f"{authority}:{found['code']}".upper()) if found else None
    if system is None:
        possible = ", ".join(system.uri for system in SYSTEMS)
        raise BadRequest(f"{parameter}={text} is not a coordinate reference system of this service. Use {possible}.")
    return system


def positions(lonlat: NDArray[np.float64], system: CoordinateSystem) -> list[bytes]:
    """Return the M positions of (M, 2) longitude, latitude as text: b"148191.839,463304.853"."""
    if not len(lonlat):
        return []
    coordinates = np.ascontiguousarray(system.from_lonlat(lonlat))
    return orjson.dumps(coordinates, option=orjson.OPT_SERIALIZE_NUMPY)[2:-2].split(b"],[")
