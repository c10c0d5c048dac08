"""Parse srsNames, the names of coordinate reference systems in WFS, GML and GeoJSON.

One system has many spellings, and the spelling says something about the axis order. OGC's urn and URI forms promise the
order of the authority (latitude first for EPSG:4326). GML 2's `epsg.xml#4326` promises x,y. The short `EPSG:4326`
promises nothing that all servers agree on. So the spelling is kept, and `axis_order` weighs it.

Sources: OGC 07-092r3 and 11-135r2 (urn and URI), OGC 05-103 (epsg.xml), OGC 21-045r1 (JSON-FG: `[EPSG:28992]`), and
PROJ's copy of the EPSG database for the codes.
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from functools import lru_cache

import pyproj
from pyproj.exceptions import CRSError

from wfs_proxy.errors import UnknownCrs

__all__ = ["CRS84", "RD_NEW", "AxisOrder", "SrsName", "SrsNameForm", "axes_of", "parse_srs_name", "srs_name_of"]

CRS84 = "OGC:CRS84"
"""WGS 84, longitude first."""

RD_NEW = "EPSG:28992"
"""Amersfoort / RD New, the national grid of the Netherlands."""

_PLANE_AXES = 2

_SAME_CRS = 70
"""Of 100: PROJ's confidence from which WKT counts as a registered CRS; names in a .prj differ from the register's."""

_LONGEST_SRS_NAME = 300
"""Characters; a longer text is not a name, and PROJ is not asked about it."""


class AxisOrder(enum.Enum):
    """Which of the two numbers of a position, as written, is the easting or longitude."""

    XY = "x,y"
    """Easting or longitude first."""

    YX = "y,x"
    """Northing or latitude first."""


class SrsNameForm(enum.Enum):
    """The form in which a srsName is written, with an example."""

    SHORT = "EPSG:4326"
    GML_XML = "http://www.opengis.net/gml/srs/epsg.xml#4326"
    URN = "urn:ogc:def:crs:EPSG::4326"
    URI = "http://www.opengis.net/def/crs/EPSG/0/4326"
    SAFE_CURIE = "[EPSG:4326]"
    NAME = "WGS 84"


@dataclass(frozen=True, kw_only=True)
class SrsName:
    """A parsed srsName."""

    authority: str
    """As PROJ spells it: EPSG, OGC, ESRI, IGNF."""

    code: str
    """The authority's code: "28992", "CRS84"."""

    spelling: SrsNameForm
    """The form in which it was written."""

    axes: int
    """Axes of the system as it was written, with its height if it has one."""

    @property
    def crs(self) -> str:
        """The spelling that the rest of the program uses: "EPSG:28992"."""
        return f"{self.authority}:{self.code}"


