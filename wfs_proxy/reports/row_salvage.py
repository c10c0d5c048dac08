"""One row that no parser takes must not hide the page around it.

Anybody may post a signal with an integer of a thousand digits or a list in a list in a list; Signalen stores it and
sends it on, as JSON allows (RFC 8259, section 9, leaves limits to the reader), and our reader refuses the document.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import orjson

__all__ = ["without_unreadable_rows"]

_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[\[\]{}]', re.DOTALL)
"""All that is needed to know how deep one is: a text as a whole, and the brackets."""

_ROW_DEPTH = 3
"""The page's object, its list of rows, a row."""


def without_unreadable_rows(body: bytes) -> bytes:
    """The document with a null for each row that cannot be parsed.

    Slower than a parser, and only for a document that is refused as a whole.
    """
    parts, end = [], 0
    for start, stop in _rows(body):
        parts += [body[end:start], _readable(body[start:stop])]
        end = stop
    return b"".join([*parts, body[end:]])


def _readable(row: bytes) -> bytes:
    try:
        orjson.loads(row)
    except orjson.JSONDecodeError:
        return b"null"
    return row


def _rows(body: bytes) -> Iterator[tuple[int, int]]:
    """Where each row starts and stops. Counts brackets instead of recursing: a row may be of any depth."""
    depth, start = 0, 0
    for token in _TOKEN.finditer(body):
        if token[0] in b"[{":
            depth += 1
            start = token.start() if depth == _ROW_DEPTH else start
        elif token[0] in b"]}":
            if depth == _ROW_DEPTH:
                yield start, token.end()
            depth -= 1
