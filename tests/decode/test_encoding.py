"""One byte outside the encoding costs one character, and no other text is read differently because of it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wfs_proxy.decode.encoding import count_unreadable_texts, read_leniently

UTF_8 = "Groène Straat, Oranjesingel één, 5 €; ".encode()
TEXT = st.text(st.characters(blacklist_categories=["Cs"]))


@given(TEXT, st.sampled_from(["utf-8", "UTF-8", "utf8", "us-ascii", "klingon", "utf-8\0"]))
def test_text_in_utf_8_is_read_as_it_is(text, declared):
    assert read_leniently(text.encode(), declared) == text


@pytest.mark.parametrize("declared", ["iso-8859-1", "windows-1250", "iso-8859-15"])
def test_declared_encoding_is_used(declared):
    assert read_leniently("Café".encode(declared), declared) == "Café"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (b"Caf\xc3<", "Caf\ufffd<"),
        (b"Caf\xe9<", "Caf\ufffd<"),
        (b"Caf\xe9s", "Caf\ufffds"),
        (b"5 \xe2\x82<", "5 \ufffd<"),
        (b"\xf0\x9f\x92<", "\ufffd<"),
        (b"\xff\xfe", "\ufffd\ufffd"),
        (b"\xa9", "\ufffd"),
        (b"\xed\xa0\xbd", "\ufffd"),
        (b"\xed\xa0\xbd\xed\xb2\xa1", "\U0001f4a1"),
    ],
    ids=[
        "cut after one byte",
        "Latin-1 before a tag",
        "Latin-1 before a letter",
        "cut after two",
        "cut after three",
        "never in UTF-8",
        "the end of a character",
        "half a surrogate pair",
        "a surrogate pair",
    ],
)
def test_invalid_bytes_of_a_utf_8_document_are_one_character(written, expected):
    assert read_leniently(UTF_8 + written + UTF_8) == UTF_8.decode() + expected + UTF_8.decode()


@pytest.mark.parametrize("written", [b"Caf\xc3<", b"5 \xe2\x82<", b"Caf\xc3", b"\xf0\x9f\x92<"])
def test_cut_character_is_a_sign_of_utf_8_where_there_is_no_other(written):
    assert "\ufffd" in read_leniently(written)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (b"Cura\xe7ao", "Curaçao"),
        (b"S\xc3O", "SÃO"),
        (b"\xc9\xc9N\xe9\xe9n", "ÉÉNéén"),
        (b"5 \x80 \x93x\x94", "5 € “x”"),
        (b"\xe9 \x81", "é \ufffd"),
    ],
)
def test_document_that_is_utf_8_in_name_only_is_windows_1252(written, expected):
    assert read_leniently(written) == expected


def test_text_in_utf_8_stays_right_in_a_document_that_is_mostly_in_another_encoding():
    assert read_leniently("één ".encode() + b"\xe9\xe8\xea\xeb" * 3) == "één " + "éèêë" * 3


def test_replacement_that_the_vendor_sent_is_no_sign_of_another_encoding():
    assert read_leniently("\ufffd\ufffd\ufffd één".encode() + b"\xff") == "\ufffd\ufffd\ufffd één\ufffd"


@pytest.mark.parametrize("declared", ["windows-1252", "shift_jis"])
def test_invalid_byte_of_another_encoding_is_one_character(declared):
    assert read_leniently(b"a\x81", declared) == "a\ufffd"


def test_rows_with_an_unreadable_text_are_counted_once():
    columns = {
        "a": np.array(["x", "Caf\ufffd", "Caf\ufffd", None, 5, None, None], dtype=object),
        "b": np.array([None, None, "\ufffd", ["x", "\ufffd"], None, {"c": ["\ufffd"]}, {"\ufffd": 1}], dtype=object),
    }

    assert count_unreadable_texts(["1", "2", "3", "4", "5\ufffd", None, "7"], columns) == 6
    assert count_unreadable_texts([], {}) == 0
