"""Geometries as the readers of GML elements return them: text that `build` turns into shapely geometries later."""

from __future__ import annotations

import enum
from typing import NamedTuple

from wfs_proxy.decode.gml.positions import Positions

__all__ = ["GeometryFamily", "ParsedCollection", "ParsedGeometry"]


class GeometryFamily(enum.IntEnum):
    """What the parts of a geometry are."""

    POINT = 0
    LINE = 1
    AREA = 2


class ParsedGeometry(NamedTuple):
    """Parts of one family; an empty geometry has no parts."""

    family: GeometryFamily
    parts: list[list[Positions]]
    """Each part is one position, one line, or the outer ring of an area followed by its holes."""

    multi: bool
    """True: a Multi- geometry, even with one part."""


class ParsedCollection(NamedTuple):
    """Geometries of several families. Collections inside a collection are flattened."""

    members: list[ParsedGeometry]
