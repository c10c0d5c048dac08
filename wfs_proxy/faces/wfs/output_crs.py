"""The coordinate reference systems of answers, and the order of the coordinates in each spelling of their names.

In GML the spelling decides: the urn and the URI have the axis order of the authority (latitude first for EPSG:4326),
the short form and GML 2's `epsg.xml#4326` have x,y (OGC 09-025r2, section 7.9.2.4.4). GeoJSON is always longitude,
latitude, in degrees (RFC 7946, section 3.1.1).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import orjson
from numpy.typing import NDArray

from wfs_proxy.errors import BadRequest, WfsRequestError
from wfs_proxy.faces.wfs.namespaces import GmlVersion
from wfs_proxy.filters import AreaCrs, area_crs
from wfs_proxy.geo import AxisOrder, SrsNameForm, from_crs84, official_order, parse_srs_name

__all__ = ["DEFAULT_SRS_NAMES", "LISTED_DEFAULT", "OTHER_SRS_NAMES", "OutputCrs", "read_output_crs"]

_CODES = ("EPSG:28992", "EPSG:4258", "EPSG:9067", "EPSG:3857")

DEFAULT_SRS_NAMES: dict[GmlVersion, str] = {
    "1.0.0": "EPSG:4326",
    "1.1.0": "urn:ogc:def:crs:EPSG::4326",
    "2.0.0": "urn:ogc:def:crs:EPSG::4326",
}
"""The system of an answer to a request without srsName, in the spelling of its version."""

LISTED_DEFAULT = "EPSG:4326"
"""The same system as the capabilities of all versions name it.

GDAL takes the axis order of every format but GML from this name: with the urn it would swap the longitude and latitude
of GeoJSON. GML has a srsName of its own.
"""

_CRS84_URN = "urn:ogc:def:crs:OGC:1.3:CRS84"

_OTHER_URNS = (
    DEFAULT_SRS_NAMES["2.0.0"],
    _CRS84_URN,
    *(code.replace("EPSG:", "urn:ogc:def:crs:EPSG::") for code in _CODES),
)

OTHER_SRS_NAMES: dict[GmlVersion, tuple[str, ...]] = {"1.0.0": _CODES, "1.1.0": _OTHER_URNS, "2.0.0": _OTHER_URNS}
"""The other systems, for the capabilities."""

_METRE_DECIMALS = 3

_FORMS = {
    SrsNameForm.SHORT: "EPSG:{}",
    SrsNameForm.GML_XML: "http://www.opengis.net/gml/srs/epsg.xml#{}",
    SrsNameForm.URI: "http://www.opengis.net/def/crs/EPSG/0/{}",
}
_URN_FORM = "urn:ogc:def:crs:EPSG::{}"
_CRS84_URI = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"


@dataclass(frozen=True, kw_only=True)
class OutputCrs(AreaCrs):
    """The system of the coordinates in an answer."""

    srs_name: str
    """As written in the answer."""

    def coordinates(self, lonlat: NDArray[np.float64], separator: bytes = b" ") -> list[bytes]:
        """Return the coordinates of points as text.

        Args:
            lonlat: (M, 2) longitude, latitude in degrees.
            separator: between the two numbers.
        """
        return _written(self._ordered(self._projected(lonlat)), separator)

    def corners(self, lonlat: NDArray[np.float64], separator: bytes = b" ") -> list[bytes]:
        """Return the lower and the upper corner of the smallest box around points; empty without points."""
        if not len(lonlat):
            return []
        xy = self._projected(lonlat)
        return _written(self._ordered(np.array([xy.min(axis=0), xy.max(axis=0)])), separator)

    def _projected(self, lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
        return lonlat if self.in_degrees else from_crs84(lonlat, self.crs).round(_METRE_DECIMALS)

    def _ordered(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        return xy[:, ::-1] if self.order is AxisOrder.YX else xy


def _written(numbers: NDArray[np.float64], separator: bytes) -> list[bytes]:
    """Return (M,) pairs of numbers as text; orjson writes them ten times as fast as Python."""
    if not len(numbers):
        return []
    text = orjson.dumps(np.ascontiguousarray(numbers), option=orjson.OPT_SERIALIZE_NUMPY)
    return text[2:-2].replace(b"],[", b"\n").replace(b",", separator).split(b"\n")


@lru_cache(maxsize=256)
def read_output_crs(srs_name: str | None, version: GmlVersion) -> OutputCrs:
    """Return the system that a request names.

    Args:
        srs_name: in any spelling; None: the default of the version.
        version: of the GML.

    Raises:
        WfsRequestError: another system; the message names those that there are.
    """
    text = (srs_name or "").strip().strip("{}") or DEFAULT_SRS_NAMES[version]
    try:
        found = area_crs(text)
    except BadRequest as error:
        raise WfsRequestError(
            f"srsName={text[:100]} is not supported; use EPSG:4326, CRS84, {', '.join(_CODES)}.",
            code="InvalidParameterValue",
            locator="srsName",
        ) from error
    form = parse_srs_name(text).spelling
    if found.crs == "OGC:CRS84":
        written = _CRS84_URI if form is SrsNameForm.URI else _CRS84_URN
        return OutputCrs(crs=found.crs, order=AxisOrder.XY, srs_name=written)
    template = _FORMS.get(form, _URN_FORM)
    by_authority = template is _URN_FORM or form is SrsNameForm.URI
    return OutputCrs(
        crs=found.crs,
        order=official_order(found.crs) if by_authority else AxisOrder.XY,
        srs_name=template.format(found.crs.partition(":")[2]),
    )
