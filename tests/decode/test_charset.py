"""The charset that only the HTTP header names: for documents without a mark or a declaration of their own."""

from __future__ import annotations

import json

import pytest

from wfs_proxy.decode.charset import in_utf8
from wfs_proxy.decode.dispatch import decode
from wfs_proxy.features import Payload

TEXT = "Café € 5\u2019 ž"
GML = (
    '<wfs:FeatureCollection xmlns:wfs="http://www.opengis.net/wfs/2.0" xmlns:gml="http://www.opengis.net/gml/3.2">'
    "<wfs:member><mast><naam>{}</naam><geom><gml:Point><gml:pos>1 2</gml:pos></gml:Point></geom></mast></wfs:member>"
    "</wfs:FeatureCollection>"
)
JSON = json.dumps(
    {"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": None, "properties": {"naam": "{}"}}]}
)


def document(form: str, text: str) -> str:
    return (GML if form == "gml" else JSON).replace("{}", text, 1)


def name_in(body: bytes, charset: str | None) -> str:
    return decode(Payload(body=body, charset=charset)).columns["naam"][0]


@pytest.mark.parametrize("form", ["gml", "json"])
@pytest.mark.parametrize(
    ("charset", "codec", "text"),
    [
        ("windows-1252", "cp1252", "Café € 5\u2019"),
        ("Windows-1252", "cp1252", "Café € 5\u2019"),
        ("cp1252", "cp1252", "Café € 5\u2019"),
        ("ISO-8859-15", "iso-8859-15", "Café € 5"),
        ("latin9", "iso-8859-15", "Café € 5"),
        ("iso-8859-2", "iso-8859-2", "Łódź"),
        ("windows-1251", "cp1251", "Улица"),
        ("'ISO-8859-1'", "iso-8859-1", "Café"),
        (" iso-8859-1 ", "iso-8859-1", "Café"),
        ("IBM850", "cp850", "Café"),
        ("IBM037", "cp037", "Café"),
        ("Shift_JIS", "shift_jis", "通り"),
    ],
)
def test_header_counts_where_the_document_says_nothing(form, charset, codec, text):
    assert name_in(document(form, text).encode(codec), charset) == text


@pytest.mark.parametrize("form", ["gml", "json"])
@pytest.mark.parametrize("charset", ["ISO-8859-1", "windows-1252", "us-ascii", "utf-16", "utf8", None])
def test_text_in_utf_8_stays_utf_8_whatever_the_header_says(form, charset):
    assert name_in(document(form, TEXT).encode(), charset) == TEXT


@pytest.mark.parametrize("form", ["gml", "json"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_byte_order_mark_counts_before_the_header(form, encoding):
    assert name_in(document(form, TEXT).encode(encoding), "windows-1252") == TEXT


@pytest.mark.parametrize(("declared", "codec"), [("ISO-8859-15", "iso-8859-15"), ("windows-1252", "cp1252")])
def test_declaration_counts_before_the_header(declared, codec):
    body = f'<?xml version="1.0" encoding="{declared}"?>{document("gml", "€ 5 ž")}'.encode(codec)

    assert name_in(body, "windows-1251") == "€ 5 ž"


def test_declaration_without_an_encoding_says_nothing():
    body = f"<?xml version='1.0' standalone='yes'?>\n{document('gml', 'Łódź')}".encode("iso-8859-2")

    assert name_in(body, "iso-8859-2") == "Łódź"


@pytest.mark.parametrize(
    "charset", ["unknown-9", "", "\0", "base64", "zlib", "rot13", "unicode_escape", "idna", "undefined", "x" * 9_000]
)
def test_charset_that_is_none_counts_as_absent(charset):
    payload = Payload(body=document("gml", "Café").encode("iso-8859-1"), charset=charset)

    assert in_utf8(payload) is payload
    assert name_in(payload.body, charset) == name_in(payload.body, None)


def test_bytes_that_the_charset_does_not_have_are_left_for_the_readers():
    payload = in_utf8(Payload(body=b"Caf\xe9 \x81", charset="windows-1252"))

    assert payload.body == "Café ".encode() + b"\x81"
