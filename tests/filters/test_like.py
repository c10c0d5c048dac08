"""LIKE over distinct texts, against a matcher that is slow and simple."""

from __future__ import annotations

import time
from functools import lru_cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wfs_proxy.filters.expression import LikePattern
from wfs_proxy.filters.like import texts_like
from wfs_proxy.snapshot.blob import Blob

TOKENS = ["a", "b", "A", "é", "ß", "s", "%", "_", "\\%", "\\_", "\\\\"]


def blob(texts) -> Blob:
    return Blob.of(text.encode() for text in texts)


def like(texts, pattern: LikePattern, *, match_case: bool = True) -> list[str]:
    return [
        text
        for text, found in zip(texts, texts_like(blob(texts), pattern, match_case=match_case), strict=True)
        if found
    ]


def simply_matches(text: str, pattern: str) -> bool:
    """Compare by the definition, one character at a time."""

    @lru_cache(None)
    def at(i: int, j: int) -> bool:
        if j == len(pattern):
            return i == len(text)
        if pattern[j] == "%":
            return at(i, j + 1) or (i < len(text) and at(i + 1, j))
        literal = pattern[j] == "\\"
        character = pattern[j + literal]
        same = i < len(text) and ((character == "_" and not literal) or text[i] == character)
        return same and at(i + 1, j + 1 + literal)

    return at(0, 0)


texts = st.lists(st.text("aAbésß%_\\", max_size=8), max_size=12, unique=True).map(sorted)
patterns = st.lists(st.sampled_from(TOKENS), max_size=8).map("".join).map(LikePattern.of)


@given(texts, patterns)
def test_patterns(found_in, pattern):
    assert like(found_in, pattern) == [text for text in found_in if simply_matches(text, pattern.text)]


@given(texts, patterns)
def test_patterns_without_case(found_in, pattern):
    expected = [text for text in found_in if simply_matches(text.casefold(), pattern.text.casefold())]

    assert like(found_in, pattern, match_case=False) == expected


TREES = ["Acer campestre", "Quercus", "Quercus robur", "Tilia 10%", "a\nb", "éénden", "Ünder", "😀"]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("Quercus", ["Quercus"]),
        ("Quercus%", ["Quercus", "Quercus robur"]),
        ("%r%", ["Acer campestre", "Quercus", "Quercus robur", "Ünder"]),
        ("%robur", ["Quercus robur"]),
        ("A%e", ["Acer campestre"]),
        (r"%\%", ["Tilia 10%"]),
        ("a_b", ["a\nb"]),
        ("_", ["😀"]),
        ("__nden", ["éénden"]),
        ("%", TREES),
        ("", []),
        ("_%", TREES),
        (".*", []),
        ("Q%c%r", ["Quercus robur"]),
    ],
)
def test_examples(pattern: str, expected):
    assert like(TREES, LikePattern.of(pattern)) == expected


def test_texts_do_not_run_into_each_other():
    assert like(["a", "ab", "b"], LikePattern("%ab%")) == ["ab"]
    assert like(["aa", "b", "c"], LikePattern("%aab%")) == []
    assert like(["", "a"], LikePattern("%%")) == ["", "a"]


@pytest.mark.parametrize("match_case", [True, False])
@pytest.mark.parametrize(
    "pattern",
    ["%a" * 500 + "%b", "%" + "a%" * 300 + "b", "_%" * 300 + "b", ("%" + "_" * 20 + "a") * 40 + "b", "%a_" * 300 + "b"],
)
def test_patterns_that_would_never_end_as_regular_expressions(pattern: str, match_case):
    long = ["a" * 2_000 + str(number) for number in range(50)] + ["a" * 900 + "é"]
    started = time.process_time()

    assert like(long, LikePattern.of(pattern), match_case=match_case) == []
    assert time.process_time() - started < 2
