"""In which character set the texts of a file are, by the bytes first: labels are often wrong or absent.

Texts with letters beyond ASCII are valid UTF-8 only if they are UTF-8. What is neither UTF-8 nor labelled is
windows-1252, the character set of Windows in western Europe; ISO 8859-1 is the same but for characters that no text
has.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from wfs_proxy.decode import REPLACEMENT, read_leniently

__all__ = ["decode_columns", "file_character_set"]

_WINDOWS = "cp1252"
_PIECE = 1 << 20
"""Bytes that are looked at together."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""Byte order mark -> the codec that reads and drops it. Excel's "Unicode text" is UTF-16."""

_BETWEEN = "\0"
"""Stands between two texts while they are decoded together."""


def file_character_set(path: Path, chosen: str | None) -> str:
    """Return the codec of a text file.

    Args:
        path: the file.
        chosen: the one of the layer file; it counts unless the file has a byte order mark.
    """
    with path.open("rb") as file:
        start = file.read(3)
        marked = next((codec for mark, codec in _MARKS if start.startswith(mark)), None)
        if marked is not None:
            return marked
        if chosen is not None:
            return chosen
        file.seek(0)
        return _by_its_bytes(iter(lambda: file.read(_PIECE), b""))


def _by_its_bytes(pieces: Iterable[bytes]) -> str:
    """Return UTF-8 if more of the characters beyond ASCII are valid in it than are not."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    valid = invalid = 0
    for piece in pieces:
        text = decoder.decode(piece)
        if text.isascii():
            continue
        broken = text.count(REPLACEMENT)
        invalid += broken
        valid += len(text) - len(text.encode("ascii", "ignore")) - broken
    return "utf-8" if valid >= invalid else _WINDOWS


def decode_columns(
    columns: Mapping[str, NDArray[np.object_]], chosen: str | None, declared: str | None
) -> Mapping[str, NDArray[np.object_]]:
    """Return columns (N,) of texts whose character n is byte n, decoded; other values as they are.

    Args:
        columns: name -> values.
        chosen: the character set of the layer file, which counts.
        declared: the one that the file declares; it counts unless all texts are valid UTF-8.
    """
    distinct = {value for values in columns.values() for value in values if isinstance(value, str)}
    odd = sorted(value for value in distinct if not value.isascii())
    if not odd:
        return columns
    decoded = dict(zip(odd, _decoded(odd, chosen, declared), strict=True))
    return {name: _replaced(values, decoded) for name, values in columns.items()}


def _replaced(values: NDArray[np.object_], decoded: Mapping[str, str]) -> NDArray[np.object_]:
    pieces = (decoded.get(value, value) if isinstance(value, str) else value for value in values)
    return np.fromiter(pieces, dtype=object, count=len(values))


def _decoded(texts: list[str], chosen: str | None, declared: str | None) -> list[str]:
    body = _BETWEEN.join(texts).encode("latin-1")
    if chosen is None:
        try:
            return body.decode("utf-8").split(_BETWEEN)
        except UnicodeDecodeError:
            chosen = declared
    if chosen is None or chosen == "utf-8":
        return read_leniently(body).split(_BETWEEN)
    return body.decode(chosen, "replace").split(_BETWEEN)
