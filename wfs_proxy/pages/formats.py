"""Numbers and times as people write them in each language."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from wfs_proxy.config import Language

__all__ = ["MONTHS", "number", "time_of"]

_ZONE = ZoneInfo("Europe/Amsterdam")
"""Of the municipalities; the reader's own is unknown."""

MONTHS = {
    "nl": ("jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec"),
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
}
"""Shortened, as in dates."""

_THOUSANDS = {"nl": ".", "en": ","}


def number(value: int, language: Language) -> str:
    """Return a whole number with its thousands separated."""
    return f"{value:,}".replace(",", _THOUSANDS[language])


def time_of(moment: datetime, language: Language) -> str:
    """Return a time in the Netherlands, such as `30 nov 15:22`.

    Args:
        moment: with a time zone.
        language: of the name of the month.
    """
    local = moment.astimezone(_ZONE)
    return f"{local.day} {MONTHS[language][local.month - 1]} {local:%H:%M}"
