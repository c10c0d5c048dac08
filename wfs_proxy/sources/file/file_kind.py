"""What a file is, by its first bytes: names lie, and GDAL must open nothing but the formats that we name."""

from __future__ import annotations

import enum
from pathlib import Path

from wfs_proxy.decode import DocumentKind, binary_kind, has_unicode_mark, page_text, sniff
from wfs_proxy.errors import ConfigurationError, NotFeatures
from wfs_proxy.sources.unreadable_file import unreadable

__all__ = ["FileKind", "kind_of"]

_FIRST_BYTES = 4096
_SHAPES = b"\x00\x00\x27\x0a"
"""The code 9994 with which a .shp begins (ESRI Shapefile Technical Description, 1998)."""

_PARTS_OF_SHAPEFILES = (".dbf", ".shx", ".prj", ".cpg")
_WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".ods")


class FileKind(enum.Enum):
    """The kinds of files that can be read. The value is what GDAL calls it; CSV and archives are read by us."""

    GEOPACKAGE = "GPKG"
    FLATGEOBUF = "FlatGeobuf"
    SHAPEFILE = "ESRI Shapefile"
    CSV = "CSV"
    ARCHIVE = "ZIP"

    @property
    def title(self) -> str:
        """What people call it."""
        return {"GPKG": "GeoPackage", "ESRI Shapefile": "Shapefile", "ZIP": "ZIP archive"}.get(self.value, self.value)


def kind_of(path: Path) -> FileKind:
    """Return what a file is.

    Raises:
        ConfigurationError: there is no such file, it cannot be read, or it is not the file to name.
        NotFeatures: it is empty, or of a kind that cannot be read.
    """
    start = _first_bytes(path)
    if path.suffix.lower() in _PARTS_OF_SHAPEFILES and not start.startswith((b"PK\x03\x04", b"SQLite format 3\0")):
        raise ConfigurationError(f"{path.name} is a part of a Shapefile: name the file that ends in .shp")
    if not start.strip():
        raise NotFeatures(f"{path.name} is empty")
    if start.startswith(b"SQLite format 3\0"):
        return FileKind.GEOPACKAGE
    if start.startswith(b"fgb"):
        return FileKind.FLATGEOBUF
    if start.startswith(_SHAPES):
        return FileKind.SHAPEFILE
    if path.suffix.lower() in _WORKBOOKS:
        raise NotFeatures(f"{path.name} is a workbook: save the sheet as CSV")
    if start.startswith(b"PK\x03\x04"):
        return FileKind.ARCHIVE
    return _kind_of_text(path, start)


def _first_bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_FIRST_BYTES)
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the path
        raise unreadable(path, error) from error


def _kind_of_text(path: Path, start: bytes) -> FileKind:
    if has_unicode_mark(start):
        return FileKind.CSV
    if (binary := binary_kind(start)) is not None:
        raise NotFeatures(f"{path.name} is {binary}, not GeoPackage, FlatGeobuf, Shapefile or CSV")
    kind = sniff(start)
    if kind is DocumentKind.HTML:
        raise NotFeatures(f"{path.name} is a web page, not data: {page_text(start)}")
    if kind is DocumentKind.JSON:
        raise NotFeatures(f"{path.name} is JSON: if it is GeoJSON, write `type: geojson` and `url` instead of `path`")
    if kind is DocumentKind.XML:
        raise NotFeatures(f"{path.name} is XML: ask for GeoPackage, FlatGeobuf, Shapefile or CSV")
    return FileKind.CSV
