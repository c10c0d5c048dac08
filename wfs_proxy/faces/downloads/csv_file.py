r"""Writes objects as CSV (RFC 4180): lines end with CR LF, and the first has the names of the columns.

A text is always between quotation marks, with those in it doubled. A number, a boolean and null never are, so that a
reader can tell "007" from 7, and "" from null.

Spreadsheets run a cell that begins with `=`, `+`, `-` or `@` as a formula, quotation marks or not, and some of these
call programs or send cells to a web server (OWASP, "CSV Injection"). The texts come from vendors. So a text that a
spreadsheet might run gets an apostrophe in front, as OWASP advises; its full-width forms, and tabs and line breaks at
the beginning, count too. Two decisions:

* Numbers are never changed. A text that is a negative number ("-0.75") is not changed either: as a formula it is
  itself. "+31 20 1234567" is changed: Excel would calculate with it, and lose the plus and the spaces.
* Nothing is lost. A text that already begins with apostrophes before such a character gets one more. So a program gets
  the original by removing an apostrophe at the beginning if the rest is such a text (`unguarded`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from wfs_proxy.faces.downloads.object_columns import Batch, ColumnNames, ids_of
from wfs_proxy.geo import from_crs84
from wfs_proxy.snapshot import Column, TextColumn
from wfs_proxy.values import JsonValue

__all__ = ["CsvFile", "guarded", "unguarded"]

_BYTE_ORDER_MARK = "\ufeff"
_LINE_END = "\r\n"

_RISKY = re.compile(r"[\s\x00\ufeff']*[=+\-@＝＋－＠]|'*[\t\r\n]")  # noqa: RUF001 - Excel takes full-width forms too
"""Characters that a spreadsheet may skip come before the one that makes a formula."""

_NEGATIVE = re.compile(r"-[0-9]+(?:[.,][0-9]+)?")

_RD = "EPSG:28992"
_BOOLEANS = {True: "true", False: "false", None: ""}


class CsvFile:
    """A table with a separator, and what is written before its rows."""

    def __init__(self, properties: Sequence[str], *, separator: str, bom: bool) -> None:
        self._properties = properties
        self._separator = separator
        self._start = _BYTE_ORDER_MARK if bom else ""

    def pieces(self, batches: Iterator[Batch]) -> Iterator[bytes]:
        """Yield the file: the names, then the rows of each batch."""
        names = map(_quoted, (*ColumnNames.beside(self._properties), *self._properties))
        yield (self._start + self._separator.join(names) + _LINE_END).encode()
        for batch in batches:
            yield self._rows(batch)

    def _rows(self, batch: Batch) -> bytes:
        part, rows = batch
        lonlat = part.lonlat[rows]
        columns = [
            [_quoted(text) for text in ids_of(batch)],
            *(_numbers(lonlat[:, axis]) for axis in (0, 1)),
            *_metres(lonlat),
            *(_cells(part.column(name, rows)) for name in self._properties),
        ]
        lines = map(self._separator.join, zip(*columns, strict=True))
        return "".join(f"{line}{_LINE_END}" for line in lines).encode()


def guarded(text: str) -> str:
    """Return a text that no spreadsheet runs as a formula."""
    return f"'{text}" if _RISKY.match(text) and not _NEGATIVE.fullmatch(text) else text


def unguarded(text: str) -> str:
    """Return the text that `guarded` made this one of."""
    return text[1:] if text.startswith("'") and _RISKY.match(text[1:]) else text


def _quoted(text: str) -> str:
    return '"' + guarded(text).replace('"', '""') + '"'


def _cells(column: Column) -> list[str]:
    if isinstance(column, TextColumn):
        used, places = column.occurring()
        # -1, the null, is the last one
        cells = [*(_quoted(text.decode()) for text in column.texts.take(used)), ""]
        return [cells[place] for place in places.tolist()]
    return [_cell(value) for value in column.to_list()]


def _cell(value: JsonValue) -> str:
    """Return a number, a boolean or null. `repr` of a float is the shortest text that is the same number again."""
    return _BOOLEANS[value] if value is None or isinstance(value, bool) else repr(value)


def _numbers(values: NDArray[np.float64]) -> list[str]:
    """Return degrees with the digits that GeoJSON has."""
    return [f"{value:.7f}".rstrip("0").rstrip(".") for value in values.tolist()]


def _metres(lonlat: NDArray[np.float64]) -> Iterator[list[str]]:
    """Yield x and y in RD with 3 decimals; nothing where the projection has no result."""
    rd = from_crs84(lonlat, _RD)
    for axis in (0, 1):
        yield [f"{value:.3f}" if np.isfinite(value) else "" for value in rd[:, axis].tolist()]
