"""Numbers for features, because a tile has no texts as ids (MVT 2.1, section 4.2)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["numbered"]

_OFFSET_BASIS = 0xCBF29CE484222325
_PRIME = 0x100000001B3
"""Of FNV-1a with 64 bits (Fowler, Noll and Vo)."""

_BITS = 53
"""JavaScript has exact integers up to 2^53."""


def numbered(content: NDArray[np.uint8], lengths: NDArray[np.int64], prefix: bytes) -> NDArray[np.uint64]:
    """Return (N,) a number below 2^53 for each id, the same in every tile and after every fetch.

    It is the hash FNV-1a of the id, with its upper bits folded into the lower ones, as its authors advise. Of a million
    ids, there is one pair with the same number in one of eighteen thousand layers.

    Args:
        content: (B,) all ids in UTF-8, one after another.
        lengths: (N,) of each id in bytes.
        prefix: what the ids begin with, in addition.
    """
    starts = np.cumsum(lengths) - lengths
    hashes = np.full(len(lengths), _hashed(prefix), dtype=np.uint64)
    for at in range(int(lengths.max(initial=0))):
        longer = np.flatnonzero(lengths > at)
        hashes[longer] = (hashes[longer] ^ content[starts[longer] + at]) * np.uint64(_PRIME)
    return (hashes >> np.uint64(_BITS)) ^ (hashes & np.uint64((1 << _BITS) - 1))


def _hashed(text: bytes) -> int:
    number = _OFFSET_BASIS
    for byte in text:
        number = (number ^ byte) * _PRIME % (1 << 64)
    return number
