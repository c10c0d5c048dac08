"""Bodies of bounded size: as sent, and after decompression, so that a small bomb cannot fill the memory."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from wfs_proxy.errors import MalformedDocument, UpstreamTooLarge, UpstreamUnreachable

__all__ = ["BodyLimits", "BoundedBody"]

MEBIBYTE = 1 << 20

_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS
"""zlib finds out itself which of the two headers it reads (zlib.h, inflateInit2)."""


@dataclass(frozen=True, kw_only=True)
class BodyLimits:
    """How much of one answer is read before we give up."""

    sent: int = 128 * MEBIBYTE
    """Bytes on the wire. 25,000 areas are 34 MB of GML 3.2: this is a hundred thousand, uncompressed, in one answer."""

    decompressed: int = 512 * MEBIBYTE
    """Bytes after decompression. GML shrinks to a tenth or less, so a full wire of honest GML ends here first."""


class BoundedBody:
    """Collects one body chunk by chunk.

    Knows `gzip` and `deflate`, which is all that we ask for (RFC 9110, section 8.4.1); several gzip members in a row
    are one body (RFC 1952, section 2.2).
    """

    def __init__(self, content_encoding: str, limits: BodyLimits, host: str) -> None:
        coding = content_encoding.strip().lower()
        if coding not in {"", "identity", "gzip", "x-gzip", "deflate"}:
            raise MalformedDocument(f"{host} compressed its answer as {coding!r}, which was not asked for")
        self._inflate = coding not in {"", "identity"}
        self._decompressor = zlib.decompressobj(_GZIP_OR_ZLIB) if self._inflate else None
        self._limits = limits
        self._host = host
        self._chunks: list[bytes] = []
        self._sent = 0
        self._size = 0

    def add(self, chunk: bytes) -> None:
        """Take what came off the wire.

        Raises:
            UpstreamTooLarge: one of the limits is passed.
            MalformedDocument: it says that it is compressed, and it is not.
        """
        self._sent += len(chunk)
        if self._sent > self._limits.sent:
            raise UpstreamTooLarge(f"the answer of {self._host} is larger than {self._limits.sent:,} bytes")
        if self._inflate:
            self._add_compressed(chunk)
        else:
            self._keep(chunk)

    def whole(self) -> bytes:
        """The whole body.

        Raises:
            UpstreamUnreachable: the compressed stream ended too early; another try may bring it whole.
        """
        if self._inflate and self._sent and self._decompressor is not None and not self._decompressor.eof:
            raise UpstreamUnreachable(f"the answer of {self._host} ended in the middle")
        return b"".join(self._chunks)

    def _add_compressed(self, chunk: bytes) -> None:
        while chunk:
            if self._decompressor is None or self._decompressor.eof:
                self._decompressor = zlib.decompressobj(_GZIP_OR_ZLIB)
            room = self._limits.decompressed - self._size + 1
            try:
                self._keep(self._decompressor.decompress(chunk, room))
            except zlib.error as fault:
                raise MalformedDocument(f"{self._host} sent a body that cannot be decompressed ({fault})") from fault
            chunk = self._decompressor.unconsumed_tail or self._decompressor.unused_data

    def _keep(self, data: bytes) -> None:
        self._size += len(data)
        if self._size > self._limits.decompressed:
            raise UpstreamTooLarge(
                f"the answer of {self._host} is larger than {self._limits.decompressed:,} bytes when unpacked"
            )
        self._chunks.append(data)
