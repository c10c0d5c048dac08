"""Requests and responses as the endpoints use them, and the refusals that they raise."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, urlencode

from wfs_proxy.errors import RequestError

__all__ = ["ApiResponse", "Params", "Refused", "Request", "invalid", "not_allowed", "server_error"]

Params = Mapping[str, list[str]]
"""Name of a query parameter -> its values in order. The list is never empty."""

_SERVER_ERROR = (
    '\n<!doctype html>\n<html lang="en">\n<head>\n  <title>Server Error (500)</title>\n</head>\n<body>\n'
    "  <h1>Server Error (500)</h1><p></p>\n</body>\n</html>\n"
)
"""Django's answer when a view fails, as recorded."""


@dataclass(frozen=True, kw_only=True)
class ApiResponse:
    """One HTTP response."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def json(cls, value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> ApiResponse:
        """Return a response with a JSON document."""
        body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
        return cls(status=status, body=body, headers={"Content-Type": "application/json", **(headers or {})})

    @classmethod
    def text(cls, text: str, status: int = 200, media_type: str = "text/plain") -> ApiResponse:
        """Return a response with text."""
        return cls(status=status, body=text.encode(), headers={"Content-Type": media_type})


class Refused(RequestError):
    """The endpoint refuses the request. `answer` is the response."""

    def __init__(self, answer: ApiResponse) -> None:
        super().__init__(f"refused with {answer.status}")
        self.answer = answer


def invalid(errors: Mapping[str, Any]) -> Refused:
    """Return a 400 response with the errors by field, as Django REST Framework writes them."""
    return Refused(ApiResponse.json(errors, 400))


def not_allowed(request: Request, headers: Mapping[str, str] | None = None) -> ApiResponse:
    """Return the 405 response to a method that an endpoint does not have."""
    return ApiResponse.json({"detail": f'Methode "{request.method}" niet toegestaan.'}, 405, headers)


def server_error(vary: str = "Cookie, origin") -> Refused:
    """Return a 500 response in HTML. It depends on the cookie if it failed before the user was known."""
    answer = ApiResponse.text(_SERVER_ERROR, 500, "text/html; charset=utf-8")
    return Refused(replace(answer, headers={**answer.headers, "Vary": vary}))


@dataclass(frozen=True, kw_only=True)
class Request:
    """One HTTP request."""

    method: str
    host: str
    """Scheme and authority as the client wrote them. Absolute links are built from it without checking it."""
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    """By lower-case name."""
    body: bytes = b""

    @cached_property
    def params(self) -> Params:
        """The query parameters as Django reads them: a plus is a space."""
        params: dict[str, list[str]] = {}
        for name, value in parse_qsl(self.query, keep_blank_values=True):
            params.setdefault(name, []).append(value)
        return params

    def last(self, name: str) -> str:
        """Return the last value of a parameter; "" if there is none."""
        return self.params.get(name, [""])[-1]

    @property
    def address(self) -> str:
        """The URL of the request."""
        return f"{self.host}{self.path}" + (f"?{self.query}" if self.query else "")

    def address_with(self, name: str, value: int | None) -> str:
        """Return the URL with one parameter replaced or removed. All are sorted by name, as the backend does."""
        params = {key: values for key, values in self.params.items() if key != name}
        if value is not None:
            params[name] = [str(value)]
        query = urlencode(sorted(params.items()), doseq=True)
        return f"{self.host}{self.path}" + (f"?{query}" if query else "")

    def json(self) -> Any:
        """Return the body as JSON.

        Raises:
            Refused: 400, the body is not JSON.
        """
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise invalid({"detail": f"JSON parse error - {error}"}) from None
