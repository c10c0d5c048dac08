"""The columns of a snapshot as a few arrays, one or two per kind of column, however many columns there are.

    text_codes      (T, N) the codes of the T columns of texts
    text_offsets    their offsets, one after the other: D + 1 numbers of each column, from 0
    texts           their distinct texts, one after the other
    integers        (I, N) the values of the I columns of integers
    numbers         (F, N) the values of the F columns of numbers
    nulls           (I + F, N) the nulls of the columns of integers and then of those of numbers
    booleans        (B, N) the values of the B columns of booleans

A mapped array costs a file descriptor and a file of its own takes a call to synchronise, so columns are not stored one
by one. Row k of an array is the k-th column of that kind in the manifest, which also has the names: a name may be any
text, so none is the name of a file. An array without rows is left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from wfs_proxy.errors import StorageError
from wfs_proxy.features import ColumnKind
from wfs_proxy.snapshot.blob import Blob
from wfs_proxy.snapshot.columns import BooleanColumn, Column, NumberColumn, TextColumn
from wfs_proxy.snapshot.npy import ArrayType, StoredArray

__all__ = ["COLUMN_ARRAYS", "ColumnEntry", "entries_of", "packed", "unpacked"]

COLUMN_ARRAYS: Mapping[str, ArrayType] = {
    "text_codes": ("<i4", 2),
    "text_offsets": ("<i8", 1),
    "texts": ("|u1", 1),
    "integers": ("<i8", 2),
    "numbers": ("<f8", 2),
    "nulls": ("|b1", 2),
    "booleans": ("|i1", 2),
}
"""array -> its type. All of them are optional."""


@dataclass(frozen=True, kw_only=True)
class ColumnEntry:
    """What a manifest has about one column."""

    name: str
    """The served field."""

    kind: ColumnKind

    texts: int = 0
    """The number of its distinct texts."""

    bytes: int = 0
    """The length of these texts together, in bytes."""

    @classmethod
    def decoded(cls, document: Mapping[str, Any]) -> ColumnEntry:
        """Return the entry that a JSON object is.

        Raises:
            KeyError: a member is missing.
            TypeError: a member is of another type.
        """
        name, kind, texts, length = (document[member] for member in ("name", "kind", "texts", "bytes"))
        numbers = type(texts) is int and type(length) is int and texts >= 0 and length >= 0
        if not isinstance(name, str) or kind not in get_args(ColumnKind) or not numbers:
            raise TypeError(document)
        return cls(name=name, kind=kind, texts=texts, bytes=length)


def entries_of(columns: Mapping[str, Column]) -> list[ColumnEntry]:
    """Return what the manifest has about columns, in their order."""
    return [
        ColumnEntry(name=name, kind=column.kind, texts=len(column.texts), bytes=len(column.texts.content))
        if isinstance(column, TextColumn)
        else ColumnEntry(name=name, kind=column.kind)
        for name, column in columns.items()
    ]


def packed(columns: Mapping[str, Column]) -> dict[str, NDArray[Any]]:
    """Return array -> its content."""
    listed = columns.values()
    texts = [column for column in listed if isinstance(column, TextColumn)]
    booleans = [column for column in listed if isinstance(column, BooleanColumn)]
    numeric = [column for column in listed if isinstance(column, NumberColumn)]
    integers, numbers = ([column for column in numeric if column.kind == kind] for kind in ("integer", "number"))
    rows: dict[str, list[NDArray[Any]]] = {
        "text_codes": [column.codes for column in texts],
        "integers": [column.values for column in integers],
        "numbers": [column.values for column in numbers],
        "nulls": [column.nulls for column in (*integers, *numbers)],
        "booleans": [column.values for column in booleans],
    }
    runs: dict[str, list[NDArray[Any]]] = {
        "text_offsets": [column.texts.offsets for column in texts],
        "texts": [column.texts.content for column in texts],
    }
    return {
        **{array: np.stack(parts) for array, parts in rows.items() if parts},
        **{array: np.concatenate(parts) for array, parts in runs.items() if parts},
    }


def unpacked(
    entries: Sequence[ColumnEntry], files: Mapping[str, StoredArray], count: int, where: str
) -> Mapping[str, Column]:
    """Return served field -> its column, made of slices of the arrays.

    Args:
        entries: from the manifest, each of another name.
        files: the stored arrays, those of `COLUMN_ARRAYS` among them.
        count: the number of objects.
        where: their location, for messages.

    Raises:
        StorageError: they do not belong together; the message says which.
    """
    arrays = {name: files[name].array for name in COLUMN_ARRAYS if name in files}
    if {name: array.shape for name, array in arrays.items()} != _shapes(entries, count):
        raise StorageError(f"{where}: the columns are not those of the manifest")
    for what, holds in _conditions(entries, arrays):
        if not holds:
            raise StorageError(f"{where}: {what}")
    rows: Mapping[ColumnKind, Iterator[Column]] = {
        "string": _text_columns(entries, arrays, files),
        "integer": _number_columns(arrays, "integers", 0),
        "number": _number_columns(arrays, "numbers", len(arrays.get("integers", ()))),
        "boolean": (BooleanColumn(values=values) for values in arrays.get("booleans", ())),
    }
    return {entry.name: next(rows[entry.kind]) for entry in entries}


def _shapes(entries: Sequence[ColumnEntry], count: int) -> Mapping[str, tuple[int, ...]]:
    """Return array -> the shape that it must have."""
    number = Counter(entry.kind for entry in entries)
    shapes: Mapping[ColumnKind, Mapping[str, tuple[int, ...]]] = {
        "string": {
            "text_codes": (number["string"], count),
            "text_offsets": (sum(entry.texts + 1 for entry in entries if entry.kind == "string"),),
            "texts": (sum(entry.bytes for entry in entries),),
        },
        "integer": {"integers": (number["integer"], count), "nulls": (number["integer"] + number["number"], count)},
        "number": {"numbers": (number["number"], count), "nulls": (number["integer"] + number["number"], count)},
        "boolean": {"booleans": (number["boolean"], count)},
    }
    return {array: shape for kind in number for array, shape in shapes[kind].items()}


def _conditions(entries: Sequence[ColumnEntry], arrays: Mapping[str, NDArray[Any]]) -> Iterator[tuple[str, bool]]:
    """Yield what must hold of the content of arrays whose shapes are right."""
    for place, (entry, offsets) in enumerate(_with_offsets(entries, arrays)):
        ends_right = offsets[0] == 0 and offsets[-1] == entry.bytes
        yield "the offsets of texts do not fit", ends_right and bool((np.diff(offsets) >= 0).all())
        codes = arrays["text_codes"][place]
        yield "the codes of texts do not fit", bool(((codes >= -1) & (codes < entry.texts)).all())
    if "numbers" in arrays:
        yield "the numbers are not finite", bool(np.isfinite(arrays["numbers"]).all())
    if "nulls" in arrays:
        yield "the nulls are not true or false", bool((arrays["nulls"].view(np.uint8) <= 1).all())
    if "booleans" in arrays:
        booleans = arrays["booleans"]
        yield "the booleans are not true, false or null", bool(((booleans >= -1) & (booleans <= 1)).all())


def _with_offsets(
    entries: Sequence[ColumnEntry], arrays: Mapping[str, NDArray[Any]]
) -> Iterator[tuple[ColumnEntry, NDArray[np.int64]]]:
    """Yield the columns of texts, each with its offsets."""
    first = 0
    for entry in entries:
        if entry.kind == "string":
            yield entry, arrays["text_offsets"][first : first + entry.texts + 1]
            first += entry.texts + 1


def _text_columns(
    entries: Sequence[ColumnEntry], arrays: Mapping[str, NDArray[Any]], files: Mapping[str, StoredArray]
) -> Iterator[TextColumn]:
    start = 0
    for (entry, offsets), codes in zip(_with_offsets(entries, arrays), arrays.get("text_codes", ()), strict=True):
        texts = files["texts"]
        yield TextColumn(codes=codes, texts=Blob(data=texts.data, start=texts.start + start, offsets=offsets))
        start += entry.bytes


def _number_columns(arrays: Mapping[str, NDArray[Any]], name: str, first: int) -> Iterator[NumberColumn]:
    """Yield the columns of one array of numbers, whose nulls begin at row `first`."""
    for place, values in enumerate(arrays.get(name, ()), first):
        yield NumberColumn(values=values, nulls=arrays["nulls"][place])
