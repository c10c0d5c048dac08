"""The JSON documents of a service: bytes to values, with errors that say what came instead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wfs_proxy.decode import DocumentKind, in_utf8, json_report, page_text, parse_json, sniff, to_ascii_markup
from wfs_proxy.errors import DecodeError, MalformedDocument, NotFeatures, UpstreamException
from wfs_proxy.features import Payload

__all__ = ["read_error", "read_object"]


def read_object(payload: Payload, *expected: str) -> Mapping[str, Any]:
    """Return the members of a JSON object.

    Args:
        payload: the answer.
        expected: members of which it has at least one; without one it may be an exception report.

    Raises:
        UpstreamException: the document reports an error.
        NotFeatures: it is HTML, XML or text, or another JSON document than expected.
        MalformedDocument: it is empty, truncated or not well-formed.
    """
    payload = in_utf8(payload)
    named = payload.source or "the answer"
    try:
        body, _ = to_ascii_markup(payload.body)
    except UnicodeDecodeError as error:
        raise MalformedDocument(f"{named} begins in {error.encoding}, but has bytes that are invalid in it") from error
    kind = sniff(body)
    if kind is DocumentKind.EMPTY:
        raise MalformedDocument(f"{named} is empty: the server sent no document")
    if kind is not DocumentKind.JSON:
        raise NotFeatures(
            f"{named} is not JSON: {page_text(payload.body)!r}. Usually it is a login page, an error page, or a web "
            "site whose URL was given instead of that of the landing page of an OGC API"
        )
    document = parse_json(payload.body, payload.source).document
    if not isinstance(document, dict):
        raise NotFeatures(f"{named} is JSON, but not a document of an OGC API: {document!r:.200}")
    if not any(name in document for name in expected):
        members = ", ".join(sorted(document)[:10]) or "none"
        wanted = " or ".join(f"`{name}`" for name in expected)
        raise json_report(document, payload.source) or NotFeatures(
            f"{named} is JSON without {wanted}; its members are: {members}"
        )
    return document


def read_error(payload: Payload) -> UpstreamException | None:
    """Return the error that the JSON body of an HTTP error reports; None if it is something else."""
    try:
        read_object(payload, "")
    except UpstreamException as report:
        return report
    except DecodeError:
        return None
    return None
