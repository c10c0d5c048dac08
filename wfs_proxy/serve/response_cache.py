"""Answers that are asked for again and again, so that they are joined and compressed once.

The key is the ETag: it is made of the versions of the objects and of the marks, of the query and of the coding, so an
answer under it can never be an old one. Maps ask for other boxes all the time, and those must not pay for this: an
answer is only kept when it is asked for a second time.
"""

from __future__ import annotations

from cachetools import LRUCache

from wfs_proxy.serve.representation import EncodedBody

__all__ = ["ResponseCache"]

SIZE = 16 << 20
"""Bytes of bodies."""

LARGEST = SIZE // 8
"""Bytes; a larger body would drive too many others out."""

MOST_ASKED = 20_000
"""ETags of which it is remembered that they were asked for once; about 100 bytes each."""


class ResponseCache:
    """The last used of the answers that were asked for at least twice."""

    def __init__(self, size: int = SIZE, largest: int = LARGEST, most_asked: int = MOST_ASKED) -> None:
        self._kept: LRUCache[str, EncodedBody] = LRUCache(size, getsizeof=_size)
        self._asked: set[str] = set()
        self._largest = largest
        self._most_asked = most_asked

    def get(self, etag: str) -> EncodedBody | None:
        """The answer with this ETag, if it is kept."""
        return self._kept.get(etag)

    def offer(self, answer: EncodedBody) -> None:
        """Keep an answer that had to be made, if it was asked for before."""
        if answer.etag not in self._asked:
            if len(self._asked) >= self._most_asked:
                self._asked.clear()
            self._asked.add(answer.etag)
        elif len(answer.body) <= self._largest:
            self._kept[answer.etag] = answer


def _size(answer: EncodedBody) -> int:
    return len(answer.body)
