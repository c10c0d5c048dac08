"""Coordinate reference systems: what a srsName means, and the way to longitude and latitude.

The same system has many spellings, and the spelling says something about the axis order: OGC's urn and URI forms
promise the order of the authority (latitude first for EPSG:4326), GML 2's `epsg.xml#4326` promises x,y, and the short
`EPSG:4326` promises nothing that all servers agree on. So the spelling is kept; `readings.py` weighs it.

Sources: OGC 07-092r3 and 11-135r2 (urn and URI), OGC 05-103 (epsg.xml), OGC 21-045r1 (JSON-FG: `[EPSG:28992]`),
EPSG and PROJ's database for codes, areas of use and axis orders.
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
import pyproj
from numpy.typing import NDArray
from pyproj.enums import TransformDirection
from pyproj.exceptions import CRSError, ProjError
from pyproj.network import set_network_enabled  # type: ignore[attr-defined]  # re-exported without __all__

from wfs_proxy.bbox import BBox
from wfs_proxy.errors import UnknownCrs
from wfs_proxy.geo.crs.rd_grid import rd_to_etrs89

__all__ = [
    "CRS84",
    "RD_NEW",
    "AxisOrder",
    "SrsName",
    "SrsNameForm",
    "area_of_use",
    "from_crs84",
    "is_geographic",
    "official_order",
    "parse_srs_name",
    "to_crs84",
]

CRS84 = "OGC:CRS84"
"""WGS 84, longitude first."""

RD_NEW = "EPSG:28992"
"""Amersfoort / RD New, the national grid of the Netherlands."""

_LONGEST_SRS_NAME = 300
"""A longer text is not a name; it is not worth asking PROJ about."""


class AxisOrder(enum.Enum):
    """Which of the two numbers of a position, as written, goes to the east."""

    XY = "x,y"
    """Easting or longitude first."""

    YX = "y,x"
    """Northing or latitude first."""


class SrsNameForm(enum.Enum):
    """The form of a srsName."""

    SHORT = "EPSG:4326"
    GML_XML = "http://www.opengis.net/gml/srs/epsg.xml#4326"
    URN = "urn:ogc:def:crs:EPSG::4326"
    URI = "http://www.opengis.net/def/crs/EPSG/0/4326"
    SAFE_CURIE = "[EPSG:4326]"
    NAME = "WGS 84"


@dataclass(frozen=True, kw_only=True)
class SrsName:
    """A srsName that was understood."""

    authority: str
    """In PROJ's spelling: EPSG, OGC, ESRI, IGNF."""

    code: str
    """The authority's code: "28992", "CRS84"."""

    spelling: SrsNameForm
    """How it was written."""

    @property
    def crs(self) -> str:
        """The one spelling that the rest of the program uses: "EPSG:28992"."""
        return f"{self.authority}:{self.code}"


_SPELLINGS: tuple[tuple[SrsNameForm, str], ...] = (
    # compound: the horizontal part comes first
    (SrsNameForm.URN, r"urn:[\w-]+:def:crs,crs:(?P<authority>\w+):[\w.]*:(?P<code>[\w.-]+)(,.*)?"),
    # MapServer's SOS leaves "def" out
    (SrsNameForm.URN, r"urn:[\w-]+:(def:)?crs:(?P<authority>\w+):([\w.]*:)?(?P<code>[\w.-]+)"),
    # urn:EPSG:geographicCRS:4326, an early form; urn:adv:crs:ETRS89_UTM32*DE_DHHN92_NH, German surveyors with heights
    (SrsNameForm.URN, r"urn:(?P<authority>\w+):(\w*crs):(?P<code>[\w.-]+)(\*.*)?"),
    (SrsNameForm.GML_XML, r"https?://[\w.]+/gml/srs/(?P<authority>\w+)\.xml#(?P<code>[\w.-]+)"),
    (SrsNameForm.URI, r"https?://[\w.]+/def/crs-compound\?1=\S*?/(?P<authority>\w+)/[\w.]+/(?P<code>\w+)(&.*)?"),
    (SrsNameForm.URI, r"https?://[\w.]+/def/crs/(?P<authority>\w+)/[\w.]+/(?P<code>[\w.-]+)/?"),
    # links as in the `crs` member of GeoJSON 2008
    (SrsNameForm.SHORT, r"https?://(www\.)?spatialreference\.org/ref/(?P<authority>\w+)/(?P<code>[\w-]+)(/.*)?"),
    (SrsNameForm.SHORT, r"https?://(www\.)?(?P<authority>epsg)\.io/(?P<code>\d+)(\D.*)?"),
    (SrsNameForm.SAFE_CURIE, r"\[(?P<authority>\w+):(?P<code>[\w.-]+)\]"),
    (SrsNameForm.SHORT, r"(?P<authority>[a-z_]\w*)::?(?P<code>[\w.-]+)(\+.*)?"),
    (SrsNameForm.SHORT, r"(?P<authority>)(?P<code>\d{4,6})"),
)
"""Regular expressions, tried in this order on the whole text, whatever its case."""

