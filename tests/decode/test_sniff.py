"""The text of a page, for messages: short, and what a person reads first."""

from __future__ import annotations

import gzip

import pytest
import shapely

from wfs_proxy.decode.dispatch import decode
from wfs_proxy.decode.sniff import binary_kind, page_text
from wfs_proxy.errors import NotFeatures
from wfs_proxy.features import Payload


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"x" * 200, "x" * 200),
        (b"x" * 201, "x" * 200 + "..."),
        (b" " * 19_990 + b"<b>in time", "in time"),
        (b" " * 20_000 + b"<b>too late</b>", ""),
    ],
    ids=["at most 200 characters", "longer", "in the first 20 000 bytes", "after them"],
)
def test_text_of_a_page_is_an_excerpt(body, expected):
    assert page_text(body)[:205] == expected[:205]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (gzip.compress(b"<a/>", mtime=0), "gzip"),
        (b"PK\x03\x04\x14\0", "ZIP"),
        (b"%PDF-1.7", "PDF"),
        (b"\x89PNG\r\n\x1a\n", "PNG"),
        (b"\xff\xd8\xff\xe0", "JPEG"),
        (b"SQLite format 3\0", "GeoPackage"),
        (b"fgb\x03fgb", "FlatGeobuf"),
        (b"\x28\xb5\x2f\xfd", "zstd"),
        (shapely.to_wkb(shapely.Point(1, 2)), "binary data"),
        (b"text at first \x01\x02", "binary data"),
    ],
)
def test_binary_data_are_named_and_never_shown(body, kind):
    assert kind in binary_kind(body)
    with pytest.raises(NotFeatures, match=kind) as caught:
        decode(Payload(body=body))
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    "body", [b"", b"too many requests", "mâchée\r\n\t".encode(), "à".encode("latin-1"), b"\x1b[0m"]
)
def test_text_is_not_binary(body):
    assert binary_kind(body) is None
