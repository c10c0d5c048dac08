"""A CSV file to a batch: the columns that the layer uses, as text, and a point for each row."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

from wfs_proxy.config import FileSource, nearest
from wfs_proxy.decode import count_unreadable_texts
from wfs_proxy.errors import ConfigurationError
from wfs_proxy.features import NOT_NUMBERS, Encoding, FeatureBatch
from wfs_proxy.geo import are_plausible
from wfs_proxy.sources.file.coordinate_columns import CoordinatePair, coordinate_pairs
from wfs_proxy.sources.file.csv_rows import CsvRows, open_rows
from wfs_proxy.sources.file.decimal_numbers import sign_of, to_numbers
from wfs_proxy.sources.file.limits import MOST_BYTES, MOST_OBJECTS, too_large
from wfs_proxy.sources.unreadable_file import unreadable

__all__ = ["CsvObjects", "read_csv"]

_MOST_NAMED = 20
"""Columns in a message."""

_ROWS_AT_ONCE = 10_000
"""Rows between two looks at the limits."""


@dataclass(frozen=True, kw_only=True, eq=False)
class CsvObjects:
    """What a CSV file holds."""

    batch: FeatureBatch
    cut_off: bool
    """Whether the last row lacks values and the end of its line."""


def read_csv(path: Path, source: FileSource, wanted: Collection[str] | None) -> CsvObjects:
    """Read a CSV file.

    Args:
        path: the file.
        source: how it is written.
        wanted: the columns to read; the others have their name and no values. None: all.

    Raises:
        ConfigurationError: it cannot be opened, or no columns are its coordinates.
        DecodeError: it is not CSV.
        UpstreamTooLarge: it has more than may be held in memory.
    """
    try:
        rows = open_rows(path, encoding=source.encoding, delimiter=source.delimiter)
    except OSError as error:
        raise unreadable(path, error) from error
    with rows.file:
        pairs = _pairs(path, rows, source)
        _require_unique(path, rows.names, wanted or (), pairs)
        places = {name for pair in pairs for name in (pair.x, pair.y)}
        columns = _columns(path, rows, [name for name in rows.names if wanted is None or name in {*wanted, *places}])
    count = len(next(iter(columns.values())))
    pair, geometry, errors = _placed(pairs, columns, source)
    kept = {name: _kept(name, columns, wanted, count) for name in rows.names if name}
    srs_name = source.srs_name or pair.srs_name
    ids = np.full(count, None, dtype=object)
    batch = FeatureBatch(
        ids=ids,
        type_names=np.full(count, "", dtype=object),
        geometry=geometry,
        geometry_errors=errors,
        srs_index=np.full(count, -1 if srs_name is None else 0, dtype=np.int32),
        srs_names=() if srs_name is None else (srs_name,),
        columns=kept,
        encoding=Encoding.FILE,
        left_out=dict(rows.left_out),
        unreadable_texts=count_unreadable_texts(ids, kept),
    )
    return CsvObjects(batch=batch, cut_off=rows.cut_off)


def _pairs(path: Path, rows: CsvRows, source: FileSource) -> list[CoordinatePair]:
    if source.x is not None and source.y is not None:
        for key, name in (("x", source.x), ("y", source.y)):
            if name not in rows.names:
                near = nearest(name, rows.names)
                hint = f"did you mean {near!r}?" if near else f"it has {_listed(rows)}"
                raise ConfigurationError(f"{path.name} has no column {name!r}, which is `{key}`: {hint}")
        named = coordinate_pairs([source.x, source.y])
        return named or [CoordinatePair(source.x, source.y, None)]
    found = coordinate_pairs(rows.names)
    if not found:
        raise ConfigurationError(
            f"{path.name} has no columns that are known to be coordinates: name them in `x` and `y`. It has "
            f"{_listed(rows)}"
        )
    return found


def _listed(rows: CsvRows) -> str:
    between = {"\t": "tabs", ";": "semicolons", ",": "commas"}.get(rows.delimiter, repr(rows.delimiter))
    shown = [repr(name) for name in rows.names[:_MOST_NAMED]]
    more = ["..."] if len(rows.names) > _MOST_NAMED else []
    return f"{len(rows.names)} columns between {between}: {', '.join([*shown, *more])}"


def _require_unique(path: Path, names: Sequence[str], wanted: Collection[str], pairs: Sequence[CoordinatePair]) -> None:
    used = {*wanted, *(name for pair in pairs for name in (pair.x, pair.y))}
    for name in used:
        if names.count(name) > 1:
            raise ConfigurationError(
                f"{path.name} has {names.count(name)} columns {name!r}: nobody knows which is meant"
            )


def _columns(path: Path, rows: CsvRows, names: Sequence[str]) -> dict[str, list[str | None]]:
    """Return name -> (N,) texts.

    Raises:
        UpstreamTooLarge: they are more than may be held in memory.
    """
    positions = [rows.names.index(name) for name in names]
    pick = itemgetter(*positions)
    columns: dict[str, list[str | None]] = {name: [] for name in names}
    size = count = 0
    pending: list[tuple[str | None, ...]] = []

    def flush() -> None:
        nonlocal size, count
        for name, values in zip(names, zip(*pending, strict=True), strict=True):
            columns[name].extend(values)
            size += sum(len(value) for value in values if value)
        count += len(pending)
        pending.clear()
        if count > MOST_OBJECTS or size > MOST_BYTES:
            raise too_large(path.name, count)

    for row in rows:
        pending.append(pick(row))
        if len(pending) == _ROWS_AT_ONCE:
            flush()
    if pending:
        flush()
    return columns


def _kept(
    name: str, columns: dict[str, list[str | None]], wanted: Collection[str] | None, count: int
) -> NDArray[np.object_]:
    if name not in columns or (wanted is not None and name not in wanted):
        return np.full(count, None, dtype=object)
    return np.fromiter(columns[name], dtype=object, count=count)


def _placed(
    pairs: Sequence[CoordinatePair], columns: dict[str, list[str | None]], source: FileSource
) -> tuple[CoordinatePair, NDArray[np.object_], NDArray[np.object_]]:
    """Return the pair with the most places, (N,) their points, and (N,) why a row has none although it has a text."""
    read = [(pair, *_numbers(pair, columns, source)) for pair in pairs]
    pair, x, y = max(read, key=lambda each: np.isfinite(each[1] + each[2]).sum())
    placed = np.isfinite(x) & np.isfinite(y)
    geometry = np.full(len(x), None, dtype=object)
    geometry[placed] = shapely.points(x[placed], y[placed])
    errors = np.full(len(x), None, dtype=object)
    for row in np.flatnonzero(~placed).tolist():
        if any((columns[name][row] or "").strip() for name in (pair.x, pair.y)):
            errors[row] = NOT_NUMBERS
    return pair, geometry, errors


def _numbers(
    pair: CoordinatePair, columns: dict[str, list[str | None]], source: FileSource
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    texts = [columns[pair.x], columns[pair.y]]
    sign = source.decimal or sign_of(texts, lambda numbers: int(are_plausible(numbers[0], numbers[1]).sum()))
    x, y = (to_numbers(text, sign) for text in texts)
    return x, y
