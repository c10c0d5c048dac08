"""URLs: their origin, and their form in messages and logs, without secrets."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from urllib.parse import SplitResult, parse_qsl, quote, unquote, unquote_plus, urlencode, urlsplit, urlunsplit

from wfs_proxy.errors import ConfigurationError

__all__ = [
    "REDACTED",
    "Origin",
    "looks_secret",
    "origin_of",
    "redacted",
    "redacted_text",
    "require_http",
    "same_origin",
    "secrets_in",
    "sounds_secret",
    "with_parameters",
    "without_secrets",
]

REDACTED = "***"
"""Replaces a secret."""

Origin = tuple[str, str, int]
"""Scheme, host, port (RFC 6454, section 4). Credentials, limits and redirects are bound to one."""

_DEFAULT_PORTS = {"http": 80, "https": 443}

_SECRET_NAME = re.compile(
    r"token|key|secret|passw|pwd|auth|signature|^sig$|^sid$|session|credential|^user(name)?$|^code$", re.IGNORECASE
)
"""Names of query parameters that contain secrets: apikey, api_key, access_token, authkey, subscription-key, sig..."""

_SECRET_SEGMENT = re.compile(
    r"[0-9a-f]{12,}"
    r"|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    r"|(?=.{12})(?:[a-z]+(?:[0-9]+[a-z]+){2,}[0-9]*|[0-9]+(?:[a-z]+[0-9]+){2,}[a-z]*)",
    re.IGNORECASE,
)
"""A path segment or value that is a token: 12 or more hexadecimal digits (Liteweb uses 16 per customer), a UUID, or at
least 12 letters and digits that alternate at least four times, as in no word."""


_SHORTEST_SECRET = 4
"""Characters. A shorter one occurs in ordinary words."""

_URL_IN_TEXT = re.compile(r"""https?://[^\s"'<>]+""", re.IGNORECASE)
_PAIR_IN_TEXT = re.compile(r"""[\w.-]+=[^\s&;,"'<>]+""")
_AUTHORIZATION = re.compile(r"\b(Basic|Bearer)\s+[\w.~+/-]{8,}=*", re.IGNORECASE)


def require_http(url: str) -> SplitResult:
    """Return the parts of an http(s) URL.

    Raises:
        ConfigurationError: it is not an http(s) URL.
    """
    try:
        parts = urlsplit(url.strip())
        usable = parts.scheme.lower() in _DEFAULT_PORTS and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise ConfigurationError(f"not a valid URL: {redacted(url)!r}; expected something like https://host/path")
    return parts


def origin_of(url: str) -> Origin:
    """Return scheme, host and port, with the default port filled in.

    Raises:
        ConfigurationError: it is not an http(s) URL.
    """
    parts = require_http(url)
    scheme = parts.scheme.lower()
    return scheme, str(parts.hostname), parts.port or _DEFAULT_PORTS[scheme]


def same_origin(url: str, other: str) -> bool:
    """Whether two URLs have the same scheme, host and port.

    Raises:
        ConfigurationError: one of them is not an http(s) URL.
    """
    return origin_of(url) == origin_of(other)


def with_parameters(url: str, parameters: Mapping[str, str]) -> str:
    """Return the URL with these query parameters instead of its own of the same names; the rest of it is unchanged."""
    if not parameters:
        return url
    parts = urlsplit(url)
    kept = [pair for pair in parts.query.split("&") if pair and unquote_plus(pair.partition("=")[0]) not in parameters]
    # a blank as %20: "+" is a blank only to programs that read forms
    query = "&".join([*kept, urlencode(parameters, quote_via=quote, safe=":,/")])
    return urlunsplit(parts._replace(query=query))


def redacted(url: str) -> str:
    """Return the URL for messages and logs: without user, password, fragment, secret query values and path tokens."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return REDACTED
    host = parts.netloc.rpartition("@")[2]
    path = "/".join(REDACTED if looks_secret(segment) else segment for segment in parts.path.split("/"))
    query = "&".join(_redacted_pair(pair) for pair in parts.query.split("&")) if parts.query else ""
    return urlunsplit((parts.scheme, host, path, query, ""))


def redacted_text(text: str, secrets: Iterable[str] = ()) -> str:
    """Return a server's words for messages and logs: without these secrets, and without what looks like one.

    Servers repeat the URL of a request, its parameters or its header fields in their messages.
    """
    text = without_secrets(text, secrets)
    text = _URL_IN_TEXT.sub(lambda found: redacted(found.group()), text)
    text = _PAIR_IN_TEXT.sub(lambda found: _redacted_pair(found.group()), text)
    return _AUTHORIZATION.sub(rf"\1 {REDACTED}", text)


def without_secrets(text: str, secrets: Iterable[str]) -> str:
    """Return a text without these secrets, however they are written in URLs."""
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= _SHORTEST_SECRET:
            for spelling in {secret, quote(secret), quote(secret, safe=""), unquote(secret), unquote_plus(secret)}:
                text = text.replace(spelling, REDACTED)
    return text


def secrets_in(url: str) -> Mapping[str, str]:
    """Return the secrets in a URL, recognised by their name or form: secret, without percent-encoding -> what it is."""
    parts = urlsplit(url)
    segments = {unquote(part): "part of the path" for part in parts.path.split("/") if looks_secret(part)}
    values = {
        value: f"value of the query parameter {name}"
        for name, value in parse_qsl(parts.query)
        if sounds_secret(name) or looks_secret(value)
    }
    password = {unquote(parts.password): "password in the address"} if parts.password else {}
    return segments | values | password


def looks_secret(text: str) -> bool:
    """Whether a path segment or a value looks like a token."""
    return _SECRET_SEGMENT.fullmatch(unquote(text)) is not None


def sounds_secret(name: str) -> bool:
    """Whether a query parameter of this name contains a secret."""
    return _SECRET_NAME.search(unquote(name)) is not None


def _redacted_pair(pair: str) -> str:
    name, equals, value = pair.partition("=")
    secret = sounds_secret(name) or looks_secret(value) or looks_secret(name)
    return f"{quote(unquote(name))}={REDACTED}" if equals and secret else (REDACTED if secret else pair)
