"""JSON that vouches for itself: one changed byte and it is not believed.

    {"crc32": "89abcdef", "content": {...}}

The checksum is over the bytes of the content as they stand there, so nothing has to be written twice the same way.
"""

from __future__ import annotations

from isal import isal_zlib

__all__ = ["sealed", "unsealed"]


def sealed(content: bytes) -> bytes:
    """Put JSON under its checksum."""
    return b'{"crc32": "%08x", "content": %b}\n' % (isal_zlib.crc32(content), content)


def unsealed(document: bytes) -> bytes | None:
    """The JSON that was put into `sealed`; None when that did not make this document."""
    content = document[_BEFORE:-_BEHIND]
    return content if sealed(content) == document else None


_BEFORE = len(b'{"crc32": "00000000", "content": ')
_BEHIND = len(b"}\n")
