"""Errors as problem+json (RFC 9457), the same for every path.

`type` leads to `/problems/{name}`, which says what the problem is: the closed list is the error tree. Where HTTP's own
meaning of a status says it all, `type` is "about:blank" (section 4.2.1).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from http import HTTPStatus

import orjson

from wfs_proxy.asgi import ALLOWED_METHODS, Headers, Response
from wfs_proxy.errors import NotReady, WfsProxyError

__all__ = ["MEDIA_TYPE", "PROBLEMS", "method_not_allowed", "own_mistake", "plain_problem", "problem_of"]

MEDIA_TYPE = "application/problem+json"


def _tree(root: type[WfsProxyError]) -> Iterator[type[WfsProxyError]]:
    yield root
    for child in root.__subclasses__():
        yield from _tree(child)


def _slug(error: type[WfsProxyError]) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", error.__name__).lower()


PROBLEMS = {_slug(error): error for error in _tree(WfsProxyError)}
"""The last part of a problem's `type` -> the error."""


def problem_of(error: WfsProxyError, *, layer: str | None, public_url: str = "") -> Response:
    """The answer that tells an error.

    Args:
        error: its message is told.
        layer: the layer that the request named, for an error that does not know.
        public_url: the public address without a slash at its end, or "".
    """
    members = {
        "type": f"{public_url}/problems/{_slug(type(error))}",
        "title": error.title,
        "status": error.status,
        "detail": str(error),
        "layer": error.layer or layer,
    }
    headers = [(b"retry-after", b"%d" % error.retry_after)] if isinstance(error, NotReady) else []
    return _response(error.status, members, headers)


def plain_problem(status: int, detail: str, *, layer: str | None = None, headers: Headers = ()) -> Response:
    """The answer for which HTTP's own meaning of the status is enough."""
    title = HTTPStatus(status).phrase
    members = {"type": "about:blank", "title": title, "status": status, "detail": detail, "layer": layer}
    return _response(status, members, headers)


def method_not_allowed(method: str, *, layer: str | None = None) -> Response:
    """The answer to a method that no address here has (RFC 9110, section 15.5.6)."""
    return plain_problem(405, f"{method} is not possible here.", layer=layer, headers=[(b"allow", ALLOWED_METHODS)])


def own_mistake(*, layer: str | None = None) -> Response:
    """The answer when something went wrong that nobody foresaw; whoever gives it has logged what it was."""
    return plain_problem(500, "The proxy made a mistake; its log tells more.", layer=layer)


def _response(status: int, members: dict[str, object], headers: Headers) -> Response:
    return Response(
        status=status,
        headers=[
            (b"content-type", MEDIA_TYPE.encode()),
            (b"cache-control", b"no-store"),
            (b"x-content-type-options", b"nosniff"),
            *headers,
        ],
        body=orjson.dumps(members),
    )
