"""The error tree.

WfsProxyError
├── ConfigurationError          the operator's files or environment are wrong; found at start, reload or by `check`
├── UpstreamError               the vendor's service did not answer as asked
│   ├── UpstreamUnreachable     no connection, no answer in time, a broken connection, or the circuit is open
│   ├── UpstreamRefused         an HTTP error status, a refused login, or a redirect to another host
│   ├── UpstreamException       an exception report (WFS 1.0 ServiceExceptionReport, OWS ExceptionReport)
│   ├── UpstreamTooLarge        a body over the size limit, before or after decompression
│   └── UpstreamIncomplete      the vendor's answers do not add up to the whole layer
├── DecodeError                 the vendor's answer cannot be read
│   ├── UnsafeDocument          a DOCTYPE or an entity: refused before anything is resolved
│   ├── NotFeatures             HTML, plain text or capabilities: readable, but without features
│   ├── MalformedDocument       truncated or malformed XML or JSON
│   └── UnsupportedGeometry     a geometry element that we do not read (costs one feature, never a layer)
├── PlaceError                  object locations could not be determined
│   ├── UnknownCrs              the CRS is unknown, or its code is unknown to PROJ
│   └── ImplausiblePlace        no reading of the coordinates fits 95 % of the objects
├── StorageError                cached data on disk or in Redis are damaged, foreign or unreachable
└── RequestError                a request to the proxy cannot be answered
    ├── BadRequest              400
    │   └── WfsRequestError     400, with the code and the parameter that an exception report names
    ├── RequestTooLarge         413; the body of a request exceeds the limit
    ├── NotFound                404; the message names the nearest layer that exists
    ├── NotAcceptable           406; no format of the resource is one that the client accepts
    ├── QuestionUnavailable     409; a layer has no question that can be pasted, or no public address is known
    ├── Gone                    410; the data that a page link belongs to have been replaced
    ├── FormatUnavailable       501; the library that writes this format is not installed
    └── NotReady                503 with Retry-After; no data yet, and none can be fetched now

Lower packages raise without knowing the layer; `LayerCache` fills in `layer`. Messages contain no credentials: code
that puts a URL into a message redacts it first.
"""

from __future__ import annotations

import re

__all__ = [
    "BadRequest",
    "ConfigurationError",
    "DecodeError",
    "FormatUnavailable",
    "Gone",
    "ImplausiblePlace",
    "MalformedDocument",
    "NotAcceptable",
    "NotFeatures",
    "NotFound",
    "NotReady",
    "PlaceError",
    "QuestionUnavailable",
    "RequestError",
    "RequestTooLarge",
    "StorageError",
    "UnknownCrs",
    "UnsafeDocument",
    "UnsupportedGeometry",
    "UpstreamError",
    "UpstreamException",
    "UpstreamIncomplete",
    "UpstreamRefused",
    "UpstreamTooLarge",
    "UpstreamUnreachable",
    "WfsProxyError",
    "WfsRequestError",
]


class WfsProxyError(Exception):
    """Base of every error that this program raises."""

    status = 500
    """The HTTP status of the answer if a request caused the error (RFC 9110, section 15)."""

    title = "Internal error"
    """A short summary, the same for every occurrence (RFC 9457, section 3.1.3)."""

    layer: str | None = None
    """The id of the layer concerned; None while it is unknown."""

    unknown_type: str = ""
    """The type of the layer file that the vendor's service does not have; "" if that is not the error."""

    nearest_types: tuple[str, ...] = ()
    """The types that it has, the most similar ones first, for the remedy."""


class ConfigurationError(WfsProxyError):
    """A layer file or a setting is wrong and must be fixed by a person."""

    title = "Configuration error"


class UpstreamError(WfsProxyError):
    """The vendor's service failed. Data fetched before may be served instead."""

    status = 503
    title = "The vendor's service failed"
    retryable = False
    """Whether the same request may succeed a moment later."""

    upstream_status: int | None = None
    """The HTTP status that the vendor's server answered; None if it did not answer, or with a success."""


class UpstreamUnreachable(UpstreamError):
    """No connection, no answer in time, or a connection that broke."""

    title = "The vendor's service cannot be reached"
    retryable = True


