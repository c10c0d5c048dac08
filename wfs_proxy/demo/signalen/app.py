"""The ASGI application: routes, methods and the header fields of every answer."""

from __future__ import annotations

import re
from collections.abc import Mapping

from wfs_proxy.asgi import Receive, Scope, Send
from wfs_proxy.demo.signalen.auth import REALM, IdentityProvider
from wfs_proxy.demo.signalen.backend import Backend
from wfs_proxy.demo.signalen.endpoints import Endpoint, PrivateApi, PublicApi
from wfs_proxy.demo.signalen.messages import ApiResponse, Refused, Request, not_allowed

__all__ = ["VERSION", "Signalen"]

VERSION = "2.50.12"
"""The version of the backend that was recorded."""

_HEALTH = "/status/health"
_EXPOSED = "Link, X-API-Version, X-Total-Count"
_OF_HEALTH = {"Content-Type": "text/plain", "Vary": "origin"}
_SERVER_ERROR = 500
_ALLOWED = ("GET", "POST", "PATCH")
"""The methods that the views name in `Allow`, although others reach the check of permissions."""

_PREFLIGHT = {
    "Content-Type": "text/html; charset=utf-8",
    "access-control-allow-headers": "accept, authorization, content-type, user-agent, x-csrftoken, x-requested-with",
    "access-control-allow-methods": "DELETE, GET, OPTIONS, PATCH, POST, PUT",
    "access-control-max-age": "86400",
}


class Signalen:
    """Signalen's API over a backend, and the identity provider that its machine users need.

    Args:
        backend: the database.
        provider: issues the tokens that are accepted.
        forgiving: treat a missing bearer token as backend 2.43.10 does.
    """

    def __init__(self, backend: Backend, provider: IdentityProvider, *, forgiving: bool = False) -> None:
        self.backend = backend
        self.provider = provider
        private, public = PrivateApi(backend, provider, forgiving=forgiving), PublicApi(backend)
        self._routes = [
            (re.compile(pattern), methods) for pattern, methods in _routes(provider, private, public).items()
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request. Scopes other than HTTP are ignored."""
        if scope["type"] != "http":
            return
        request = await _read(scope, receive)
        answer = self.answer(request)
        headers = {**answer.headers, "Content-Length": str(len(answer.body))}
        encoded = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": answer.status, "headers": encoded})
        await send({"type": "http.response.body", "body": b"" if request.method == "HEAD" else answer.body})

    def answer(self, request: Request) -> ApiResponse:
        """Return the answer to one request."""
        headers = {"X-API-Version": VERSION, "X-Frame-Options": "DENY", "Vary": "Accept, origin"}
        if "origin" in request.headers:
            cors = {"access-control-allow-origin": "*", "access-control-expose-headers": _EXPOSED}
            if request.method == "OPTIONS" and "access-control-request-method" in request.headers:
                return ApiResponse(headers={**_PREFLIGHT, **cors, "Vary": "origin"})
            headers.update(cors)
        if self.backend.maintenance and request.path != _HEALTH:
            answer = ApiResponse.text("API in maintenance mode", 503)
        else:
            answer = self._routed(request)
        return ApiResponse(status=answer.status, body=answer.body, headers={**headers, **answer.headers})

    def _routed(self, request: Request) -> ApiResponse:
        for pattern, methods in self._routes:
            found = pattern.fullmatch(request.path)
            if found is not None:
                return _call(request, methods, found.groups())
        return ApiResponse.text("<h1>Not Found</h1>", 404, "text/html; charset=utf-8")


def _call(request: Request, methods: Mapping[str, Endpoint], parts: tuple[str, ...]) -> ApiResponse:
    allow = {"Allow": ", ".join([*(method for method in methods if method in _ALLOWED), "HEAD", "OPTIONS"])}
    endpoint = methods.get("GET" if request.method == "HEAD" else request.method)
    if endpoint is None:
        return not_allowed(request, allow)
    try:
        answer = endpoint(request, *parts)
    except Refused as refusal:
        answer = refusal.answer
    if answer.status == _SERVER_ERROR or request.path == _HEALTH:
        return answer
    return ApiResponse(status=answer.status, body=answer.body, headers={**allow, **answer.headers})


def _routes(provider: IdentityProvider, private: PrivateApi, public: PublicApi) -> Mapping[str, Mapping[str, Endpoint]]:
    """Return pattern of the path -> method -> endpoint. A slash at the end is optional."""
    api = "/signals/v1"
    terms = rf"{api}/public/terms/categories/([\w-]+)/sub_categories/([\w-]+)"
    return {
        _HEALTH: {"GET": lambda _: ApiResponse(body=b"Connectivity OK", headers=_OF_HEALTH)},
        f"{REALM}/.well-known/openid-configuration": {"GET": provider.discovery},
        f"{REALM}/protocol/openid-connect/token": {"POST": provider.token},
        f"{api}/private/signals/?": {
            "GET": private.signals,
            "POST": private.write,
            "PUT": private.write,
            "OPTIONS": private.describe,
        },
        f"{api}/private/signals/geography/?": {
            "GET": private.geography,
            "PUT": private.write,
            "OPTIONS": private.describe,
        },
        rf"{api}/private/signals/(\d+)/?": {
            "GET": private.signal,
            "PATCH": private.change,
            "PUT": private.write,
            "OPTIONS": private.describe,
        },
        rf"{api}/private/signals/(\d+)/history/?": {"GET": private.history},
        rf"{api}/private/signals/(\d+)/context/near/geography/?": {"GET": private.near},
        f"{api}/private/search/?": {"GET": private.search},
        f"{api}/private/categories/?": {"GET": private.categories},
        f"{api}/public/signals/?": {"POST": public.report, "OPTIONS": public.describe},
        f"{api}/public/signals/geography/?": {"GET": public.geography, "OPTIONS": public.describe},
        rf"{api}/public/signals/([0-9a-f-]{{36}})/?": {"GET": public.signal},
        f"{api}/public/map-signals/?": {"GET": public.map_signals},
        f"{api}/public/questions/?": {"GET": public.questions},
        f"{api}/public/terms/categories/?": {"GET": public.categories},
        f"{terms}/?": {"GET": public.category},
    }


async def _read(scope: Scope, receive: Receive) -> Request:
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    body = b""
    more = True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return Request(
        method=scope["method"],
        host=f"{scope['scheme']}://{headers.get('host', '127.0.0.1')}",
        path=scope["path"],
        query=scope["query_string"].decode("latin-1"),
        headers=headers,
        body=body,
    )
