"""Who we are to the vendor: headers for a request, or a client certificate for the connection.

Credentials belong to the origin that the layer file names; the client never sends them elsewhere.
"""

from __future__ import annotations

import asyncio
import base64
import json
import ssl
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Protocol
from urllib.parse import quote_plus, urlencode, urlsplit

import httpx

from wfs_proxy.config import Auth, BasicAuth, BearerToken, HeaderAuth, MutualTls, OAuth2, OidcClient, SignalenAuth, Tls
from wfs_proxy.errors import ConfigurationError, UpstreamRefused

__all__ = [
    "RENEW_BEFORE",
    "Credentials",
    "ExchangeToken",
    "OAuth2Credentials",
    "StaticCredentials",
    "credentials_for",
    "tls_context",
]

RENEW_BEFORE = 30.0
"""Seconds before its end that a token is renewed, so that it does not end under way."""

TOKEN_LIFETIME = 300.0
"""Seconds that a token is used whose answer does not tell (RFC 6749, section 5.1: expires_in is only recommended)."""

DISCOVERY = "/.well-known/openid-configuration"
"""What follows the issuer (OpenID Connect Discovery 1.0, section 4)."""

ExchangeToken = Callable[[str, Mapping[str, str], bytes | None], Awaitable[bytes]]
"""(address, headers, body) -> body of the answer: POST, or GET without a body; by the client policy's own limits."""


class Credentials(Protocol):
    """Headers that prove who we are."""

    async def headers(self) -> Mapping[str, str]:
        """What to send along now."""
        ...

    def rejected(self, headers: Mapping[str, str]) -> bool:
        """Tell that these headers were answered with 401; true when `headers` would give others now."""
        ...


