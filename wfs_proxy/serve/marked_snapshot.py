"""A snapshot together with its marks, and the encoded features of its rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wfs_proxy.marks import Marks
from wfs_proxy.snapshot import FRAGMENT_END, Column, Rows, Snapshot

__all__ = ["MarkedSnapshot"]


class MarkedSnapshot(NamedTuple):
    """The objects of a layer, or of one of its cells, with their marks."""

    snapshot: Snapshot
    marks: Marks | None = None
    """None where the layer has no marks."""

    def features(self, rows: Rows) -> list[bytes]:
        """Return pieces that, joined, are the features of these rows with a separator after each.

        Consecutive rows are one slice of the blob, which ends early at a row whose stored suffix (its unmarked state)
        must be replaced. A screen of a hundred objects makes a dozen or two slices. For so few rows a Python loop takes
        half the time of numpy.

        Args:
            rows: (M,) numbers of rows, in the order in which they are written.
        """
        blob, cut = self.snapshot.features, len(self.snapshot.ending)
        data, edges, at = blob.data, blob.edges, blob.start
        codes, patches = self.marks.patches if self.marks is not None else (None, ())
        pieces: list[bytes] = []
        begin = end = -1
        for row in rows.tolist():
            if row != end:
                if begin >= 0:
                    pieces.append(data[at + edges[begin] : at + edges[end]])
                begin = row
            end = row + 1
            patch = patches[codes[row]] if codes is not None else None
            if patch is not None:
                pieces += (data[at + edges[begin] : at + edges[end] - cut], patch)
                begin = end = -1
        if begin >= 0:
            pieces.append(data[at + edges[begin] : at + edges[end]])
        return pieces

    @property
    def column_names(self) -> tuple[str, ...]:
        """The served properties that have a column, in the order in which features have them: fields, then marks."""
        return (*self.snapshot.columns, *(self.marks.tables if self.marks is not None else ()))

    def column(self, name: str, rows: Rows | None = None) -> Column:
        """Return the values of a served property: of these rows (M,), or (N,) of all.

        Raises:
            KeyError: there is no such property, or it is a footprint.
        """
        own = self.snapshot.columns.get(name)
        if own is not None:
            return own if rows is None else own.take(rows)
        if self.marks is None:
            raise KeyError(name)
        return self.marks.column(name, rows)

    @property
    def lonlat(self) -> NDArray[np.float64]:
        """(N, 2) longitude, latitude in degrees."""
        return self.snapshot.lonlat

    def rows_of_ids(self, ids: Sequence[str]) -> Rows:
        """Return the rows of the objects with these ids, with or without the layer's prefix, ascending, each once."""
        found = {row for name in ids if (row := self.snapshot.find(name)) is not None}
        return np.array(sorted(found), dtype=np.uint32)

    def feature(self, row: int) -> bytes:
        """Return one feature, without a separator."""
        end = FRAGMENT_END if self.marks is None else self.marks.suffix(row)
        return self.snapshot.fragment(row) + end
