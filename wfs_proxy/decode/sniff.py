"""What a document is, from its own first bytes.

Media types and file names are not believed: exception reports arrive as `application/json`, HTML as `text/xml`, and
ArcGIS announces GML 3.1 for everything.
"""

from __future__ import annotations

import codecs
import enum
import html
import re

__all__ = ["Kind", "ascii_compatible", "page_text", "sniff"]


class Kind(enum.Enum):
    """The families of documents that need another reader."""

    XML = "XML"
    JSON = "JSON"
    HTML = "HTML"
    TEXT = "text"
    EMPTY = "nothing"


PROLOG = re.compile(rb"\s*(?:<\?.*?\?>\s*|<!--.*?-->\s*)*", re.DOTALL)
"""What may stand before a DOCTYPE or the root element (XML 1.0, production 22)."""

_HTML = re.compile(rb"<!doctype\s+html\b|<(?:html|head|body|title|h1|center|div|p|pre|table)[\s>]", re.IGNORECASE)
_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)
_UNSEEN = re.compile(r"<(script|style|head)\b.*?</\1\s*>|<[^>]*>", re.IGNORECASE | re.DOTALL)

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_BARE_STARTS = (
    (b"<\0\0\0", "utf-32-le"),
    (b"\0\0\0<", "utf-32-be"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
    (b"{\0", "utf-16-le"),
    (b"\0{", "utf-16-be"),
    (b"[\0", "utf-16-le"),
    (b"\0[", "utf-16-be"),
)
"""A first character in an encoding of two or four bytes without a mark (XML 1.0, appendix F.1)."""

_INK = re.compile(rb"\S")
_KINDS = {b"<": Kind.XML, b"{": Kind.JSON, b"[": Kind.JSON}
"""First character -> kind."""

_EXCERPT = 200
_LOOK_INTO = 20_000


def ascii_compatible(body: bytes) -> tuple[bytes, str | None]:
    """The document without its byte order mark in an encoding whose markup is ASCII, and that encoding.

    None as encoding: the document itself has to declare it. UTF-16 and UTF-32 become UTF-8, so that what is looked for
    in bytes (a DOCTYPE) cannot hide in an encoding.

    Raises:
        UnicodeDecodeError: the bytes are not in the encoding that they begin in.
    """
    for mark, encoding in _BYTE_ORDER_MARKS:
        if body.startswith(mark):
            rest = body[len(mark) :]
            return (rest, "utf-8") if encoding == "utf-8" else (_recoded(rest, encoding), "utf-8")
    for start, encoding in _BARE_STARTS:
        if body.startswith(start):
            return _recoded(body, encoding), "utf-8"
    return body, None


def _recoded(body: bytes, encoding: str) -> bytes:
    return body.decode(encoding).encode("utf-8")


def sniff(body: bytes) -> Kind:
    """The kind of document, out of bytes that `ascii_compatible` returned."""
    start = PROLOG.match(body)
    assert start is not None
    if _HTML.match(body, start.end()):
        return Kind.HTML
    first = _INK.search(body)
    return _KINDS.get(first.group(), Kind.TEXT) if first else Kind.EMPTY


def page_text(body: bytes) -> str:
    """What a person would read first on an HTML page or in a text: the title, and the beginning of the rest."""
    text = body[:_LOOK_INTO].decode("utf-8", "replace")
    title = _TITLE.search(text)
    words = [title.group(1)] if title else []
    words.append(_UNSEEN.sub(" ", _TITLE.sub(" ", text)))
    seen = " ".join(html.unescape(" ".join(words)).split())
    return seen if len(seen) <= _EXCERPT else f"{seen[:_EXCERPT].rstrip()}..."
