"""Writes objects as one FeatureCollection (RFC 7946), with the features exactly as maps get them."""

from __future__ import annotations

from collections.abc import Iterator

from wfs_proxy.faces.downloads.object_columns import Batch
from wfs_proxy.snapshot import SEPARATOR

__all__ = ["geojson_pieces"]


def geojson_pieces(count: int, batches: Iterator[Batch]) -> Iterator[bytes]:
    """Yield the document.

    Args:
        count: objects in all batches together.
        batches: none of them empty.
    """
    separator = b'{"type":"FeatureCollection","numberMatched":%d,"numberReturned":%d,"features":[' % (count, count)
    for part, rows in batches:
        yield separator
        yield b"".join(part.features(rows)).removesuffix(SEPARATOR)
        separator = SEPARATOR
    yield b"]}" if count else separator + b"]}"
