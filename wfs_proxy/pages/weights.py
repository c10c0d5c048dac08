"""Reads header fields such as Accept and Accept-Language: names with weights (RFC 9110, section 12.4.2)."""

from __future__ import annotations

import re

__all__ = ["weights"]

_WEIGHT = re.compile(r"q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)", re.ASCII | re.IGNORECASE)


def weights(field: str | None) -> dict[str, float]:
    """Return name, in lower case -> weight; 0: not acceptable. Parameters other than the weight are ignored.

    Args:
        field: the value of the header field, several fields joined by commas; None without one.
    """
    found: dict[str, float] = {}
    for element in (field or "").split(","):
        name, *parameters = (part.strip() for part in element.split(";"))
        given = [match[1] for parameter in parameters if (match := _WEIGHT.fullmatch(parameter))]
        if name:
            found.setdefault(name.lower(), float(given[0]) if given else 1.0)
    return found
