"""The kind of a document, from its first bytes.

Media types and file names are ignored: servers send exception reports as `application/json` and HTML as `text/xml`, and
ArcGIS announces GML 3.1 for everything.
"""

from __future__ import annotations

import codecs
import enum
import html
import re

__all__ = [
    "DocumentKind",
    "binary_kind",
    "declared_encoding",
    "has_unicode_mark",
    "page_text",
    "sniff",
    "to_ascii_markup",
]


class DocumentKind(enum.Enum):
    """The kinds of documents that are handled differently."""

    XML = "XML"
    JSON = "JSON"
    HTML = "HTML"
    TEXT = "text"
    EMPTY = "nothing"


PROLOG = re.compile(rb"\s*(?:<\?.*?\?>\s*|<!--.*?-->\s*)*", re.DOTALL)
"""Declaration, comments and processing instructions before a DOCTYPE or the root element (XML 1.0, production 22)."""

_DECLARED_ENCODING = re.compile(rb"""\s*<\?xml\s[^>]*?\bencoding\s*=\s*["']([^"']*)["']""")

_HTML = re.compile(rb"<!doctype\s+html\b|<(?:html|head|body|title|h1|center|div|p|pre|table)[\s>]", re.IGNORECASE)
_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)
_INVISIBLE = re.compile(r"<(script|style|head)\b.*?</\1\s*>|<[^>]*>", re.IGNORECASE | re.DOTALL)

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_FIRST_CHARACTERS = (
    (b"<\0\0\0", "utf-32-le"),
    (b"\0\0\0<", "utf-32-be"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
    (b"{\0", "utf-16-le"),
    (b"\0{", "utf-16-be"),
    (b"[\0", "utf-16-le"),
    (b"\0[", "utf-16-be"),
)
"""First character in an encoding of two or four bytes without a byte order mark (XML 1.0, appendix F.1)."""

_NOT_SPACE = re.compile(rb"\S")
_KINDS = {b"<": DocumentKind.XML, b"{": DocumentKind.JSON, b"[": DocumentKind.JSON}
"""First character -> kind."""

_EXCERPT = 200
"""Characters of a page in a message."""
_SEARCHED = 20_000
"""Bytes at the beginning of a page that are searched for its text."""


_BINARY_STARTS = (
    (b"\x1f\x8b", "data that is compressed with gzip and damaged"),
    (b"PK\x03\x04", "a ZIP archive, such as a zipped shapefile"),
    (b"%PDF-", "a PDF document"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"SQLite format 3\0", "a GeoPackage or another SQLite database"),
    (b"fgb", "a FlatGeobuf file"),
    (b"\x28\xb5\x2f\xfd", "data that is compressed with zstd"),
)
_BINARY = re.compile(rb"[\0-\x06\x0e-\x1a]")
"""Control characters that no text has, in any encoding of one byte."""


def has_unicode_mark(body: bytes) -> bool:
    """Whether the first bytes show a Unicode encoding: a byte order mark, or a first character of two or four bytes."""
    return body.startswith(tuple(start for start, _ in (*_BYTE_ORDER_MARKS, *_FIRST_CHARACTERS)))


def declared_encoding(body: bytes) -> str | None:
    """Return the encoding in the XML declaration of a document; None without one."""
    declared = _DECLARED_ENCODING.match(body)
    return declared.group(1).decode("ascii", "replace") if declared else None


def to_ascii_markup(body: bytes) -> tuple[bytes, str | None]:
    """Return a document in an encoding whose markup is ASCII, without byte order mark; and that encoding.

    The encoding is None where the document itself has to declare it. UTF-16 and UTF-32 become UTF-8, so that a search
    in the bytes (for a DOCTYPE) finds what a parser would find.

    Raises:
        UnicodeDecodeError: the document begins in UTF-16 or UTF-32 and ends in the middle of a character.
    """
    for mark, encoding in _BYTE_ORDER_MARKS:
        if body.startswith(mark):
            rest = body[len(mark) :]
            return (rest, "utf-8") if encoding == "utf-8" else (_to_utf8(rest, encoding), "utf-8")
    for start, encoding in _FIRST_CHARACTERS:
        if body.startswith(start):
            return _to_utf8(body, encoding), "utf-8"
    return body, None


def _to_utf8(body: bytes, encoding: str) -> bytes:
    try:
        return body.decode(encoding).encode("utf-8")
    except UnicodeDecodeError as error:
        if error.end == len(body):
            raise
    # such as one half of a surrogate pair
    return body.decode(encoding, "replace").encode("utf-8")


def sniff(body: bytes) -> DocumentKind:
    """Return the kind of a document, given the bytes that `to_ascii_markup` returned."""
    start = PROLOG.match(body)
    assert start is not None
    if _HTML.match(body, start.end()):
        return DocumentKind.HTML
    first = _NOT_SPACE.search(body)
    return _KINDS.get(first.group(), DocumentKind.TEXT) if first else DocumentKind.EMPTY


def binary_kind(body: bytes) -> str | None:
    """Return what a body is that is no text, such as "a ZIP archive"; None for text.

    Messages must not show its bytes: they mean nothing to a person, and control characters disturb a terminal.
    """
    for start, kind in _BINARY_STARTS:
        if body.startswith(start):
            return kind
    return "binary data" if _BINARY.search(body[:_SEARCHED]) else None


def page_text(body: bytes) -> str:
    """Return what a person would read first on an HTML page or in a text: the title and the beginning of the rest."""
    text = body[:_SEARCHED].decode("utf-8", "replace")
    title = _TITLE.search(text)
    words = [title.group(1)] if title else []
    words.append(_INVISIBLE.sub(" ", _TITLE.sub(" ", text)))
    visible = " ".join(html.unescape(" ".join(words)).split())
    return visible if len(visible) <= _EXCERPT else f"{visible[:_EXCERPT].rstrip()}..."
