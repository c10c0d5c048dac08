"""Units of length and angle, as GML writes them in `uom` attributes (OGC 07-036, section 16.2.2).

A unit is a code of the EPSG register in any of OGC's spellings (urn:ogc:def:uom:EPSG::9001,
http://www.opengis.net/def/uom/EPSG/0/9001, EPSG:9001), or a symbol or name, with or without a dictionary before it
("m", "#m", "[ft_i]", urn:ogc:def:uom:UCUM::m). PROJ has the factors of the EPSG register.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import cache, lru_cache

from pyproj.database import get_units_map

__all__ = ["Unit", "unit_of"]


@dataclass(frozen=True, kw_only=True)
class Unit:
    """A unit; exactly one of the two is not None."""

    metres: float | None = None
    radians: float | None = None


_EPSG_CODE = re.compile(r"epsg\D.*?(?<!\d)(\d{4})(?!\d)", re.IGNORECASE)
_SEPARATOR = re.compile(r"[:/#]")

_LENGTHS = {
    **dict.fromkeys(("m", "meter", "meters", "metres", "mtr"), 1.0),
    **dict.fromkeys(("km", "kilometer", "kilometers", "kilometres"), 1000.0),
    "dm": 0.1, "cm": 0.01, "mm": 0.001,
    **dict.fromkeys(("ft", "feet", "[ft_i]", "ft_i"), 0.3048),
    **dict.fromkeys(("ftus", "us-ft", "[ft_us]", "ft_us"), 1200 / 3937),
    **dict.fromkeys(("in", "inch", "[in_i]"), 0.0254),
    **dict.fromkeys(("yd", "[yd_i]"), 0.9144),
    **dict.fromkeys(("nm", "nmi", "[nmi_i]", "nautical miles"), 1852.0),
    **dict.fromkeys(("mi", "mile", "miles", "[mi_i]"), 1609.344),
}  # fmt: skip
"""Symbols of UCUM, AIXM (NM is the nautical mile, not UCUM's nanometre) and common words, in lower case -> metres."""

_ANGLES = {
    **dict.fromkeys(("deg", "degrees", "dega", "°", "decimal degree", "decimaldegree"), math.radians(1.0)),
    **dict.fromkeys(("rad", "radians"), 1.0),
    **dict.fromkeys(("gon", "grads", "gradian"), math.pi / 200),
    "'": math.radians(1 / 60),
    "''": math.radians(1 / 3600),
}
"""Symbols in lower case -> radians."""


@lru_cache(maxsize=256)
def unit_of(uom: str) -> Unit | None:
    """Return the unit that a `uom` attribute means; None for an unknown one."""
    code = _EPSG_CODE.search(uom)
    if code is not None:
        return _register().get(code[1])
    symbol = _SEPARATOR.split(uom.strip())[-1].strip().lower()
    return _register().get(symbol)


@cache
def _register() -> dict[str, Unit]:
    """Return EPSG codes, names and symbols, in lower case, with their units."""
    lengths, angles = _factors("linear"), _factors("angular")
    return {
        **{key: Unit(metres=factor) for key, factor in (lengths | _LENGTHS).items()},
        **{key: Unit(radians=factor) for key, factor in (angles | _ANGLES).items()},
    }


def _factors(category: str) -> dict[str, float]:
    """Return code and name of the EPSG units of a category with their factors, without those that are no numbers."""
    units = [unit for unit in get_units_map(auth_name="EPSG", category=category).values() if unit.conv_factor > 0]
    return {key: unit.conv_factor for unit in units for key in (unit.code, unit.name.lower())}
