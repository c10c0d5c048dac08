"""Exception reports in JSON: GeoServer's, ArcGIS's, those of OGC API and of RFC 9457."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from wfs_proxy.errors import UpstreamException

__all__ = ["first_text", "json_report"]

_TEXTS = ("text", "message", "description", "detail", "title")
"""Members that describe an error, the most exact one first."""

_MORE_TEXTS = ("details", "messages")
"""Members with a list of further texts (ArcGIS)."""


def json_report(document: Any, source: str) -> UpstreamException | None:
    """Return the error that a document reports, in the words of the vendor; None if it reports none.

    Args:
        document: the parsed JSON.
        source: where it comes from, for messages; "" if unknown.
    """
    if not isinstance(document, dict):
        return None
    report = _error_report(document)
    words = list(dict.fromkeys(_words(report)))
    if not words and report is not document.get("error"):
        return None
    reason = "; ".join([*(each.rstrip(".") for each in words[:-1]), *words[-1:]]) or "it gives no reason"
    code = report.get("code", report.get("status"))
    return UpstreamException(
        f"{source or 'the vendor'} answered with an exception report: {reason}",
        code=None if code is None else str(code),
        locator=first_text(report, ("locator", "instance")),
    )


def first_text(mapping: Mapping[str, Any], keys: Iterable[str]) -> str | None:
    """Return the value of the first of the keys that is text and not blank; None without any."""
    return next((value for key in keys if isinstance(value := mapping.get(key), str) and value.strip()), None)


def _error_report(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the part of a document that describes an error, empty if there is none.

    GeoServer: {"exceptions": [{"code", "locator", "text"}]}; ArcGIS: {"error": {"code", "message", "details"}} and
    {"status": "error", "messages"}; OGC API Features: {"code", "description"}; RFC 9457: {"type", "title", "status",
    "detail"}.
    """
    exceptions = document.get("exceptions")
    if isinstance(exceptions, list) and exceptions and isinstance(exceptions[0], dict):
        return exceptions[0]
    error = document.get("error")
    if isinstance(error, dict):
        return error
    if isinstance(error, str):
        return {"message": error, **{key: document[key] for key in ("code", "status") if key in document}}
    has_code = "code" in document or "status" in document
    return document if has_code else {}


def _words(report: Mapping[str, Any]) -> Iterator[str]:
    """Yield the texts of a report, each on one line."""
    texts: list[Any] = [first_text(report, _TEXTS)]
    for key in _MORE_TEXTS:
        more = report.get(key)
        texts += more if isinstance(more, list) else [more]
    for text in texts:
        if isinstance(text, str) and text.strip():
            yield " ".join(text.split())
