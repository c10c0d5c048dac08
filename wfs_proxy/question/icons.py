"""The pictures that questions refer to, our own drawings, one file each in `icons/`.

Both forms put a picture on the map and in the list at its own size or at 40 by 40 pixels; the first form also draws the
mark of a status at 20 by 20. So each file says 40 by 40 pixels, fills its square, and has no text and no thin lines.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

__all__ = ["icons"]


@cache
def icons() -> Mapping[str, bytes]:
    """Return all pictures: name, such as lamp -> SVG document."""
    folder = files("wfs_proxy.question") / "icons"
    found = {entry.name: entry.read_bytes() for entry in folder.iterdir() if entry.name.endswith(".svg")}
    return MappingProxyType({name.removesuffix(".svg"): body for name, body in sorted(found.items())})
