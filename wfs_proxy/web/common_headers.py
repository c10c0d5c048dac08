"""The header fields that every answer has, errors and pages included.

They are those of the API Design Rules (/core/version-header and the security headers of /core/transport), and CORS.
Cache-Control is not among them: public data may be cached, so every answer has its own.
"""

from __future__ import annotations

from wfs_proxy.asgi import Headers
from wfs_proxy.web.api_version import API_VERSION
from wfs_proxy.web.cors import Cors

__all__ = ["CommonHeaders", "missing_in"]

_ALWAYS: Headers = (
    (b"api-version", API_VERSION.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"frame-ancestors 'none'"),
    (b"x-frame-options", b"DENY"),
)

_ONE_YEAR = (b"strict-transport-security", b"max-age=31536000")


class CommonHeaders:
    """The header fields for requests from any origin."""

    def __init__(self, cors: Cors, *, public_url: str = "") -> None:
        """Prepare the fields.

        Args:
            cors: which origins may read answers.
            public_url: the public address. If it is https, the answers make browsers use nothing else (RFC 6797), which
                they ignore over plain http.
        """
        self._cors = cors
        self._always = (*_ALWAYS, _ONE_YEAR) if public_url.startswith("https://") else _ALWAYS
        self._any_origin = self._with(None)

    def headers(self, origin: bytes | None) -> Headers:
        """Return the fields of an answer to a request from an origin, Vary included."""
        return self._any_origin if origin is None or self._cors.any_origin else self._with(origin)

    def _with(self, origin: bytes | None) -> Headers:
        return (*self._always, *self._cors.headers(origin))


def missing_in(answer: Headers, common: Headers) -> Headers:
    """Return the common fields for an answer that may have a content security policy of its own, as pages do."""
    has_policy = any(name == _POLICY for name, _ in answer)
    return [field for field in common if field[0] != _POLICY] if has_policy else common


_POLICY = b"content-security-policy"
