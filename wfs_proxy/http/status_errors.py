"""HTTP error statuses as our errors, with a hint for the operator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx

from wfs_proxy.errors import UpstreamRefused

__all__ = [
    "ESRI_TOKEN_ERRORS",
    "OF_ISSUERS",
    "OF_LOGINS",
    "OF_TOKEN_ENDPOINTS",
    "OF_VENDORS",
    "SELF_EXPLANATORY",
    "Wording",
    "refused",
]

ESRI_TOKEN_ERRORS = frozenset({498, 499})
"""Statuses of ArcGIS for a token that is invalid or expired, and for one that is missing."""

SELF_EXPLANATORY = frozenset({401, 403, 407, 408, 425, 429, 502, 503, 504})
"""Statuses whose body adds nothing: a refused login, or "try again later"."""

_HINTS = {
    304: ": it answered that nothing has changed, although the request did not say what is known; ask the vendor",
    401: ": the login in `auth` is wrong or missing",
    403: ": this login, or the address of this machine, has no access",
    404: ": check the path of `url`",
    407: ": the forward proxy requires a login",
    414: ": the request URL is too long for it",
    429: ": too many requests; a lower `requests_at_once` may help",
    498: ": the token in `auth` is invalid or has expired",
    499: ": it requires a token; see `auth`",
}


@dataclass(frozen=True, kw_only=True)
class Wording:
    """How messages name a server, and what to advise for a status."""

    who: str
    """Subject of the message, such as "the vendor's server"."""

    setting: str = "`url`"
    """The setting with its address, for the message about a redirect."""

    hints: Mapping[int, str] = field(default_factory=lambda: _HINTS)
    """HTTP status -> the usual cause or remedy, beginning with a colon."""


OF_VENDORS = Wording(who="the vendor's server")
OF_TOKEN_ENDPOINTS = Wording(who="the token endpoint of `auth`")
OF_LOGINS = Wording(
    who="the login of `auth`",
    setting="`url` of `auth`",
    hints={
        400: ": check the names and values of its `fields`, and whether `body` is json or form",
        401: ": the values of its `fields` are wrong",
        403: ": these `fields`, or the address of this machine, have no access",
        404: ": check its `url`",
        405: ": check its `url`; a login is a POST request",
        415: ": set its `body` to the other format, json or form",
        422: ": check the names and values of its `fields`",
        429: ": too many logins",
    },
)
OF_ISSUERS = Wording(who="the `issuer` of `auth`", hints={404: ": write it exactly as the `iss` claim of its tokens"})


def refused(response: httpx.Response, wording: Wording, words: str = "") -> UpstreamRefused:
    """Return the error for a response with an error status; the message holds no path and no query.

    `words` are the server's own, without secrets.
    """
    status = response.status_code
    hint = wording.hints.get(status, "")
    says = f"; it says: {words!r}" if words else ""
    return UpstreamRefused(
        f"{wording.who} ({response.url.host}) answered {status} {response.reason_phrase}{hint}{says}",
        upstream_status=status,
        retry_after=_seconds(response.headers.get("Retry-After", "")),
    )


def _seconds(retry_after: str) -> float | None:
    """Only the form in seconds (RFC 9110, section 10.2.3); a date would need a clock that agrees with the server's."""
    return float(retry_after) if retry_after.strip().isdigit() else None
