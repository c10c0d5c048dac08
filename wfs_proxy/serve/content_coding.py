"""Content codings: what a client can decode, and bodies in it (RFC 9110, sections 8.4 and 12.5.3).

    Accept-Encoding -> acceptable() -> codings, the preferred first -> encoded() -> (bytes, the coding that they are in)

There are two: gzip, and identity, which is none. Others were measured and do not pay: docs/performance.md.
"""

from __future__ import annotations

import enum
import re
from functools import lru_cache

from isal import isal_zlib

__all__ = ["SMALLEST", "Codings", "ContentCoding", "acceptable", "encoded"]

SMALLEST = 1_000
"""Bytes; a smaller body is sent as it is where it may be: it fits into one packet, coded or not."""

LEVEL = 1
"""Of ISA-L's 0 to 3: a higher one costs more time and saves next to nothing."""

_GZIP_FORMAT = 31
"""The `wbits` that make the gzip format (RFC 1952) with the largest window."""

_WEIGHT = re.compile(r"\s*q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*", re.ASCII | re.IGNORECASE)
"""RFC 9110, section 12.4.2. Blanks around the equals sign are none of it, but clients send them."""

_ALIASES = {"x-gzip": "gzip"}
"""RFC 9110, section 8.4.1.3."""


class ContentCoding(enum.Enum):
    """How a body is coded; the value is its name in header fields."""

    GZIP = "gzip"
    IDENTITY = "identity"
    """As it is."""

    def etag(self, etag: str) -> str:
        """The validator of a representation in this coding: each has its own (RFC 9110, section 8.8.3.3).

        Args:
            etag: of the same as identity, with its quotes.
        """
        return etag if self is ContentCoding.IDENTITY else f'{etag[:-1]}-{self.value}"'


Codings = tuple[ContentCoding, ...]
"""What may be sent to a client, the preferred first; never empty."""

_UNNAMED = 0.0005
"""Below any weight that can be written: identity is acceptable unnamed, but whatever is named is preferred."""


@lru_cache(maxsize=64)  # browsers all say one of a few things
def acceptable(accept_encoding: str | None) -> Codings:
    """The codings that may be sent to a client; gzip is preferred to an equally welcome identity.

    A client that says nothing can be sent either, and gets identity. One that forbids both gets identity all the same:
    a default is more useful than 406 (section 12.4.1). One that only forbids identity gets gzip.

    Args:
        accept_encoding: the header field as sent, several of them joined by commas; None without one.
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
    """A body in the coding of these that suits it best, and which that is."""
    small = len(body) < SMALLEST and ContentCoding.IDENTITY in codings
    if small or codings[0] is ContentCoding.IDENTITY:
        return body, ContentCoding.IDENTITY
    return isal_zlib.compress(body, LEVEL, wbits=_GZIP_FORMAT), ContentCoding.GZIP


def _weights(accept_encoding: str) -> dict[str, float]:
    """Name of a coding in lower case -> its weight; 0: not acceptable. What cannot be read counts for nothing."""
    weights: dict[str, float] = {}
    for element in accept_encoding.split(","):
        name, _, parameter = element.partition(";")
        name = name.strip().lower()
        weight = _WEIGHT.fullmatch(parameter or "q=1")
        if name and weight:
            weights[_ALIASES.get(name, name)] = float(weight[1])
    return weights
