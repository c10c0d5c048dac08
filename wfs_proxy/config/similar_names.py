"""Which existing names somebody probably meant who wrote one that does not exist. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher

__all__ = ["nearest", "nearest_names"]

_LONGEST = 100
"""Characters of a name that are compared."""

_SIMILAR = 0.6
"""From this ratio on, names resemble each other as a whole (Python's difflib, "SequenceMatcher.ratio")."""

_SAME_WORD = 0.8
"""From this ratio on, two words are one in two spellings: lantarenpaal, lantaarnpalen."""

_SHORTEST_WORD = 3
_SHORTEST_PART = 4
"""Characters of a word, and of a part of a word, that says something: not "is" or "en"."""

_WORDS_IN, _PART_OF, _FIRST_WORDS = 0.8, 0.7, 0.6
"""How near names are, at least, that have words or a part in common."""


def nearest(name: str, names: Iterable[str]) -> str | None:
    """Return the one of `names` that was probably meant; None if none resembles `name`."""
    return next(iter(nearest_names(name, names, most=1)), None)


def nearest_names(name: str, names: Iterable[str], *, most: int = 3) -> tuple[str, ...]:
    """Return those of `names` that resemble `name`, the nearest first; of equally near ones the first.

    A name resembles another one if it is similar as a whole, is contained in it or contains it, or begins with the same
    word. Case and the characters between words do not count.
    """
    given = _words(name)
    near = [(_nearness(given, _words(each)), each) for each in dict.fromkeys(names)]
    found = sorted((pair for pair in near if pair[0] >= _SIMILAR), key=lambda pair: -pair[0])
    return tuple(each for _, each in found[:most])


def _words(name: str) -> Sequence[str]:
    return re.findall(r"[^\W_]+", name[:_LONGEST].casefold())


def _nearness(given: Sequence[str], other: Sequence[str]) -> float:
    """Return how near two names are, from 0 to 1. What names have in common counts more if it is more of them."""
    if not given or not other:
        return 0.0
    ratio = _ratio("-".join(given), "-".join(other))
    return max(ratio, *(least + (1 - least) * ratio / 2 for least in _in_common(given, other)), 0.0)


def _in_common(given: Sequence[str], other: Sequence[str]) -> Iterator[float]:
    shorter, longer = sorted((given, other), key=len)
    if len("".join(shorter)) >= _SHORTEST_WORD and _are_in(shorter, longer):
        yield _WORDS_IN
    part, whole = sorted(("".join(given), "".join(other)), key=len)
    if len(part) >= _SHORTEST_PART and part in whole:
        yield _PART_OF
    if len(given[0]) >= _SHORTEST_WORD and _is_same(given[0], other[0]):
        yield _FIRST_WORDS


def _are_in(words: Sequence[str], others: Sequence[str]) -> bool:
    """Whether words are a run of others."""
    starts = range(len(others) - len(words) + 1)
    return any(all(map(_is_same, words, others[start:])) for start in starts)


def _is_same(word: str, other: str) -> bool:
    return word == other or (min(len(word), len(other)) > _SHORTEST_PART and _ratio(word, other) >= _SAME_WORD)


def _ratio(text: str, other: str) -> float:
    return SequenceMatcher(None, text, other).ratio()
