"""Reads one file with GDAL: `python -m wfs_proxy.gdal.reader`, started by `sources/file/gdal_process.py`.

It is a process of its own because GDAL holds Python's global lock while it reads, because a damaged file may crash it,
and because its memory can be bounded that way. It reads a pickled `ReadOrder` from its standard input, writes what
`read_order` says to its standard output, and reads nothing else, least of all anything of the network.
"""

from __future__ import annotations

import os
import pickle
import resource
import sys
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyogrio
from numpy.typing import NDArray

from wfs_proxy.gdal.read_order import FileDescription, ReadFailure, ReadOrder, RowBatch

_LARGEST_EXACT = 2**53
"""The integers beyond are not exact as floats, which numpy uses where a column has nulls."""

_BYTE_FOR_BYTE = "ISO-8859-1"

_KINDS = {"i": "integer", "u": "integer", "f": "number", "b": "boolean"}
"""Kind of numpy's type of a column -> kind of its values."""

_NO_GEOMETRY = None
"""What GDAL calls the geometry type of a table without geometry."""

_Answer = FileDescription | RowBatch | ReadFailure | None


def main() -> None:
    """Read the file that standard input describes."""
    order: ReadOrder = pickle.load(sys.stdin.buffer)  # noqa: S301 - written by the process that started this one
    resource.setrlimit(resource.RLIMIT_AS, (order.most_memory, order.most_memory))
    warnings.simplefilter("ignore")  # about parts of geometries that are not used, such as M
    # libraries must not write between the answers
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as answers:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        for answer in _answers(order):
            pickle.dump(answer, answers, protocol=5)


def _answers(order: ReadOrder) -> Iterator[_Answer]:
    try:
        layers = _layers(order.path)
        layer = _chosen(order, layers)
        if isinstance(layer, ReadFailure):
            yield layer
            return
        info = pyogrio.read_info(order.path, layer=layer, encoding=_BYTE_FOR_BYTE if order.raw_texts else None)
        if info["driver"] != order.driver:
            yield ReadFailure(f"GDAL reads it as {info['driver']}, not as {order.driver}")
            return
        yield _description(layer, layers, info)
        yield from _batches(order, layer, info)
    except MemoryError:
        yield ReadFailure(f"it needs more than {order.most_memory >> 30} GiB of memory")
    except (ValueError, RuntimeError) as error:
        yield ReadFailure(str(error))
    else:
        yield None


def _layers(path: str) -> tuple[str, ...]:
    found = pyogrio.list_layers(path).tolist()
    return tuple(name for name, kind in found if kind is not _NO_GEOMETRY) or tuple(name for name, _ in found)


def _chosen(order: ReadOrder, layers: tuple[str, ...]) -> str | ReadFailure:
    if order.layer is not None:
        return order.layer if order.layer in layers else ReadFailure("it has no such layer", layers)
    if len(layers) == 1:
        return layers[0]
    return ReadFailure("it has several layers" if layers else "it has no layers", layers)


def _description(layer: str, layers: tuple[str, ...], info: dict[str, Any]) -> FileDescription:
    count = int(info["features"])
    return FileDescription(
        layer=layer,
        layers=layers,
        crs=info["crs"],
        fields=tuple(info["fields"].tolist()),
        fid_column=info["fid_column"],
        rows=count if count >= 0 else None,
    )


def _batches(order: ReadOrder, layer: str, info: dict[str, Any]) -> Iterator[RowBatch]:
    """Yield the rows. GDAL opens the file for each batch, and a batch is what is in memory."""
    names = [name for name in info["fields"].tolist() if order.names is None or name in order.names]
    start = 0
    while order.most_rows is None or start < order.most_rows:
        wanted = order.rows_at_once if order.most_rows is None else min(order.rows_at_once, order.most_rows - start)
        batch = _batch(order, layer, names, range(start, start + wanted))
        if len(batch.fids):
            yield batch
        if len(batch.fids) < wanted:
            break
        start += wanted


def _batch(order: ReadOrder, layer: str, names: list[str], rows: range) -> RowBatch:
    raw = order.raw_texts
    try:
        read = _read(order, layer, names, rows, raw=raw)
    except UnicodeDecodeError:
        raw = True
        read = _read(order, layer, names, rows, raw=raw)
    meta, fids, geometry, values = read
    kinds = [_KINDS.get(np.dtype(kind).kind, "text") for kind in meta["dtypes"].tolist()]
    columns = dict(zip(meta["fields"].tolist(), values, strict=True))
    for name, kind in zip(columns, kinds, strict=True):
        if kind == "integer" and columns[name].dtype.kind == "f":
            columns[name] = _exact(order, layer, name, columns[name], fids)
    geometry = np.full(len(fids), None, dtype=object) if geometry is None else geometry
    return RowBatch(fids, geometry, columns, dict(zip(columns, kinds, strict=True)), raw)


def _read(
    order: ReadOrder, layer: str, names: list[str], rows: range, *, raw: bool
) -> tuple[dict[str, Any], NDArray[np.int64], NDArray[np.object_] | None, list[NDArray[Any]]]:
    found: tuple[dict[str, Any], NDArray[np.int64], NDArray[np.object_] | None, list[NDArray[Any]]] = pyogrio.raw.read(
        order.path,
        layer=layer,
        encoding=_BYTE_FOR_BYTE if raw else None,
        columns=names,
        force_2d=True,
        bbox=order.box,
        skip_features=rows.start,
        max_features=len(rows),
        return_fids=True,
        datetime_as_string=True,
    )
    return found


def _exact(
    order: ReadOrder, layer: str, name: str, values: NDArray[np.float64], fids: NDArray[np.int64]
) -> NDArray[Any]:
    """Return (M,) the integers of a column with nulls, exact also where floats are not."""
    filled = np.isfinite(values)
    if not (np.abs(values[filled]) >= _LARGEST_EXACT).any():
        return values
    integers = pyogrio.raw.read(
        order.path, layer=layer, columns=[name], read_geometry=False, fids=fids[filled], return_fids=True
    )
    exact = np.full(len(values), None, dtype=object)
    exact[np.flatnonzero(filled)] = integers[3][0].astype(object)
    return exact


if __name__ == "__main__":
    main()
