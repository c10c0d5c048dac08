"""The short way for the geometry that nearly every feature has: one chain of elements down to one list of positions.

A Point, a LineString, a Polygon without holes, or a Multi- geometry of one of them, is read here in a third of the time
that the readers of `gml_geometry` need; those read everything, these too, and to the same shape.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import islice

from lxml import etree

from wfs_proxy.formats.gml_paths import LEAVES, LeafReader, dimension_of
from wfs_proxy.formats.gml_shapes import Family, Shape
from wfs_proxy.formats.xml import name_of

__all__ = ["read_chain"]

_Paths = dict[tuple[str, ...], Family]

_POINT: _Paths = {("Point",): Family.POINT}
_LINE: _Paths = {("LineString",): Family.LINE}
_AREA: _Paths = {
    ("Polygon", "exterior", "LinearRing"): Family.AREA,
    ("Polygon", "outerBoundaryIs", "LinearRing"): Family.AREA,
}
_HOLDERS: tuple[tuple[tuple[str, ...], _Paths], ...] = (
    ((), {**_POINT, **_LINE, **_AREA}),
    (("MultiPoint", "pointMember"), _POINT),
    (("MultiLineString", "lineStringMember"), _LINE),
    (("MultiCurve", "curveMember"), _LINE),
    (("MultiPolygon", "polygonMember"), _AREA),
    (("MultiSurface", "surfaceMember"), _AREA),
)
_LONGEST = 6

_CHAINS = {
    (*holder, *path, leaf): (family, bool(holder))
    for holder, single in _HOLDERS
    for path, family in single.items()
    for leaf in LEAVES
}
"""Local names from the geometry to its positions -> family, and whether it is a Multi- geometry."""


def read_chain(element: etree._Element) -> tuple[Shape, str | None] | None:
    """Read a geometry element that is one chain, and the innermost srsName in it; None for every other element.

    Raises:
        UnsupportedGeometry: its positions make no sense.
    """
    nodes = list(islice(element.iter(), _LONGEST + 1))
    chain = _chain(tuple([node.tag for node in nodes]))
    if chain is None:
        return None
    family, multi, read_positions = chain
    srs, dimension = None, None
    for node in nodes:
        if node.keys():
            srs = node.get("srsName") or srs
            dimension = node.get("srsDimension") or dimension
    positions = read_positions(nodes[-1], dimension_of(dimension), closed=family is Family.AREA)
    return Shape(family, [[positions]] if positions.ordinates else [], multi), srs


@lru_cache(maxsize=1024)
def _chain(tags: tuple[str, ...]) -> tuple[Family, bool, LeafReader] | None:
    names = tuple(map(name_of, tags))
    found = _CHAINS.get(names)
    return (*found, LEAVES[names[-1]]) if found else None
