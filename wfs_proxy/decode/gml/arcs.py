"""Arcs and circles as lines (ISO 19107, section 6.4; the GML elements of 07-036, section 10.4.7).

Every function works on ordinates as they are written: a bearing from north with north first, and a mathematical angle
with east first, are the same formula.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from wfs_proxy.errors import UnsupportedGeometry

__all__ = ["arc_by_bulge", "arc_by_center", "arc_string", "circle", "length_unit"]

STEP = math.radians(2.0)
"""Angle between two vertices: the line lies within 0.00015 of the radius."""

_METRES = {
    "m": 1.0, "metre": 1.0, "meter": 1.0, "#m": 1.0, "km": 1000.0, "ft": 0.3048, "[ft_i]": 0.3048,
    "nm": 1852.0, "[nmi_i]": 1852.0, "mi": 1609.344, "[mi_i]": 1609.344,
}  # fmt: skip
"""Lengths by their UCUM and AIXM symbols, in lower case."""

METRES_PER_NAUTICAL_DEGREE = 1852.0 * 60
"""A nautical mile is a minute of latitude on average: near enough for a radius in metres around degrees. Not
`bbox.METRES_PER_DEGREE`, the least that a degree can have, which would draw every arc 0.5 % too large."""


def length_unit(uom: str) -> float | None:
    """Metres in a unit of length; None for another unit, or one that we do not know."""
    return _METRES.get(uom.rpartition(":")[2].rpartition("/")[2].lower())


def arc_string(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Arcs through each three successive positions, the last of one being the first of the next.

    Args:
        points: (2n + 1, 2)

    Raises:
        UnsupportedGeometry: an even number of positions, or fewer than three.
    """
    if len(points) < 3 or len(points) % 2 == 0:  # noqa: PLR2004  an arc has three positions
        raise UnsupportedGeometry("an arc needs three positions")
    pieces = [_through(*points[start : start + 3]) for start in range(0, len(points) - 2, 2)]
    return np.concatenate([pieces[0], *(piece[1:] for piece in pieces[1:])])


def circle(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """The circle through three positions, beginning and ending at the first.

    Raises:
        UnsupportedGeometry: not three positions, or three on one line.
    """
    center = _center(*points) if len(points) == 3 else None  # noqa: PLR2004  three positions define it
    if center is None:
        raise UnsupportedGeometry("a circle needs three positions that are not on one line")
    start = _angle(points[0] - center)
    turn = math.copysign(math.tau, _side(*points))
    return _sweep(center, start, start + turn, ends=(points[0], points[0]))


def arc_by_center(
    center: NDArray[np.float64], radius: NDArray[np.float64], start: float, end: float
) -> NDArray[np.float64]:
    """The arc from one angle to another, in degrees from the first axis towards the second.

    Args:
        center: (2,)
        radius: (2,) along either axis; they differ where a length is laid out in degrees.
        start: of the arc.
        end: of the arc; smaller than `start` where it goes the other way round.
    """
    arc: NDArray[np.float64] = center + radius * _unit_arc(math.radians(start), math.radians(end))
    return arc


def arc_by_bulge(
    points: NDArray[np.float64], bulges: list[float], normals: list[NDArray[np.float64]]
) -> NDArray[np.float64]:
    """Arcs between successive positions, whose middle lies off the chord by the bulge times the normal.

    Args:
        points: (n + 1, 2)
        bulges: n of them.
        normals: n of them: a vector, or a single length to the left of the chord.

    Raises:
        UnsupportedGeometry: not one bulge and normal an arc.
    """
    if len(points) < 2 or not len(points) - 1 == len(bulges) == len(normals):  # noqa: PLR2004  a chord has two ends
        raise UnsupportedGeometry("an arc by bulge needs a bulge and a normal for each chord")
    through = [points[0]]
    for start, end, bulge, normal in zip(points, points[1:], bulges, normals, strict=False):
        through += [(start + end) / 2 + bulge * _normal(end - start, normal), end]
    return arc_string(np.array(through))


def _normal(chord: NDArray[np.float64], given: NDArray[np.float64]) -> NDArray[np.float64]:
    if len(given) > 1:
        return np.array(given[:2])
    length = float(np.hypot(*chord)) or 1.0
    to_the_left: NDArray[np.float64] = np.array([-chord[1], chord[0]]) * (given[0] / length)
    return to_the_left


def _through(a: NDArray[np.float64], b: NDArray[np.float64], c: NDArray[np.float64]) -> NDArray[np.float64]:
    """The arc from a through b to c; a full circle when c is a, a straight line when they are on one."""
    if (a == c).all() and (a != b).any():
        return _sweep((a + b) / 2, _angle(a - b), _angle(a - b) + math.tau, ends=(a, c))
    center = _center(a, b, c)
    if center is None:
        return np.array([a, b, c])
    start, turn = _angle(a - center), _angle(c - center) - _angle(a - center)
    side = _side(a, b, c)
    if turn * side <= 0:
        turn += math.copysign(math.tau, side)
    return _sweep(center, start, start + turn, ends=(a, c))


def _sweep(
    center: NDArray[np.float64], start: float, end: float, *, ends: tuple[NDArray[np.float64], NDArray[np.float64]]
) -> NDArray[np.float64]:
    """An arc whose ends are exactly the positions that were written."""
    arc: NDArray[np.float64] = center + float(np.hypot(*(ends[0] - center))) * _unit_arc(start, end)
    arc[0], arc[-1] = ends
    return arc


def _unit_arc(start: float, end: float) -> NDArray[np.float64]:
    # a full turn is the most that an arc can be; more would only cost vertices
    end = start + max(-math.tau, min(math.tau, end - start))
    angles = np.linspace(start, end, max(3, math.ceil(abs(end - start) / STEP) + 1))
    return np.column_stack([np.cos(angles), np.sin(angles)])


def _angle(vector: NDArray[np.float64]) -> float:
    return math.atan2(vector[1], vector[0])


def _side(a: NDArray[np.float64], b: NDArray[np.float64], c: NDArray[np.float64]) -> float:
    """Positive when b to c turns left of a to b."""
    (ux, uy), (vx, vy) = b - a, c - a
    return float(ux * vy - uy * vx)


def _center(a: NDArray[np.float64], b: NDArray[np.float64], c: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """Of the circle through three positions; None when they are on one line, as far as numbers can tell."""
    u, v = b - a, c - a
    twice = 2 * float(u[0] * v[1] - u[1] * v[0])
    uu, vv = float(u @ u), float(v @ v)
    if abs(twice) <= 1e-12 * max(uu, vv):
        return None
    return a + np.array([v[1] * uu - u[1] * vv, u[0] * vv - v[0] * uu]) / twice
