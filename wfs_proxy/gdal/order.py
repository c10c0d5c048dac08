"""What the process that writes a file gets: an order, then the objects in batches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wfs_proxy.values import FieldType, JsonValue

__all__ = ["ColumnBatch", "FileOrder"]


class FileOrder(NamedTuple):
    """Which file to write."""

    path: str
    driver: str
    """GDAL's name of the format."""

    appends: bool
    """Whether objects can be added to a file of this format. Otherwise all are written at once."""

    layer: str
    names: tuple[str, ...]
    """Of the columns, all different, also without regard to case."""

    types: tuple[FieldType, ...]
    options: tuple[tuple[str, str], ...]
    """Layer creation options of the driver."""

    most_bytes: int
    """The largest file that may be written."""


class ColumnBatch(NamedTuple):
    """Some objects."""

    lonlat: NDArray[np.float64]
    """(M, 2)"""

    columns: Sequence[list[JsonValue]]
    """(M,) values for each name of the order."""

    @classmethod
    def joined(cls, order: FileOrder, batches: Sequence[ColumnBatch]) -> ColumnBatch:
        """Return one batch with the objects of all."""
        lonlat = np.concatenate([np.empty((0, 2)), *(batch.lonlat for batch in batches)])
        columns = [[value for batch in batches for value in batch.columns[at]] for at in range(len(order.names))]
        return cls(lonlat, columns)
