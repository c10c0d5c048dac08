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

from wfs_proxy.decode.encoding import read_leniently
from wfs_proxy.decode.sniff import PROLOG, declared_encoding, to_ascii_markup
from wfs_proxy.decode.xml_text import (
    FORBIDDEN,
    as_written,
    literal_entities,
    literal_text,
    repair_text,
    undeclared_entity,
)
from wfs_proxy.errors import MalformedDocument, UnsafeDocument
from wfs_proxy.features import Payload

__all__ = [
    "Markup",
    "name_of",
    "open_markup",
    "parse_as_far_as_possible",
    "parse_growing",
    "parse_whole",
    "repair",
    "without_long_texts",
]

PIECE = 1 << 16
"""Bytes that the parser gets at once. Measured: larger pieces do not fit the processor's cache and take half as long
again."""

_DOCTYPE = re.compile(rb"<!(?!--)")
_WHOLE_DOCTYPE = re.compile(
    rb"""<!DOCTYPE(?:[^\[\]<>"']|"[^"]*"|'[^']*')*+"""
    rb"""(?:\[(?:[^\]"'<]|"[^"]*"|'[^']*'|<!--.*?-->|<\?.*?\?>|<)*+\]\s*)?>""",
    re.DOTALL | re.IGNORECASE,
)
"""A DOCTYPE with its internal subset (XML 1.0, production 28)."""

_ROOT = re.compile(rb"<(?:[^\s<>/:]+:)?([^\s<>/:]+)")
_REPORTS = frozenset({b"ExceptionReport", b"ServiceExceptionReport"})

_LONGEST_TEXT = 9_900_000
"""Bytes between two "<". libxml2's limit is 10 million, of which a piece of the document may be used already."""

_REPLACEMENT_REFERENCE = b"&#65533;"
"""U+FFFD in every encoding."""

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
    if _DOCTYPE.match(body, _end_of_prolog(body)):
        body = _report_without_doctype(body, payload.source)
    root = _ROOT.match(body, _end_of_prolog(body))
    if root is None:
        raise MalformedDocument(f"{_at(payload.source)}the XML ends before its first element: the answer is truncated")
    return Markup(body=body, root=root.group(1).decode("utf-8", "replace"), encoding=encoding, source=payload.source)


def _end_of_prolog(body: bytes) -> int:
    start = PROLOG.match(body)
    assert start is not None
    return start.end()


def _report_without_doctype(body: bytes, source: str) -> bytes:
    """Return an exception report without its DOCTYPE, so that the vendor's message can be read.

    Nothing that the DOCTYPE defines is used: a reference to an entity becomes text.

    Raises:
        UnsafeDocument: it is another document.
    """
    doctype = _WHOLE_DOCTYPE.match(body, _end_of_prolog(body))
    if doctype is not None:
        rest = body[doctype.end() :]
        root = _ROOT.match(rest, _end_of_prolog(rest))
        if root is not None and root.group(1) in _REPORTS:
            # Latin-1 has a character for each byte, so the text keeps its encoding
            return body[: doctype.start()] + literal_entities(rest.decode("latin-1")).encode("latin-1")
    raise UnsafeDocument(
        f"{_at(source)}the XML has a DOCTYPE, which can define entities and is therefore not accepted. "
        "No WFS needs one; ask the vendor to leave it out"
    )


def repair(markup: Markup) -> Markup | None:
    """Return a document without the bytes, characters and names that XML does not allow; None if it has none of them.

    The document is in UTF-8 then, whatever it declares: the parser does not know every encoding. See
    `encoding.read_leniently` and `xml_text.repair_text`. The name of the root element is not repaired.
    """
    if FORBIDDEN.search(markup.root):
        return None
    repaired = repair_text(_text(markup)).encode()
    if repaired == markup.body and _encoding(markup).lower() == "utf-8":
        return None
    root = _ROOT.match(repaired, _end_of_prolog(repaired))
    assert root is not None
    return replace(markup, body=repaired, root=root.group(1).decode(), encoding="utf-8")


