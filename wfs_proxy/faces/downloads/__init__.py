"""Files of a layer, or of a part of it: CSV and GeoJSON."""

from wfs_proxy.faces.downloads.download_request import FORMATS, DownloadRequest, read_download_request
from wfs_proxy.faces.downloads.file_name import content_disposition
from wfs_proxy.faces.downloads.text_formats import TextFormat, text_format

__all__ = [
    "FORMATS",
    "DownloadRequest",
    "TextFormat",
    "content_disposition",
    "read_download_request",
    "text_format",
]
