"""CORS: which web pages may read the answers (Fetch standard, "HTTP extensions").

Maps run on other origins than the proxy and send no credentials, so by default every page may. Every answer has the
header fields, errors too: without them a page would only see a "network error".
"""

from __future__ import annotations

from collections.abc import Iterable

from wfs_proxy.asgi import ALLOWED_METHODS, Headers, Response

__all__ = ["Cors"]

EXPOSED = (
    b"API-Version, Cache-Status, Content-Crs, Content-Disposition, ETag, Features-Truncated, Link, "
    b"Question-Findings, Retry-After"
)
"""Header fields that a page may read besides the safelisted ones."""

ONE_DAY = b"86400"


class Cors:
    """The header fields for a set of allowed origins."""

    def __init__(self, origins: Iterable[str]) -> None:
        self._origins = frozenset(origin.encode("latin-1") for origin in origins)
        self._fields_for_any = (
            (b"access-control-allow-origin", b"*"),
            (b"access-control-expose-headers", EXPOSED),
            (b"vary", b"Accept-Encoding"),
        )
        self._fields_for_others = ((b"vary", b"Accept-Encoding, Origin"),)

    @property
    def any_origin(self) -> bool:
        """Whether answers are the same for every origin."""
        return b"*" in self._origins

    def headers(self, origin: bytes | None) -> Headers:
        """Return the fields of an answer to a request from an origin, Vary included."""
        if self.any_origin:
            return self._fields_for_any
        if origin not in self._origins or origin is None:
            return self._fields_for_others
        return (
            (b"access-control-allow-origin", origin),
            (b"access-control-expose-headers", EXPOSED),
            *self._fields_for_others,
        )

    @staticmethod
    def preflight(methods: bytes = ALLOWED_METHODS) -> Response:
        """Return the answer to OPTIONS, preflight or not; the caller adds the fields of `headers`.

        Args:
            methods: that the path supports, as in the header field Allow.
        """
        return Response(
            status=204,
            headers=(
                (b"allow", methods),
                (b"access-control-allow-methods", methods),
                (b"access-control-allow-headers", b"*"),
                (b"access-control-max-age", ONE_DAY),
            ),
        )
