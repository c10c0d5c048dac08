"""Requests and answers as the endpoints see them, and the refusals that they may raise."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, urlencode

from wfs_proxy.errors import RequestError

__all__ = ["ApiResponse", "Params", "Refused", "Request", "invalid", "server_error"]

Params = Mapping[str, list[str]]
"""Name of a query parameter -> its values, in order; never an empty list."""

_SERVER_ERROR = (
    '\n<!doctype html>\n<html lang="en">\n<head>\n  <title>Server Error (500)</title>\n</head>\n<body>\n'
    "  <h1>Server Error (500)</h1><p></p>\n</body>\n</html>\n"
)
"""What Django says when a view fails; recorded."""


@dataclass(frozen=True, kw_only=True)
class ApiResponse:
    """One HTTP response."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def json(cls, value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> ApiResponse:
        """A JSON document."""
        body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
        return cls(status=status, body=body, headers={"Content-Type": "application/json", **(headers or {})})

    @classmethod
    def text(cls, text: str, status: int = 200, media_type: str = "text/plain") -> ApiResponse:
        """Anything else."""
        return cls(status=status, body=text.encode(), headers={"Content-Type": media_type})


class Refused(RequestError):
    """The endpoint answers with an error; `answer` is what the client gets."""

    def __init__(self, answer: ApiResponse) -> None:
        super().__init__(f"refused with {answer.status}")
        self.answer = answer


def invalid(faults: Mapping[str, Any]) -> Refused:
    """400, with the faults by field as Django REST Framework writes them."""
    return Refused(ApiResponse.json(faults, 400))


def server_error() -> Refused:
    """500, HTML."""
    return Refused(ApiResponse.text(_SERVER_ERROR, 500, "text/html; charset=utf-8"))


@dataclass(frozen=True, kw_only=True)
class Request:
    """One HTTP request."""

    method: str
    host: str
    """Scheme and authority as the client wrote them: absolute links are built from it, whoever it names."""
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    """By lower-case name."""
    body: bytes = b""

    @cached_property
    def params(self) -> Params:
        """As Django reads them: a plus is a space."""
        params: dict[str, list[str]] = {}
        for name, value in parse_qsl(self.query, keep_blank_values=True):
            params.setdefault(name, []).append(value)
        return params

    def last(self, name: str) -> str:
        """The last value of a parameter; "" without one."""
        return self.params.get(name, [""])[-1]

    @property
    def address(self) -> str:
        """The address as it was asked for."""
        return f"{self.host}{self.path}" + (f"?{self.query}" if self.query else "")

    def address_with(self, name: str, value: int | None) -> str:
        """The address with one parameter replaced or taken away; the others sorted by name, as the backend does."""
        params = {key: values for key, values in self.params.items() if key != name}
        if value is not None:
            params[name] = [str(value)]
        query = urlencode(sorted(params.items()), doseq=True)
        return f"{self.host}{self.path}" + (f"?{query}" if query else "")

    def json(self) -> Any:
        """The body.

        Raises:
            Refused: 400, it is no JSON.
        """
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise invalid({"detail": f"JSON parse error - {error}"}) from None
