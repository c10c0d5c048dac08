"""The secrets of an `auth` block."""

from __future__ import annotations

import base64

import pytest
from pydantic import TypeAdapter

from wfs_proxy.config.auth import Auth
from wfs_proxy.http.auth_secrets import secrets_of

BASIC = base64.b64encode(b"stad:geheim-woord").decode()


@pytest.mark.parametrize(
    ("auth", "secrets"),
    [
        ({"type": "basic", "username": "stad", "password": "geheim-woord"}, {"geheim-woord", BASIC}),
        ({"type": "header", "value": "geheim-woord"}, {"geheim-woord"}),
        ({"type": "header", "value": "Bearer geheim-woord"}, {"Bearer geheim-woord", "geheim-woord"}),
        (
            {"type": "oauth2", "token_url": "https://x.nl/t?key=a-b", "client_id": "ik", "client_secret": "geheim"},
            {"geheim", "a-b"},
        ),
        (
            {"type": "login", "url": "https://x.nl/0123456789abcdef", "fields": {"Username": "stad", "PIN": "geheim"}},
            {"stad", "geheim", "0123456789abcdef"},
        ),
        ({"type": "mtls", "certificate": "a.pem", "key": "b.pem"}, set()),
    ],
)
def test_secrets_of_auth(auth: dict, secrets: set[str]):
    assert set(secrets_of(TypeAdapter(Auth).validate_python(auth))) == secrets


def test_ordinary_words_in_the_fields_of_a_login_are_no_secrets():
    """ArcGIS wants f, client, referer and expiration beside the user and the password (generateToken)."""
    fields = {"f": "json", "Client": "referer", "referer": "https://stad.nl", "expiration": "60", "password": "geheim"}
    auth = TypeAdapter(Auth).validate_python({"type": "login", "url": "https://x.nl", "fields": fields})

    assert set(secrets_of(auth)) == {"geheim"}


def test_no_auth_has_no_secrets():
    assert secrets_of(None) == {}
