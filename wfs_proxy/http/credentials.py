"""What authenticates a request, and how a token is asked for. The credentials of an `auth` block are in `auth`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from wfs_proxy.features import Payload
from wfs_proxy.http.status_errors import Wording

__all__ = ["Credentials", "ExchangeToken", "SentCredentials", "StaticCredentials", "TokenRequest", "with_headers"]


@dataclass(frozen=True, kw_only=True)
class SentCredentials:
    """The credentials of one request."""

    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    parameters: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Query parameters. They are added when a request is sent, so that no other code sees them."""

    token: str | None = field(default=None, repr=False)
    """The token in them that can be renewed; None if there is none."""


def with_headers(sent: SentCredentials, headers: Mapping[str, str]) -> SentCredentials:
    """Return the credentials with further header fields."""
    return replace(sent, headers={**sent.headers, **headers})


class Credentials(Protocol):
    """The credentials of all requests to one server."""

    @property
    def tokens(self) -> tuple[str, ...]:
        """The tokens that were issued last. A server may repeat them in its messages."""
        ...

    async def current(self) -> SentCredentials:
        """Return the credentials of a request that is sent now."""
        ...

    def renewable_after(self, sent: SentCredentials) -> bool:
        """Report that these credentials were answered with 401 or 403; true if `current` returns other ones now."""
        ...


class StaticCredentials:
    """No credentials, or the same header for every request."""

    tokens = ()

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._sent = SentCredentials(headers=dict(headers))

    async def current(self) -> SentCredentials:
        """Return the header."""
        return self._sent

    def renewable_after(self, sent: SentCredentials) -> bool:  # noqa: ARG002 - the protocol's signature
        """Return False: there are no other credentials."""
        return False


@dataclass(frozen=True, kw_only=True)
class TokenRequest:
    """A request for a token, or for the address at which tokens are issued."""

    url: str = field(repr=False)

    headers: Mapping[str, str] = field(repr=False)

    body: bytes | None = field(default=None, repr=False)
    """Sent with POST; None for a GET."""

    wording: Wording
    """How messages name the server."""

    words: Callable[[bytes], str] = lambda _: ""
    """Body of an error response -> the server's own words, without secrets; "" without any."""


ExchangeToken = Callable[[TokenRequest], Awaitable[Payload]]
"""Sends a request and returns a successful response; the client's limits apply, and redirects are not followed."""
