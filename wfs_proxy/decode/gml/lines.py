"""Lines, curves and rings: elements that are one continuous sequence of positions."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
from lxml import etree

from wfs_proxy.decode.gml.coordinates import BY_REFERENCE, NO_POSITIONS, SrsContext, read_positions
from wfs_proxy.decode.gml.positions import Positions, from_array, to_array
from wfs_proxy.decode.gml.segments import read_segment
from wfs_proxy.decode.safe_xml import name_of
from wfs_proxy.errors import UnsupportedGeometry

__all__ = ["read_line", "read_ring"]


def read_ring(element: etree._Element, context: SrsContext) -> Positions:
    """Read a LinearRing, or a Ring of curves.

    Raises:
        UnsupportedGeometry: it is another element, or it cannot be read.
    """
    inner = context.within(element)
    match name_of(element.tag):
        case "LinearRing":
            return read_positions(element, inner, closed=True)
        case "Ring":
            return _read_members(element, inner)._replace(closed=True)
        case other:
            raise UnsupportedGeometry(f"{other} is not supported as a ring")


def read_line(element: etree._Element, context: SrsContext) -> Positions:
    """Read a line or a curve.

    Raises:
        UnsupportedGeometry: it is outside our subset.
    """
    inner = context.within(element)
    match name_of(element.tag):
        case "CompositeCurve":
            return _read_members(element, inner)
        case "OrientableCurve":
            base = _read_members(element, inner)
            return from_array(to_array(base)[::-1]) if element.get("orientation") == "-" else base
        case "Curve":
            return _read_segments(element, inner)
    if any(name_of(child.tag) == "segments" for child in element):
        return _read_segments(element, inner)
    return read_positions(element, inner)


def _read_members(element: etree._Element, context: SrsContext) -> Positions:
    """Read a curve that consists of curves."""
    return _join([read_line(curve, context) for curve in _member_curves(element)])


def _member_curves(element: etree._Element) -> Iterator[etree._Element]:
    for holder in element:
        if name_of(holder.tag) in {"curveMember", "curveMembers", "baseCurve"}:
            if len(holder) == 0:
                raise UnsupportedGeometry(BY_REFERENCE)
            yield from holder


def _read_segments(element: etree._Element, context: SrsContext) -> Positions:
    return _join(
        [
            read_segment(segment, context.within(segment))
            for holder in element
            if name_of(holder.tag) == "segments"
            for segment in holder
        ]
    )


def _join(sequences: list[Positions]) -> Positions:
    """Join sequences end to end. Where one begins at the end of the one before it, that position is kept once.

    A single sequence stays text.
    """
    if len(sequences) == 1:
        return sequences[0]
    pieces = [piece for piece in map(to_array, sequences) if len(piece)]
    if not pieces:
        return NO_POSITIONS
    joined = [pieces[0]]
    for before, piece in itertools.pairwise(pieces):
        joined.append(piece[1:] if (before[-1] == piece[0]).all() else piece)
    return from_array(np.concatenate(joined))
