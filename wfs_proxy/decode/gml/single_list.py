"""The short way for the geometry that nearly every feature has: one chain of elements down to one list of positions.

A Point, a LineString, a Polygon without holes, or a Multi- geometry of one of them, is read here in a third of the time
that the readers of `gml_geometry` need; those read everything, these too, and to the same shape.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from lxml import etree

from wfs_proxy.decode.gml.build import Family, Shape
from wfs_proxy.decode.gml.lines import TEXTS, Attributes, TextReader, attributes_of, dimension_of
from wfs_proxy.decode.safe_xml import name_of

__all__ = ["Chain", "find_chain"]

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
    for leaf in TEXTS
}
"""Local names from the geometry to its positions -> family, and whether it is a Multi- geometry."""


class Chain(NamedTuple):
    """All about a geometry but its numbers."""

    family: Family
    multi: bool
    srs: str | None
    """The innermost srsName within the geometry."""

    dimension: int
    attributes: Attributes
    """Of the element with the numbers."""

    read: TextReader

    def shape(self, text: str) -> Shape:
        """The geometry with these numbers.

        Raises:
            UnsupportedGeometry: they make no sense.
        """
        positions = self.read(text, self.attributes, self.dimension, closed=self.family is Family.AREA)
        return Shape(self.family, [[positions]] if positions.ordinates else [], self.multi)


def find_chain(element: etree._Element) -> tuple[Chain, str] | None:
    """A geometry element that is one chain, with the text of its numbers; None for every other element."""
    nodes = list(islice(element.iter(), _LONGEST + 1))
    kind = _kind(tuple([node.tag for node in nodes]))
    if kind is None:
        return None
    family, multi, read = kind
    srs, dimension = None, None
    for node in nodes:
        if node.keys():
            srs = node.get("srsName") or srs
            dimension = node.get("srsDimension") or dimension
    leaf = nodes[-1]
    return Chain(family, multi, srs, dimension_of(dimension), attributes_of(leaf), read), leaf.text or ""


@lru_cache(maxsize=1024)
def _kind(tags: tuple[str, ...]) -> tuple[Family, bool, TextReader] | None:
    names = tuple(map(name_of, tags))
    found = _CHAINS.get(names)
    return (*found, TEXTS[names[-1]]) if found else None
