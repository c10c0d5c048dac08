"""Reads the parameter `datetime` (OGC 17-069r4, section 7.15.4).

No object has a time that the parameter could be compared with, and the standard selects objects without one whatever
the parameter says. So a valid value changes nothing; only a value that is no time is refused.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from wfs_proxy.errors import BadRequest

__all__ = ["require_datetime"]

_OPEN = frozenset({"", ".."})
"""The start or end of an interval that has none."""

_INSTANT = re.compile(r"\d{4}-\d\d-\d\d(?:[Tt](?:\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d))?)?", re.ASCII)
"""RFC 3339, section 5.6: a time, or a date. GDAL writes a T after a date."""


def require_datetime(text: str) -> None:
    """Refuse what is neither an instant nor an interval.

    Raises:
        BadRequest: the value is invalid.
    """
    parts = text.split("/")
    instants = [None if part in _OPEN and len(parts) > 1 else _instant(text, part) for part in parts]
    if len(parts) > 2 or not any(instants):  # noqa: PLR2004 - a start and an end
        raise _invalid(text)
    start, *end = instants
    if start is not None and end and end[0] is not None and start > end[0]:
        raise BadRequest(f"datetime={text} ends before it starts.")


def _instant(text: str, part: str) -> datetime:
    if not _INSTANT.fullmatch(part):
        raise _invalid(text)
    try:
        instant = datetime.fromisoformat(part.upper().removesuffix("T"))
    except ValueError as error:
        raise _invalid(text) from error
    return instant if instant.tzinfo is not None else instant.replace(tzinfo=UTC)


def _invalid(text: str) -> BadRequest:
    return BadRequest(
        f"datetime={text} must be a date, a time such as 2026-11-30T12:00:00Z, or an interval of two with a slash "
        "between them; .. is an open end."
    )