class StaticCredentials:
    """No credentials, or the same header every time."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = dict(headers)

    async def headers(self) -> Mapping[str, str]:
        """The header."""
        return self._headers

    def rejected(self, headers: Mapping[str, str]) -> bool:  # noqa: ARG002 - the protocol's signature
        """There is nothing else to try."""
        return False


class OAuth2Credentials:
    """A bearer token by client credentials (RFC 6749, section 4.4), fetched once for all who wait for it."""

    def __init__(self, auth: OAuth2 | OidcClient, exchange: ExchangeToken, clock: Callable[[], float]) -> None:
        self._auth = auth
        self._exchange = exchange
        self._clock = clock
        self._lock = asyncio.Lock()
        self._token: str | None = None
        self._renew_at = 0.0

    async def headers(self) -> Mapping[str, str]:
        """The bearer header, with a token that holds for a while yet.

        Raises:
            UpstreamError: the token endpoint gave none.
        """
        async with self._lock:
            if self._token is None or self._clock() >= self._renew_at:
                await self._renew()
            return {"Authorization": f"Bearer {self._token}"}

    def rejected(self, headers: Mapping[str, str]) -> bool:
        """Forget the token that was refused, unless another request has done so already."""
        if headers.get("Authorization") == f"Bearer {self._token}":
            self._token = None
        return True

    async def _renew(self) -> None:
        address = await self._token_url()
        asked_at = self._clock()
        body = await self._exchange(address, self._token_headers(), self._token_body())
        self._token, lifetime = _read_token(body)
        self._renew_at = asked_at + max(lifetime - RENEW_BEFORE, lifetime / 2)

    async def _token_url(self) -> str:
        """Found anew for every token: a moved endpoint is found, and a token lasts minutes."""
        if isinstance(self._auth, OAuth2):
            return self._auth.token_url
        issuer = self._auth.issuer.rstrip("/")
        return _read_discovery(await self._exchange(issuer + DISCOVERY, _JSON, None), issuer)

    def _token_headers(self) -> dict[str, str]:
        # RFC 6749, section 2.3.1: both are form-encoded before they become Basic credentials
        name = quote_plus(self._auth.client_id)
        secret = quote_plus(self._auth.client_secret.get_secret_value())
        return {
            "Authorization": _basic(name, secret),
            "Content-Type": "application/x-www-form-urlencoded",
            **_JSON,
        }

    def _token_body(self) -> bytes:
        scope = {"scope": self._auth.scope} if self._auth.scope else {}
        return urlencode({"grant_type": "client_credentials", **scope}).encode()


_JSON = {"Accept": "application/json"}


def _read_discovery(body: bytes, issuer: str) -> str:
    """The token endpoint that an issuer names.

    Another issuer in the document is refused (section 4.3): a mix-up would hand the secret to a stranger; and so is an
    endpoint without encryption behind an issuer that has it.
    """
    try:
        told = json.loads(body)
        endpoint, named = told["token_endpoint"], str(told["issuer"]).rstrip("/")
        scheme, host = urlsplit(endpoint).scheme, urlsplit(endpoint).hostname
    except (ValueError, KeyError, TypeError, AttributeError):
        raise UpstreamRefused(f"the `issuer` of `auth` answered {DISCOVERY} without a token endpoint") from None
    if named != issuer:
        raise UpstreamRefused("the `issuer` of `auth` calls itself otherwise; write it exactly as its tokens do")
    if not host or scheme not in {"https", urlsplit(issuer).scheme}:
        raise UpstreamRefused("the `issuer` of `auth` names a token endpoint that cannot be trusted with a secret")
    return str(endpoint)


def _read_token(body: bytes) -> tuple[str, float]:
    try:
        answer = json.loads(body)
        token, lifetime = answer["access_token"], float(answer.get("expires_in") or TOKEN_LIFETIME)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise UpstreamRefused("the token endpoint of `auth` answered without an access token") from None
    if not isinstance(token, str) or not token.isascii() or not token.isprintable():
        raise UpstreamRefused("the token endpoint of `auth` answered with something that is no access token")
    return token, lifetime


def _basic(name: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{name}:{secret}".encode()).decode()


def credentials_for(
    auth: Auth | SignalenAuth | None, exchange: ExchangeToken, clock: Callable[[], float]
) -> Credentials:
    """What an `auth` block means for a request; a client certificate works on the connection instead."""
    if isinstance(auth, BasicAuth):
        return StaticCredentials({"Authorization": _basic(auth.username, auth.password.get_secret_value())})
    if isinstance(auth, HeaderAuth):
        return StaticCredentials({auth.name: auth.value.get_secret_value()})
    if isinstance(auth, BearerToken):
        return StaticCredentials({"Authorization": f"Bearer {auth.token.get_secret_value()}"})
    if isinstance(auth, OAuth2 | OidcClient):
        return OAuth2Credentials(auth, exchange, clock)
    return StaticCredentials({})


def tls_context(auth: Auth | SignalenAuth | None, tls: Tls | None) -> ssl.SSLContext:
    """How the connection proves both sides: the usual authorities, a private one beside them, a client certificate.

    Raises:
        ConfigurationError: a file is missing or holds something else.
    """
    if tls is None and not isinstance(auth, MutualTls):
        return _usual_context()
    context = httpx.create_ssl_context()
    if tls is not None:
        with _readable(tls.ca, "tls: ca"):
            context.load_verify_locations(cafile=tls.ca)
    if isinstance(auth, MutualTls):
        with _readable(f"{auth.certificate}, {auth.key}", "auth: certificate, key"):
            context.load_cert_chain(
                auth.certificate, auth.key, password=""
            )  # an encrypted key must not ask the terminal
    return context


@cache
def _usual_context() -> ssl.SSLContext:
    """The context of all who need nothing particular: reading the authorities takes a twentieth of a second."""
    return httpx.create_ssl_context()


@contextmanager
def _readable(path: str, where: str) -> Iterator[None]:
    """Turn the faults of reading certificates into one that names the file."""
    try:
        yield
    except OSError as fault:  # ssl.SSLError is one
        raise ConfigurationError(f"{where}: cannot be used as PEM: {path} ({fault})") from fault
