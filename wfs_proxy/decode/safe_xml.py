"""The one door through which XML comes in.

A DOCTYPE is refused on the bytes, before a parser sees them, so no entity is ever defined; the parser's own settings
say so a second time. They are written out because the default parser of lxml is a per-thread setting that other
libraries change.

A document is parsed piece by piece: `grow` yields the root each time it has grown, and who has read a finished part
removes it. That costs no more than lxml's bare parse and keeps memory at the size of a piece. White space between
elements is not kept: it is a third of the nodes and nobody reads it.
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

from wfs_proxy.decode.sniff import PROLOG, ascii_compatible
from wfs_proxy.errors import MalformedDocument, UnsafeDocument
from wfs_proxy.features import Payload

__all__ = ["Markup", "grow", "mended", "name_of", "open_markup", "parse_whole"]

PIECE = 1 << 16
"""Bytes that the parser gets at once; measured: larger pieces fall out of the processor's cache and cost half as much
again."""

_DECLARED_ENCODING = re.compile(rb"""\s*<\?xml\s[^>]*?\bencoding\s*=\s*["']([^"']*)["']""")
_DOCTYPE = re.compile(rb"<!(?!--)")
_ROOT = re.compile(rb"<(?:[^\s<>/:]+:)?([^\s<>/:]+)")

_CONTROLS = bytes(code for code in range(32) if code not in b"\t\n\r")
"""Characters that no XML may hold (XML 1.0, production 2)."""

_BLANKED = bytes.maketrans(_CONTROLS, b" " * len(_CONTROLS))
_CONTROL_REFERENCE = re.compile(
    rb"&#(?:x0*(?:%b)|0*(?:%b));"
    % (b"|".join(b"%x" % code for code in _CONTROLS), b"|".join(b"%d" % code for code in _CONTROLS)),
    re.IGNORECASE,
)

_ASCII_SUPERSETS = re.compile(r"utf-8|ascii|iso8859-\d+|cp125\d|koi8-[ru]|cp437|cp85\d|mac-roman")
"""Python's names of the encodings in which "<!DOCTYPE" is what it is in ASCII. In UTF-7 or EBCDIC it could hide."""

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
    # libxml2 then keeps its limits: 256 levels of elements, 10 MB in one text
    "huge_tree": False,
}


@dataclass(frozen=True, kw_only=True)
class Markup:
    """A document that may be parsed: no DOCTYPE, markup in ASCII."""

    body: bytes
    root: str
    """Local name of the root element."""

    encoding: str | None
    """What the parser must use; None: what the document declares, or UTF-8."""

    source: str
    """For messages."""


def open_markup(payload: Payload) -> Markup:
    """Look at a document before it is parsed.

    Raises:
        UnsafeDocument: it has a DOCTYPE, or an encoding in which one could hide.
        MalformedDocument: it has no root element, or bytes that are not in its encoding.
    """
    try:
        body, encoding = ascii_compatible(payload.body)
    except UnicodeDecodeError as error:
        raise MalformedDocument(f"{_at(payload.source)}the bytes are not {error.encoding} as they begin") from error
    # scripts that hand a document on leave blank lines before its declaration
    body = body.lstrip()
    if encoding is None:
        _check_declared_encoding(body, payload.source)
    start = PROLOG.match(body)
    assert start is not None
    if _DOCTYPE.match(body, start.end()):
        raise UnsafeDocument(
            f"{_at(payload.source)}the XML begins with a DOCTYPE, in which entities can be defined. No WFS needs one, "
            "so the document is refused unread; ask the vendor to leave it out"
        )
    root = _ROOT.match(body, start.end())
    if root is None:
        raise MalformedDocument(f"{_at(payload.source)}the XML ends before its first element; it was cut off")
    return Markup(body=body, root=root.group(1).decode("utf-8", "replace"), encoding=encoding, source=payload.source)


def mended(markup: Markup) -> Markup | None:
    """A document that could not be parsed, without what databases put into it unseen; None when that is not the reason.

    Control characters become blanks, and bytes that are no UTF-8 are read as Latin-1. One such character in one
    attribute must not cost the layer.
    """
    body = _CONTROL_REFERENCE.sub(b" ", markup.body.translate(_BLANKED))
    encoding = markup.encoding
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        encoding = "iso-8859-1"
    better = replace(markup, body=body, encoding=encoding)
    return better if better != markup else None


def _check_declared_encoding(body: bytes, source: str) -> None:
    declared = _DECLARED_ENCODING.match(body)
    if declared is None:
        return
    name = declared.group(1).decode("ascii", "replace")
    try:
        known = codecs.lookup(name).name
    except (LookupError, ValueError):  # ValueError: a zero byte in the name
        raise MalformedDocument(f"{_at(source)}the XML says that it is in the encoding {name!r}: unknown") from None
    if not _ASCII_SUPERSETS.fullmatch(known):
        raise UnsafeDocument(f"{_at(source)}the XML says that it is in {name!r}; UTF-8 or ISO-8859-1 are safe to read")


def parse_whole(markup: Markup) -> etree._Element:
    """Parse a small document, such as an exception report.

    Raises:
        MalformedDocument: not well-formed.
    """
    with _translated(markup.source):
        return etree.fromstring(markup.body, etree.XMLParser(encoding=markup.encoding, **_PARSER_OPTIONS))


def grow(markup: Markup) -> Iterator[tuple[etree._Element, bool]]:
    """Yield the root element after each piece of the document that was parsed, and whether it is whole now.

    Before it is whole, the last child of each element on the way to the end may still grow: leave it alone. Every
    element before it is finished and may be removed.

    Raises:
        MalformedDocument: not well-formed, which a truncated document never is.
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
    """Turn the parser's errors into ours."""
    try:
        yield
    except ValueError as error:
        raise MalformedDocument(f"{_at(source)}the root element has a name that XML does not allow") from error
    except etree.XMLSyntaxError as error:
        if getattr(error, "code", None) == etree.ErrorTypes.ERR_RESOURCE_LIMIT:
            raise UnsafeDocument(f"{_at(source, error.lineno)}refused: {error.msg}") from error
        raise MalformedDocument(
            f"{_at(source, error.lineno)}the XML is not well-formed ({error.msg}). Most often the answer was cut off "
            "on its way, or the vendor's server put an error message into it; look at the end of the document"
        ) from error


def _at(source: str, line: int | None = None) -> str:
    """Where it is, as the beginning of a message."""
    place = source or "the answer"
    return f"{place}, line {line}: " if line else f"{place}: "


@lru_cache(maxsize=4096)
def name_of(tag: str) -> str:
    """The name of an element or attribute without its namespace."""
    return tag.rpartition("}")[2]
