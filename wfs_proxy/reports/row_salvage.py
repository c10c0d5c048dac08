"""Save the rest of a page when the parser refuses one of its rows.

Anybody can post a signal with an integer of a thousand digits or with deeply nested lists. Signalen stores and returns
it, as JSON allows (RFC 8259, section 9, leaves limits to the parser). Our parser refuses the whole document.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import orjson

__all__ = ["without_unreadable_rows"]

_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[\[\]{}]', re.DOTALL)
"""The tokens that are needed to count the nesting: whole strings, and brackets."""

_TIME_NAMES = {b'"created_at"', b'"updated_at"'}

_TIME = re.compile(rb'"[a-z_]+"\s*:\s*"[0-9T:.Z+-]+"')
"""A member whose value looks like a time."""

_ROW_DEPTH = 3
"""The page's object is at depth 1, its list of rows at 2, and a row at 3."""


def without_unreadable_rows(body: bytes) -> bytes:
    """Return the document with only the times of each row that cannot be parsed, by which rows are paged.

    Slower than the parser, so it is used only for documents that the parser refused.
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
        return b"{" + b",".join(_times(row)) + b"}"
    return row


def _times(row: bytes) -> Iterator[bytes]:
    """Yield the row's own members with a time, not those of a value inside it."""
    depth = 0
    for token in _TOKEN.finditer(row):
        if token[0] in b"[{":
            depth += 1
        elif token[0] in b"]}":
            depth -= 1
        elif depth == 1 and token[0] in _TIME_NAMES and (member := _TIME.match(row, token.start())):
            yield member[0]


def _rows(body: bytes) -> Iterator[tuple[int, int]]:
    """Yield where each row starts and stops. Counts brackets instead of recursing, because a row may have any depth."""
    depth, start = 0, 0
    for token in _TOKEN.finditer(body):
        if token[0] in b"[{":
            depth += 1
            start = token.start() if depth == _ROW_DEPTH else start
        elif token[0] in b"]}":
            if depth == _ROW_DEPTH:
                yield start, token.end()
            depth -= 1
