"""Content codings: negotiates and applies gzip (RFC 9110, sections 8.4 and 12.5.3).

    Accept-Encoding -> acceptable() -> codings, the preferred first -> encoded() -> (bytes, their coding)

The other coding is identity, which leaves the body unchanged. Further codings do not pay: docs/performance.md.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from isal import isal_zlib

__all__ = ["SMALLEST", "Codings", "ContentCoding", "acceptable", "encoded", "encoded_pieces"]

SMALLEST = 1_000
"""Bytes; a smaller body is not compressed if the client accepts that: it fits into one packet anyway."""

LEVEL = 1
"""ISA-L's level, 0 to 3: a higher one takes more time and saves almost nothing."""

_GZIP_FORMAT = 31
"""The value of `wbits` for the gzip format (RFC 1952) with the largest window."""

_WEIGHT = re.compile(r"\s*q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*", re.ASCII | re.IGNORECASE)
"""RFC 9110, section 12.4.2, but with blanks around the equals sign, which some clients send."""

_ALIASES = {"x-gzip": "gzip"}
"""RFC 9110, section 8.4.1.3: another name -> the coding."""


class ContentCoding(enum.Enum):
    """The coding of a body; the value is its name in header fields."""

    GZIP = "gzip"
    IDENTITY = "identity"
    """Unchanged."""

    def etag(self, etag: str) -> str:
        """Return the ETag of a representation in this coding: each has its own (RFC 9110, section 8.8.3.3).

        Args:
            etag: of the representation in the coding identity, with its quotes.
        """
        return etag if self is ContentCoding.IDENTITY else f'{etag[:-1]}-{self.value}"'


Codings = tuple[ContentCoding, ...]
"""The codings that may be sent to a client, the preferred first; never empty."""

_UNNAMED = 0.0005
"""The weight of identity where Accept-Encoding does not name it: acceptable, but less than any weight it can name."""


@lru_cache(maxsize=64)  # few different values occur
def acceptable(accept_encoding: str | None) -> Codings:
    """Return the codings that may be sent to a client; gzip comes before identity of the same weight.

    A client without the header field accepts both, and gets identity. A client that forbids both still gets identity,
    because that is more useful than 406 (section 12.4.1). A client that only forbids identity gets gzip.

    Args:
        accept_encoding: the value of the header field, several fields joined by commas; None without one.
    """
    if accept_encoding is None:
        return ContentCoding.IDENTITY, ContentCoding.GZIP
    weights = _weights(accept_encoding)
    anything = weights.get("*", 0.0)
    named = {
        ContentCoding.GZIP: weights.get("gzip", anything),
        ContentCoding.IDENTITY: weights.get("identity", weights.get("*", _UNNAMED)),
    }
    codings = tuple(coding for coding in sorted(named, key=named.__getitem__, reverse=True) if named[coding] > 0.0)
    if codings:
        return codings
    return (ContentCoding.IDENTITY,) if {"gzip", "*"} & weights.keys() else (ContentCoding.GZIP,)


def encoded(body: bytes, codings: Codings) -> tuple[bytes, ContentCoding]:
    """Return a body in the most suitable of these codings, and that coding."""
    small = len(body) < SMALLEST and ContentCoding.IDENTITY in codings
    if small or codings[0] is ContentCoding.IDENTITY:
        return body, ContentCoding.IDENTITY
    return isal_zlib.compress(body, LEVEL, wbits=_GZIP_FORMAT), ContentCoding.GZIP


def encoded_pieces(pieces: Iterable[bytes], coding: ContentCoding) -> Iterator[bytes]:
    """Yield a body in a coding, piece by piece, for a body that is never in memory as a whole."""
    if coding is ContentCoding.IDENTITY:
        yield from pieces
        return
    compressor = isal_zlib.compressobj(LEVEL, wbits=_GZIP_FORMAT)
    for piece in pieces:
        compressed = compressor.compress(piece)
        if compressed:
            yield compressed
    yield compressor.flush()


def _weights(accept_encoding: str) -> dict[str, float]:
    """Return coding, in lower case -> weight; 0: not acceptable. Malformed elements are ignored."""
    weights: dict[str, float] = {}
    for element in accept_encoding.split(","):
        name, _, parameter = element.partition(";")
        name = name.strip().lower()
        weight = _WEIGHT.fullmatch(parameter or "q=1")
        if name and weight:
            weights[_ALIASES.get(name, name)] = float(weight[1])
    return weights
