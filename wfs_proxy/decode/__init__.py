"""The bytes of an answer, GML or GeoJSON, to a `FeatureBatch`. For other documents an error names their kind."""

from wfs_proxy.decode.charset import in_utf8
from wfs_proxy.decode.dispatch import decode
from wfs_proxy.decode.exception_reports import raise_report
from wfs_proxy.decode.safe_xml import name_of, open_markup, parse_whole
from wfs_proxy.decode.sniff import DocumentKind, binary_kind, page_text, sniff, to_ascii_markup
from wfs_proxy.decode.xml_text import NAME_START, without_forbidden

__all__ = [
    "NAME_START",
    "DocumentKind",
    "binary_kind",
    "decode",
    "in_utf8",
    "name_of",
    "open_markup",
    "page_text",
    "parse_whole",
    "raise_report",
    "sniff",
    "to_ascii_markup",
    "without_forbidden",
]
