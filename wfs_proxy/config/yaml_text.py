"""Text as a YAML scalar, as `yaml12` reads it. Pure.

Titles and names of vendors contain anything: colons, quotes, line breaks, `${`. A text is written plain only where it
is certain that it is read back as the same text; else in double quotes, with the escapes of YAML 1.2 (section 5.7).
"""

from __future__ import annotations

import re

__all__ = ["scalar"]

_WORD = "A-Za-z0-9_À-ÖØ-öø-ÿ"
_PLAIN = re.compile(rf"(?![0-9])[{_WORD}](?:[{_WORD}./()+-]|(?<=\S) (?=\S)|:(?=[{_WORD}]))*")
"""Starts with a letter; words with single spaces; a colon only within a word. No flow indicators, no `#`."""

_ADDRESS = re.compile(r"https?://[A-Za-z0-9._/:?&=%+~@-]+(?<![:?])")
_NOT_TEXT = frozenset(["true", "false", "null", "yes", "no", "on", "off", "y", "n"])

_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def scalar(text: str, *, placeholders: bool = False) -> str:
    """Return a text as a YAML scalar that may stand anywhere, in `{...}` and `[...]` too.

    Args:
        text: any text. A lone surrogate, which no file can contain, becomes "?".
        placeholders: whether `${...}` in it is a placeholder; else it is escaped as `$${`.
    """
    value = text.encode("utf-8", "replace").decode()
    if not placeholders:
        value = value.replace("${", "$${")
    plain = _PLAIN.fullmatch(value) and value.isprintable() and value.casefold() not in _NOT_TEXT
    if plain or _ADDRESS.fullmatch(value):
        return value
    return '"' + "".join(map(_escaped, value)) + '"'


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character.isprintable():
        return character
    code = ord(character)
    if code <= 0xFF:  # noqa: PLR2004 - two hexadecimal digits
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004 - four
