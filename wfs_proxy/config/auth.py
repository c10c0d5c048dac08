"""The blocks `auth` and `tls`: how the proxy authenticates, and how it verifies servers."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, SecretStr

from wfs_proxy.config.block import Block
from wfs_proxy.config.scalars import HeaderName, HeaderSecret, HttpAddress, Name, UserName, VendorPath

__all__ = ["Auth", "BasicAuth", "BearerToken", "HeaderAuth", "MutualTls", "OAuth2", "OidcClient", "SignalenAuth", "Tls"]


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


Auth = Annotated[BasicAuth | HeaderAuth | OAuth2 | MutualTls, Field(discriminator="type")]


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
