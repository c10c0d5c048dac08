"""Repair of XML that is not well-formed because of single characters, references and names.

Databases contain such characters unnoticed, and one of them must not make a whole layer unreadable. Only what XML does
not allow is changed (XML 1.0, fifth edition): characters (production 2), references to them (66), and names (4, 5).
Everything is done on the text; the result is parsed with the same limits as any other document.
"""

from __future__ import annotations

import re
from functools import lru_cache

from wfs_proxy.decode.encoding import REPLACEMENT

__all__ = [
    "FORBIDDEN",
    "NAME_START",
    "as_written",
    "literal_entities",
    "literal_text",
    "repair_text",
    "undeclared_entity",
    "without_forbidden",
]

FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""Control characters and noncharacters, which stand for nothing that a person could read. They become spaces."""

_LITERAL = r"<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)|<\?.*?(?:\?>|\Z)"
"""Parts of a document in which "<" and "&" have no meaning."""

_REFERENCES = re.compile(rf"{_LITERAL}|(?:&#(?:x[0-9a-f]+|[0-9]+);)+", re.DOTALL | re.IGNORECASE)
_REFERENCE = re.compile(r"&#(?:x0*([0-9a-f]*)|0*([0-9]*));", re.IGNORECASE)
_ENTITY = re.compile(rf"{_LITERAL}|&(?!(?:amp|lt|gt|quot|apos);)([^\W\d][\w:.-]*);", re.DOTALL)
_TAG = re.compile(rf"""{_LITERAL}|<(/?)([^ \t\r\n<>/="'&!?]+)((?:[^<>"']|"[^"<]*"|'[^'<]*')*+)>""", re.DOTALL)
_ATTRIBUTE = re.compile(r""""[^"]*"|'[^']*'|([^\s=<>"'/]+)(?=\s*=)""")

_BARE = re.compile(rf"{_LITERAL}|&(?!#?\w+;)|<(?![\w/!?][^<>]*>)", re.DOTALL)

NAME_START = (
    "A-Z_a-z\xc0-\xd6\xd8-\xf6\xf8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff"
    "\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
"""The characters that a name may begin with, but for the colon (production 4), as in a set of a regular expression."""

_NOT_IN_NAME = re.compile(rf"^[^{NAME_START}]|[^{NAME_START}\-.0-9\xb7\u0300-\u036f\u203f-\u2040]")

_SUBSTITUTES = 0xE0000
"""Added to the code of a character that a name must not have, gives one that it may have and that no real name has."""

_LAST_CODE, _MOST_DIGITS = 0x10FFFF, 7


def without_forbidden(text: str) -> str:
    """Return a text with spaces for the characters that XML does not allow."""
    return FORBIDDEN.sub(" ", text)


def repair_text(text: str) -> str:
    """Return a document without the characters, references and names that XML does not allow.

    Characters and references to them become spaces. References to the two halves of a surrogate pair become the one
    character that they mean; what means no character becomes U+FFFD. Names get substitutes, which `as_written` undoes.
    """
    text = _TAG.sub(_repair_tag, text)
    text = without_forbidden(text)
    return _REFERENCES.sub(_repair_references, text)


def as_written(name: str) -> str:
    """Return a name of a repaired document as it was written."""
    if name.isascii():
        return name
    return "".join([chr(ord(char) - _SUBSTITUTES) if ord(char) >= _SUBSTITUTES else char for char in name])


def undeclared_entity(text: str) -> tuple[str, int] | None:
    """Return the name of the first entity that XML does not define, and its line; None without any."""
    for match in _ENTITY.finditer(text):
        if match[1]:
            return match[1], text.count("\n", 0, match.start()) + 1
    return None


def literal_entities(text: str) -> str:
    """Return a document in which an entity that XML does not define is the text of its reference."""
    return _ENTITY.sub(lambda match: f"&amp;{match[1]};" if match[1] else match[0], text)


def literal_text(text: str) -> str:
    """Return a repaired document in which "&" and "<" that begin nothing are characters, and every entity a text."""
    escaped = {"&": "&amp;", "<": "&lt;"}
    return _BARE.sub(lambda match: escaped.get(match[0], match[0]), literal_entities(repair_text(text)))


def _repair_references(match: re.Match[str]) -> str:
    if match[0].startswith("<"):
        return match[0]
    codes = [_code(hexadecimal, decimal) for hexadecimal, decimal in _REFERENCE.findall(match[0])]
    text = "".join(map(chr, codes)).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return "".join([char if char == REPLACEMENT else f"&#{ord(char)};" for char in FORBIDDEN.sub(" ", text)])


def _code(hexadecimal: str, decimal: str) -> int:
    """Return the code in a reference; that of U+FFFD for one that is too large."""
    digits, base = (decimal, 10) if decimal else (hexadecimal or "0", 16)
    code = int(digits, base) if len(digits) <= _MOST_DIGITS else _LAST_CODE + 1
    return code if code <= _LAST_CODE else ord(REPLACEMENT)


def _repair_tag(match: re.Match[str]) -> str:
    end, name, rest = match.groups()
    # before "=" it is not only the name of the element
    if name is None or rest.startswith("="):
        return match[0]
    return f"<{end}{_repair_name(name)}{_ATTRIBUTE.sub(_repair_attribute, rest) if '=' in rest else rest}>"


def _repair_attribute(match: re.Match[str]) -> str:
    return match[0] if match[1] is None else _repair_name(match[1])


@lru_cache(maxsize=4096)
def _repair_name(name: str) -> str:
    """Return a name whose prefix, which ends at the first colon, and rest are names without a colon."""
    prefix, colon, local = name.partition(":")
    if not prefix or not local:
        return _NOT_IN_NAME.sub(_substitute, name)
    return _NOT_IN_NAME.sub(_substitute, prefix) + colon + _NOT_IN_NAME.sub(_substitute, local)


def _substitute(match: re.Match[str]) -> str:
    code = ord(match[0])
    return REPLACEMENT if FORBIDDEN.match(match[0]) or code >= _SUBSTITUTES else chr(_SUBSTITUTES + code)
