"""Safe parsing of XML: every XML answer is opened here.

A DOCTYPE is refused on the bytes, before a parser sees them, so no entity is ever defined. The parser's options forbid
entities, external files and network access as well. All of them are given explicitly, because lxml's default parser is
a per-thread setting that other libraries change.

Large documents are parsed piece by piece (`parse_growing`). The caller removes the parts that it has read, so memory is
needed for one piece only; that takes no longer than parsing the document at once. White space between elements is not
kept: it would be a third of the nodes, and no caller reads it.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from lxml import etree

from wfs_proxy.decode.sniff import PROLOG, to_ascii_markup
from wfs_proxy.errors import MalformedDocument, UnsafeDocument
from wfs_proxy.features import Payload

__all__ = ["Markup", "name_of", "open_markup", "parse_growing", "parse_whole", "repair_characters"]

PIECE = 1 << 16
"""Bytes that the parser gets at once. Measured: larger pieces do not fit the processor's cache and take half as long
again."""

_DECLARED_ENCODING = re.compile(rb"""\s*<\?xml\s[^>]*?\bencoding\s*=\s*["']([^"']*)["']""")
_DOCTYPE = re.compile(rb"<!(?!--)")
_ROOT = re.compile(rb"<(?:[^\s<>/:]+:)?([^\s<>/:]+)")

_CONTROLS = bytes(code for code in range(32) if code not in b"\t\n\r")
"""Characters that XML does not allow (XML 1.0, production 2)."""

_CONTROLS_TO_SPACES = bytes.maketrans(_CONTROLS, b" " * len(_CONTROLS))
_CONTROL_REFERENCE = re.compile(
    rb"&#(?:x0*(?:%b)|0*(?:%b));"
    % (b"|".join(b"%x" % code for code in _CONTROLS), b"|".join(b"%d" % code for code in _CONTROLS)),
    re.IGNORECASE,
)

_ASCII_SUPERSETS = re.compile(r"utf-8|ascii|iso8859-\d+|cp125\d|koi8-[ru]|cp437|cp85\d|mac-roman")
"""Python's names of the encodings in which "<!DOCTYPE" has the same bytes as in ASCII. In UTF-7 or EBCDIC it could be
written with other bytes, which the check would not see."""

_PARSER_OPTIONS: dict[str, Any] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "dtd_validation": False,
    "attribute_defaults": False,
    "recover": False,
    "remove_comments": True,
    "remove_pis": True,
    "collect_ids": False,
    # keeps libxml2's limits: 256 levels of elements, 10 MB in one text
    "huge_tree": False,
}


@dataclass(frozen=True, kw_only=True)
class Markup:
    """A document that is safe to parse: it has no DOCTYPE, and its markup is in ASCII."""

    body: bytes
    root: str
    """Local name of the root element."""

    encoding: str | None
    """The encoding for the parser; None: the one that the document declares, or UTF-8."""

    source: str
    """Where the document comes from, for messages; "" if unknown."""


def open_markup(payload: Payload) -> Markup:
    """Check a document before it is parsed.

    Raises:
        UnsafeDocument: it has a DOCTYPE, or an encoding in which a DOCTYPE could be hidden.
        MalformedDocument: it has no root element, or bytes that are invalid in its encoding.
    """
    try:
        body, encoding = to_ascii_markup(payload.body)
    except UnicodeDecodeError as error:
        raise MalformedDocument(
            f"{_at(payload.source)}the document begins in {error.encoding}, but has bytes that are invalid in it"
        ) from error
    # scripts that pass a document on may print blank lines before its declaration
    body = body.lstrip()
    if encoding is None:
        _check_declared_encoding(body, payload.source)
    start = PROLOG.match(body)
    assert start is not None
    if _DOCTYPE.match(body, start.end()):
        raise UnsafeDocument(
            f"{_at(payload.source)}the XML has a DOCTYPE, which can define entities and is therefore not accepted. "
            "No WFS needs one; ask the vendor to leave it out"
        )
    root = _ROOT.match(body, start.end())
    if root is None:
        raise MalformedDocument(f"{_at(payload.source)}the XML ends before its first element: the answer is truncated")
    return Markup(body=body, root=root.group(1).decode("utf-8", "replace"), encoding=encoding, source=payload.source)


def repair_characters(markup: Markup) -> Markup | None:
    """Return a document without the characters that XML does not allow; None if it has none of them.

    Databases contain them unnoticed, and a single one must not make the whole layer unreadable. Control characters
    become spaces. A document that is not UTF-8 throughout is read as Latin-1.
    """
    body = _CONTROL_REFERENCE.sub(b" ", markup.body.translate(_CONTROLS_TO_SPACES))
    encoding = markup.encoding
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        encoding = "iso-8859-1"
    repaired = replace(markup, body=body, encoding=encoding)
    return repaired if repaired != markup else None


def _check_declared_encoding(body: bytes, source: str) -> None:
    declared = _DECLARED_ENCODING.match(body)
    if declared is None:
        return
    name = declared.group(1).decode("ascii", "replace")
    try:
        known = codecs.lookup(name).name
    except (LookupError, ValueError):  # ValueError: a zero byte in the name
        raise MalformedDocument(f"{_at(source)}the XML declares an unknown encoding, {name!r}") from None
    if not _ASCII_SUPERSETS.fullmatch(known):
        raise UnsafeDocument(
            f"{_at(source)}the XML declares the encoding {name!r}, which is not accepted because markup could be "
            "hidden in it; ask the vendor for UTF-8 or ISO-8859-1"
        )


def parse_whole(markup: Markup) -> etree._Element:
    """Parse a small document, such as an exception report.

    Raises:
        MalformedDocument: not well-formed.
    """
    with _translated(markup.source):
        return etree.fromstring(markup.body, etree.XMLParser(encoding=markup.encoding, **_PARSER_OPTIONS))


def parse_growing(markup: Markup) -> Iterator[tuple[etree._Element, bool]]:
    """Yield the root element after each parsed piece of the document, and whether it is complete now.

    Until it is complete, the last child of each element that is still open may grow and must be left alone.
    Every element before that one is finished and may be removed.

    Raises:
        MalformedDocument: not well-formed; a truncated document never is.
        UnsafeDocument: nested deeper than the parser's limit.
    """
    with _translated(markup.source):
        parser = etree.XMLPullParser(
            events=("start",),
            tag=f"{{*}}{markup.root}",
            encoding=markup.encoding,
            remove_blank_text=True,
            **_PARSER_OPTIONS,
        )
    root: Any = None
    with memoryview(markup.body) as body:
        for start in range(0, len(body), PIECE):
            with _translated(markup.source):
                parser.feed(bytes(body[start : start + PIECE]))
            if root is None:
                root = next((found for _, found in parser.read_events()), None)
            if root is not None:
                yield root, False
    with _translated(markup.source):
        whole = parser.close()
    yield whole, True


@contextmanager
def _translated(source: str) -> Iterator[None]:
    """Raise the parser's errors as decode errors."""
    try:
        yield
    except ValueError as error:
        raise MalformedDocument(f"{_at(source)}the root element has a name that XML does not allow") from error
    except etree.XMLSyntaxError as error:
        if getattr(error, "code", None) == etree.ErrorTypes.ERR_RESOURCE_LIMIT:
            raise UnsafeDocument(
                f"{_at(source, error.lineno)}the XML exceeds a limit of the parser: {error.msg}"
            ) from error
        raise MalformedDocument(
            f"{_at(source, error.lineno)}the XML is not well-formed ({error.msg}). Usually the answer was truncated, "
            "or the vendor's server wrote an error message into it; look at the end of the document"
        ) from error


def _at(source: str, line: int | None = None) -> str:
    """Return the beginning of a message: where the error is."""
    place = source or "the answer"
    return f"{place}, line {line}: " if line else f"{place}: "


@lru_cache(maxsize=4096)
def name_of(tag: str) -> str:
    """Return the name of an element or attribute without its namespace."""
    return tag.rpartition("}")[2]
