"""A snapshot together with its marks, and the encoded features of its rows."""

from __future__ import annotations

from typing import NamedTuple

from wfs_proxy.marks import Marks
from wfs_proxy.snapshot import FRAGMENT_END, Rows, Snapshot

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

    def feature(self, row: int) -> bytes:
        """Return one feature, without a separator."""
        end = FRAGMENT_END if self.marks is None else self.marks.suffix(row)
        return self.snapshot.fragment(row) + end
