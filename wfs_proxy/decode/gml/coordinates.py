"""GML elements that hold coordinates: posList, pos, coordinates and coord (OGC 07-036, section 10.1.4; 02-069).

Their text stays as it was written until `positions.resolve` parses it, except where several elements have to be joined.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from lxml import etree

from wfs_proxy.decode.gml.positions import Positions, from_array, from_tuples, resolve
from wfs_proxy.decode.gml.surroundings import Surroundings, dimension_of
from wfs_proxy.decode.safe_xml import name_of
from wfs_proxy.errors import UnsupportedGeometry

__all__ = [
    "BY_REFERENCE",
    "NO_POSITIONS",
    "TEXT_READERS",
    "Attributes",
    "CoordinateTextReader",
    "SrsContext",
    "attributes_of",
    "count_positions",
    "read_positions",
]

BY_REFERENCE = "a part is only referred to (xlink:href)"
NO_POSITIONS = Positions("", 0)

Attributes = Mapping[str, str]
"""The XML attributes of an element."""


class SrsContext(NamedTuple):
    """What elements inherit from the elements around them, up to the geometry element."""

    used: list[str | None]
    """The srsName that holds for each element with numbers that was read. All contexts of one geometry share it."""

    around: Surroundings
    """The elements around the geometry."""

    srs: str | None = None
    """The innermost srsName; None: the geometry has none so far."""

    dimension: int = 0
    """The innermost srsDimension; 0: none so far."""

    def within(self, element: etree._Element) -> SrsContext:
        """Return the context inside an element."""
        srs = element.get("srsName")
        dimension = element.get("srsDimension")
        if not srs and dimension is None:
            return self
        return self._replace(srs=srs or self.srs, dimension=dimension_of(dimension) or self.dimension)


def attributes_of(element: etree._Element) -> Attributes:
    """Return a copy of the XML attributes of an element."""
    return {str(key): str(value) for key, value in element.items()}


def count_positions(element: etree._Element) -> int:
    """Return the number of positions directly inside an element; 0 if it has anything else, or none."""
    count = 0
    for child in element:
        name = name_of(child.tag)
        if name == "coordinates":
            separator = child.get("ts", " ").strip() or None
            count += sum(bool(entry.strip()) for entry in (child.text or "").split(separator))
        elif name in {"pos", "coord", "pointProperty", "pointRep"}:
            count += 1
        else:
            return 0
    return count


def read_positions(element: etree._Element, context: SrsContext, *, closed: bool = False) -> Positions:
    """Read the positions directly inside an element: posList, pos, coordinates or coord.

    Returns:
        One sequence; `NO_POSITIONS` where the element has none.

    Raises:
        UnsupportedGeometry: several elements cannot be joined, or a point is only referred to.
    """
    found: list[Positions] = []
    for child in element:
        name = name_of(child.tag)
        if name in TEXT_READERS:
            inner = context.within(child)
            inner.used.append(inner.srs)
            read = TEXT_READERS[name](child.text or "", attributes_of(child), inner.dimension, closed=closed)
            found.append(read if read.dimension else read._replace(expected=inner.around.expected_dimension(inner.srs)))
        elif name == "coord":
            context.used.append(context.within(child).srs)
            found.append(_read_coord(child, closed=closed))
        elif name in {"pointProperty", "pointRep"}:
            if len(child) == 0:
                raise UnsupportedGeometry(BY_REFERENCE)
            found.append(read_positions(child[0], context.within(child[0]), closed=closed))
    if len(found) == 1:
        return found[0]
    return _join(found, closed=closed) if found else NO_POSITIONS


def _join(sequences: list[Positions], *, closed: bool) -> Positions:
    """Return all positions as one sequence; they are resolved together, because there may be millions."""
    resolved = resolve(sequences)
    if resolved.errors:
        raise UnsupportedGeometry(next(iter(resolved.errors.values())))
    return from_array(resolved.xy, closed=closed)


class CoordinateTextReader(Protocol):
    """Reads the text of an element that holds numbers."""

    def __call__(self, text: str, attributes: Attributes, dimension: int, /, *, closed: bool) -> Positions:
        """Return the positions; `dimension` is 0 where the document gives none, `closed` is True in a ring."""


def _read_pos_list(text: str, _attributes: Attributes, dimension: int, *, closed: bool) -> Positions:
    return Positions(text, dimension, closed)


def _read_pos(text: str, _attributes: Attributes, _dimension: int, *, closed: bool) -> Positions:
    # one position has as many ordinates as it has numbers, even where an srsDimension further out disagrees
    return Positions(text, len(text.split()), closed)


def _read_coordinates(text: str, attributes: Attributes, _dimension: int, *, closed: bool) -> Positions:
    return from_tuples(
        text,
        decimal=attributes.get("decimal", "."),
        between_ordinates=attributes.get("cs", ","),
        between_tuples=attributes.get("ts", " "),
        closed=closed,
    )


TEXT_READERS: dict[str, CoordinateTextReader] = {
    "posList": _read_pos_list,
    "pos": _read_pos,
    "coordinates": _read_coordinates,
}
"""Local name of an element whose text is numbers -> its reader."""


def _read_coord(element: etree._Element, *, closed: bool) -> Positions:
    ordinates = [(child.text or "").strip() or "NaN" for child in element if name_of(child.tag) in {"X", "Y", "Z"}]
    return Positions(" ".join(ordinates), len(ordinates), closed)
