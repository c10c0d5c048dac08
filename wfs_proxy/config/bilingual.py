"""A text in the languages of the administrators."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

__all__ = ["Language", "Text"]

Language = Literal["nl", "en"]


class Text(NamedTuple):
    """One sentence in both languages."""

    nl: str
    en: str

    def in_language(self, language: Language) -> str:
        """Return the sentence that a reader gets."""
        return self.nl if language == "nl" else self.en

    def filled_in(self, details: Mapping[str, str]) -> Text:
        """Return the text with the values of its braces."""
        return Text(self.nl.format_map(details), self.en.format_map(details))
