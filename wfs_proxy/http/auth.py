"""Authentication: headers for a request, or a client certificate for the connection.

Credentials belong to the origin of `url` in the layer file; the client never sends them to another one.
"""

from __future__ import annotations

import base64
import json
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from urllib.parse import quote_plus, urlencode, urlsplit

import httpx

from wfs_proxy.config import (
    Auth,
    BasicAuth,
    BearerToken,
    HeaderAuth,
    LoginAuth,
    MutualTls,
    OAuth2,
    OidcClient,
    SignalenAuth,
    Tls,
)
from wfs_proxy.errors import ConfigurationError, UpstreamRefused
from wfs_proxy.http.credentials import Credentials, ExchangeToken, SentCredentials, StaticCredentials, TokenRequest
from wfs_proxy.http.login import LoginCredentials
from wfs_proxy.http.policy import HttpPolicy
from wfs_proxy.http.shared_token import IssuedToken, SharedToken
from wfs_proxy.http.status_errors import OF_ISSUERS, OF_TOKEN_ENDPOINTS

__all__ = ["OAuth2Credentials", "credentials_for", "tls_context"]

TOKEN_LIFETIME = 300.0
"""Seconds for which a token without `expires_in` is used (RFC 6749, section 5.1: it is only recommended)."""

DISCOVERY = "/.well-known/openid-configuration"
"""Path below the issuer (OpenID Connect Discovery 1.0, section 4)."""


class OAuth2Credentials:
    """A bearer token from the client credentials grant (RFC 6749, section 4.4); concurrent requests share it."""

    def __init__(self, auth: OAuth2 | OidcClient, exchange: ExchangeToken, clock: Callable[[], float]) -> None:
        self._auth = auth
        self._exchange = exchange
        self._token = SharedToken(self._issue, issuer=OF_TOKEN_ENDPOINTS.who, clock=clock)

    @property
    def tokens(self) -> tuple[str, ...]:
        """The tokens that were issued last."""
        return self._token.recent

    async def current(self) -> SentCredentials:
        """Return the bearer header, with a token that does not expire within the next moments.

        Raises:
            UpstreamError: the token endpoint issued no token.
        """
        token = await self._token.get()
        return SentCredentials(headers={"Authorization": f"Bearer {token}"}, token=token)

    def renewable_after(self, sent: SentCredentials) -> bool:
        """Discard the refused token, unless another request has replaced it already."""
        self._token.discard(sent.token)
        return True

    async def _issue(self) -> IssuedToken:
        request = TokenRequest(
            url=await self._token_url(),
            headers=self._token_headers(),
            body=self._token_body(),
            wording=OF_TOKEN_ENDPOINTS,
        )
        return _read_token((await self._exchange(request)).body)

    async def _token_url(self) -> str:
        """Return the token endpoint; discovered for each token, so that a moved endpoint is found within minutes."""
        if isinstance(self._auth, OAuth2):
            return self._auth.token_url
        issuer = self._auth.issuer.rstrip("/")
        discovery = TokenRequest(url=issuer + DISCOVERY, headers=_JSON, wording=OF_ISSUERS)
        return _read_discovery((await self._exchange(discovery)).body, issuer)

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
    """Return the token endpoint of a discovery document.

    The client secret is sent there, so two documents are refused: one that names a different issuer (section 4.3), and
    one of an https issuer whose token endpoint is not https.
    """
    try:
        document = json.loads(body)
        endpoint, named = document["token_endpoint"], str(document["issuer"]).rstrip("/")
        scheme, host = urlsplit(endpoint).scheme, urlsplit(endpoint).hostname
    except (ValueError, KeyError, TypeError, AttributeError):
        raise UpstreamRefused(f"the `issuer` of `auth`: {DISCOVERY} names no token endpoint") from None
    if named != issuer:
        raise UpstreamRefused(
            "the `issuer` of `auth`: the discovery document names a different issuer; "
            "write it exactly as the `iss` claim of its tokens"
        )
    if not host or scheme not in {"https", urlsplit(issuer).scheme}:
        raise UpstreamRefused("the `issuer` of `auth`: its token endpoint is not https, so no secret is sent to it")
    return str(endpoint)


def _read_token(body: bytes) -> IssuedToken:
    try:
        response = json.loads(body)
        token, seconds = response["access_token"], response.get("expires_in")
        lifetime = TOKEN_LIFETIME if seconds in (None, "") else float(seconds)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise UpstreamRefused("the token endpoint of `auth` answered without an access token") from None
    if not isinstance(token, str) or not token.isascii() or not token.isprintable():
        raise UpstreamRefused("the token endpoint of `auth` answered with an invalid access token")
    return IssuedToken(token, lifetime)


def _basic(name: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{name}:{secret}".encode()).decode()


def credentials_for(auth: Auth | SignalenAuth | None, exchange: ExchangeToken, policy: HttpPolicy) -> Credentials:
    """Return the credentials of an `auth` block; a client certificate belongs to the connection (`tls_context`)."""
    if isinstance(auth, BasicAuth):
        return StaticCredentials({"Authorization": _basic(auth.username, auth.password.get_secret_value())})
    if isinstance(auth, HeaderAuth):
        return StaticCredentials({auth.name: auth.value.get_secret_value()})
    if isinstance(auth, BearerToken):
        return StaticCredentials({"Authorization": f"Bearer {auth.token.get_secret_value()}"})
    if isinstance(auth, OAuth2 | OidcClient):
        return OAuth2Credentials(auth, exchange, policy.clock)
    if isinstance(auth, LoginAuth):
        return LoginCredentials(auth, exchange, policy.clock, policy.wall_clock)
    return StaticCredentials({})


def tls_context(auth: Auth | SignalenAuth | None, tls: Tls | None) -> ssl.SSLContext:
    """Return the TLS settings: public authorities, plus the private one of `tls`, and the client certificate of `auth`.

    Raises:
        ConfigurationError: a file is missing or is not PEM.
    """
    if tls is None and not isinstance(auth, MutualTls):
        return _default_context()
    context = httpx.create_ssl_context()
    if tls is not None:
        with _readable(tls.ca, "tls: ca"):
            context.load_verify_locations(cafile=tls.ca)
    if isinstance(auth, MutualTls):
        with _readable(f"{auth.certificate}, {auth.key}", "auth: certificate, key"):
            # an empty password: OpenSSL would ask for that of an encrypted key on the terminal
            context.load_cert_chain(auth.certificate, auth.key, password="")
    return context


@cache
def _default_context() -> ssl.SSLContext:
    """Return one context for all connections without own settings: reading the authorities takes 50 ms."""
    return httpx.create_ssl_context()


@contextmanager
def _readable(path: str, where: str) -> Iterator[None]:
    """Translate errors of reading certificates into one that names the setting and the file."""
    try:
        yield
    except OSError as error:  # ssl.SSLError is one
        raise ConfigurationError(f"{where}: cannot be read as PEM: {path} ({error})") from error
