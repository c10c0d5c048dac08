"""Writes Mapbox Vector Tiles of points (MVT 2.1, Protocol Buffers), all features of a tile at once.

A tile is a message of a few kinds of fields, whose numbers are written seven bits to a byte (varints). All features of
a tile have the same fields in the same order. So the bytes of the features are rows of a matrix, with a column for each
byte that a feature may need. A second matrix says which are used, and the used ones, read row by row, are the features.
numpy fills the columns for all features together.

Attributes are pairs of positions in two tables of the tile, of keys and of values (section 4.4). The distinct values of
a key are given once, with a code per feature, so nothing is looked up per feature.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "EXTENT",
    "MEDIA_TYPE",
    "NO_VALUES",
    "Tags",
    "ValueTable",
    "boolean_values",
    "integer_values",
    "number_values",
    "text_values",
    "vector_tile",
]

MEDIA_TYPE = "application/vnd.mapbox-vector-tile"

EXTENT = 4096
"""Units along the side of a tile, which is the usual number and the default of the format."""

_VERSION = 2
_SEVEN_BITS = 0x7F

Integers = NDArray[np.integer[Any]]


class ValueTable(NamedTuple):
    """A part of the table of values of a layer."""

    size: int
    """How many."""

    content: bytes
    """The encoded values, one after another (section 4.1, field 4)."""


NO_VALUES = ValueTable(0, b"")


class Tags(NamedTuple):
    """The values that the features of a tile have for one key."""

    key: str

    codes: Integers
    """(N,) for each feature the position of its value in `values`; -1: it has none."""

    values: ValueTable


def text_values(content: NDArray[np.uint8], lengths: Integers, prefix: bytes = b"") -> ValueTable:
    """Return the values of texts.

    Args:
        content: (B,) all texts in UTF-8, one after another.
        lengths: (M,) of each text in bytes.
        prefix: what each text begins with, in addition.
    """
    count = len(lengths)
    whole = lengths + len(prefix)
    inner = _joined([_constant(0x0A), _varints(whole)], count)
    heads = _joined([_constant(*_VALUE), _varints(inner.lengths + whole), inner, _constant(*prefix)], count)
    sizes = np.column_stack((heads.lengths, lengths)).ravel()
    of_text = np.repeat(np.tile([False, True], count), sizes)
    values = np.empty(len(of_text), dtype=np.uint8)
    values[~of_text] = heads.content[heads.used]
    values[of_text] = content
    return ValueTable(count, values.tobytes())


def number_values(numbers: NDArray[np.float64]) -> ValueTable:
    """Return the values of numbers (M,) with all of their 64 bits."""
    content = numbers.astype("<f8").view(np.uint8).reshape(-1, 8)
    return ValueTable(len(numbers), _written([_constant(*_VALUE, 9, 0x19), _always(content)], len(numbers)))


def integer_values(numbers: NDArray[np.int64]) -> ValueTable:
    """Return the values of integers (M,): as `sint_value`, because the other kinds take ten bytes for negative ones."""
    content = _joined([_constant(0x30), _varints(_zigzag(numbers))], len(numbers))
    return ValueTable(len(numbers), _written([_constant(*_VALUE), _varints(content.lengths), content], len(numbers)))


def boolean_values() -> ValueTable:
    """Return the values false and true."""
    return ValueTable(2, _VALUE + b"\x02\x38\x00" + _VALUE + b"\x02\x38\x01")


def vector_tile(name: str, ids: Integers, places: Integers, tags: Sequence[Tags]) -> bytes:
    """Return a tile with one layer of points; empty bytes without features, because a layer must have one.

    Args:
        name: of the layer.
        ids: (N,) of the features, from 0 to 2^64 - 1.
        places: (N, 2) column and row in units of the tile, from its north-western corner; negative or from `EXTENT` on
            for features around the tile.
        tags: the attributes, one element per key.
    """
    if not len(ids):
        return b""
    used = [tag for tag in tags if tag.values.size]
    content = b"".join(
        [
            b"\x78" + _varint(_VERSION),
            _text_field(b"\x0a", name.encode()),
            _features(ids, places, used),
            *[_text_field(b"\x1a", tag.key.encode()) for tag in used],
            *[tag.values.content for tag in used],
            b"\x28" + _varint(EXTENT),
        ]
    )
    return b"\x1a" + _varint(len(content)) + content


_VALUE = b"\x22"
"""The beginning of a value in the table of a layer: field 4, a message."""


class _Columns(NamedTuple):
    """Bytes of all features; each feature uses some."""

    content: NDArray[np.uint8]
    """(N, B)"""

    used: NDArray[np.bool_]
    """(N, B)"""

    @property
    def lengths(self) -> NDArray[np.int64]:
        """(N,) used bytes."""
        lengths: NDArray[np.int64] = np.count_nonzero(self.used, axis=1)
        return lengths


def _features(ids: Integers, places: Integers, tags: Sequence[Tags]) -> bytes:
    pairs = _joined(_pairs(tags), len(ids))
    geometry = _geometry(places)
    body = _joined(
        [
            _constant(0x08),
            _varints(ids),
            _constant(0x12),
            _varints(pairs.lengths),
            pairs,
            _constant(0x18, 1, 0x22),
            _varints(geometry.lengths),
            geometry,
        ],
        len(ids),
    )
    return _written([_constant(0x12), _varints(body.lengths), body], len(ids))


def _pairs(tags: Sequence[Tags]) -> Iterable[_Columns]:
    first = 0
    for key, (_, codes, values) in enumerate(tags):
        given = (codes >= 0)[:, np.newaxis]
        for number in (np.full(len(codes), key), codes.astype(np.int64) + first):
            content, used = _varints(np.maximum(number, 0))
            yield _Columns(content, used & given)
        first += values.size


def _geometry(places: Integers) -> _Columns:
    """Return a MoveTo to each place (section 4.3)."""
    zigzag = _zigzag(places)
    return _joined([_constant(0x09), _varints(zigzag[:, 0]), _varints(zigzag[:, 1])], len(places))


def _zigzag(numbers: Integers) -> NDArray[np.uint64]:
    """Return numbers with their sign in the last bit, so that numbers near zero are short."""
    wide = numbers.astype(np.int64)
    zigzag: NDArray[np.uint64] = ((wide << 1) ^ (wide >> 63)).view(np.uint64)
    return zigzag


def _constant(*content: int) -> _Columns:
    """Return bytes that are the same in every feature."""
    return _always(np.array([content], dtype=np.uint8).reshape(1, -1))


def _always(content: NDArray[np.uint8]) -> _Columns:
    return _Columns(content, np.ones(content.shape, dtype=np.bool_))


def _written(columns: Sequence[_Columns], count: int) -> bytes:
    joined = _joined(columns, count)
    return joined.content[joined.used].tobytes()


def _joined(columns: Iterable[_Columns], count: int) -> _Columns:
    """Return columns beside each other; those of constants get `count` rows."""
    given = list(columns)
    width = sum(each.content.shape[1] for each in given)
    joined = _Columns(np.empty((count, width), dtype=np.uint8), np.empty((count, width), dtype=np.bool_))
    at = 0
    for content, used in given:
        end = at + content.shape[1]
        joined.content[:, at:end] = content
        joined.used[:, at:end] = used
        at = end
    return joined


def _varints(numbers: Integers) -> _Columns:
    """Return numbers of up to 64 bits, not negative, each as a varint."""
    length = max(1, -(-int(numbers.max(initial=0)).bit_length() // 7))
    rest = numbers.astype(np.uint64)[:, np.newaxis] >> np.arange(0, 7 * length, 7, dtype=np.uint64)
    follows = rest > _SEVEN_BITS
    content = (rest & _SEVEN_BITS).astype(np.uint8) | (follows.view(np.uint8) << np.uint8(7))
    used = np.ones(content.shape, dtype=np.bool_)
    used[:, 1:] = follows[:, :-1]
    return _Columns(content, used)


def _varint(number: int) -> bytes:
    content = bytearray()
    while number > _SEVEN_BITS:
        content.append(number & _SEVEN_BITS | 0x80)
        number >>= 7
    content.append(number)
    return bytes(content)


def _text_field(tag: bytes, text: bytes) -> bytes:
    return tag + _varint(len(text)) + text
