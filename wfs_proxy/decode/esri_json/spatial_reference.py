"""The names of coordinate systems in Esri JSON."""

from __future__ import annotations

import re
from typing import Any

__all__ = ["crs_name"]

_WEB_MERCATOR = frozenset({3785, 3857, 41001, 54004, 102100, 102113, 900913})
"""Codes of one and the same system. 102113 is Esri's of a version on a sphere, with the same coordinates."""

_LAST_EPSG = 32_767
"""Higher codes are Esri's own."""

_AUTHORITY = re.compile(r"""(?:AUTHORITY|ID)\[\s*"EPSG"\s*,\s*"?(\d+)"?\s*\]\s*\]\s*$""", re.IGNORECASE)
"""The code of the system itself is the last one (OGC 01-009; in ISO 19162 it is `ID`)."""


def crs_name(reference: Any) -> str | None:
    """Return the name of a `spatialReference`, such as EPSG:28992; None without one.

    `latestWkid` is the EPSG code where `wkid` is an older one of Esri. A system that is only described as well-known
    text has that text as its name, unless the text has its EPSG code.
    """
    if not isinstance(reference, dict):
        return None
    code = next((code for key in ("latestWkid", "wkid") if (code := _code(reference.get(key))) is not None), None)
    if code is not None:
        return _name_of(code)
    text = next((text for key in ("wkt2", "wkt") if isinstance(text := reference.get(key), str) and text.strip()), None)
    return None if text is None else _of_text(text)


def _code(value: Any) -> int | None:
    """Return a code; None for 0 and less, which stand for an unknown system."""
    if isinstance(value, str) and value.strip().isdecimal():
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def _name_of(code: int) -> str:
    if code in _WEB_MERCATOR:
        return "EPSG:3857"
    return f"{'EPSG' if code <= _LAST_EPSG else 'ESRI'}:{code}"


def _of_text(text: str) -> str:
    authority = _AUTHORITY.search(text)
    return _name_of(int(authority[1])) if authority else text.strip()
