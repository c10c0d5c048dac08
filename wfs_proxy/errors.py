"""The error tree.

WfsProxyError
├── ConfigurationError          the operator's files or environment are wrong; told at start or by `check`
├── UpstreamError               the vendor did not give what was asked for
│   ├── UpstreamUnreachable     no connection, no answer in time, a broken connection, the breaker is open
│   ├── UpstreamRefused         an HTTP error status, a refused login, a redirect to another host
│   ├── UpstreamException       an exception report (WFS 1.0 ServiceExceptionReport, OWS ExceptionReport)
│   ├── UpstreamTooLarge        a body over the limit, before or after decompression
│   └── UpstreamIncomplete      the vendor's answers cannot be made into a whole layer
├── DecodeError                 bytes that are not what they say they are
│   ├── UnsafeDocument          a DOCTYPE or an entity: refused before anything is resolved
│   ├── NotFeatures             HTML, plain text, capabilities: readable, but no features
│   ├── MalformedDocument       truncated or not well-formed XML or JSON
│   └── UnsupportedGeometry     a geometry element outside our subset (costs one feature, never a layer)
├── PlaceError                  nobody can say where the objects are
│   ├── UnknownCrs              no CRS is known, or a code that PROJ does not know
│   └── ImplausiblePlace        no reading of the coordinates fits 95 % of the objects
├── StorageError                what is kept on disk or in Redis is damaged, foreign or cannot be reached
└── RequestError                the client of the proxy asked for something that cannot be answered
    ├── BadRequest              400
    ├── NotFound                404; names the nearest thing that does exist
    ├── Gone                    410: the snapshot that a page link names was replaced
    └── NotReady                503 with Retry-After: no data yet and the vendor is away

Low floors raise without knowing which layer they work for; `LayerCache` adds it on the way out. `status` is a hint
for whoever speaks HTTP. Messages never hold credentials: whoever puts an address into one redacts it first.
"""

from __future__ import annotations

__all__ = [
    "BadRequest",
    "ConfigurationError",
    "DecodeError",
    "Gone",
    "ImplausiblePlace",
    "MalformedDocument",
    "NotFeatures",
    "NotFound",
    "NotReady",
    "PlaceError",
    "RequestError",
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
]


class WfsProxyError(Exception):
    """Everything that this program raises on purpose."""

    status = 500
    """The HTTP status that fits, should a request have caused this (RFC 9110, section 15)."""

    title = "Internal error"
    """A short summary that does not change from one occurrence to the next (RFC 9457, section 3.1.3)."""

    layer: str | None = None
    """The layer that was worked on, filled in by whoever knows it."""


class ConfigurationError(WfsProxyError):
    """Catch this at start-up: a file or a setting must be mended by a person."""

    title = "Configuration error"


class UpstreamError(WfsProxyError):
    """Catch this where old data may be served instead: the vendor failed."""

    status = 503
    title = "The vendor's service failed"
    retryable = False
    """True when the same request may succeed a moment later."""


class UpstreamUnreachable(UpstreamError):
    """No connection, no answer in time, or a connection that broke."""

    title = "The vendor's service cannot be reached"
    retryable = True


class UpstreamRefused(UpstreamError):
    """The vendor's server answered with an HTTP error, refused the login or pointed to another host."""

    title = "The vendor's service refused the request"

    def __init__(self, message: str, *, upstream_status: int | None = None, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.upstream_status = upstream_status
        self.retry_after = retry_after
        """Seconds that the vendor asks us to stay away (RFC 9110, section 10.2.3)."""
        self.retryable = upstream_status in {408, 425, 429, 500, 502, 503, 504}


class UpstreamException(UpstreamError):
    """An exception report, whatever the HTTP status was (MapServer and GeoServer send them with 200)."""

    title = "The vendor's service answered with an exception report"

    def __init__(self, message: str, *, code: str | None = None, locator: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.locator = locator


class UpstreamTooLarge(UpstreamError):
    """An answer over the size limit."""

    title = "The vendor's answer is too large"


class UpstreamIncomplete(UpstreamError):
    """The layer could not be fetched whole, so nothing of it is published."""

    title = "The vendor's service did not give the whole layer"


class DecodeError(WfsProxyError):
    """Catch this where one document may fail without the rest."""

    status = 503
    title = "The vendor's answer cannot be read"


class UnsafeDocument(DecodeError):
    """XML with a DOCTYPE or entities; no vendor needs them and every attack does."""

    title = "The vendor's answer is unsafe"


class NotFeatures(DecodeError):
    """A readable answer without features: an HTML page, a capabilities document, plain text."""


class MalformedDocument(DecodeError):
    """Truncated, or not well-formed."""


class UnsupportedGeometry(DecodeError):
    """A geometry that we do not read; the message names the element."""


class PlaceError(WfsProxyError):
    """Catch this where a layer must stay away from the map rather than be in the wrong place."""

    status = 503
    title = "The place of the objects is not certain"


class UnknownCrs(PlaceError):
    """No coordinate reference system, or one that PROJ does not know."""


class ImplausiblePlace(PlaceError):
    """No reading of the coordinates puts 95 % of the objects where they can be."""


class StorageError(WfsProxyError):
    """Catch this where the work can go on without what is kept: it is fetched anew, and kept again."""

    title = "What is kept cannot be used"


class RequestError(WfsProxyError):
    """The request to the proxy itself is at fault."""

    status = 400
    title = "Bad request"


class BadRequest(RequestError):
    """A parameter is wrong; the message says which, and what would be right."""


class NotFound(RequestError):
    """No such layer or object; the message names the nearest that exists."""

    status = 404
    title = "Not found"


class Gone(RequestError):
    """A page link of a snapshot that has been replaced: start again at the first page."""

    status = 410
    title = "Gone"


class NotReady(RequestError):
    """The layer has never been fetched and cannot be fetched now."""

    status = 503
    title = "Not ready"

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        """Seconds until it makes sense to ask again (RFC 9110, section 10.2.3)."""
