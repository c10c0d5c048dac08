"""Attributes of features as columns.

Names follow what users know from GDAL and QGIS, which read the same documents:

- an element directly in the feature has its local name; elements of several namespaces with one local name, and
  repeated elements, share a column and make a list;
- a nested element has its local name too, unless another one has it already: then the path, `bar|test`. An element
  directly in the feature comes before a nested one, earlier paths before later ones;
- of XML attributes, `uom` makes a column of its own (`length_uom`), and `value` is the value of an element without
  text. An element without text but with other attributes (xlink:href, nilReason) is a reference, not a value.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from lxml import etree
from numpy.typing import NDArray

__all__ = ["Columns"]

Value = str | list[str] | None

NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"


class Columns:
    """Attribute values as they come in, row by row."""

    def __init__(self) -> None:
        self._values: defaultdict[str, list[Value]] = defaultdict(list)
        self._repeated: set[str] = set()
        self._filled: defaultdict[str, list[tuple[list[int], list[str | None]]]] = defaultdict(list)

    def read(self, row: int, path: str, element: etree._Element) -> None:
        """Keep the value of an element without children."""
        text = element.text
        if not element.keys():
            self._put(row, path, text.strip() if text else "")
        elif element.get(NIL) in {"true", "1"}:
            self._put(row, path, None)
        elif text and text.strip():
            self._put(row, path, text.strip())
            uom = element.get("uom")
            if uom is not None:
                self._put(row, f"{path}_uom", uom)
        elif (value := element.get("value")) is not None:
            self._put(row, path, value)

    def fill(self, rows: list[int], path: str, texts: Sequence[str | None]) -> None:
        """Keep the texts that an attribute has in rows of which `read` kept nothing; None where it is absent."""
        self._filled[path].append((rows, [text and text.strip() for text in texts]))

    def _put(self, row: int, path: str, value: Value) -> None:
        column = self._values[path]
        if len(column) > row:
            self._repeated.add(path)
            column[row] = _with(column[row], value)
            return
        if len(column) < row:
            column.extend([None] * (row - len(column)))
        column.append(value)

    def finish(self, rows: int, *, without: set[str]) -> dict[str, NDArray[np.object_]]:
        """Name -> (rows,) values, of all paths but those in `without`."""
        names = _names([path for path in self._values if path not in without])
        return {name: self._array(path, rows) for path, name in names.items()}

    def _array(self, path: str, rows: int) -> NDArray[np.object_]:
        values = self._values[path]
        array = np.full(rows, None, dtype=np.object_)
        if path in self._repeated:
            # numpy would take lists for a second axis
            for row, value in enumerate(values):
                array[row] = value
        else:
            array[: len(values)] = values
        for places, texts in self._filled[path]:
            array[places] = np.array(texts, dtype=np.object_)
        return array


def _with(before: Value, value: Value) -> Value:
    """A repeated element: a list of what is not nil."""
    if value is None or before is None:
        return before if value is None else value
    assert isinstance(value, str)
    return [*before, value] if isinstance(before, list) else [before, value]


def _names(paths: list[str]) -> dict[str, str]:
    """Path -> column name, in the order of the paths."""
    taken = {path for path in paths if "|" not in path}
    names = {}
    for path in paths:
        leaf = path.rpartition("|")[2]
        names[path] = path if "|" not in path or leaf in taken else leaf
        taken.add(names[path])
    return names
