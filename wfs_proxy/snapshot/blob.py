"""Many pieces of bytes one behind the other, in memory or in a mapped file."""

from __future__ import annotations

import mmap
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Blob"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Blob:
    """Piece i is cut out of one run of bytes when it is asked for, so a million pieces are no million objects."""

    data: bytes | mmap.mmap = field(repr=False)
    """What holds the pieces. Both kinds give bytes for a slice, and a mapping is shared by all processes."""

    offsets: NDArray[np.int64] = field(repr=False)
    """(N + 1,) piece i is `content[offsets[i]:offsets[i + 1]]`; ascending, from 0 to the length of the content."""

    start: int = 0
    """Where the content begins in `data`: behind the header of a file."""

    @classmethod
    def of(cls, pieces: Iterable[bytes]) -> Blob:
        """Join pieces."""
        listed = list(pieces)
        offsets = np.zeros(len(listed) + 1, dtype=np.int64)
        np.cumsum([len(piece) for piece in listed], out=offsets[1:])
        return cls(data=b"".join(listed), offsets=offsets)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, number: int) -> bytes:
        start, end = self.offsets[number : number + 2].tolist()
        return self.data[self.start + start : self.start + end]

    def take(self, numbers: NDArray[np.unsignedinteger[Any]]) -> list[bytes]:
        """The pieces with these numbers, in that order."""
        data = self.data
        starts = (self.offsets.take(numbers) + self.start).tolist()
        ends = (self.offsets[1:].take(numbers) + self.start).tolist()
        return [data[start:end] for start, end in zip(starts, ends, strict=True)]

    @property
    def edges(self) -> memoryview[int]:
        """(N + 1,) the offsets for a loop over few of them: numpy takes three times as long to give one number."""
        return self.offsets.data

    @property
    def content(self) -> NDArray[np.uint8]:
        """(B,) the bytes of all pieces, not copied."""
        return np.frombuffer(self.data, dtype=np.uint8, count=int(self.offsets[-1]), offset=self.start)
