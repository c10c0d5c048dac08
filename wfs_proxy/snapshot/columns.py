"""The served properties of a snapshot as columns, so that a filter is a few operations on arrays.

A fragment has the same values as JSON. Columns are for what must look at values: filters, sorting, counts, downloads.
They follow from the served content, so the version of a snapshot does not cover them a second time.

Row i of every column is object i. Null is what the fragment has as null. A footprint, which is an object in JSON, has
no column.

What a field's type does not allow, the pipeline has made null. Should such a value come here nonetheless, it costs
neither the layer nor the field its type: the fragment keeps it as it is, and the column has it converted to the kind of
the field by the cast of `values`, or null where that is impossible. An integer over 64 bits is the nearest one with 64
bits, so that comparisons with smaller ones are right.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import NoneType
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from wfs_proxy.features import ColumnKind, PointBatch
from wfs_proxy.snapshot.blob import Blob
from wfs_proxy.values import CASTS, JsonValue

__all__ = ["BooleanColumn", "Column", "NumberColumn", "TextColumn", "coded", "column_of", "columns_of"]

_Integers = NDArray[np.integer[Any]]


@dataclass(frozen=True, kw_only=True, eq=False)
class TextColumn:
    """Texts, dates (YYYY-MM-DD) and times (RFC 3339), each distinct one stored once.

    Codes compare as their texts do, by the bytes of UTF-8, which is the order of code points. So dates are in their own
    order, and so are times, except those in the hour that a clock repeats in autumn and those before 1940.
    """

    kind: ClassVar[ColumnKind] = "string"

    codes: NDArray[np.int32] = field(repr=False)
    """(N,) position in `texts`; -1: null."""

    texts: Blob
    """(D,) the distinct texts, UTF-8, ascending. After `take` also those that no row has any more."""

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def memory(self) -> int:
        """Bytes of its arrays."""
        return self.codes.nbytes + self.texts.offsets.nbytes + len(self.texts.content)

    @property
    def nulls(self) -> NDArray[np.bool_]:
        """(N,) whether it is null."""
        nulls: NDArray[np.bool_] = self.codes < 0
        return nulls

    def take(self, rows: _Integers) -> TextColumn:
        """Return the rows (M,), in that order."""
        return TextColumn(codes=self.codes[rows], texts=self.texts)

    def occurring(self) -> tuple[NDArray[np.int32], NDArray[np.intp]]:
        """Return the codes of the texts that occur (U,), ascending, and (N,) the position of each in them; -1: null."""
        used, places = np.unique(self.codes, return_inverse=True)
        given = used[used >= 0]
        return given, places - (len(used) - len(given))

    def to_list(self) -> list[JsonValue]:
        """Return the N values, None for null. Only texts that occur are decoded."""
        used, places = self.occurring()
        # -1, the null, is the last one
        values: list[JsonValue] = [*(text.decode() for text in self.texts.take(used)), None]
        return [values[place] for place in places.tolist()]


@dataclass(frozen=True, kw_only=True, eq=False)
class NumberColumn:
    """Integers, or numbers that need not be integral."""

    values: NDArray[np.int64] | NDArray[np.float64] = field(repr=False)
    """(N,) int64 or float64 by the kind of the field, finite; 0 where it is null."""

    nulls: NDArray[np.bool_] = field(repr=False)
    """(N,) whether it is null."""

    @property
    def kind(self) -> ColumnKind:
        """Integer or number."""
        return "integer" if self.values.dtype == np.int64 else "number"

    def __len__(self) -> int:
        return len(self.values)

    @property
    def memory(self) -> int:
        """Bytes of its arrays."""
        return self.values.nbytes + self.nulls.nbytes

    def take(self, rows: _Integers) -> NumberColumn:
        """Return the rows (M,), in that order."""
        return NumberColumn(values=self.values[rows], nulls=self.nulls[rows])

    def to_list(self) -> list[JsonValue]:
        """Return the N values, None for null."""
        pairs = zip(self.values.tolist(), self.nulls.tolist(), strict=True)
        return [None if null else value for value, null in pairs]


@dataclass(frozen=True, kw_only=True, eq=False)
class BooleanColumn:
    """True and false."""

    kind: ClassVar[ColumnKind] = "boolean"

    values: NDArray[np.int8] = field(repr=False)
    """(N,) 0: false, 1: true, -1: null."""

    def __len__(self) -> int:
        return len(self.values)

    @property
    def memory(self) -> int:
        """Bytes of its array."""
        return self.values.nbytes

    @property
    def nulls(self) -> NDArray[np.bool_]:
        """(N,) whether it is null."""
        nulls: NDArray[np.bool_] = self.values < 0
        return nulls

    def take(self, rows: _Integers) -> BooleanColumn:
        """Return the rows (M,), in that order."""
        return BooleanColumn(values=self.values[rows])

    def to_list(self) -> list[JsonValue]:
        """Return the N values, None for null."""
        return [_BOOLEANS[value] for value in self.values.tolist()]


_BOOLEANS: tuple[JsonValue, ...] = (False, True, None)
"""The values of 0, 1 and -1."""

_LARGEST_INTEGER = 2**63 - 1

Column = TextColumn | NumberColumn | BooleanColumn


def columns_of(batch: PointBatch, order: NDArray[np.intp]) -> Mapping[str, Column]:
    """Return output field -> its column, in the order of the layer.

    Args:
        batch: the objects.
        order: (N,) row of a column -> row of the batch.
    """
    kinds = batch.kinds if batch.kinds is not None else _kinds_of(batch.columns)
    return {name: column_of(values, kinds[name]).take(order) for name, values in batch.columns.items() if name in kinds}


def column_of(values: NDArray[np.object_], kind: ColumnKind) -> Column:
    """Return the column of values.

    Args:
        values: (N,) JSON values: str, int, float, bool or None.
        kind: of the values that are not None.
    """
    fitting = _converted(values, kind)
    return _BUILDERS[kind](fitting)


_TYPES: Mapping[ColumnKind, set[type]] = {
    "string": {str, NoneType},
    "integer": {int, NoneType},
    "number": {int, float, NoneType},
    "boolean": {bool, NoneType},
}
"""Kind -> the types of its values."""


def _kinds_of(columns: Mapping[str, NDArray[np.object_]]) -> Mapping[str, ColumnKind]:
    """Return the narrowest kind of each column; none for objects of JSON. Mixed values are strings, as are none."""
    kinds: dict[str, ColumnKind] = {}
    for name, values in columns.items():
        types = set(map(type, values))
        if dict not in types:
            kinds[name] = next(
                (kind for kind in ("boolean", "integer", "number") if types - {NoneType} and types <= _TYPES[kind]),
                "string",
            )
    return kinds


def _converted(values: NDArray[np.object_], kind: ColumnKind) -> NDArray[np.object_]:
    """Return (N,) the values, those of another kind converted; None where that is impossible."""
    known, cast = _TYPES[kind], CASTS[kind]
    if set(map(type, values)) <= known:
        return values
    converted = (value if type(value) in known else cast(value) for value in values)
    return np.fromiter(converted, dtype=object, count=len(values))


def coded(texts: NDArray[np.object_]) -> tuple[list[str], NDArray[np.int32]]:
    """Return the distinct texts (D,), ascending, and (N,) the position of each text in them; -1 for None."""
    listed = texts.tolist()
    # a set would lose the order of the vendor, which is often nearly ascending and then fast to sort
    distinct = sorted(text for text in dict.fromkeys(listed) if text is not None)
    codes: dict[str | None, int] = dict(zip(distinct, range(len(distinct)), strict=True))
    codes[None] = -1
    return distinct, np.fromiter(map(codes.__getitem__, listed), dtype=np.int32, count=len(listed))


def _text_column(values: NDArray[np.object_]) -> TextColumn:
    texts, codes = coded(values)
    try:
        return TextColumn(codes=codes, texts=Blob.of(text.encode() for text in texts))
    except UnicodeEncodeError:  # a lone surrogate, which UTF-8 cannot express; "?" as in a cast
        encoded = (None if text is None else text.encode("utf-8", "replace").decode() for text in values)
        return _text_column(np.fromiter(encoded, dtype=object, count=len(values)))


def _boolean_column(values: NDArray[np.object_]) -> BooleanColumn:
    numbers = (-1 if value is None else value for value in values)
    return BooleanColumn(values=np.fromiter(numbers, dtype=np.int8, count=len(values)))


def _integer_column(values: NDArray[np.object_]) -> NumberColumn:
    nulls = _nulls(values)
    filled = np.where(nulls, 0, values)
    try:
        integers = filled.astype(np.int64)
    except OverflowError:
        nearest = (min(max(value, -_LARGEST_INTEGER), _LARGEST_INTEGER) for value in filled)
        integers = np.fromiter(nearest, dtype=np.int64, count=len(filled))
    return NumberColumn(values=integers, nulls=nulls)


def _number_column(values: NDArray[np.object_]) -> NumberColumn:
    try:
        numbers = np.where(_nulls(values), np.nan, values).astype(np.float64)
    except OverflowError:
        most = sys.float_info.max
        nearest = (min(max(value, -most), most) if isinstance(value, int) else value for value in values)
        return _number_column(np.fromiter(nearest, dtype=object, count=len(values)))
    # JSON has no NaN and no infinity: they are null in the fragment
    nulls = ~np.isfinite(numbers)
    numbers[nulls] = 0
    return NumberColumn(values=numbers, nulls=nulls)


def _nulls(values: NDArray[np.object_]) -> NDArray[np.bool_]:
    return np.fromiter((value is None for value in values), dtype=np.bool_, count=len(values))


_BUILDERS: Mapping[ColumnKind, Callable[[NDArray[np.object_]], Column]] = {
    "string": _text_column,
    "integer": _integer_column,
    "number": _number_column,
    "boolean": _boolean_column,
}