def without_long_texts(markup: Markup) -> Markup | None:
    """Return a document in which U+FFFD stands for each text that is too long for the parser; None if it has none.

    Such as the numbers of an area with a million vertices: it must not make the other objects unreadable.
    """
    pieces = markup.body.split(b"<")
    long = [index for index, piece in enumerate(pieces) if len(piece) > _LONGEST_TEXT]
    for index in long:
        pieces[index] = pieces[index].partition(b">")[0] + b">" + _REPLACEMENT_REFERENCE
    return replace(markup, body=b"<".join(pieces)) if long else None


def _text(markup: Markup) -> str:
    return read_leniently(markup.body, _encoding(markup))


def _encoding(markup: Markup) -> str:
    return markup.encoding or declared_encoding(markup.body) or "utf-8"


def _check_declared_encoding(body: bytes, source: str) -> None:
    name = declared_encoding(body)
    if name is None:
        return
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
    """Parse a small document, such as an exception report; if it is not well-formed, repair it first.

    Raises:
        MalformedDocument: not well-formed.
    """
    try:
        return _parse(markup)
    except MalformedDocument:
        repaired = repair(markup)
        if repaired is None:
            raise
    return _parse(repaired)


def parse_as_far_as_possible(markup: Markup) -> etree._Element:
    """Parse a small document of which only the texts matter, and some may contain "&" or "<" as it is.

    Raises:
        MalformedDocument: nothing could be read.
    """
    text = literal_text(_text(markup))
    with _translated(markup):
        root = etree.fromstring(
            text.encode(), etree.XMLParser(encoding="utf-8", **{**_PARSER_OPTIONS, "recover": True})
        )
    if root is None:
        raise MalformedDocument(f"{_at(markup.source)}nothing in the XML can be read")
    return root


def _parse(markup: Markup) -> etree._Element:
    with _translated(markup):
        return etree.fromstring(markup.body, etree.XMLParser(encoding=markup.encoding, **_PARSER_OPTIONS))


def parse_growing(markup: Markup) -> Iterator[tuple[etree._Element, bool]]:
    """Yield the root element after each parsed piece of the document, and whether it is complete now.

    Until it is complete, the last child of each element that is still open may grow and must be left alone.
    Every element before that one is finished and may be removed.

    Raises:
        MalformedDocument: not well-formed; a truncated document never is.
        UnsafeDocument: nested deeper than the parser's limit.
    """
    with _translated(markup):
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
            with _translated(markup):
                parser.feed(bytes(body[start : start + PIECE]))
            if root is None:
                root = next((found for _, found in parser.read_events()), None)
            if root is not None:
                yield root, False
    with _translated(markup):
        whole = parser.close()
    yield whole, True


@contextmanager
def _translated(markup: Markup) -> Iterator[None]:
    """Raise the parser's errors as decode errors."""
    source = markup.source
    try:
        yield
    except ValueError as error:
        raise MalformedDocument(f"{_at(source)}the root element has a name that XML does not allow") from error
    except etree.XMLSyntaxError as error:
        if getattr(error, "code", None) == etree.ErrorTypes.ERR_RESOURCE_LIMIT:
            raise UnsafeDocument(
                f"{_at(source, error.lineno)}the XML exceeds a limit of the parser: {error.msg}"
            ) from error
        _raise_undeclared_entity(markup, before=error.lineno)
        raise MalformedDocument(
            f"{_at(source, error.lineno)}the XML is not well-formed ({as_written(error.msg)}). Usually the answer "
            "was truncated, or the vendor's server wrote an error message into it; look at the end of the document"
        ) from error


def _raise_undeclared_entity(markup: Markup, *, before: int | None) -> None:
    """Name the entity that the document does not declare, if it is not after the line where the parser stopped."""
    entity, line = undeclared_entity(_text(markup)) or ("", 0)
    if entity and line <= (before or line):
        raise MalformedDocument(
            f"{_at(markup.source, line)}the XML is not well-formed: it uses the entity &{entity};, which it does not "
            "declare. XML itself has only &amp;, &lt;, &gt;, &quot; and &apos;; ask the vendor to write the character"
        )


def _at(source: str, line: int | None = None) -> str:
    """Return the beginning of a message: where the error is."""
    place = source or "the answer"
    return f"{place}, line {line}: " if line else f"{place}: "


@lru_cache(maxsize=4096)
def name_of(tag: str) -> str:
    """Return the name of an element or attribute without its namespace, as it was written before a repair."""
    return as_written(tag.rpartition("}")[2])
