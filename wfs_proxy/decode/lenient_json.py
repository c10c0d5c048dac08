"""JSON as vendors send it: also with NaN, control characters in text, halves of surrogate pairs, and invalid bytes."""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

import orjson

from wfs_proxy.decode.encoding import REPLACEMENT, read_leniently
from wfs_proxy.decode.sniff import to_ascii_markup
from wfs_proxy.errors import MalformedDocument

__all__ = ["ParsedJson", "parse_json"]

_HIGH, _LOW = rb"\\u[dD][89abAB][0-9a-fA-F]{2}", rb"\\u[dD][c-fC-F][0-9a-fA-F]{2}"
_HALF_PAIR = re.compile(rb"%b(?!%b)|(?<!%b)%b" % (_HIGH, _LOW, _HIGH, _LOW))
"""One half of an escaped surrogate pair (RFC 8259, section 8.2): a column of fixed width was cut between the two."""

_REPLACEMENTS = (REPLACEMENT.encode(), rb"\ufffd", rb"\uFFFD")


class ParsedJson(NamedTuple):
    """A parsed document."""

    document: Any

    replaced: bool
    """Whether U+FFFD, the sign of a character that could not be read, may be in it."""


def parse_json(body: bytes, source: str) -> ParsedJson:
    """Parse a JSON document. Characters that cannot be read become U+FFFD.

    Args:
        body: the document.
        source: where it comes from, for messages; "" if unknown.

    Raises:
        MalformedDocument: it cannot be read.
    """
    named = source or "the answer"
    try:
        ascii_markup, _ = to_ascii_markup(body)
        return _loads(ascii_markup)
    except UnicodeDecodeError as error:
        raise MalformedDocument(f"{named} begins in {error.encoding}, but has bytes that are invalid in it") from error
    except json.JSONDecodeError as error:
        raise MalformedDocument(f"{named} is truncated or not well-formed JSON: {error}") from error
    except RecursionError as error:
        raise MalformedDocument(f"{named} is JSON that is nested too deeply") from error


def _loads(body: bytes) -> ParsedJson:
    try:
        return ParsedJson(orjson.loads(body), any(each in body for each in _REPLACEMENTS))
    except orjson.JSONDecodeError:
        # orjson is strict (RFC 8259). The standard library also reads NaN and line breaks inside text
        repaired = read_leniently(_HALF_PAIR.sub(rb"\\ufffd", body))
    return ParsedJson(json.loads(repaired, strict=False), replaced=True)
