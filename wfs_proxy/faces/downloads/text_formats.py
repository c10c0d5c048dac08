"""The formats that are written while they are sent: a download of any size needs the memory of a few thousand rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from wfs_proxy.faces.downloads.csv_file import CsvFile
from wfs_proxy.faces.downloads.download_request import DownloadRequest
from wfs_proxy.faces.downloads.geojson_file import geojson_pieces
from wfs_proxy.faces.downloads.object_columns import batches, property_types
from wfs_proxy.serve import GEOJSON, SelectedFeatures

__all__ = ["TextFormat", "text_format"]


class TextFormat(Protocol):
    """A format with the parameters of a request."""

    media_type: str
    ending: str
    """Of the name of the file, without a dot."""

    key: str
    """All that changes the bytes in addition to the data and the query."""

    def pieces(self, selected: SelectedFeatures) -> Iterator[bytes]:
        """Yield the file. Each piece takes a few milliseconds, so it is made outside the event loop."""


class _Csv:
    media_type = "text/csv; charset=utf-8; header=present"
    ending = "csv"

    def __init__(self, separator: str, *, bom: bool) -> None:
        self.key = f"download csv {separator} {bom} "
        self._separator = separator
        self._bom = bom

    def pieces(self, selected: SelectedFeatures) -> Iterator[bytes]:
        names = tuple(property_types(selected.layer))
        return CsvFile(names, separator=self._separator, bom=self._bom).pieces(batches(selected))


class _GeoJson:
    media_type = GEOJSON
    ending = "geojson"
    key = "download geojson "

    def pieces(self, selected: SelectedFeatures) -> Iterator[bytes]:
        return geojson_pieces(selected.selection.matched, batches(selected))


def text_format(request: DownloadRequest) -> TextFormat:
    """Return the format of a request for CSV or GeoJSON."""
    return _Csv(request.separator, bom=request.bom) if request.format == "csv" else _GeoJson()
