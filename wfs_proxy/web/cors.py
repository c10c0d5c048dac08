"""Which web pages may read the answers (Fetch standard, "HTTP extensions").

The maps run on other origins than the proxy and send no credentials, so by default everybody may; an error without
these header fields would reach a page as "network error" only, so every answer has them.
"""

from __future__ import annotations

from collections.abc import Iterable

from wfs_proxy.asgi import ALLOWED_METHODS, Headers, Response

__all__ = ["Cors"]

EXPOSED = b"Cache-Status, ETag, Features-Truncated, Retry-After"
"""What a page may read beyond the fields that every page may."""

ONE_DAY = b"86400"


class Cors:
    """The header fields for a set of allowed origins."""

    def __init__(self, origins: Iterable[str]) -> None:
        self._origins = frozenset(origin.encode("latin-1") for origin in origins)
        self._anybody = (
            (b"access-control-allow-origin", b"*"),
            (b"access-control-expose-headers", EXPOSED),
            (b"vary", b"Accept-Encoding"),
        )
        self._nobody = ((b"vary", b"Accept-Encoding, Origin"),)

    def headers(self, origin: bytes | None) -> Headers:
        """The fields of any answer to a request from an origin; Vary is among them."""
        if b"*" in self._origins:
            return self._anybody
        if origin not in self._origins or origin is None:
            return self._nobody
        return (
            (b"access-control-allow-origin", origin),
            (b"access-control-expose-headers", EXPOSED),
            *self._nobody,
        )

    @staticmethod
    def preflight() -> Response:
        """The answer to OPTIONS, preflight or not; the fields of `headers` must be added."""
        return Response(
            status=204,
            headers=(
                (b"allow", ALLOWED_METHODS),
                (b"access-control-allow-methods", ALLOWED_METHODS),
                (b"access-control-allow-headers", b"*"),
                (b"access-control-max-age", ONE_DAY),
            ),
        )
