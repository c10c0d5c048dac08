"""Writes one file with GDAL: `python -m wfs_proxy.gdal.writer`, started by `SpooledFiles`.

It is a process of its own because GDAL holds Python's global lock for as long as it writes, in which serving would
stand still. It reads a `FileOrder` and then `ColumnBatch` objects from its standard input, pickled by the serving
process, and ends when there are no more. It reads nothing else, least of all anything of the network.
"""

from __future__ import annotations

import datetime as dt
import os
import pickle
import resource
import sys
from collections.abc import Iterator
from typing import Any, BinaryIO

import numpy as np
import pyogrio
from numpy.typing import NDArray

from wfs_proxy.gdal.order import ColumnBatch, FileOrder
from wfs_proxy.values import FieldType, JsonValue

NICENESS = 10
"""Added to the niceness of the serving process, so that serving has priority."""

_WGS84 = "EPSG:4326"
_NUL, _REPLACEMENT = "\0", "\ufffd"
"""For GDAL, a text ends at the first null character."""

_UTC = 100
"""GDAL's number for a time in UTC (`OGRField`, member TZFlag)."""

_POINT = np.dtype([("order", "u1"), ("type", "<u4"), ("x", "<f8"), ("y", "<f8")])
"""A point in WKB, little endian (OGC 06-103r4, section 8.2)."""


def main() -> None:
    """Write the file that standard input describes."""
    os.nice(NICENESS)
    order: FileOrder = pickle.load(sys.stdin.buffer)  # noqa: S301 - written by the process that started this one
    # a file beyond it is an error of writing, and not a full disk
    resource.setrlimit(resource.RLIMIT_FSIZE, (order.most_bytes, order.most_bytes))
    batches = _batches(sys.stdin.buffer, order)
    if not order.appends:
        batches = iter([ColumnBatch.joined(order, list(batches))])
    for number, batch in enumerate(batches):
        _write(order, batch, append=number > 0)


def _batches(stream: BinaryIO, order: FileOrder) -> Iterator[ColumnBatch]:
    """Yield the batches; an empty one if there is none, because a file without objects has columns too."""
    found = False
    while True:
        batch: ColumnBatch | None = pickle.load(stream)  # noqa: S301 - as above
        if batch is None:
            break
        found = True
        yield batch
    if not found:
        yield ColumnBatch.joined(order, [])


def _write(order: FileOrder, batch: ColumnBatch, *, append: bool) -> None:
    columns = [_column(kind, values) for kind, values in zip(order.types, batch.columns, strict=True)]
    pyogrio.raw.write(
        order.path,
        _points(batch.lonlat),
        [values for values, _ in columns],
        list(order.names),
        [nulls for _, nulls in columns],
        layer=order.layer,
        driver=order.driver,
        geometry_type="Point",
        crs=_WGS84,
        encoding="UTF-8",
        append=append,
        layer_options=None if append else dict(order.options),
        dataset_options=None if append else _DATASET_OPTIONS.get(order.driver),
        gdal_tz_offsets={
            name: np.full(len(batch.lonlat), _UTC)
            for name, kind in zip(order.names, order.types, strict=True)
            if kind == "datetime"
        },
    )


_DATASET_OPTIONS = {"GPKG": {"VERSION": "1.3"}}
"""Driver -> its dataset creation options. GDAL before 3.7, as in Debian 12 and QGIS 3.28, warns about version 1.4, the
default of ours, and nothing that we write is new in it."""


def _points(lonlat: NDArray[np.float64]) -> NDArray[np.object_]:
    """Return (M,) points in WKB."""
    points = np.empty(len(lonlat), dtype=_POINT)
    points["order"], points["type"] = 1, 1
    points["x"], points["y"] = lonlat.T
    content, size = points.tobytes(), _POINT.itemsize
    pieces = (content[start : start + size] for start in range(0, len(content), size))
    return np.fromiter(pieces, dtype=np.object_, count=len(lonlat))


_NUMBERS: dict[FieldType, tuple[type[np.generic], int | float | bool]] = {
    "integer": (np.int64, 0),
    "number": (np.float64, 0.0),
    "boolean": (np.bool_, False),
}
"""Type of a field -> that of its array, and what is where it is null."""


def _column(kind: FieldType, values: list[JsonValue]) -> tuple[NDArray[Any], NDArray[np.bool_] | None]:
    """Return (M,) the values of a field as GDAL takes them, and (M,) which are null; None: the values say so."""
    if kind in _NUMBERS:
        dtype, filler = _NUMBERS[kind]
        nulls = np.fromiter((value is None for value in values), dtype=np.bool_, count=len(values))
        filled = [filler if value is None else value for value in values]
        return np.array(filled, dtype=dtype), nulls
    if kind == "date":
        return np.array(values, dtype="datetime64[D]"), None
    if kind == "datetime":
        return np.array([_in_utc(value) for value in values], dtype="datetime64[ms]"), None
    texts = (None if value is None else str(value).replace(_NUL, _REPLACEMENT) for value in values)
    return np.fromiter(texts, dtype=np.object_, count=len(values)), None


def _in_utc(value: JsonValue) -> str | None:
    """Return a time (RFC 3339) in UTC without a zone, as numpy reads it."""
    if value is None:
        return None
    moment = dt.datetime.fromisoformat(str(value))
    return moment.astimezone(dt.UTC).replace(tzinfo=None).isoformat()


if __name__ == "__main__":
    main()
