"""Attributes of features as columns.

Names follow GDAL and QGIS, which users know and which read the same documents:

- an element directly in the feature has its local name. Repeated elements, and elements of several namespaces with one
  local name, share a column and become a list;
- a nested element has its local name too, unless another one has it already: then the path, `bar|test`. Elements
  directly in the feature get their name first, then nested ones in the order of their paths;
- of XML attributes, `uom` becomes a column of its own (`length_uom`), and `value` is the value of an element without
  text. An element without text but with other XML attributes (xlink:href, nilReason) is a reference, not a value.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from lxml import etree
from numpy.typing import NDArray

__all__ = ["AttributeColumns"]

AttributeValue = str | list[str] | None

NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"


class AttributeColumns:
    """Attribute values, collected row by row."""

    def __init__(self) -> None:
        self._values: defaultdict[str, list[AttributeValue]] = defaultdict(list)
        self._repeated: set[str] = set()
        self._texts: defaultdict[str, list[tuple[list[int], list[str | None]]]] = defaultdict(list)

    def read(self, row: int, path: str, element: etree._Element) -> None:
        """Add the value of an element without children."""
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

    def add_texts(self, rows: list[int], path: str, texts: Sequence[str | None]) -> None:
        """Add the texts of one attribute in rows for which `read` was not called; None where it is absent.

        `read` must have been called for the path in an earlier row, which gives the column its place.
        """
        self._texts[path].append((rows, [text and text.strip() for text in texts]))

    def _put(self, row: int, path: str, value: AttributeValue) -> None:
        column = self._values[path]
        if len(column) > row:
            self._repeated.add(path)
            column[row] = _append(column[row], value)
            return
        if len(column) < row:
            column.extend([None] * (row - len(column)))
        column.append(value)

    def finish(self, rows: int, *, without: set[str]) -> dict[str, NDArray[np.object_]]:
        """Return name -> (rows,) values, for all paths except those in `without`."""
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
        for text_rows, texts in self._texts[path]:
            array[text_rows] = np.array(texts, dtype=np.object_)
        return array


def _append(before: AttributeValue, value: AttributeValue) -> AttributeValue:
    """Return the value of a repeated element: the list of those that are not nil; a single one is not a list."""
    if value is None or before is None:
        return before if value is None else value
    assert isinstance(value, str)
    return [*before, value] if isinstance(before, list) else [before, value]


def _names(paths: list[str]) -> dict[str, str]:
    """Return path -> column name, in the order of the paths."""
    taken = {path for path in paths if "|" not in path}
    names = {}
    for path in paths:
        leaf = path.rpartition("|")[2]
        names[path] = path if "|" not in path or leaf in taken else leaf
        taken.add(names[path])
    return names
