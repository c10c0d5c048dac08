"""An index of the names of objects: the rows of a layer that a text may refer to.

A layer of a million objects has some millions of names, and a poll has some thousands of texts to look up. So the index
has no texts: a name is 64 bits of its BLAKE2b hash and its row, twelve bytes, and many texts are looked up at once. The
probability that one of a hundred thousand texts has the hash of another one of a million names is below one in a
hundred million.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Hashes", "NameIndex", "hash_of_name", "hashed"]

Hashes = NDArray[np.uint64]


def hashed(texts: Iterable[str]) -> Hashes:
    """Return (N,) the hash of each text."""
    return np.frombuffer(b"".join(map(_digest, texts)), dtype="<u8").astype(np.uint64)


def hash_of_name(text: str) -> int:
    """Return a 64-bit hash of a text, trimmed and in Unicode's composed form (NFC, UAX #15)."""
    return int.from_bytes(_digest(text), "little")


def _digest(text: str) -> bytes:
    # forms and vendors may write a letter such as ë as one character or as two; nothing else makes two texts equal
    composed = unicodedata.normalize("NFC", text.strip())
    return hashlib.blake2b(composed.encode("utf-8", "replace"), digest_size=8).digest()


@dataclass(frozen=True, kw_only=True, eq=False)
class NameIndex:
    """Rows by the hashes of their names; a row has several, and several rows may share one."""

    hashes: Hashes
    """(K,) ascending."""

    rows: NDArray[np.uint32]
    """(K,) of equal hashes ascending; no pair of hash and row twice."""

    @classmethod
    def build(cls, names: Iterable[Iterable[str | None]]) -> NameIndex:
        """Index names.

        Args:
            names: kinds of names, each (N,) with the name of row i at position i; None or blank where it has none.
        """
        hashes, rows = [np.empty(0, dtype=np.uint64)], [np.empty(0, dtype=np.uint32)]
        for kind in names:
            named = [(row, text) for row, text in enumerate(kind) if text and not text.isspace()]
            hashes.append(hashed(text for _, text in named))
            rows.append(np.array([row for row, _ in named], dtype=np.uint32))
        return cls._sorted(np.concatenate(hashes), np.concatenate(rows))

    @classmethod
    def _sorted(cls, hashes: Hashes, rows: NDArray[np.uint32]) -> NameIndex:
        order = np.lexsort((rows, hashes))
        hashes, rows = hashes[order], rows[order]
        first = np.ones(len(hashes), dtype=np.bool_)
        first[1:] = (hashes[1:] != hashes[:-1]) | (rows[1:] != rows[:-1])
        return cls(hashes=hashes[first], rows=rows[first])

    def __len__(self) -> int:
        return len(self.hashes)

    def find(self, hashes: Hashes) -> tuple[list[int], list[int]]:
        """Return the start and the end of the rows of each hash in `rows`: two lists as long as `hashes`."""
        starts = self.hashes.searchsorted(hashes, side="left")
        ends = self.hashes.searchsorted(hashes, side="right")
        return starts.tolist(), ends.tolist()

    def holds(self, hashes: Hashes) -> NDArray[np.bool_]:
        """Return (N,) whether each hash is that of a name."""
        found: NDArray[np.bool_] = self.hashes.searchsorted(hashes, side="left") < self.hashes.searchsorted(
            hashes, side="right"
        )
        return found
