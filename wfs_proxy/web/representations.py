"""What every answer with objects has in common: the header fields that a request may have, and those of the answer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from email.utils import formatdate, mktime_tz, parsedate_tz
from functools import lru_cache

from fastapi import Response as FrameworkResponse

from wfs_proxy.asgi import Headers, Response
from wfs_proxy.serve import Codings, ContentCoding, Preconditions, Representation, acceptable

__all__ = [
    "CRS84",
    "VARIES_BY_ACCEPT",
    "accepted_codings",
    "fields_of",
    "framework_response",
    "preconditions",
    "response_of",
]

VARIES_BY_ACCEPT = (b"vary", b"Accept")
"""Of an answer whose format depends on Accept where the address names none."""

STALE_MAX_AGE = 10
"""max-age in seconds of stale objects or marks, because fresh ones may be available soon."""

CRS84: Headers = ((b"content-crs", b"<http://www.opengis.net/def/crs/OGC/1.3/CRS84>"),)
"""The CRS of longitude and latitude in degrees (OGC 18-058r1, requirement /req/crs/ogc-crs-header)."""

_LISTS = frozenset({b"accept", b"accept-encoding", b"if-none-match"})
"""The header fields that we read and that may be lists."""


def fields_of(headers: Sequence[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """Return name -> value; the parts of a list in several fields of one name are joined (RFC 9110, section 5.3)."""
    fields = dict(headers)
    if len(fields) < len(headers):
        for name in _LISTS & fields.keys():
            fields[name] = b", ".join(value for other, value in headers if other == name)
    return fields


def accepted_codings(fields: dict[bytes, bytes]) -> Codings:
    """Return what the client can decode."""
    accepted = fields.get(b"accept-encoding")
    return acceptable(accepted.decode("latin-1") if accepted is not None else None)


def preconditions(fields: dict[bytes, bytes]) -> Preconditions:
    """Return the validators of the copy that the client has."""
    etags, date = fields.get(b"if-none-match"), fields.get(b"if-modified-since")
    return Preconditions(
        if_none_match=etags.decode("latin-1") if etags is not None else None,
        if_modified_since=_seconds(date.decode("latin-1")) if date is not None else None,
    )


def response_of(
    representation: Representation, media_type: str, more_headers: Headers = (), *, lasting: bytes | None = None
) -> Response:
    """Return an answer with its freshness.

    Args:
        representation: the bytes, or that the client has them.
        media_type: of the bytes.
        more_headers: further header fields of an answer with a body, such as Content-Crs.
        lasting: Cache-Control of an answer whose URL names its version; None: it is fresh until objects or marks may
            change.
    """
    ttl, age = math.floor(representation.ttl), _max_age(representation)
    headers = [
        (b"etag", representation.etag.encode()),
        *_freshness(int(representation.modified_at), age, ttl, representation.waited, lasting),
    ]
    if representation.not_modified:
        return Response(status=304, headers=headers)
    if representation.coding is not ContentCoding.IDENTITY:
        headers.append((b"content-encoding", representation.coding.value.encode()))
    headers.append((b"content-type", media_type.encode()))
    headers += more_headers
    if representation.truncated:
        counts = f"returned={representation.returned}, matched={representation.matched}"
        headers.append((b"features-truncated", counts.encode()))
    return Response(status=200, headers=headers, body=representation.body)


def framework_response(response: Response) -> FrameworkResponse:
    """Return an answer as one of the framework."""
    converted = FrameworkResponse(response.body, status_code=response.status)
    # the framework has set Content-Length, except where the status forbids it
    converted.raw_headers = [*response.headers, *converted.raw_headers]
    return converted


def _seconds(date: str) -> float | None:
    """Return an HTTP date in seconds since 1970; None if it is invalid and to be ignored (RFC 9110, section 13.1.3)."""
    try:
        parsed = parsedate_tz(date)
        return mktime_tz(parsed) if parsed else None
    except (ValueError, OverflowError):
        return None


def _max_age(representation: Representation) -> int:
    """Return whole seconds until objects or marks may change."""
    objects, marks = representation.ttl, representation.marks_ttl
    return _period(objects) if marks is None else min(_period(objects), _period(marks))


def _period(ttl: float) -> int:
    return int(ttl) if ttl > 0 else STALE_MAX_AGE


@lru_cache(maxsize=1024)
def _freshness(
    modified_at: int,
    max_age: int,
    ttl: int,
    waited: bool,  # noqa: FBT001 - a key of the cache
    lasting: bytes | None,
) -> Headers:
    """Return the header fields about freshness. They are cached, since all boxes of one second have the same.

    Cache-Status (RFC 9211) is "hit" for an answer from the cache, with a negative ttl when the data are stale, and
    "fwd=miss" when the request waited for the vendor.
    """
    source = b"fwd=miss; stored" if waited else b"hit"
    return (
        (b"last-modified", formatdate(modified_at, usegmt=True).encode()),
        (b"cache-control", lasting or b"public, max-age=%d" % max_age),
        (b"cache-status", b"wfs-proxy; %b; ttl=%d" % (source, ttl)),
    )
