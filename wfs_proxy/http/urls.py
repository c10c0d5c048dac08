"""Addresses: whose server it is, and how to write one down without giving a secret away."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, quote, unquote, urlsplit, urlunsplit

from wfs_proxy.errors import ConfigurationError

__all__ = ["REDACTED", "Origin", "looks_secret", "origin_of", "redacted", "require_http", "sounds_secret"]

REDACTED = "***"
"""What stands where a secret stood."""

Origin = tuple[str, str, int]
"""Scheme, host, port (RFC 6454, section 4): what credentials, limits and redirects are bound to."""

_DEFAULT_PORTS = {"http": 80, "https": 443}

_SECRET_NAME = re.compile(
    r"token|key|secret|passw|pwd|auth|signature|^sig$|^sid$|session|credential|^user(name)?$|^code$", re.IGNORECASE
)
"""Query parameters that hold secrets: apikey, api_key, access_token, authkey, subscription-key, password, sig..."""

_SECRET_SEGMENT = re.compile(
    r"[0-9a-f]{12,}"
    r"|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    r"|(?=.{12})(?:[a-z]+(?:[0-9]+[a-z]+){2,}[0-9]*|[0-9]+(?:[a-z]+[0-9]+){2,}[a-z]*)",
    re.IGNORECASE,
)
"""A path segment that is a token: Liteweb gives each customer 16 hexadecimal digits, others give a UUID, or letters and
digits that take turns at least four times, as in no word."""


def require_http(url: str) -> SplitResult:
    """The parts of an http(s) address.

    Raises:
        ConfigurationError: it is not one.
    """
    try:
        parts = urlsplit(url.strip())
        usable = parts.scheme.lower() in _DEFAULT_PORTS and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise ConfigurationError(f"the address {redacted(url)!r} is not one: write https://host/path")
    return parts


def origin_of(url: str) -> Origin:
    """Scheme, host and port, the default port filled in.

    Raises:
        ConfigurationError: it is no http(s) address.
    """
    parts = require_http(url)
    scheme = parts.scheme.lower()
    return scheme, str(parts.hostname), parts.port or _DEFAULT_PORTS[scheme]


def redacted(url: str) -> str:
    """The address for messages and logs: without user, password, secret-sounding query values and path tokens."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return REDACTED
    host = parts.netloc.rpartition("@")[2]
    path = "/".join(REDACTED if looks_secret(segment) else segment for segment in parts.path.split("/"))
    query = "&".join(_redacted_pair(pair) for pair in parts.query.split("&")) if parts.query else ""
    return urlunsplit((parts.scheme, host, path, query, ""))


def looks_secret(text: str) -> bool:
    """Whether a part of an address looks like a token."""
    return _SECRET_SEGMENT.fullmatch(unquote(text)) is not None


def sounds_secret(name: str) -> bool:
    """Whether a query parameter of this name holds a secret."""
    return _SECRET_NAME.search(unquote(name)) is not None


def _redacted_pair(pair: str) -> str:
    name, equals, value = pair.partition("=")
    secret = sounds_secret(name) or looks_secret(value) or looks_secret(name)
    return f"{quote(unquote(name))}={REDACTED}" if equals and secret else (REDACTED if secret else pair)
