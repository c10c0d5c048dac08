"""Bytes to text where some of them are invalid in the document's encoding: only those characters are lost.

One broken character must neither make a layer unreadable nor change how the other texts of the document are read. Such
characters come from columns that were cut in the middle of a character, and from databases with several encodings.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["REPLACEMENT", "count_unreadable_texts", "read_leniently"]

REPLACEMENT = "\ufffd"
"""Takes the place of a character that cannot be read (Unicode 16.0, section 23.8)."""

_UTF_8, _ASCII = "utf-8", "ascii"
_SURROGATE_PAIR = re.compile(rb"\xed[\xa0-\xaf][\x80-\xbf]\xed[\xb0-\xbf][\x80-\xbf]")
"""A character beyond U+FFFF as Java and Oracle write it: CESU-8 (Unicode Technical Report 26)."""

_HALF_PAIR = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]")
_SIGN_OF_UTF_8 = re.compile(
    # whole characters, also halves of CESU-8
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
    # characters without their end, in bytes that hardly follow each other in a text in windows-1252
    rb"|[\xc2\xc3](?![A-Za-z\x80-\xff])|[\xe0-\xef][\x80-\xbf]|[\xf0-\xf4][\x80-\xbf]{1,2}"
)


def read_leniently(body: bytes, encoding: str = _UTF_8) -> str:
    """Decode a document of which some bytes may be invalid in its encoding.

    What is valid is always read in that encoding. Everything else becomes U+FFFD, except in a document that is UTF-8 in
    name only, whose invalid bytes outnumber its characters in UTF-8: those bytes are read as windows-1252.

    Args:
        body: the document, without byte order mark.
        encoding: the encoding that it declares. UTF-8 is used instead of ASCII and of an unknown one.
    """
    name = _python_name(encoding)
    if name != _UTF_8:
        return body.decode(name, "replace")
    body = _HALF_PAIR.sub(REPLACEMENT.encode(), _SURROGATE_PAIR.sub(_join_halves, body))
    text = body.decode(_UTF_8, "replace")
    invalid = text.count(REPLACEMENT) - body.count(REPLACEMENT.encode())
    if invalid > len(_SIGN_OF_UTF_8.findall(body)):
        return body.decode(_UTF_8, _AS_WINDOWS_1252)
    return text


def count_unreadable_texts(ids: Iterable[object], columns: Mapping[str, NDArray[np.object_]]) -> int:
    """Return how many rows have U+FFFD in their id or in a column (N,), also in a list or in a nested value."""
    rows = zip(ids, *columns.values(), strict=True)
    return sum(any(map(_has_replacement, row)) for row in rows)


def _has_replacement(value: Any) -> bool:
    if isinstance(value, str):
        return REPLACEMENT in value
    if isinstance(value, dict):
        return any(map(_has_replacement, chain(value, value.values())))
    return isinstance(value, list) and any(map(_has_replacement, value))


def _python_name(encoding: str) -> str:
    try:
        name = codecs.lookup(encoding).name
    except (LookupError, ValueError):  # ValueError: a zero byte in the name
        return _UTF_8
    # bytes beyond ASCII are most often UTF-8
    return _UTF_8 if name == _ASCII else name


def _join_halves(pair: re.Match[bytes]) -> bytes:
    halves = pair.group().decode(_UTF_8, "surrogatepass")
    return halves.encode("utf-16", "surrogatepass").decode("utf-16").encode(_UTF_8)


def _read_as_windows_1252(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


_AS_WINDOWS_1252 = "wfs_proxy.as_windows_1252"
codecs.register_error(_AS_WINDOWS_1252, _read_as_windows_1252)
