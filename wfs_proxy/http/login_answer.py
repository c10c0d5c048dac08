"""What a login answered: a token, or why there is none.

Servers send a token as plain text (GISIB calls it text/html), as a JSON string, or somewhere in a JSON object; and they
report a refused login with status 200 too (ArcGIS). Messages quote the server, without the secrets of the login.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from wfs_proxy.config import Auth, LoginAuth, SignalenAuth
from wfs_proxy.errors import UpstreamRefused
from wfs_proxy.features import Payload
from wfs_proxy.http.auth_secrets import secrets_of
from wfs_proxy.http.shared_token import IssuedToken
from wfs_proxy.http.status_errors import OF_LOGINS
from wfs_proxy.http.urls import redacted_text
from wfs_proxy.values import value_at_path

__all__ = ["read_login_answer", "tokens_in_login", "words_in"]

_LONGEST_TOKEN = 8192
"""Characters; servers refuse longer header fields."""

_LONGEST_WORDS = 200
"""Characters of a server's words in a message."""

_WORDS = ("Message", "error_description", "detail", "description", "title", "error", "Error")
"""Members of a JSON object, beside `message` and `details`, in which servers say why they refuse a request."""

_FIRST_UNIX_TIME = 1e9
"""Seconds: the year 2001 as a Unix time, or a lifetime of 31 years."""

_FIRST_MILLISECONDS = 1e11
"""The year 5138 as a Unix time in seconds, or 1973 in milliseconds."""

_NOTHING = object()


def read_login_answer(answer: Payload, auth: LoginAuth, now: float) -> IssuedToken:
    """Return the token of a successful response and how long it is valid.

    Args:
        answer: the response.
        auth: the login.
        now: seconds since 1970, for a response without the header `Date`.

    Raises:
        UpstreamRefused: it has no token.
    """
    document = _document(answer.body)
    token = _token(document, answer.body, auth)
    lifetime = None
    if auth.expires is not None:
        lifetime = _seconds_left(value_at_path(document, auth.expires), _server_time(answer.date, now))
    return IssuedToken(token, auth.lifetime if lifetime is None else lifetime)


def tokens_in_login(body: bytes, auth: Auth | SignalenAuth | None) -> tuple[str, ...]:
    """Return the token in the body of a response, if it answers this login; it must be removed from a recording."""
    if not isinstance(auth, LoginAuth):
        return ()
    try:
        return (read_login_answer(Payload(body=body), auth, 0.0).text,)
    except UpstreamRefused:
        return ()


def words_in(body: bytes, secrets: Iterable[str]) -> str:
    """Return why a server refuses a request, in its own words without these secrets; "" if it does not say."""
    document = _document(body)
    text = _error_text(document) if isinstance(document, dict) else document
    if text is _NOTHING:
        text = _text(body)
    if not isinstance(text, str) or "<" in text:
        return ""
    return redacted_text(" ".join(text.split()), secrets)[:_LONGEST_WORDS]


def _token(document: object, body: bytes, auth: LoginAuth) -> str:
    text = _text_at(auth.token, document) if auth.token is not None else _whole_text(document, body)
    if not text:
        raise UpstreamRefused(_why_no_token(document, body, auth))
    if not re.fullmatch(r"[!-~]+", text) or "<" in text or len(text) > _LONGEST_TOKEN:
        raise UpstreamRefused(_not_a_token(text, auth))
    return text


def _text_at(path: str, document: object) -> str:
    found = value_at_path(document, path)
    # a token may consist of digits
    return str(found).strip() if isinstance(found, str | int) and not isinstance(found, bool) else ""


def _whole_text(document: object, body: bytes) -> str:
    """Return the text of an answer that is a token; "" for JSON that is none.

    Only a JSON string is read as JSON: a token such as 12e34 looks like a number.
    """
    if isinstance(document, str):
        return document.strip()
    return "" if document is None or isinstance(document, dict | list | bool) else _text(body)


def _not_a_token(text: str, auth: LoginAuth) -> str:
    if "<" in text:
        return f"{OF_LOGINS.who} answered with an HTML page instead of a token: check its `url`"
    words = redacted_text(" ".join(text.split()), secrets_of(auth))
    return f"{OF_LOGINS.who} answered with something else than a token: {words[:_LONGEST_WORDS]!r}"


def _why_no_token(document: object, body: bytes, auth: LoginAuth) -> str:
    """Return the message for an answer that has no token where it is expected."""
    if isinstance(document, dict):
        words = words_in(body, secrets_of(auth))
        if document.get("error") and words:
            return f"{OF_LOGINS.who} was refused: {words!r}"
        says = f", with the words {words!r}" if words else ""
        members = f"set `token` to the member that has it, of: {', '.join(sorted(document)) or 'none'}"
        return f"{OF_LOGINS.who} answered without a token{f' at `{auth.token}`' if auth.token else ''}{says}; {members}"
    if "<" in _text(body):
        return f"{OF_LOGINS.who} answered with an HTML page instead of JSON: check its `url`"
    expected = "without a JSON object" if auth.token else "without a token"
    return f"{OF_LOGINS.who} answered {expected}: check its `url` and `token`"


def _document(body: bytes) -> object:
    """Return a JSON document; `_NOTHING` for other text."""
    try:
        return json.loads(_text(body))
    except (ValueError, RecursionError):
        return _NOTHING


def _text(body: bytes) -> str:
    return body.decode("utf-8-sig", "replace").strip()


def _error_text(document: Mapping[str, Any]) -> str | None:
    """Return what an object says about an error, also in an inner object `error`; None if it says nothing."""
    inner = document.get("error")
    if isinstance(inner, dict) and (text := _error_text(inner)) is not None:
        return text
    details = [text for name in ("message", "details") for text in _texts(document.get(name))]
    return " ".join(details) or next((text for name in _WORDS for text in _texts(document.get(name))), None)


def _texts(value: object) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [text for text in values if isinstance(text, str) and text.strip()]


def _server_time(date: str | None, now: float) -> float:
    """Return the time by the server's clock, in seconds since 1970: its expiry is a time of that clock."""
    try:
        return parsedate_to_datetime(date or "").timestamp()
    except ValueError:
        return now


def _seconds_left(value: object, now: float) -> float | None:
    """Return the seconds until an expiry, at least 0; None if it is not one.

    A time without a zone is in UTC: read in another zone, a short lifetime might end before it began.
    """
    number = _number(value)
    if number is not None:
        if number >= _FIRST_MILLISECONDS:
            number = number / 1000 - now
        elif number >= _FIRST_UNIX_TIME:
            number -= now
        return max(number, 0.0)
    try:
        when = datetime.fromisoformat(value.strip()) if isinstance(value, str) else None
    except ValueError:
        return None
    if when is None:
        return None
    return max((when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp() - now, 0.0)


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None
