"""What the process that reads a file gets, an order, and what it answers: a description, the rows in batches, `None`.

A `ReadFailure` may take the place of everything that is still to come.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["FileDescription", "ReadFailure", "ReadOrder", "RowBatch"]


class ReadOrder(NamedTuple):
    """Which file to read, and what of it."""

    path: str
    driver: str
    """GDAL's name of the format; a file that another driver reads is refused."""

    layer: str | None = None
    """None: the only one."""

    names: frozenset[str] | None = None
    """The fields that are read; None: all."""

    box: tuple[float, float, float, float] | None = None
    """Only objects that touch it: west, south, east, north in the numbers of the file. None: all."""

    most_rows: int | None = None
    """Read no more."""

    raw_texts: bool = False
    """Whether the character set of the texts is unknown: then character n of a text is its byte n (ISO 8859-1)."""

    rows_at_once: int = 20_000

    most_memory: int = 4 << 30
    """Bytes of address space that the process may use."""


class FileDescription(NamedTuple):
    """What a file is, before the first rows."""

    layer: str
    layers: tuple[str, ...]
    """All layers with geometry, and with rows and columns only if there are no others."""

    crs: str | None
    """EPSG:28992, or WKT if the file's CRS is in no register; None if it declares none."""

    fields: tuple[str, ...]
    """All names, in order."""

    fid_column: str
    """The name of the primary key; "" where the format has none that lasts."""

    rows: int | None
    """Rows of the layer, without regard to the box; None if that is unknown."""


class RowBatch(NamedTuple):
    """Some objects, in the order of the file."""

    fids: NDArray[np.int64]
    """(M,)"""

    geometry: NDArray[np.object_]
    """(M,) WKB, 2D; None where there is none."""

    columns: Mapping[str, NDArray[Any]]
    """name -> (M,) values of the fields that were ordered. Integers and booleans of a column with nulls are floats;
    null is NaN or None."""

    kinds: Mapping[str, str]
    """name -> "integer", "number", "boolean" or "text", dates and times among the texts (ISO 8601)."""

    raw_texts: bool
    """As ordered, or because a text is not valid in the character set of the format."""


class ReadFailure(NamedTuple):
    """Why the rest of the file is not read."""

    reason: str
    """GDAL's own words, or ours."""

    layers: tuple[str, ...] = ()
    """The layers of the file, if the order names none of them although there are several, or one that it lacks."""
