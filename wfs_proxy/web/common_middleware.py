"""Adds to every answer of the framework's app what the endpoints outside it do for their own.

These are the common header fields, HEAD and OPTIONS, metrics and the access log. No exception escapes to the server.
"""

from __future__ import annotations

import time
from collections.abc import MutableMapping
from contextlib import suppress
from typing import Any

from wfs_proxy.asgi import ASGIApp, Headers, Receive, Scope, Send
from wfs_proxy.errors import NotAcceptable
from wfs_proxy.web.common_headers import CommonHeaders, missing_in
from wfs_proxy.web.cors import Cors
from wfs_proxy.web.negotiation import require_json_accepted
from wfs_proxy.web.problems import error_problem
from wfs_proxy.web.request_observer import Observe

__all__ = ["HEAD_ONLY", "CommonMiddleware"]

UNKNOWN_ROUTE = "other"
"""The route in metrics for paths without a route: unknown ones, and the files of `/docs`."""


HEAD_ONLY = "wfs_proxy.head_only"
"""A key of the scope: the request is HEAD. Routes see GET, and may use the key to save themselves a large body."""


class CommonMiddleware:
    """Wraps the app that answers everything that no endpoint outside the framework answers."""

    def __init__(self, app: ASGIApp, *, common: CommonHeaders, observe: Observe, public_url: str = "") -> None:
        self._app = app
        self._common = common
        self._public_url = public_url
        self._observe = observe

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or pass the lifespan on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        method = scope["method"]
        sender = _ResponseSender(
            send, self._common.headers(dict(scope["headers"]).get(b"origin")), with_body=method != "HEAD"
        )
        if method == "OPTIONS":
            await Cors.preflight().send(sender)
        else:
            await self._answer(
                {**scope, "method": "GET", HEAD_ONLY: True} if method == "HEAD" else scope, receive, sender
            )
        route = getattr(scope.get("route"), "path", UNKNOWN_ROUTE)
        self._observe(method, route, sender.status, time.perf_counter() - started)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        accept = dict(scope["headers"]).get(b"accept")
        try:
            require_json_accepted(scope["path"], accept.decode("latin-1") if accept is not None else None)
        except NotAcceptable as error:
            await error_problem(error, layer=None, public_url=self._public_url).send(send)
            return
        # after an unexpected error the framework answers with 500, logs it, and raises it again
        with suppress(Exception):
            await self._app(scope, receive, send)


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
            own = message["headers"]
            message = {**message, "headers": [*own, *missing_in(own, self._headers)]}
        elif not self._with_body:
            message = {**message, "body": b""}
        await self._send(message)
