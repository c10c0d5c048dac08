"""Keeps answers that are requested repeatedly, so that they are assembled and compressed once.

The key is the ETag. It is made from the versions of the objects and marks, the query and the coding, so a cached answer
is never outdated. Most boxes that maps request do not come again; to keep those out, an answer is cached only when
it is requested for the second time.
"""

from __future__ import annotations

from cachetools import LRUCache

from wfs_proxy.serve.representation import EncodedBody

__all__ = ["ResponseCache"]

SIZE = 16 << 20
"""Bytes of bodies."""

LARGEST = SIZE // 8
"""Bytes; a larger body would evict too many others."""

MOST_ETAGS = 20_000
"""ETags remembered as requested once; about 100 bytes each."""


class ResponseCache:
    """The least recently used answers are evicted first."""

    def __init__(self, size: int = SIZE, largest: int = LARGEST, most_etags: int = MOST_ETAGS) -> None:
        self._bodies: LRUCache[str, EncodedBody] = LRUCache(size, getsizeof=_size)
        self._requested_once: set[str] = set()
        self._largest = largest
        self._most_etags = most_etags

    def get(self, etag: str) -> EncodedBody | None:
        """Return the answer with this ETag; None if it is not cached."""
        return self._bodies.get(etag)

    def offer(self, encoded_body: EncodedBody) -> None:
        """Cache an answer that was not cached, if its ETag was requested before."""
        if encoded_body.etag not in self._requested_once:
            if len(self._requested_once) >= self._most_etags:
                self._requested_once.clear()
            self._requested_once.add(encoded_body.etag)
        elif len(encoded_body.body) <= self._largest:
            self._bodies[encoded_body.etag] = encoded_body


def _size(encoded_body: EncodedBody) -> int:
    return len(encoded_body.body)
