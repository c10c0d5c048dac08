"""The rows of a snapshot that have the same business key as other rows.

The ids of these rows have suffixes. A report that refers to the key is about all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wfs_proxy.snapshot.names import Hashes, hashed

__all__ = ["SharedKeys"]


@dataclass(frozen=True, kw_only=True, eq=False)
class SharedKeys:
    """The key of each row that shares it, as a hash."""

    rows: NDArray[np.uint32]
    """(K,) ascending."""

    hashes: Hashes
    """(K,) equal for rows with the same key."""

    @classmethod
    def build(cls, keys: Sequence[str | None]) -> SharedKeys | None:
        """Index keys, (N,) with None where a row has its key for itself; None if no row shares its key."""
        rows = [row for row, key in enumerate(keys) if key is not None]
        if not rows:
            return None
        return cls(rows=np.array(rows, dtype=np.uint32), hashes=hashed(key for key in keys if key is not None))

    def of(self, row: int) -> int | None:
        """Return the hash of the key of a row; None if no other row has that key."""
        place = int(self.rows.searchsorted(row))
        return int(self.hashes[place]) if place < len(self.rows) and self.rows[place] == row else None
