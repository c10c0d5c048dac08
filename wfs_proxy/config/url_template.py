"""Placeholders in the URL of a GeoJSON document, such as `?bbox={west},{south},{east},{north}`."""

from __future__ import annotations

import re
from collections.abc import Mapping

__all__ = ["BOX", "PLACEHOLDERS", "fill_template", "is_address", "placeholders_in"]

BOX = ("west", "south", "east", "north")
"""The edges of the requested box, in degrees."""

PLACEHOLDERS = (*BOX, "offset", "limit")
"""All placeholders; the last two are for paging."""

_PLACEHOLDER = re.compile(r"\{(\w+)\}")


def is_address(text: str) -> bool:
    """Whether a text is an http(s) URL, and not the path of a file."""
    return text.lower().startswith(("http://", "https://"))


def placeholders_in(url: str) -> tuple[str, ...]:
    """Return the names in braces, each once, known or not."""
    return tuple(dict.fromkeys(_PLACEHOLDER.findall(url)))


def fill_template(url: str, values: Mapping[str, str]) -> str:
    """Return the URL with the values of these placeholders; others stay."""
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), url)
