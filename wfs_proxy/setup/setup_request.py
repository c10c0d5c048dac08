"""A request to the page, and who may make one.

The page can write files, so only the person who started the command may use it. Everything is below a path with a
random token that the command prints. The Host header field must name this machine, so that a web site whose name was
bound to 127.0.0.1 (DNS rebinding) is refused. A form must come from the page itself: browsers send its Origin, which
no script can change (Fetch standard, "Origin header").
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import parse_qs, parse_qsl

from wfs_proxy.asgi import Receive, Scope

__all__ = ["MOST_BYTES", "Guard", "SetupRequest", "read_form"]

MOST_BYTES = 1_000_000
"""Of a form: a type with thousands of fields."""

_FORM = "application/x-www-form-urlencoded"

Refusal = Literal["host", "token", "method", "origin", "media_type"]


@dataclass(frozen=True, kw_only=True)
class SetupRequest:
    """One request, after it was admitted."""

    method: str
    path: str
    """Below the token, without a slash at its beginning."""

    query: Mapping[str, str]
    accept: str
    accept_language: str | None
    form: Mapping[str, list[str]] = field(default_factory=dict, repr=False)
    """Name of a control -> its values; may contain a secret."""

    def one(self, name: str) -> str:
        """Return the value of a control of the form without white space around it; "" without one."""
        return self.form.get(name, [""])[0].strip()

    def secret(self, name: str) -> str:
        """Return a value as it was typed; "" without one."""
        return self.form.get(name, [""])[0]

    def several(self, name: str) -> tuple[str, ...]:
        """Return all values of a control."""
        return tuple(self.form.get(name, ()))


@dataclass(frozen=True, kw_only=True)
class Guard:
    """Admits requests of the person who started the command."""

    token: str = field(repr=False)
    port: int

    @property
    def hosts(self) -> tuple[str, ...]:
        """The names of this page's server, as in the Host header field."""
        return (f"127.0.0.1:{self.port}", f"localhost:{self.port}")

    @property
    def root(self) -> str:
        """The path of the page."""
        return f"/{self.token}/"

    def refusal(self, scope: Scope) -> Refusal | None:
        """Return why a request is refused; None if it is admitted."""
        hosts = _values(scope, b"host")
        if len(hosts) != 1 or hosts[0] not in self.hosts:
            return "host"
        before, slash, _ = str(scope["path"]).removeprefix("/").partition("/")
        if not slash or not hmac.compare_digest(before.encode(), self.token.encode()):
            return "token"
        if scope["method"] in {"GET", "HEAD"}:
            return None
        if scope["method"] != "POST":
            return "method"
        if _values(scope, b"origin") != [f"http://{hosts[0]}"]:
            return "origin"
        media_type = ",".join(_values(scope, b"content-type")).partition(";")[0].strip().lower()
        return None if media_type == _FORM else "media_type"

    def read(self, scope: Scope, form: Mapping[str, list[str]]) -> SetupRequest:
        """Return an admitted request."""
        return SetupRequest(
            method=scope["method"],
            path=str(scope["path"])[len(self.root) :],
            query=dict(parse_qsl(scope["query_string"].decode("latin-1"))),
            accept=",".join(_values(scope, b"accept")),
            accept_language=",".join(_values(scope, b"accept-language")) or None,
            form=form,
        )


async def read_form(receive: Receive) -> Mapping[str, list[str]] | None:
    """Return the body of a form (URL standard, "application/x-www-form-urlencoded"); None if it is too large."""
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > MOST_BYTES or message["type"] == "http.disconnect":
            return None
        if not message.get("more_body", False):
            return parse_qs(body.decode("latin-1"), keep_blank_values=True)


def _values(scope: Scope, name: bytes) -> list[str]:
    return [value.decode("latin-1") for header, value in scope["headers"] if header == name]
