"""The Morton number of a place (Z-order, 1966): the bits of its column and its row interleaved."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["interleaved"]

_SPREAD = tuple(
    (np.uint64(shift), np.uint64(mask))
    for shift, mask in (
        (16, 0x0000FFFF0000FFFF),
        (8, 0x00FF00FF00FF00FF),
        (4, 0x0F0F0F0F0F0F0F0F),
        (2, 0x3333333333333333),
        (1, 0x5555555555555555),
    )
)
"""Shifts and masks that spread 32 bits to the even bits of 64, halving the distance in each step."""


def interleaved(places: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return (N,) the Morton numbers of places (N, 2), whose columns have the even bits; both are below 2^32."""
    bits = places
    for shift, mask in _SPREAD:
        bits = (bits | (bits << shift)) & mask
    numbers: NDArray[np.uint64] = bits[:, 0] | (bits[:, 1] << np.uint64(1))
    return numbers
