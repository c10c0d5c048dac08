"""Response bodies of bounded size, before and after decompression, so that no decompression bomb fills the memory."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from wfs_proxy.errors import MalformedDocument, UpstreamTooLarge, UpstreamUnreachable

__all__ = ["BodyLimits", "BoundedBody"]

MEBIBYTE = 1 << 20

PART = 1 << 20
"""Bytes that are decompressed at once."""

MOST_CODINGS = 3
"""Compressions of one body. Two occur, where a server compresses a file that was compressed already."""

_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS
"""Makes zlib detect which of the two headers it reads (zlib.h, inflateInit2)."""

_GZIP = b"\x1f\x8b\x08"
"""The first bytes of a gzip member (RFC 1952, section 2.3). No document in XML or JSON begins so in any encoding."""

_COMPRESSED = frozenset({"gzip", "x-gzip", "deflate"})
_NOT_COMPRESSED = frozenset({"", "identity"})


@dataclass(frozen=True, kw_only=True)
class BodyLimits:
    """The largest body that is read."""

    sent: int = 128 * MEBIBYTE
    """Bytes on the wire. 25,000 polygons are 34 MB of GML 3.2, so this is some 100,000 in one uncompressed response."""

    decompressed: int = 512 * MEBIBYTE
    """Bytes after decompression. GML compresses to a tenth or less, so compressed GML reaches this limit first."""


class BoundedBody:
    """Collects a body chunk by chunk.

    It decodes `gzip`, which is all that requests accept, and `deflate` (RFC 9110, section 8.4.1). A body that is still
    compressed with gzip after that, because a server compressed it twice or did not say that it did, is decompressed as
    well. Chunk follows chunk through all decompressions, so only the last result is kept in memory.
    """

    def __init__(self, content_encoding: str, limits: BodyLimits, host: str) -> None:
        codings = [coding.strip().lower() for coding in content_encoding.split(",")]
        for coding in codings:
            if coding not in _COMPRESSED | _NOT_COMPRESSED:
                raise MalformedDocument(f"{host} compressed its answer as {coding!r}, which was not requested")
        self._limits = limits
        self._host = host
        self._inflaters: list[_Inflater] = []
        for coding in codings:
            if coding in _COMPRESSED:
                self._expect_compression()
        self._start: bytes | None = b""
        self._chunks: list[bytes] = []
        self._sent = 0
        self._size = 0

    def add(self, chunk: bytes) -> None:
        """Append a chunk as received.

        Raises:
            UpstreamTooLarge: a limit is exceeded.
            MalformedDocument: the body is not compressed as Content-Encoding says, or it is compressed too often.
        """
        self._sent += len(chunk)
        if self._sent > self._limits.sent:
            raise UpstreamTooLarge(f"the answer of {self._host} is larger than {self._limits.sent:,} bytes")
        self._pass_on(chunk, 0)

    def whole(self) -> bytes:
        """Return the whole decompressed body.

        Raises:
            UpstreamUnreachable: the compressed stream is truncated; another attempt may succeed.
        """
        if self._start:
            self._keep(self._start)
        if self._sent and not all(inflater.finished for inflater in self._inflaters):
            raise UpstreamUnreachable(f"the answer of {self._host} is truncated")
        return b"".join(self._chunks)

    def _expect_compression(self) -> None:
        if len(self._inflaters) == MOST_CODINGS:
            raise MalformedDocument(f"{self._host} compressed its answer more than {MOST_CODINGS} times")
        self._inflaters.append(_Inflater(self._limits.decompressed, self._host))

    def _pass_on(self, data: bytes, stage: int) -> None:
        """Decompress data from this stage on, and keep what the last one returns."""
        if stage < len(self._inflaters):
            for part in self._inflaters[stage].add(data):
                self._pass_on(part, stage + 1)
        elif self._start is None:
            self._keep(data)
        else:
            self._look_for_compression(self._start + data)

    def _look_for_compression(self, start: bytes) -> None:
        """Decide by the first bytes of a document whether it is compressed once more."""
        if len(start) < len(_GZIP):
            self._start = start
        elif start.startswith(_GZIP):
            self._start = b""
            self._expect_compression()
            self._pass_on(start, len(self._inflaters) - 1)
        else:
            self._start = None
            self._keep(start)

    def _keep(self, data: bytes) -> None:
        self._size += len(data)
        if self._size > self._limits.decompressed:
            raise UpstreamTooLarge(
                f"the answer of {self._host} is larger than {self._limits.decompressed:,} bytes after decompression"
            )
        self._chunks.append(data)


class _Inflater:
    """Undoes one compression. Consecutive gzip members are one body (RFC 1952, section 2.2)."""

    def __init__(self, limit: int, host: str) -> None:
        self._decompressor = zlib.decompressobj(_GZIP_OR_ZLIB)
        self._limit = limit
        self._size = 0
        self._host = host

    @property
    def finished(self) -> bool:
        """Whether the compressed stream has come to its end."""
        return self._decompressor.eof

    def add(self, chunk: bytes) -> Iterator[bytes]:
        """Yield what a chunk decompresses to, in parts of at most `PART` bytes.

        Raises:
            UpstreamTooLarge: the limit is exceeded.
            MalformedDocument: the data are not compressed.
        """
        part = b""
        # a part of full size may have more behind it, although all of the chunk was read
        while chunk or (len(part) == PART and not self._decompressor.eof):
            if self._decompressor.eof:
                self._decompressor = zlib.decompressobj(_GZIP_OR_ZLIB)
            try:
                part = self._decompressor.decompress(chunk, PART)
            except zlib.error as error:
                raise MalformedDocument(f"{self._host} sent a body that cannot be decompressed ({error})") from error
            self._size += len(part)
            if self._size > self._limit:
                raise UpstreamTooLarge(
                    f"the answer of {self._host} is larger than {self._limit:,} bytes after decompression"
                )
            yield part
            chunk = self._decompressor.unconsumed_tail or self._decompressor.unused_data
