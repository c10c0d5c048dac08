"""Adds to every answer of the framework's app what `feature_endpoint.py` does for its own.

These are CORS header fields, HEAD and OPTIONS, metrics and the access log; and no exception escapes to the server.
"""

from __future__ import annotations

import time
from collections.abc import MutableMapping
from contextlib import suppress
from typing import Any

from wfs_proxy.asgi import ASGIApp, Headers, Receive, Scope, Send
from wfs_proxy.web.cors import Cors
from wfs_proxy.web.request_observer import Observe

__all__ = ["CommonMiddleware"]

UNKNOWN_ROUTE = "other"
"""The route in metrics for paths without a route: unknown ones, and the files of `/docs`."""


class CommonMiddleware:
    """Wraps the app that answers everything except features."""

    def __init__(self, app: ASGIApp, *, cors: Cors, observe: Observe) -> None:
        self._app = app
        self._cors = cors
        self._observe = observe

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or pass the lifespan on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        method = scope["method"]
        sender = _ResponseSender(
            send, self._cors.headers(dict(scope["headers"]).get(b"origin")), with_body=method != "HEAD"
        )
        if method == "OPTIONS":
            await self._cors.preflight().send(sender)
        else:
            scope = {**scope, "method": "GET"} if method == "HEAD" else scope
            # after an unexpected error the framework answers with 500, logs it, and raises it again
            with suppress(Exception):
                await self._app(scope, receive, sender)
        route = getattr(scope.get("route"), "path", UNKNOWN_ROUTE)
        self._observe(method, route, sender.status, time.perf_counter() - started)


class _ResponseSender:
    """A `send` that adds header fields, omits the body for HEAD and remembers the status."""

    def __init__(self, send: Send, headers: Headers, *, with_body: bool) -> None:
        self._send = send
        self._headers = headers
        self._with_body = with_body
        self.status = 500

    async def __call__(self, message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message = {**message, "headers": [*message["headers"], *self._headers]}
        elif not self._with_body:
            message = {**message, "body": b""}
        await self._send(message)
