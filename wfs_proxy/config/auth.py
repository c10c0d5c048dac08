"""The blocks `auth` and `tls`: how the proxy authenticates, and how it verifies servers."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, SecretStr

from wfs_proxy.config.block import Block
from wfs_proxy.config.scalars import (
    HeaderName,
    HeaderSecret,
    HeaderText,
    HttpAddress,
    LoginFields,
    Name,
    PositiveSeconds,
    UserName,
    VendorPath,
)

__all__ = [
    "Auth",
    "BasicAuth",
    "BearerToken",
    "HeaderAuth",
    "LoginAuth",
    "MutualTls",
    "OAuth2",
    "OidcClient",
    "SignalenAuth",
    "Tls",
    "TokenPlace",
]


class BasicAuth(Block):
    """HTTP Basic authentication (RFC 7617)."""

    type: Literal["basic"]
    """The type of authentication."""
    username: UserName
    """The user name; it must not contain a colon."""
    password: SecretStr
    """The password; write it as `${VAR}` or `${file:path}`."""


class HeaderAuth(Block):
    """A secret in an HTTP header, such as an API key."""

    type: Literal["header"]
    """The type of authentication."""
    name: HeaderName = "X-Api-Key"
    """The name of the header."""
    value: HeaderSecret
    """The value of the header; write it as `${VAR}` or `${file:path}`."""


class OAuth2(Block):
    """OAuth 2.0 client credentials (RFC 6749, section 4.4)."""

    type: Literal["oauth2"]
    """The type of authentication."""
    token_url: HttpAddress
    """The URL of the token endpoint."""
    client_id: Name
    """The client id of the proxy."""
    client_secret: SecretStr
    """The client secret; write it as `${VAR}` or `${file:path}`."""
    scope: Name | None = None
    """The scope of the token; separate several scopes by spaces."""


class MutualTls(Block):
    """A client certificate (mutual TLS)."""

    type: Literal["mtls"]
    """The type of authentication."""
    certificate: VendorPath
    """The path of a PEM file with the certificate, relative to the layer file."""
    key: VendorPath
    """The path of a PEM file with the private key, relative to the layer file."""


class TokenPlace(Block):
    """Where requests have the token of a login: in a header, or in a query parameter."""

    header: HeaderName = "Authorization"
    """The name of the header."""
    prefix: HeaderText = "Bearer "
    """What precedes the token in the header, with the space after it."""
    parameter: Name | None = None
    """The name of a query parameter that has the token instead of the header."""


class LoginAuth(Block):
    """A login with a POST request, whose answer is a token for the other requests.

    The token is renewed before it expires, and once after an answer with 401 or 403.
    """

    type: Literal["login"]
    """The type of authentication."""
    url: HttpAddress
    """The URL to which the login is sent."""
    body: Literal["json", "form"] = "json"
    """The format of the login: a JSON object, or the fields of an HTML form."""
    fields: LoginFields
    """Name -> value of the fields of the login, such as `username` and `password`. Write secrets as `${VAR}` or
    `${file:path}`."""
    token: Name | None = None
    """Where the token is in a JSON answer: the name of a member, or a path such as `data.token`. Default: the whole
    answer is the token."""
    lifetime: PositiveSeconds = 300.0
    """How long a token is used, if the answer does not have `expires`."""
    expires: Name | None = None
    """Where the expiry of the token is in a JSON answer: seconds from now, a Unix time in seconds or milliseconds, or a
    date and time (ISO 8601)."""
    send: TokenPlace = TokenPlace()
    """Where the other requests have the token."""

    def __hash__(self) -> int:
        # connections are kept by `auth`; a mapping has no hash of its own
        return hash((self.url, self.body, tuple(self.fields.items())))


Auth = Annotated[BasicAuth | HeaderAuth | OAuth2 | LoginAuth | MutualTls, Field(discriminator="type")]


class Tls(Block):
    """How the certificate of the server is verified."""

    ca: VendorPath
    """The path of a PEM file with the private certificate authority, relative to the layer file."""


class OidcClient(Block):
    """Client credentials at an identity provider, whose token endpoint is found by OpenID Connect Discovery 1.0."""

    type: Literal["oidc"]
    """The type of authentication."""
    issuer: HttpAddress
    """The issuer of the tokens, as in Signalen's `OIDC_OP_ISSUER`; with Keycloak `https://host/realms/name`."""
    client_id: Name
    """The client id of the proxy."""
    client_secret: SecretStr
    """The client secret; write it as `${VAR}` or `${file:path}`."""
    scope: Name | None = None
    """The scope of the token; separate several scopes by spaces."""


class BearerToken(Block):
    """A fixed access token. The proxy does not renew it, so replace it before it expires."""

    type: Literal["bearer"]
    """The type of authentication."""
    token: HeaderSecret
    """The token; write it as `${VAR}` or `${file:path}`."""


SignalenAuth = Annotated[OidcClient | BearerToken | OAuth2 | HeaderAuth, Field(discriminator="type")]