_PROPRIETARY = {
    "ADV:DE_DHDN_3GK2": "EPSG:31466",
    "ADV:DE_DHDN_3GK3": "EPSG:31467",
    "ADV:DE_DHDN_3GK4": "EPSG:31468",
    "ADV:DE_DHDN_3GK5": "EPSG:31469",
    "ADV:ETRS89_UTM31": "EPSG:25831",
    "ADV:ETRS89_UTM32": "EPSG:25832",
    "ADV:ETRS89_UTM33": "EPSG:25833",
    "CRS:27": "OGC:CRS27",
    "CRS:83": "OGC:CRS83",
    "CRS:84": "OGC:CRS84",
    "EPSG:3785": "EPSG:3857",
    "EPSG:41001": "EPSG:3857",
    "EPSG:54004": "EPSG:3857",
    "EPSG:90112": "EPSG:28992",
    "EPSG:900913": "EPSG:3857",
    "EPSG:CRS84": "OGC:CRS84",
    "OGC:84": "OGC:CRS84",
    "OSGB:BNG": "EPSG:27700",
    "OSGEO:41001": "EPSG:3857",
    "SDO:8307": "OGC:CRS84",
    "SDO:90112": "EPSG:28992",
}
"""Names outside the public registers: the German surveyors (AdV), WMS's CRS:84, Web Mercator's numbers before
it had one of its own, Ordnance Survey, and Oracle's numbers (90112 is RD New), also with EPSG put in front of them."""

_PLAIN_NAMES = {
    "BNG": "EPSG:27700",
    "CRS84": CRS84,
    "RD": RD_NEW,
    "RD NEW": RD_NEW,
    "RDNEW": RD_NEW,
    "RIJKSDRIEHOEK": RD_NEW,
    "RIJKSDRIEHOEKSTELSEL": RD_NEW,
    "WGS84": "EPSG:4326",
    "WGS 84": "EPSG:4326",
}

_NAME = re.compile(r"[A-Za-z][\w .,/()+-]*")
"""What may be asked by name: no WKT, no PROJ string, no path."""


def parse_srs_name(text: str) -> SrsName:
    """Understand a srsName in any spelling.

    Versions ("EPSG:6.11.2:4326") and heights (compound systems) are left out: places are horizontal.

    Raises:
        UnknownCrs: no spelling that we know, or a code that PROJ does not know.
    """
    return _parse(text.strip())


@lru_cache(maxsize=1024)
def _parse(text: str) -> SrsName:
    if len(text) <= _LONGEST_SRS_NAME:
        for spelling, pattern in _SPELLINGS:
            match = re.fullmatch(pattern, text, re.IGNORECASE)
            if match:
                return _known(match["authority"].upper() or "EPSG", match["code"], spelling, text)
        by_name = _find_by_name(text)
        if by_name:
            authority, code = by_name.split(":")
            return SrsName(authority=authority, code=code, spelling=SrsNameForm.NAME)
    raise UnknownCrs(
        f"srsName {text[:_LONGEST_SRS_NAME]!r} is no spelling of a coordinate reference system; "
        "expected something like EPSG:28992 or urn:ogc:def:crs:EPSG::28992"
    )


def _known(authority: str, code: str, spelling: SrsNameForm, text: str) -> SrsName:
    """The first of the names that this may stand for and that PROJ knows, without its height.

    ArcGIS and its followers write Esri's own codes as if they were EPSG's: "EPSG:102100".
    """
    written = f"{authority}:{code.upper()}"
    for name in (_PROPRIETARY.get(written, written), f"{authority}:{code}", f"ESRI:{code}"):
        crs = _lookup(name)
        if crs is not None:
            found_authority, found_code = _horizontal(crs, name).split(":")
            return SrsName(authority=found_authority, code=found_code, spelling=spelling)
    raise UnknownCrs(
        f"srsName {text!r}: PROJ does not know {authority}:{code}; check the number, or ask for another CRS"
    )


