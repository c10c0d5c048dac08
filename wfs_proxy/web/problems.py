"""Errors as problem+json (RFC 9457), the same for every path.

`type` leads to `/problems/{name}`, which explains the problem; the names are those of the error tree in `errors.py`.
Where the HTTP status says enough, `type` is "about:blank" (section 4.2.1).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import orjson
from pydantic import BaseModel, Field

from wfs_proxy.asgi import ALLOWED_METHODS, Headers, Response
from wfs_proxy.errors import NotReady, WfsProxyError

__all__ = ["PROBLEMS", "error_problem", "internal_error", "method_not_allowed", "problem_response", "status_problem"]

_MEDIA_TYPE = "application/problem+json"

_LONGEST_LAYER = 100
"""Characters."""


def _tree(root: type[WfsProxyError]) -> Iterator[type[WfsProxyError]]:
    yield root
    for child in root.__subclasses__():
        yield from _tree(child)


def _slug(error: type[WfsProxyError]) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", error.__name__).lower()


PROBLEMS = {_slug(error): error for error in _tree(WfsProxyError)}
"""The last part of a problem's `type` -> the error."""


class ProblemDetails(BaseModel):
    """An error (RFC 9457)."""

    type: str = Field(json_schema_extra={"format": "uri-reference"})
    title: str
    status: int
    detail: str
    layer: str | None = Field(description="The layer concerned, if any.")


def problem_response(description: str) -> dict[str, Any]:
    """Return the description of an answer that is a problem (OpenAPI 3.1.0, section 4.8.17)."""
    return {"description": description, "content": {_MEDIA_TYPE: {"schema": ProblemDetails.model_json_schema()}}}


def error_problem(error: WfsProxyError, *, layer: str | None, public_url: str = "") -> Response:
    """Return the answer for an error.

    Args:
        error: its message becomes the detail.
        layer: the layer that the request named, for an error that does not name one.
        public_url: the public address without a slash at its end, or "".
    """
    members = {
        "type": f"{public_url}/problems/{_slug(type(error))}",
        "title": error.title,
        "status": error.status,
        "detail": str(error),
        "layer": _named(error.layer or layer),
    }
    headers = [(b"retry-after", b"%d" % error.retry_after)] if isinstance(error, NotReady) else []
    return _response(error.status, members, headers)


def status_problem(status: int, detail: str, *, layer: str | None = None, headers: Headers = ()) -> Response:
    """Return an answer that needs no type beyond its HTTP status."""
    title = HTTPStatus(status).phrase
    members = {"type": "about:blank", "title": title, "status": status, "detail": detail, "layer": _named(layer)}
    return _response(status, members, headers)


def method_not_allowed(method: str, *, layer: str | None = None, allowed: bytes = ALLOWED_METHODS) -> Response:
    """Return the answer to a method that the path does not support (RFC 9110, section 15.5.6)."""
    return status_problem(405, f"{method} is not supported here.", layer=layer, headers=[(b"allow", allowed)])


def internal_error(*, layer: str | None = None) -> Response:
    """Return the answer to an unexpected exception; the caller has logged it."""
    return status_problem(500, "Internal error; see the proxy log.", layer=layer)


def _named(layer: str | None) -> str | None:
    """Return the name of a layer, or the beginning of what a client sent in its place."""
    return None if layer is None else layer[:_LONGEST_LAYER]


def _response(status: int, members: dict[str, object], headers: Headers) -> Response:
    return Response(
        status=status,
        headers=[
            (b"content-type", _MEDIA_TYPE.encode()),
            (b"cache-control", b"no-store"),
            *headers,
        ],
        body=orjson.dumps(members),
    )
