"""The secrets of an `auth` block, in every form in which a server may repeat them."""

from __future__ import annotations

import base64
from collections.abc import Mapping

from wfs_proxy.config import Auth, BasicAuth, HeaderAuth, LoginAuth, OAuth2
from wfs_proxy.http.urls import secrets_in

__all__ = ["secrets_of"]

_PUBLIC_FIELDS = frozenset(
    {"client", "domain", "expiration", "f", "format", "grant_type", "lang", "language", "referer", "version"}
)
"""Fields of a login, in lower case, whose values are no secrets but words such as `json` (ArcGIS's generateToken has
four of them). Replacing those would make messages and recordings unreadable."""


def secrets_of(auth: Auth | None) -> Mapping[str, str]:
    """Return the secrets of a login: secret -> what it is."""
    match auth:
        case BasicAuth():
            password = auth.password.get_secret_value()
            encoded = base64.b64encode(f"{auth.username}:{password}".encode()).decode()
            return {password: "basic password", encoded: "basic credentials"}
        case HeaderAuth():
            value = auth.value.get_secret_value()
            # "Bearer abc": a server may repeat the token alone
            return dict.fromkeys((value, value.rpartition(" ")[2]), f"value of the header {auth.name}")
        case OAuth2():
            return {auth.client_secret.get_secret_value(): "OAuth client secret", **secrets_in(auth.token_url)}
        case LoginAuth():
            return {**_fields(auth), **secrets_in(auth.url)}
        case _:
            return {}


def _fields(auth: LoginAuth) -> Mapping[str, str]:
    return {
        value.get_secret_value(): f"field {name} of the login"
        for name, value in auth.fields.items()
        if name.lower() not in _PUBLIC_FIELDS
    }
