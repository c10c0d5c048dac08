"""Writes selected features as a FeatureCollection."""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from wfs_proxy.serve.feature_writer import SelectedFeatures
from wfs_proxy.serve.marked_snapshot import MarkedSnapshot
from wfs_proxy.serve.representation import GEOJSON
from wfs_proxy.serve.selection import Selection
from wfs_proxy.snapshot import SEPARATOR

__all__ = ["GeoJsonWriter", "SingleFeatureWriter", "feature_collection", "feature_pieces"]


class GeoJsonWriter:
    """Writes the answers of the map endpoint."""

    media_type = GEOJSON

    def __init__(self, url: str) -> None:
        """Write page links that begin with `url`, the URL of the features up to and including the question mark."""
        self.key = url

    def write(self, selected: SelectedFeatures) -> bytes:
        """Return a FeatureCollection with a link to the next page, if there is one."""
        cursor = selected.next_page()
        next_href = None if cursor is None else f"{self.key}{selected.query.page_from(cursor)}"
        return feature_collection(selected.parts, selected.selection, next_href=next_href)


class SingleFeatureWriter:
    """Writes the answers of the map endpoint to requests for one feature."""

    media_type = GEOJSON
    key = "feature"

    def write(self, selected: SelectedFeatures) -> bytes:
        """Return a Feature."""
        ((number, rows),) = selected.selection.runs
        return selected.parts[number].feature(int(rows[0]))


def feature_collection(parts: Sequence[MarkedSnapshot], selection: Selection, *, next_href: str | None = None) -> bytes:
    """Return a FeatureCollection (RFC 7946, section 3.3) with the counts and links of OGC 17-069r4, section 7.16.

    The counts come first, so that a streaming reader has them before the features.

    Args:
        parts: the snapshots that the runs of the selection refer to by number.
        selection: which features.
        next_href: the URL of the next page; None on the last.
    """
    counts = selection.matched, selection.returned
    pieces = [b'{"type":"FeatureCollection","numberMatched":%d,"numberReturned":%d,' % counts]
    if next_href is not None:
        pieces.append(b'"links":[%b],' % orjson.dumps({"rel": "next", "type": GEOJSON, "href": next_href}))
    pieces.append(b'"features":[')
    pieces += feature_pieces(parts, selection)
    pieces.append(b"]}")
    return b"".join(pieces)


def feature_pieces(parts: Sequence[MarkedSnapshot], selection: Selection) -> list[bytes]:
    """Return pieces that, joined, are the selected features with separators between them."""
    pieces: list[bytes] = []
    for number, rows in selection.runs:
        pieces += parts[number].features(rows)
    if pieces:
        pieces[-1] = pieces[-1].removesuffix(SEPARATOR)
    return pieces
