"""A text in the languages of the administrators."""

from __future__ import annotations

from typing import Literal, NamedTuple

__all__ = ["Language", "Text"]

Language = Literal["nl", "en"]


class Text(NamedTuple):
    """One sentence in both languages."""

    nl: str
    en: str
