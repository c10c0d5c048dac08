from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from wfs_proxy.snapshot.names import NameIndex, hashed

_texts = st.sampled_from(["", " ", "1", "01", " 1 ", "a", "A", "é", "\ud800", "x" * 1000])
_kinds = st.lists(_texts | st.none(), min_size=3, max_size=3)


@given(kinds=st.lists(_kinds, max_size=3), asked=st.lists(_texts, max_size=5))
def test_a_text_finds_the_rows_that_have_it_as_a_name_each_once(kinds, asked):
    index = NameIndex.build(kinds)
    starts, ends = index.find(hashed(asked))
    for text, start, end in zip(asked, starts, ends, strict=True):
        expected = [
            row for row in range(3) if text.strip() and any((kind[row] or "").strip() == text.strip() for kind in kinds)
        ]
        assert index.rows[start:end].tolist() == expected


def test_an_empty_index_finds_nothing():
    index = NameIndex.build(())
    assert (len(index), index.find(hashed(["1"]))) == (0, ([0], [0]))


@given(number=st.sampled_from(["Zeeëgelkade-0365", "Curaçaopad-12", "Ångström-1", "Ä\u0323-2"]))
def test_a_name_is_found_however_its_letters_are_composed(number):
    forms = [unicodedata.normalize(form, number) for form in ("NFC", "NFD")]
    for form in forms:
        index = NameIndex.build([[form]])
        assert index.find(hashed(forms)) == ([0, 0], [1, 1])


def test_names_that_only_look_alike_stay_different():
    index = NameIndex.build([["LM-10", "LM-1０", "lm-10", "Zeeegelkade-0365"]])  # noqa: RUF001 - a wide digit
    starts, ends = index.find(hashed(["LM-10", "Zeeëgelkade-0365"]))
    assert index.rows[starts[0] : ends[0]].tolist() == [0]
    assert starts[1] == ends[1]
