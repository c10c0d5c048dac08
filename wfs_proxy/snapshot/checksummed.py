"""JSON documents with a checksum, so that a damaged file is noticed.

    {"crc32": "89abcdef", "content": {...}}

The checksum covers the bytes of the content exactly as written, so JSON need not have a canonical form.
"""

from __future__ import annotations

from isal import isal_zlib

__all__ = ["verified_content", "with_checksum"]


def with_checksum(content: bytes) -> bytes:
    """Wrap JSON in a document with its CRC-32."""
    return b'{"crc32": "%08x", "content": %b}\n' % (isal_zlib.crc32(content), content)


def verified_content(document: bytes) -> bytes | None:
    """Return the JSON in a document of `with_checksum`; None when one byte of the document differs."""
    content = document[_BEFORE:-_BEHIND]
    return content if with_checksum(content) == document else None


_BEFORE = len(b'{"crc32": "00000000", "content": ')
_BEHIND = len(b"}\n")
