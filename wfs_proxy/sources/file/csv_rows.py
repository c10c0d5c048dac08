"""The rows of a CSV file (RFC 4180) in the dialects that spreadsheets write, read one by one.

Excel writes `sep=;` as the first line, semicolons where commas are decimal signs, and Windows-1252 or UTF-16. All
values stay text, so 034575 keeps its zero.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TextIO

from wfs_proxy.errors import MalformedDocument, NotFeatures
from wfs_proxy.sources.file.character_sets import file_character_set

__all__ = ["TOO_MANY_VALUES", "CsvRows", "open_rows"]

TOO_MANY_VALUES = "a row with more values than columns"
"""A reason in the batch: the values of such a row may be under the wrong names."""

_DELIMITERS = (";", ",", "\t", "|")
_SAMPLE = 1 << 16
"""Characters in which the delimiter is sought."""

_SAMPLE_ROWS = 50
_SEPARATOR_LINE = "sep="


@dataclass(kw_only=True)
class CsvRows:
    """An open file. Iterating it reads the rest, once."""

    names: tuple[str, ...]
    """Of the columns, without blanks around them."""

    file: TextIO
    delimiter: str
    left_out: Counter[str] = field(default_factory=Counter)
    """reason -> rows that were not yielded."""

    cut_off: bool = False
    """Whether the last row lacks values and the end of its line."""

    def __iter__(self) -> Iterator[Sequence[str | None]]:
        """Yield the values of each row, as many as there are names; None for those that the row lacks.

        Raises:
            MalformedDocument: a quotation mark is not closed, or a value is impossibly long.
        """
        lines = _Lines(self.file)
        width = len(self.names)
        row: list[str] = []
        rows = csv.reader(lines, delimiter=self.delimiter)
        try:
            for row in rows:
                if lines.ended:
                    raise MalformedDocument(
                        f"a quotation mark is not closed before the end of the file (line {rows.line_num}): the file "
                        "is cut off, or a value has a single quotation mark"
                    )
                if len(row) == width:
                    yield row
                elif len(row) < width:
                    if any(row):
                        yield [*row, *[None] * (width - len(row))]
                elif any(row[width:]):
                    self.left_out[TOO_MANY_VALUES] += 1
                else:
                    yield row[:width]
        except csv.Error as error:
            raise MalformedDocument(f"line {rows.line_num} cannot be read as CSV: {error}") from error
        self.cut_off = 0 < len(row) < width and not lines.last.endswith(("\n", "\r"))


class _Lines(Iterator[str]):
    """The lines of a file; it is known whether they were read to the end."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self.last = ""
        self.ended = False

    def __next__(self) -> str:
        line = self._file.readline()
        if not line:
            self.ended = True
            raise StopIteration
        self.last = line
        return line


def open_rows(path: Path, *, encoding: str | None, delimiter: str | None) -> CsvRows:
    """Open a file and read the names of its columns. The caller closes `file`.

    Args:
        path: the file.
        encoding: its character set; None: by its bytes.
        delimiter: what is between two values; None: the character that divides the first rows alike.

    Raises:
        NotFeatures: it has no first row.
        MalformedDocument: its first row cannot be read.
        OSError: it cannot be read.
    """
    file = path.open(encoding=file_character_set(path, encoding), errors="replace", newline="")
    try:
        start, named = _after_separator_line(file)
        delimiter = delimiter or named or _delimiter_of(file.read(_SAMPLE))
        file.seek(start)
        header = next(csv.reader(iter(file.readline, ""), delimiter=delimiter), [])
    except csv.Error as error:
        file.close()
        raise MalformedDocument(f"{path.name} cannot be read as CSV: {error}") from error
    except BaseException:
        file.close()
        raise
    names = tuple(name.strip() for name in header)
    if not any(names):
        file.close()
        raise NotFeatures(f"{path.name} has no row with the names of its columns")
    return CsvRows(names=names, file=file, delimiter=delimiter)


def _after_separator_line(file: TextIO) -> tuple[int, str | None]:
    """Return where the names begin, and the delimiter that a line before them names."""
    line = file.readline(20).rstrip("\r\n").strip('"')
    if line.lower().startswith(_SEPARATOR_LINE) and len(line) == len(_SEPARATOR_LINE) + 1:
        return file.tell(), line[-1]
    file.seek(0)
    return 0, None


def _delimiter_of(sample: str) -> str:
    """Return the delimiter that gives most of the first rows the same number of values, and more than one."""

    def merit(delimiter: str) -> tuple[float, int]:
        rows = _rows(sample, delimiter)
        widths = [len(row) for row in rows if row]
        width = widths[0] if widths else 0
        if width <= 1:
            return 0.0, 0
        # rows may lack empty values at their end
        return sum(1 < each <= width for each in widths[1:]) / max(len(widths) - 1, 1), width

    return max(_DELIMITERS, key=merit)


def _rows(sample: str, delimiter: str) -> list[list[str]]:
    """Return the first rows of a sample. Its last line may be cut off, so it counts only if it is the only one."""
    lines = sample.splitlines(keepends=True)
    whole = lines[:-1] if len(sample) == _SAMPLE and len(lines) > 1 else lines
    try:
        return list(islice(csv.reader(whole, delimiter=delimiter), _SAMPLE_ROWS))
    except csv.Error:
        return []
