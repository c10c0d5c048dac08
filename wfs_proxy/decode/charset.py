"""The charset of the Content-Type header, for documents that do not say themselves in which encoding they are.

In XML a byte order mark and the declaration count before the header, although RFC 7303 (section 3) prefers the header
to the declaration: servers add a default charset to documents that programs wrote in another one. JSON is UTF-8 (RFC
8259, section 8.1). So for both the header only counts for bytes that are not UTF-8; text in another charset never is,
unless it is ASCII, which is the same in all of them.
"""

from __future__ import annotations

import codecs
from dataclasses import replace

from wfs_proxy.decode.sniff import declared_encoding, has_unicode_mark
from wfs_proxy.features import Payload

__all__ = ["in_utf8"]

_NOT_OF_DOCUMENTS = frozenset({"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape", "utf-8"})
"""Python's names of codecs that are not charsets of documents, or that need no conversion."""


def in_utf8(payload: Payload) -> Payload:
    """Return a payload in UTF-8, if only the header says in which charset it is; else the payload itself.

    Bytes that the charset does not have stay as they are. A charset that nobody knows counts as absent.
    """
    codec = _codec(payload.charset)
    if codec is None or has_unicode_mark(payload.body) or _is_utf8(payload.body):
        return payload
    if declared_encoding(payload.body) is not None:
        return payload
    try:
        body = payload.body.decode(codec, "surrogateescape").encode("utf-8", "surrogateescape")
    except UnicodeError:
        return payload
    return replace(payload, body=body, charset="utf-8")


def _codec(charset: str | None) -> str | None:
    """Return Python's name of a charset; None if it is unknown, or if there is nothing to convert."""
    try:
        name = codecs.lookup((charset or "utf-8").strip("'\" ")).name
        b"<".decode(name)
    except (LookupError, UnicodeError, ValueError):  # ValueError: a zero byte in the name
        return None
    return None if name.replace("_", "-") in _NOT_OF_DOCUMENTS else name


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
