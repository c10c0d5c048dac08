"""Whether GDAL is installed. The answer is sought in one place, because pages, downloads and sources ask."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec

__all__ = ["has_gdal"]


@cache
def has_gdal() -> bool:
    """Whether files of GDAL's formats can be read and written: its library is in the extra `files`."""
    return find_spec("pyogrio") is not None
