"""Numbers and times as people write them in each language."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from wfs_proxy.config import Language

__all__ = ["number", "time_of"]

_ZONE = ZoneInfo("Europe/Amsterdam")
"""Of the municipalities; the reader's own is unknown."""

_MONTHS = {
    "nl": [
        "januari",
        "februari",
        "maart",
        "april",
        "mei",
        "juni",
        "juli",
        "augustus",
        "september",
        "oktober",
        "november",
        "december",
    ],
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
}

_THOUSANDS = {"nl": ".", "en": ","}


def number(value: int, language: Language) -> str:
    """Return a whole number with its thousands separated."""
    return f"{value:,}".replace(",", _THOUSANDS[language])


def time_of(moment: datetime, language: Language) -> str:
    """Return a time in the Netherlands, such as `30 november 2026, 15:22`.

    Args:
        moment: with a time zone.
        language: of the name of the month.
    """
    local = moment.astimezone(_ZONE)
    return f"{local.day} {_MONTHS[language][local.month - 1]} {local.year}, {local:%H:%M}"
