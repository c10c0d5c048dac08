"""Bodies: every compression is undone, within the limits."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib

import pytest

from wfs_proxy.errors import MalformedDocument, UpstreamTooLarge, UpstreamUnreachable
from wfs_proxy.http.bodies import BodyLimits, BoundedBody

DOCUMENT = b"<a>" + bytes(range(32, 127)) * 50 + b"</a>"


def read(raw: bytes, coding: str = "", *, piece: int | None = None, limits: BodyLimits | None = None) -> bytes:
    body = BoundedBody(coding, limits or BodyLimits(), "vendor")
    size = piece or max(len(raw), 1)
    for start in range(0, len(raw), size):
        body.add(raw[start : start + size])
    return body.whole()


def compressed(document: bytes, times: int) -> bytes:
    for _ in range(times):
        document = gzip.compress(document)
    return document


@pytest.mark.parametrize("piece", [1, 2, 7, None])
@pytest.mark.parametrize(
    ("raw", "coding"),
    [
        (DOCUMENT, ""),
        (DOCUMENT, "identity"),
        (compressed(DOCUMENT, 1), "gzip"),
        (compressed(DOCUMENT, 1), "GZIP"),
        (zlib.compress(DOCUMENT), "deflate"),
        (compressed(DOCUMENT, 1), ""),
        (compressed(DOCUMENT, 2), ""),
        (compressed(DOCUMENT, 2), "gzip"),
        (compressed(DOCUMENT, 3), "gzip"),
        (compressed(DOCUMENT, 2), "gzip, gzip"),
        (zlib.compress(compressed(DOCUMENT, 1)), "deflate"),
        (gzip.compress(zlib.compress(DOCUMENT)), "deflate, gzip"),
        (gzip.compress(gzip.compress(DOCUMENT[:40]) + gzip.compress(DOCUMENT[40:])), "gzip"),
    ],
)
def test_every_compression_is_undone(raw, coding, piece):
    assert read(raw, coding, piece=piece) == DOCUMENT


@pytest.mark.parametrize("document", [b"", b"<", b"{}", b"\x1f", b"\x1f\x8b"])
@pytest.mark.parametrize("times", [0, 1, 2])
def test_short_document_is_itself(document, times):
    assert read(compressed(document, times), "gzip" if times else "") == document


def test_body_that_is_compressed_again_and_again_is_refused():
    with pytest.raises(MalformedDocument, match="more than 3 times"):
        read(compressed(DOCUMENT, 4), "gzip")
    with pytest.raises(MalformedDocument, match="more than 3 times"):
        read(DOCUMENT, "gzip, gzip, gzip, gzip")


@pytest.mark.parametrize("times", [1, 2, 3])
@pytest.mark.parametrize("coding", ["", "gzip"])
def test_bomb_is_refused_before_it_fills_the_memory(times, coding):
    bomb = compressed(bytes(80_000_000), times)
    tracemalloc.start()
    try:
        with pytest.raises(UpstreamTooLarge, match="5,000,000 bytes after decompression"):
            read(bomb, coding, limits=BodyLimits(decompressed=5_000_000))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert peak < 12_000_000


@pytest.mark.parametrize("size", [1 << 20, (1 << 20) + 1, 3 << 20])
def test_document_of_the_size_of_a_part_is_whole(size):
    assert len(read(compressed(bytes(size), 2), "gzip")) == size


def test_answer_that_ends_within_the_inner_compression_is_truncated():
    with pytest.raises(UpstreamUnreachable, match="truncated"):
        read(gzip.compress(gzip.compress(DOCUMENT)[:-10]), "gzip")
