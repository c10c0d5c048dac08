r"""LIKE over the distinct texts of a column.

Most of the work is done on the bytes of all texts at once: the beginning and the end of the pattern, and the longest
text in between, are compared as arrays. Only texts that pass, and only for patterns with more than that, are matched
one by one. There the pattern is a sequence of pieces between `%`, and the first place of a piece after the one before
is the best. So nothing is tried twice, whatever the pattern.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from wfs_proxy.filters.expression import LikePattern
from wfs_proxy.snapshot.blob import Blob

__all__ = ["folded_texts", "texts_like"]

_TOKEN = re.compile(r"\\(.)|(.)", re.DOTALL)

_FIRST_BYTE_OF_OTHERS = 0x80
"""In UTF-8 the bytes of ASCII are smaller, and all bytes of other characters are not."""


def texts_like(texts: Blob, pattern: LikePattern, *, match_case: bool) -> NDArray[np.bool_]:
    """Return (D,) which of the distinct texts match a pattern as a whole.

    Args:
        texts: (D,) UTF-8.
        pattern: at most some thousand characters.
        match_case: False: text and pattern are compared after case folding.
    """
    pieces = _pieces(pattern, match_case=match_case)
    content, offsets = texts.content, texts.offsets
    if match_case:
        return _matching(_Texts(content, offsets), pieces, lambda number: texts[number].decode())
    lower = np.frombuffer(content.tobytes().lower(), dtype=np.uint8)
    found = _matching(_Texts(lower, offsets), pieces, lambda number: texts[number].decode().lower())
    # case folding may change the length of other texts, and turn their characters into ASCII
    for number in np.unique(_owners(offsets, np.flatnonzero(content >= _FIRST_BYTE_OF_OTHERS))).tolist():
        found[number] = _matches(texts[number].decode().casefold(), pieces)
    return found


def folded_texts(texts: Blob) -> Iterator[str]:
    """Yield the texts after case folding."""
    return (texts[number].decode().casefold() for number in range(len(texts)))


@dataclass(frozen=True)
class _PatternPiece:
    """What is between two `%`: characters, and None for any one character."""

    characters: tuple[str | None, ...]

    @cached_property
    def plain(self) -> bool:
        """Whether it has characters only."""
        return None not in self.characters

    @cached_property
    def runs(self) -> list[bytes]:
        """The texts between the `_`, the first and the last one included, even if they are empty."""
        if self.plain:
            return [self._encoded(self.characters)]
        groups = [list(group) for _, group in groupby(self.characters, lambda character: character is None)]
        runs = [self._encoded(group) for group in groups if None not in group]
        return [*([b""] if self.characters[0] is None else []), *runs, *([b""] if self.characters[-1] is None else [])]

    @staticmethod
    def _encoded(characters: Sequence[str | None]) -> bytes:
        return "".join(filter(None, characters)).encode("utf-8", "surrogatepass")

    @cached_property
    def _text(self) -> str:
        return "".join(filter(None, self.characters))

    @cached_property
    def _regex(self) -> re.Pattern[str]:
        """Its length is fixed, so it never goes back."""
        return re.compile("".join("." if c is None else re.escape(c) for c in self.characters), re.DOTALL)

    def find(self, text: str, start: int, end: int) -> int:
        """Return the first place at which it is in a part of a text; -1 if there is none."""
        if self.plain:
            return text.find(self._text, start, end)
        found = self._regex.search(text, start, end)
        return found.start() if found else -1


def _pieces(pattern: LikePattern, *, match_case: bool) -> list[_PatternPiece]:
    pieces: list[list[str | None]] = [[]]
    for literal, character in _TOKEN.findall(pattern.text):
        if character == "%":
            pieces.append([])
        elif character == "_":
            pieces[-1].append(None)
        else:
            pieces[-1].extend(literal + character if match_case else (literal + character).casefold())
    return [_PatternPiece(tuple(piece)) for piece in pieces]


@dataclass(frozen=True)
class _Texts:
    """The bytes of (D,) texts: text i is `content[offsets[i]:offsets[i + 1]]`."""

    content: NDArray[np.uint8]
    offsets: NDArray[np.int64]

    @property
    def lengths(self) -> NDArray[np.int64]:
        return self.offsets[1:] - self.offsets[:-1]

    def beginning_with(self, run: bytes) -> NDArray[np.bool_]:
        """Return (D,) which texts begin with some bytes."""
        return self._with_at(run, self.offsets[:-1])

    def ending_with(self, run: bytes) -> NDArray[np.bool_]:
        """Return (D,) which texts end with some bytes."""
        return self._with_at(run, self.offsets[1:] - len(run))

    def _with_at(self, run: bytes, places: NDArray[np.int64]) -> NDArray[np.bool_]:
        found: NDArray[np.bool_] = self.lengths >= len(run)
        for number, byte in enumerate(run):
            candidates = np.flatnonzero(found)
            found[candidates] = self.content[places[candidates] + number] == byte
        return found

    def containing(self, run: bytes, after: int, before: int) -> NDArray[np.bool_]:
        """Return (D,) which texts have some bytes after their first `after` and before their last `before` bytes."""
        places = np.flatnonzero(self.content[: max(len(self.content) - len(run) + 1, 0)] == run[0])
        for number, byte in enumerate(run[1:], 1):
            places = places[self.content[places + number] == byte]
        owners = _owners(self.offsets, places)
        inside = (places >= self.offsets[owners] + after) & (places + len(run) + before <= self.offsets[owners + 1])
        found = np.zeros(len(self.offsets) - 1, dtype=np.bool_)
        found[owners[inside]] = True
        return found


def _owners(offsets: NDArray[np.int64], places: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return (M,) the numbers of the texts that have places of the content."""
    return np.searchsorted(offsets, places, side="right") - 1


def _matching(texts: _Texts, pieces: list[_PatternPiece], text_of: Callable[[int], str]) -> NDArray[np.bool_]:
    """Return (D,) which texts match; `text_of` gives a text to match it alone."""
    beginning, end = pieces[0].runs[0], pieces[-1].runs[-1]
    middle = [piece for piece in pieces[1:-1] if piece.characters]
    found: NDArray[np.bool_] = texts.beginning_with(beginning) & texts.ending_with(end)
    if len(pieces) > 1:
        found &= texts.lengths >= len(beginning) + len(end)
    runs = [run for piece in pieces for run in piece.runs]
    longest = max(runs[1:-1], key=len, default=b"")
    if longest:
        found &= texts.containing(longest, len(beginning), len(end))
    if all(piece.plain for piece in pieces):
        if len(pieces) == 1:
            found &= texts.lengths == len(beginning)
            return found
        if len(middle) <= 1:
            return found
    for number in np.flatnonzero(found).tolist():
        found[number] = _matches(text_of(number), pieces)
    return found


def _matches(text: str, pieces: list[_PatternPiece]) -> bool:
    first, last = pieces[0], pieces[-1]
    start, end = len(first.characters), len(text) - len(last.characters)
    if first.find(text, 0, start) != 0:
        return False
    if len(pieces) == 1:
        return end == 0
    if start > end or last.find(text, end, len(text)) != end:
        return False
    for piece in pieces[1:-1]:
        place = piece.find(text, start, end)
        if place < 0:
            return False
        start = place + len(piece.characters)
    return True
