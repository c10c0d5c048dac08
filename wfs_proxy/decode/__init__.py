"""The bytes of an answer in GML, GeoJSON or Esri JSON to a `FeatureBatch`. Errors name what a document is instead."""

from wfs_proxy.decode.charset import in_utf8
from wfs_proxy.decode.dispatch import decode
from wfs_proxy.decode.encoding import REPLACEMENT, count_unreadable_texts, read_leniently
from wfs_proxy.decode.esri_json.dates import date_fields, with_dates
from wfs_proxy.decode.esri_json.spatial_reference import crs_name
from wfs_proxy.decode.exception_reports import raise_report
from wfs_proxy.decode.geojson.links import link_to, links_to
from wfs_proxy.decode.json_ids import texts_of_ids
from wfs_proxy.decode.json_reports import json_report
from wfs_proxy.decode.lenient_json import parse_json
from wfs_proxy.decode.safe_xml import name_of, open_markup, parse_whole
from wfs_proxy.decode.sniff import DocumentKind, binary_kind, has_unicode_mark, page_text, sniff, to_ascii_markup
from wfs_proxy.decode.xml_text import NAME_START, without_forbidden

__all__ = [
    "NAME_START",
    "REPLACEMENT",
    "DocumentKind",
    "binary_kind",
    "count_unreadable_texts",
    "crs_name",
    "date_fields",
    "decode",
    "has_unicode_mark",
    "in_utf8",
    "json_report",
    "link_to",
    "links_to",
    "name_of",
    "open_markup",
    "page_text",
    "parse_json",
    "parse_whole",
    "raise_report",
    "read_leniently",
    "sniff",
    "texts_of_ids",
    "to_ascii_markup",
    "with_dates",
    "without_forbidden",
]