class UpstreamRefused(UpstreamError):
    """The vendor's server answered with an HTTP error, refused the login or redirected to another host."""

    title = "The vendor's service refused the request"

    def __init__(self, message: str, *, upstream_status: int | None = None, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.upstream_status = upstream_status
        self.retry_after = retry_after
        """Seconds until the vendor accepts another request (RFC 9110, section 10.2.3); None if it gave none."""
        self.retryable = upstream_status in {408, 425, 429, 500, 502, 503, 504}


class UpstreamException(UpstreamError):
    """An exception report, with any HTTP status (MapServer and GeoServer send them with 200)."""

    title = "The vendor's service answered with an exception report"

    def __init__(self, message: str, *, code: str | None = None, locator: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.locator = locator


class UpstreamTooLarge(UpstreamError):
    """The vendor's answer exceeds the size limit."""

    title = "The vendor's answer is too large"


class UpstreamIncomplete(UpstreamError):
    """The layer could not be fetched completely, so none of it is published."""

    title = "The vendor's service did not return the whole layer"


class DecodeError(WfsProxyError):
    """The vendor's answer cannot be read."""

    status = 503
    title = "The vendor's answer cannot be read"


class UnsafeDocument(DecodeError):
    """XML with a DOCTYPE or entities: no vendor needs them, and attacks do."""

    title = "The vendor's answer is unsafe"


class NotFeatures(DecodeError):
    """A readable answer without features: an HTML page, a capabilities document, plain text."""


class MalformedDocument(DecodeError):
    """A truncated or malformed document."""


class UnsupportedGeometry(DecodeError):
    """A geometry of an unsupported kind; the message names the element."""


class PlaceError(WfsProxyError):
    """Object locations are uncertain, and a layer in the wrong place is worse than none."""

    status = 503
    title = "Object locations could not be determined"


class UnknownCrs(PlaceError):
    """There is no coordinate reference system, or PROJ does not know it."""


class ImplausiblePlace(PlaceError):
    """No reading of the coordinates puts 95 % of the objects in the area where they can be."""


class StorageError(WfsProxyError):
    """Cached data cannot be read or written. They are fetched and stored again."""

    title = "Cached data is unusable"


class RequestError(WfsProxyError):
    """The request to the proxy cannot be answered. Its message repeats only the beginning of what a client sent."""

    status = 400
    title = "Bad request"

    def __init__(self, message: str) -> None:
        super().__init__(_shortened(message))


_LONG_WORD = re.compile(r"(\S{100})\S+")
_LONGEST_MESSAGE = 3_000
"""Characters; the longest that we write ourselves has the names of 40 properties."""


def _shortened(message: str) -> str:
    """Return a message without most of a very long value."""
    short = _LONG_WORD.sub(r"\1...", message)
    return short if len(short) <= _LONGEST_MESSAGE else f"{short[:_LONGEST_MESSAGE]}..."


class BadRequest(RequestError):
    """A parameter is wrong; the message names it and says what is allowed."""


class WfsRequestError(BadRequest):
    """A parameter of a WFS request is wrong; the message names it and says what is allowed."""

    def __init__(self, message: str, *, code: str, locator: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        """Of the exception report (OGC 06-121r3, table 25; OGC 09-025r2, table 3)."""
        self.locator = locator
        """The parameter that is wrong; None if it is not one of them."""


class RequestTooLarge(RequestError):
    """The body of a request exceeds the limit that the message names."""

    status = 413
    title = "The request is too large"


class NotFound(RequestError):
    """There is no such layer or object; the message names the nearest layer that exists."""

    status = 404
    title = "Not found"


class NotAcceptable(RequestError):
    """The client accepts none of the formats that the resource has (RFC 9110, section 15.5.7)."""

    status = 406
    title = "Not acceptable"


class QuestionUnavailable(RequestError):
    """The question of a layer cannot be made yet; the message says what to set or to change."""

    status = 409
    title = "The question cannot be made"


class Gone(RequestError):
    """The data that the page link belongs to have been replaced: start again at the first page."""

    status = 410
    title = "Gone"


class FormatUnavailable(RequestError):
    """The format needs a library that is not installed; the message says how to install it."""

    status = 501
    title = "Format not available"


class NotReady(RequestError):
    """The layer has never been fetched and cannot be fetched now."""

    status = 503
    title = "Not ready"

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        """Seconds until another request makes sense (RFC 9110, section 10.2.3)."""
