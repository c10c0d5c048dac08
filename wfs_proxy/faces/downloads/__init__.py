"""Files of a layer, or of a part of it: CSV, GeoJSON, GeoPackage and FlatGeobuf."""

from wfs_proxy.faces.downloads.download_request import FORMATS, DownloadRequest, read_download_request
from wfs_proxy.faces.downloads.file_name import content_disposition
from wfs_proxy.faces.downloads.spooled_files import (
    SPOOLED_FORMATS,
    SpooledFiles,
    SpooledFormat,
    require_installed,
)
from wfs_proxy.faces.downloads.text_formats import TextFormat, text_format

__all__ = [
    "FORMATS",
    "SPOOLED_FORMATS",
    "DownloadRequest",
    "SpooledFiles",
    "SpooledFormat",
    "TextFormat",
    "content_disposition",
    "read_download_request",
    "require_installed",
    "text_format",
]
