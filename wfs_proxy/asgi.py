"""An HTTP response as a value, and how it is sent over ASGI."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any, NamedTuple

__all__ = ["ALLOWED_METHODS", "ASGIApp", "Headers", "Receive", "Response", "Scope", "Send"]

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]
"""An application and its arguments (ASGI 3.0, "Applications")."""

ALLOWED_METHODS = b"GET, HEAD, OPTIONS"
"""The methods that every path supports, as in the header field Allow (RFC 9110, section 10.2.1)."""

Headers = Sequence[tuple[bytes, bytes]]
"""Names in lower case, and values."""


class Response(NamedTuple):
    """A complete response; Content-Length is added when it is sent."""

    status: int
    headers: Headers
    body: bytes = b""

    async def send(self, send: Send, *, more_headers: Headers = (), with_body: bool = True) -> None:
        """Send the response with further header fields; `with_body` is false for HEAD."""
        headers = [*self.headers, *more_headers]
        if self.status not in (204, 304):
            headers.append((b"content-length", b"%d" % len(self.body)))
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body if with_body else b""})