_SPELLINGS: tuple[tuple[SrsNameForm, str], ...] = (
    # compound: the horizontal part comes first
    (SrsNameForm.URN, r"urn:[\w-]+:def:crs,crs:(?P<authority>\w+):[\w.]*:(?P<code>[\w.-]+)(,.*)?"),
    # MapServer's SOS omits "def"
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
"""Regular expressions, tried in this order. Each must match the whole text; case does not matter."""

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
"""Names outside the public registers: the German surveyors (AdV), WMS's CRS:84, the unofficial codes of Web Mercator,
Ordnance Survey, and Oracle's codes (90112 is RD New), which also occur with the prefix EPSG."""

_PLACEHOLDER_CODES = frozenset({"0", "1", "404000", "404001", "none", "null", "undefined", "unknown"})
"""Codes for "no CRS" that servers write, with or without a minus: GeoServer 404000 (and 404001 for any three axes),
PostGIS 0 and -1, SQL Server 0."""

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

_COMPOUND = re.compile(r"crs,crs:|crs-compound|\d\+\d|\*")
"""Spellings of a system with a second one for heights."""

_NAME = re.compile(r"[A-Za-z][\w .,/()+-]*")
"""Text that PROJ may look up as a name; WKT, PROJ strings and paths do not match."""


_WELL_KNOWN_TEXT = re.compile(r'[A-Za-z_]+\s*[\[(]\s*"([^"]*)"')
"""The beginning of a description (OGC 01-009, ISO 19162), with its name."""


def axes_of(text: str) -> int:
    """Return the number of axes of a system, with its height if it has one; 0 for an unknown system."""
    try:
        return parse_srs_name(text).axes
    except UnknownCrs:
        return 0


def srs_name_of(text: str) -> str | None:
    """Return the srsName of a CRS that a file declares: a code, or WKT, as in the .prj of a Shapefile.

    None: it is in no register that PROJ knows, so only the coordinates can tell.
    """
    try:
        return parse_srs_name(text).crs
    except UnknownCrs:
        crs = _lookup(text)
    authority = crs.to_authority(min_confidence=_SAME_CRS) if crs is not None else None
    return ":".join(authority) if authority else None


def parse_srs_name(text: str) -> SrsName:
    """Parse a srsName in any known spelling.

    Versions ("EPSG:6.11.2:4326") are ignored. Of a compound system the horizontal part is returned.

    Raises:
        UnknownCrs: the spelling is unknown, or PROJ does not know the code.
    """
    return _parse(text.strip())


@lru_cache(maxsize=1024)
def _parse(text: str) -> SrsName:
    described = _WELL_KNOWN_TEXT.match(text)
    if described:
        raise UnknownCrs(
            f"srsName {described[1][:_LONGEST_SRS_NAME]!r} is only described as well-known text (WKT), without a code; "
            "set `srs_name` in the layer's source to its code, in the Netherlands usually EPSG:28992"
        )
    if len(text) <= _LONGEST_SRS_NAME:
        for spelling, pattern in _SPELLINGS:
            match = re.fullmatch(pattern, text, re.IGNORECASE)
            if match:
                return _known(match["authority"].upper() or "EPSG", match["code"], spelling, text)
        by_name = _find_by_name(text)
        if by_name:
            authority, code = by_name.split(":")
            return SrsName(authority=authority, code=code, spelling=SrsNameForm.NAME, axes=_axes(by_name, text))
    raise UnknownCrs(
        f"srsName {text[:_LONGEST_SRS_NAME]!r} is not a known coordinate reference system; "
        "expected something like EPSG:28992 or urn:ogc:def:crs:EPSG::28992"
    )


def _known(authority: str, code: str, spelling: SrsNameForm, text: str) -> SrsName:
    """Return the first system that this may mean and that PROJ knows, without its height.

    ArcGIS and some other servers write Esri's own codes as if they were EPSG codes: "EPSG:102100".
    """
    written = f"{authority}:{code.upper()}"
    for name in (_PROPRIETARY.get(written, written), f"{authority}:{code}", f"ESRI:{code}"):
        crs = _lookup(name)
        if crs is not None:
            found_authority, found_code = _horizontal(crs, name).split(":")
            return SrsName(authority=found_authority, code=found_code, spelling=spelling, axes=_axes(name, text))
    if code.lower().lstrip("-") in _PLACEHOLDER_CODES:
        raise UnknownCrs(
            f"srsName {text!r} is a placeholder: the vendor's server does not know in which CRS its data are. Set "
            "`srs_name` in the layer's source to that CRS, in the Netherlands usually EPSG:28992, or ask the vendor to "
            "declare it (GeoServer: Declared SRS)"
        )
    raise UnknownCrs(f"srsName {text!r}: PROJ does not know {authority}:{code}; check the code, or request another CRS")


def _axes(name: str, text: str) -> int:
    crs = _lookup(name)
    heights = 1 if _COMPOUND.search(text) else 0
    return max(len(crs.axis_info) if crs else 0, _PLANE_AXES + heights)


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
    """Return the horizontal part of a compound system (RD of RD + NAP), else the name itself."""
    authority = crs.sub_crs_list[0].to_authority() if crs.is_compound else None
    return ":".join(authority) if authority else name
