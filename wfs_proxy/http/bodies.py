"""Response bodies of bounded size, before and after decompression, so that no decompression bomb fills the memory."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from wfs_proxy.errors import MalformedDocument, UpstreamTooLarge, UpstreamUnreachable

__all__ = ["BodyLimits", "BoundedBody"]

MEBIBYTE = 1 << 20

_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS
"""Makes zlib detect which of the two headers it reads (zlib.h, inflateInit2)."""


@dataclass(frozen=True, kw_only=True)
class BodyLimits:
    """The largest body that is read."""

    sent: int = 128 * MEBIBYTE
    """Bytes on the wire. 25,000 polygons are 34 MB of GML 3.2, so this is some 100,000 in one uncompressed response."""

    decompressed: int = 512 * MEBIBYTE
    """Bytes after decompression. GML compresses to a tenth or less, so compressed GML reaches this limit first."""


class BoundedBody:
    """Collects a body chunk by chunk.

    It decodes `gzip`, which is all that requests accept, and `deflate` (RFC 9110, section 8.4.1). Consecutive gzip
    members are one body (RFC 1952, section 2.2).
    """

    def __init__(self, content_encoding: str, limits: BodyLimits, host: str) -> None:
        coding = content_encoding.strip().lower()
        if coding not in {"", "identity", "gzip", "x-gzip", "deflate"}:
            raise MalformedDocument(f"{host} compressed its answer as {coding!r}, which was not requested")
        self._inflate = coding not in {"", "identity"}
        self._decompressor = zlib.decompressobj(_GZIP_OR_ZLIB) if self._inflate else None
        self._limits = limits
        self._host = host
        self._chunks: list[bytes] = []
        self._sent = 0
        self._size = 0

    def add(self, chunk: bytes) -> None:
        """Append a chunk as received.

        Raises:
            UpstreamTooLarge: a limit is exceeded.
            MalformedDocument: the body is not compressed as Content-Encoding says.
        """
        self._sent += len(chunk)
        if self._sent > self._limits.sent:
            raise UpstreamTooLarge(f"the answer of {self._host} is larger than {self._limits.sent:,} bytes")
        if self._inflate:
            self._add_compressed(chunk)
        else:
            self._keep(chunk)

    def whole(self) -> bytes:
        """Return the whole decompressed body.

        Raises:
            UpstreamUnreachable: the compressed stream is truncated; another attempt may succeed.
        """
        if self._inflate and self._sent and self._decompressor is not None and not self._decompressor.eof:
            raise UpstreamUnreachable(f"the answer of {self._host} is truncated")
        return b"".join(self._chunks)

    def _add_compressed(self, chunk: bytes) -> None:
        while chunk:
            if self._decompressor is None or self._decompressor.eof:
                self._decompressor = zlib.decompressobj(_GZIP_OR_ZLIB)
            most = self._limits.decompressed - self._size + 1
            try:
                self._keep(self._decompressor.decompress(chunk, most))
            except zlib.error as error:
                raise MalformedDocument(f"{self._host} sent a body that cannot be decompressed ({error})") from error
            chunk = self._decompressor.unconsumed_tail or self._decompressor.unused_data

    def _keep(self, data: bytes) -> None:
        self._size += len(data)
        if self._size > self._limits.decompressed:
            raise UpstreamTooLarge(
                f"the answer of {self._host} is larger than {self._limits.decompressed:,} bytes after decompression"
            )
        self._chunks.append(data)
