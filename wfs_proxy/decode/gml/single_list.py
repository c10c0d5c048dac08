"""A fast reader for the geometry that nearly every feature has: elements nested one in another, down to one list.

A Point, a LineString, a Polygon without holes, or a Multi- geometry of one of them, has exactly one element on each
level, and all its numbers are in the innermost, so the element names determine everything except the numbers. The
general readers in `geometry` need three times as long. They can read these geometries too and return an equal result.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from lxml import etree

from wfs_proxy.decode.gml.coordinates import (
    TEXT_READERS,
    Attributes,
    CoordinateTextReader,
    attributes_of,
)
from wfs_proxy.decode.gml.parsed_geometry import GeometryFamily, ParsedGeometry
from wfs_proxy.decode.gml.surroundings import Surroundings, dimension_of
from wfs_proxy.decode.safe_xml import name_of

__all__ = ["SingleListGeometry", "match_single_list"]

_Families = dict[tuple[str, ...], GeometryFamily]

_POINT: _Families = {("Point",): GeometryFamily.POINT}
_LINE: _Families = {("LineString",): GeometryFamily.LINE}
_AREA: _Families = {
    ("Polygon", "exterior", "LinearRing"): GeometryFamily.AREA,
    ("Polygon", "outerBoundaryIs", "LinearRing"): GeometryFamily.AREA,
}
_WRAPPINGS: tuple[tuple[tuple[str, ...], _Families], ...] = (
    ((), {**_POINT, **_LINE, **_AREA}),
    (("MultiPoint", "pointMember"), _POINT),
    (("MultiLineString", "lineStringMember"), _LINE),
    (("MultiCurve", "curveMember"), _LINE),
    (("MultiPolygon", "polygonMember"), _AREA),
    (("MultiSurface", "surfaceMember"), _AREA),
)
_LONGEST = 6
"""Elements from a MultiPolygon to its posList."""

_KINDS = {
    (*wrapping, *names, leaf): (family, bool(wrapping))
    for wrapping, families in _WRAPPINGS
    for names, family in families.items()
    for leaf in TEXT_READERS
}
"""Local names from the geometry to the element with its numbers -> family, and whether it is a Multi- geometry."""


class SingleListGeometry(NamedTuple):
    """Everything about a geometry except its numbers."""

    family: GeometryFamily
    multi: bool
    srs: str | None
    """The innermost srsName within the geometry."""

    dimension: int
    """The innermost srsDimension; 0: there is none."""

    attributes: Attributes
    """XML attributes of the element with the numbers."""

    reader: CoordinateTextReader

    expected: int = 0
    """The dimension that the CRS and the elements around the geometry say, where the geometry says none; 0: none."""

    @property
    def lacks_dimension(self) -> bool:
        """Whether nothing that was read so far says how many ordinates a position has."""
        return not (self.dimension or self.expected) and self.reader is TEXT_READERS["posList"]

    def within(self, around: Surroundings) -> SingleListGeometry:
        """Return the geometry with the dimension that the CRS and these elements say, if it says none itself."""
        return self._replace(expected=around.expected_dimension(self.srs)) if self.lacks_dimension else self

    def parse(self, text: str) -> ParsedGeometry:
        """Return the geometry with these numbers.

        Raises:
            UnsupportedGeometry: the numbers are not a sequence of positions.
        """
        positions = self.reader(text, self.attributes, self.dimension, closed=self.family is GeometryFamily.AREA)
        if self.expected and not positions.dimension:
            positions = positions._replace(expected=self.expected)
        return ParsedGeometry(self.family, [[positions]] if positions.ordinates else [], self.multi)


def match_single_list(element: etree._Element) -> tuple[SingleListGeometry, str] | None:
    """Return a geometry whose numbers are in one list, and the text of that list; None for any other element.

    Only the order of the elements is compared, not their nesting: no valid document has these names in one of these
    orders in any other nesting.
    """
    nodes = list(islice(element.iter(), _LONGEST + 1))
    kind = _kind(tuple([node.tag for node in nodes]))
    if kind is None:
        return None
    family, multi, reader = kind
    srs, dimension = None, None
    for node in nodes:
        if node.keys():
            srs = node.get("srsName") or srs
            dimension = node.get("srsDimension") or dimension
    leaf = nodes[-1]
    return SingleListGeometry(family, multi, srs, dimension_of(dimension), attributes_of(leaf), reader), leaf.text or ""


@lru_cache(maxsize=1024)
def _kind(tags: tuple[str, ...]) -> tuple[GeometryFamily, bool, CoordinateTextReader] | None:
    names = tuple(map(name_of, tags))
    found = _KINDS.get(names)
    return (*found, TEXT_READERS[names[-1]]) if found else None
