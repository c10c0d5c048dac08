"""Arcs and circles as lines (ISO 19107, section 6.4).

The functions work on ordinates as written, in either axis order. An angle is measured from the first axis towards the
second. That is a bearing where north is first and a mathematical angle where east is first, so one formula fits both.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from wfs_proxy.errors import UnsupportedGeometry

__all__ = ["arc_by_bulge", "arc_by_center", "arc_string", "circle"]

STEP = math.radians(2.0)
"""Angle between two vertices. The line is within 0.00015 of the radius from the arc."""

METRES_PER_NAUTICAL_DEGREE = 1852.0 * 60
"""A nautical mile is the average minute of latitude, which is precise enough for a radius around a center in degrees.
`bbox.METRES_PER_DEGREE` is the shortest degree there is, and would draw every arc 0.5 % too large."""


def arc_string(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return successive arcs, each through three positions, of which the last is the first of the next arc.

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
    """Return the circle through three positions. It begins and ends at the first of them.

    Raises:
        UnsupportedGeometry: there are not exactly three positions, or they are on one line.
    """
    center = _center(*points) if len(points) == 3 else None  # noqa: PLR2004  three positions define it
    if center is None:
        raise UnsupportedGeometry("a circle needs three positions that are not on one line")
    start = _angle(points[0] - center)
    full_circle = math.copysign(math.tau, _side(*points))
    return _arc(center, start, start + full_circle, ends=(points[0], points[0]))


def arc_by_center(
    center: NDArray[np.float64], radius: NDArray[np.float64], start: float, end: float
) -> NDArray[np.float64]:
    """Return the arc from one angle to another, in degrees from the first axis towards the second.

    Args:
        center: (2,)
        radius: (2,) along the first and the second axis. They differ where a length was converted to degrees.
        start: first angle.
        end: last angle; smaller than `start` where the arc goes the other way round.
    """
    arc: NDArray[np.float64] = center + radius * _unit_arc(math.radians(start), math.radians(end))
    return arc


def arc_by_bulge(
    points: NDArray[np.float64], bulges: list[float], normals: list[NDArray[np.float64]]
) -> NDArray[np.float64]:
    """Return arcs between successive positions. The middle of an arc is off the chord by the bulge times the normal.

    Args:
        points: (n + 1, 2)
        bulges: n of them.
        normals: n of them: a vector, or a single length to the left of the chord.

    Raises:
        UnsupportedGeometry: the arcs do not have one bulge and one normal each.
    """
    if len(points) < 2 or not len(points) - 1 == len(bulges) == len(normals):  # noqa: PLR2004  a chord has two ends
        raise UnsupportedGeometry("an arc by bulge needs a bulge and a normal for each chord")
    through = [points[0]]
    for start, end, bulge, normal in zip(points, points[1:], bulges, normals, strict=False):
        through += [(start + end) / 2 + bulge * _normal(end - start, normal), end]
    return arc_string(np.array(through))


def _normal(chord: NDArray[np.float64], given: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a (2,) normal: the given vector, or the given length to the left of the chord."""
    if len(given) > 1:
        return np.array(given[:2])
    length = float(np.hypot(*chord)) or 1.0
    to_the_left: NDArray[np.float64] = np.array([-chord[1], chord[0]]) * (given[0] / length)
    return to_the_left


def _through(a: NDArray[np.float64], b: NDArray[np.float64], c: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the arc from a through b to c; a full circle if c equals a, a straight line if they are on one line."""
    if (a == c).all() and (a != b).any():
        return _arc((a + b) / 2, _angle(a - b), _angle(a - b) + math.tau, ends=(a, c))
    center = _center(a, b, c)
    if center is None:
        return np.array([a, b, c])
    # the two angles do not say which way round the arc goes from a to c: it passes b, so it turns to the side of b
    start, change = _angle(a - center), _angle(c - center) - _angle(a - center)
    side = _side(a, b, c)
    if change * side <= 0:
        change += math.copysign(math.tau, side)
    return _arc(center, start, start + change, ends=(a, c))


def _arc(
    center: NDArray[np.float64], start: float, end: float, *, ends: tuple[NDArray[np.float64], NDArray[np.float64]]
) -> NDArray[np.float64]:
    """Return an arc whose ends are exactly the positions that were written."""
    arc: NDArray[np.float64] = center + float(np.hypot(*(ends[0] - center))) * _unit_arc(start, end)
    arc[0], arc[-1] = ends
    return arc


def _unit_arc(start: float, end: float) -> NDArray[np.float64]:
    """Return (n, 2) vertices on the unit circle, at most one full turn."""
    end = start + max(-math.tau, min(math.tau, end - start))
    angles = np.linspace(start, end, max(3, math.ceil(abs(end - start) / STEP) + 1))
    return np.column_stack([np.cos(angles), np.sin(angles)])


def _angle(vector: NDArray[np.float64]) -> float:
    return math.atan2(vector[1], vector[0])


def _side(a: NDArray[np.float64], b: NDArray[np.float64], c: NDArray[np.float64]) -> float:
    """Return a positive number if the way from a to b to c turns left, a negative one if it turns right."""
    (ux, uy), (vx, vy) = b - a, c - a
    return float(ux * vy - uy * vx)


def _center(a: NDArray[np.float64], b: NDArray[np.float64], c: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """Return the center of the circle through three positions; None if they are on one line within rounding."""
    u, v = b - a, c - a
    twice = 2 * float(u[0] * v[1] - u[1] * v[0])
    uu, vv = float(u @ u), float(v @ v)
    if abs(twice) <= 1e-12 * max(uu, vv):
        return None
    return a + np.array([v[1] * uu - u[1] * vv, u[0] * vv - v[0] * uu]) / twice
