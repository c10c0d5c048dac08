"""The language of a page: the one that the reader chose, or else the one that the browser asks for.

The choice is the query parameter `lang`, which the links of a page carry on. It is not a cookie: a page then has one
content per URL and language, can be shared in a language, and stores nothing.
"""

from __future__ import annotations

from typing import get_args

from wfs_proxy.config import Language
from wfs_proxy.pages.weights import weights

__all__ = ["LANGUAGES", "LANGUAGE_NAMES", "chosen_language", "page_language"]

LANGUAGES: tuple[Language, ...] = get_args(Language)

LANGUAGE_NAMES = {"nl": "Nederlands", "en": "English"}
"""Each in its own language, as on the switch."""

_DEFAULT: Language = "nl"
"""For a reader whose browser asks for neither: the pages are about Dutch municipalities."""


def chosen_language(lang: str | None) -> Language | None:
    """Return the language that the query parameter `lang` names; None if it names none that the pages have."""
    return next((language for language in LANGUAGES if language == (lang or "").strip().lower()), None)


def page_language(lang: str | None, accept_language: str | None) -> Language:
    """Return the language of a page.

    Args:
        lang: the query parameter.
        accept_language: the header field (RFC 9110, section 12.5.4); a range such as nl-BE counts as nl.
    """
    chosen = chosen_language(lang)
    if chosen is not None:
        return chosen
    accepted = weights(accept_language)
    wanted = {
        language: max([weight for name, weight in accepted.items() if name.partition("-")[0] == language], default=0.0)
        for language in LANGUAGES
    }
    best = max(LANGUAGES, key=lambda language: (wanted[language], language == _DEFAULT))
    return best if wanted[best] > 0.0 else _DEFAULT
