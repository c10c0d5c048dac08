"""Answers that are asked for again and again, so that they are joined and compressed once.

The key is the ETag: it is made of the versions of the objects and of the marks, of the query and of the coding, so an
answer under it can never be an old one. Maps ask for other boxes all the time, and those must not pay for this: an
answer is only kept when it is asked for a second time.
"""

from __future__ import annotations

from wfs_proxy.representation import Answer

__all__ = ["AnswerCache"]

SIZE = 16 << 20
"""Bytes of bodies."""

LARGEST = SIZE // 8
"""Bytes; a larger body would drive too many others out."""

MOST_ASKED = 20_000
"""ETags of which it is remembered that they were asked for once; about 100 bytes each."""


class AnswerCache:
    """The last used of the answers that were asked for at least twice."""

    def __init__(self, size: int = SIZE, largest: int = LARGEST, most_asked: int = MOST_ASKED) -> None:
        # a dict, the last used at its end: cachetools takes 5 microseconds to put one answer in and others out
        self._kept: dict[str, Answer] = {}
        self._asked: set[str] = set()
        self._free = size
        self._largest = largest
        self._most_asked = most_asked

    def get(self, etag: str) -> Answer | None:
        """The answer with this ETag, if it is kept."""
        answer = self._kept.pop(etag, None)
        if answer is not None:
            self._kept[etag] = answer
        return answer

    def offer(self, answer: Answer) -> None:
        """Keep an answer that had to be made, if it was asked for before."""
        if answer.etag not in self._asked:
            if len(self._asked) >= self._most_asked:
                self._asked.clear()
            self._asked.add(answer.etag)
        elif len(answer.body) <= self._largest and answer.etag not in self._kept:
            self._kept[answer.etag] = answer
            self._free -= len(answer.body)
            while self._free < 0:
                self._free += len(self._kept.pop(next(iter(self._kept))).body)
