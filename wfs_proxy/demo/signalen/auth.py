"""Machine authentication: an identity provider's token endpoint, and how the backend checks a token.

Tokens look like those of a real provider and have the same claims, but they are signed with a shared key (HS256),
because both sides are one program and nothing is secret.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

from wfs_proxy.demo.signalen.messages import ApiResponse, Refused, Request, server_error
from wfs_proxy.demo.signalen.records import User

__all__ = ["ISSUER", "REALM", "Client", "IdentityProvider", "authenticate"]

REALM = "/realms/signals"
ISSUER = f"http://127.0.0.1:58002{REALM}"
AUDIENCE = "signalen"

LIFETIME = 300
"""Seconds for which a token is valid; Keycloak's default."""

_KEY = b"not a secret: everything in the demo is invented"
_KEY_ID = "demo"
_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="signals"'}
_PARTS = 3


@dataclass(frozen=True, kw_only=True)
class Client:
    """A program with a service account."""

    secret: str
    email: str | None
    """The claim by which the backend finds the user; a service account has none by default."""


class IdentityProvider:
    """Issues tokens and checks them."""

    def __init__(
        self, *, clock: Callable[[], float], clients: Mapping[str, Client] | None = None, issuer: str = ISSUER
    ) -> None:
        self._clock = clock
        self._clients = dict(clients or {})
        self.issuer = issuer
        self.reachable = True
        """Whether the backend can fetch the provider's keys, which it does for every request."""

    def mint(self, email: str | None, *, lifetime: float = LIFETIME, key_id: str = _KEY_ID, **claims: Any) -> str:
        """Return a token for a user; `claims` replace the usual ones."""
        who = {} if email is None else {"email": email}
        expires = int(self._clock() + lifetime)
        payload = {"iss": self.issuer, "aud": AUDIENCE, "exp": expires, **who, **claims}
        signed = f"{_encoded({'alg': 'HS256', 'kid': key_id})}.{_encoded(payload)}"
        return f"{signed}.{_signature(signed)}"

    def discovery(self, request: Request) -> ApiResponse:
        """GET /.well-known/openid-configuration (OpenID Connect Discovery 1.0, section 4)."""
        connect = f"{request.host}{REALM}/protocol/openid-connect"
        return ApiResponse.json(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{connect}/auth",
                "token_endpoint": f"{connect}/token",
                "jwks_uri": f"{connect}/certs",
                "grant_types_supported": ["client_credentials"],
                "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            }
        )

    def token(self, request: Request) -> ApiResponse:
        """POST to the token endpoint (RFC 6749, sections 4.4 and 5)."""
        form = Request(method="POST", host="", path="", query=request.body.decode("utf-8", "replace"))
        if form.last("grant_type") != "client_credentials":
            return ApiResponse.json({"error": "unsupported_grant_type"}, 400)
        name, secret = _basic(request.headers.get("authorization", "")) or (
            form.last("client_id"),
            form.last("client_secret"),
        )
        client = self._clients.get(name)
        if client is None or not hmac.compare_digest(client.secret.encode(), secret.encode()):
            return ApiResponse.json({"error": "unauthorized_client"}, 401)
        return ApiResponse.json(
            {"access_token": self.mint(client.email), "expires_in": LIFETIME, "token_type": "Bearer"},
            headers={"Cache-Control": "no-store"},
        )

    def claims(self, token: str) -> Mapping[str, Any]:
        """Return the claims of a token that is valid.

        Raises:
            Refused: the token is not valid; with the backend's answer.
        """
        parts = token.split(".")
        if len(parts) != _PARTS or not self.reachable:
            raise server_error()
        head, payload = _decoded(parts[0]), _decoded(parts[1])
        if head is None or payload is None:
            raise server_error()
        if head.get("kid") != _KEY_ID or not hmac.compare_digest(_signature(f"{parts[0]}.{parts[1]}"), parts[2]):
            raise _login_failed()
        if float(payload.get("exp", 0)) <= self._clock() or "aud" not in payload:
            raise _login_failed()
        for claim, expected, setting in (("iss", self.issuer, "ISSUER"), ("aud", AUDIENCE, "AUDIENCE")):
            if payload.get(claim) != expected:
                raise Refused(
                    ApiResponse.json({"detail": _mismatch(claim, payload.get(claim), setting, expected)}, 403)
                )
        return payload


def authenticate(
    request: Request, provider: IdentityProvider, users: Mapping[str, User], *, forgiving: bool = False
) -> User:
    """Return the user who sends a request.

    Args:
        request: with a bearer token.
        provider: issues the tokens that are accepted.
        users: by case-folded e-mail address.
        forgiving: answer 401 if there is no bearer token, as backend 2.43.10 does; 2.50.12 fails with 500.

    Raises:
        Refused: 401, 403 or 500, as recorded.
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        if forgiving:
            raise _unauthorised("Authenticatiegegevens zijn niet opgegeven.")
        raise server_error()
    if not token.strip():
        raise _unauthorised('Invalid "bearer" header: No credentials provided.')
    email = provider.claims(token.strip()).get("email")
    if not isinstance(email, str):
        raise _login_failed()
    user = users.get(email.casefold())
    if user is None:
        raise _unauthorised("Login failed: No user found for the given access token.")
    return user


def _login_failed() -> Refused:
    return _unauthorised("Login failed")


def _unauthorised(detail: str) -> Refused:
    return Refused(ApiResponse.json({"detail": detail}, 401, _CHALLENGE))


def _mismatch(claim: str, given: object, setting: str, expected: str) -> str:
    return f'"{claim}": {given} does not match configured value for OIDC_OP_{setting}: {expected}'


def _encoded(value: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value, separators=(",", ":")).encode()).rstrip(b"=").decode()


def _decoded(part: str) -> Mapping[str, Any] | None:
    try:
        value = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, binascii.Error):
        return None
    return value if isinstance(value, dict) else None


def _signature(signed: str) -> str:
    digest = hmac.digest(_KEY, signed.encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _basic(header: str) -> tuple[str, str] | None:
    """Return name and secret from HTTP Basic credentials, form-encoded (RFC 6749, section 2.3.1)."""
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, _, secret = base64.b64decode(encoded).decode().partition(":")
    except (ValueError, binascii.Error):
        return None
    return unquote_plus(name), unquote_plus(secret)
