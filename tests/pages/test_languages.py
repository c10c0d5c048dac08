from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wfs_proxy.pages.languages import LANGUAGE_NAMES, LANGUAGES, chosen_language, page_language


@pytest.mark.parametrize(
    ("lang", "accept_language", "language"),
    [
        (None, None, "nl"),
        (None, "", "nl"),
        (None, "en", "en"),
        (None, "en-GB,en;q=0.9,nl;q=0.8", "en"),
        (None, "nl-BE", "nl"),
        (None, "de, en;q=0.5, nl;q=0.6", "nl"),
        (None, "de", "nl"),
        (None, "*", "nl"),
        (None, "nl;q=0, en;q=0.1", "en"),
        (None, "en;q=0.5, nl;q=0.5", "nl"),
        ("en", "nl", "en"),
        ("NL", "en", "nl"),
        ("fr", "en", "en"),
        ("", "en", "en"),
    ],
)
def test_the_choice_comes_first_then_the_browser_then_dutch(lang, accept_language, language):
    assert page_language(lang, accept_language) == language


def test_only_languages_that_the_pages_have_are_a_choice():
    assert [chosen_language(lang) for lang in ("nl", "en", "fr", "", None)] == ["nl", "en", None, None, None]


@given(st.text(), st.text(alphabet="nleg-;q=0.5,* \x00"))
def test_every_request_has_a_language(lang, accept_language):
    assert page_language(lang, accept_language) in LANGUAGES


def test_every_language_has_a_name():
    assert set(LANGUAGE_NAMES) == set(LANGUAGES)
