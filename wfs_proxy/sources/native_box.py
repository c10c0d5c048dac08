"""A box in the coordinates of a source."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["NativeBox"]


class NativeBox(NamedTuple):
    """A box in the source's CRS and axis order: the lowest and the highest value of the first and second ordinate.

    Another type than `BBox`, so that degrees of the map and numbers of a source cannot be mixed up.
    """

    low_1: float
    low_2: float
    high_1: float
    high_2: float