def _find_by_name(text: str) -> str | None:
    known = _PLAIN_NAMES.get(text.upper())
    if known or not _NAME.fullmatch(text):
        return known
    crs = _lookup(text)
    authority = crs.to_authority() if crs else None
    return ":".join(authority) if authority else None


def _lookup(name: str) -> pyproj.CRS | None:
    try:
        return pyproj.CRS.from_user_input(name)
    except CRSError:
        return None


def _horizontal(crs: pyproj.CRS, name: str) -> str:
    """The name of a compound system's horizontal part (RD + NAP is RD), else the name itself."""
    authority = crs.sub_crs_list[0].to_authority() if crs.is_compound else None
    return ":".join(authority) if authority else name


@cache
def _crs(name: str) -> pyproj.CRS:
    return pyproj.CRS.from_user_input(name)


def is_geographic(crs: str) -> bool:
    """Whether the coordinates are degrees. `crs` is a `SrsName.crs`."""
    return _crs(crs).is_geographic


@cache
def official_order(crs: str) -> AxisOrder:
    """The axis order that the authority defined. `crs` is a `SrsName.crs`.

    Of systems that count to the south and west (Krovak), the order counts as x,y, as it does in PROJ.
    """
    first, second = _crs(crs).axis_info[:2]
    if first.direction == second.direction:
        # polar systems: only the names tell
        return AxisOrder.YX if first.name.lower().startswith("northing") else AxisOrder.XY
    return AxisOrder.YX if (first.direction, second.direction) == ("north", "east") else AxisOrder.XY


@cache
def area_of_use(crs: str) -> BBox:
    """Where the system is meant for; west > east over the antimeridian.

    The whole world where PROJ does not tell.
    """
    area = _crs(crs).area_of_use
    return BBox(*area.bounds) if area else BBox(-180.0, -90.0, 180.0, 90.0)


def to_crs84(xy: NDArray[np.float64], crs: str) -> NDArray[np.float64]:
    """Turn coordinates into longitude and latitude.

    RD New comes within 1 mm of RDNAPTRANS2018 (`rdnap.py`); other systems take PROJ's best operation without grids,
    which is some metres for old national systems (Belgian Lambert 72: 1 m) and exact for ETRS89's and WGS 84's own.

    Args:
        xy: (M, 2) coordinates, easting or longitude first whatever the authority says.
        crs: A `SrsName.crs`: "EPSG:28992", "OGC:CRS84".

    Returns:
        (M, 2) longitude, latitude in degrees; not finite where PROJ cannot place the coordinates. Far outside the
        system's area PROJ answers with plausible nonsense: compare with `area_of_use`.

    Raises:
        UnknownCrs: PROJ knows no way from this system to WGS 84.
    """
    if crs == RD_NEW:
        return rd_to_etrs89(xy)
    if crs in {CRS84, "EPSG:4326"}:
        return np.array(xy, dtype=np.float64)
    return np.column_stack(_transformer(crs).transform(xy[:, 0], xy[:, 1]))


def from_crs84(lonlat: NDArray[np.float64], crs: str) -> NDArray[np.float64]:
    """Turn longitude and latitude into coordinates of another system, to some metres: for boxes, not for objects.

    Args:
        lonlat: (M, 2) longitude, latitude in degrees.
        crs: A `SrsName.crs`.

    Returns:
        (M, 2) coordinates, easting or longitude first; not finite where the system has no place.

    Raises:
        UnknownCrs: PROJ knows no way from this system to WGS 84.
    """
    if crs in {CRS84, "EPSG:4326"}:
        return np.array(lonlat, dtype=np.float64)
    transform = _transformer(crs).transform
    return np.column_stack(transform(lonlat[:, 0], lonlat[:, 1], direction=TransformDirection.INVERSE))


@cache
def _transformer(crs: str) -> pyproj.Transformer:
    """One for all threads: pyproj keeps a PROJ object a thread behind it.

    PROJ's last resort, no datum shift at all, is taken only for systems that have nothing else.
    """
    set_network_enabled(active=False)
    try:
        return _to_crs84(crs, allow_ballpark=False)
    except ProjError:
        pass
    try:
        return _to_crs84(crs, allow_ballpark=True)
    except ProjError as error:
        raise UnknownCrs(f"PROJ knows no way from {crs} to WGS 84") from error


def _to_crs84(crs: str, *, allow_ballpark: bool) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(_crs(crs), _crs(CRS84), always_xy=True, allow_ballpark=allow_ballpark)
