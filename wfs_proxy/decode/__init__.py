"""Documents to `FeatureBatch`: GML, GeoJSON, and what is neither."""

from wfs_proxy.decode.dispatch import decode
from wfs_proxy.decode.exception_reports import raise_report
from wfs_proxy.decode.safe_xml import name_of, open_markup, parse_whole
from wfs_proxy.decode.sniff import Kind, ascii_compatible, page_text, sniff

__all__ = [
    "Kind",
    "ascii_compatible",
    "decode",
    "name_of",
    "open_markup",
    "page_text",
    "parse_whole",
    "raise_report",
    "sniff",
]
