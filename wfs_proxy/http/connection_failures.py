"""Why a server did not answer itself, for messages to people who cannot read the error of a library."""

from __future__ import annotations

import re
from typing import Literal

from wfs_proxy.errors import UpstreamRefused, UpstreamUnreachable, WfsProxyError

__all__ = ["UNKNOWN_HOST", "ConnectionFailure", "connection_failure", "redirected_to"]

ConnectionFailure = Literal["certificate", "no_tls", "unknown_host", "no_answer", "stalled", "lost", "unreachable"]
"""no_tls: the server does not speak https there. stalled: an answer began, but was not complete in time. lost: the
connection ended before the answer was complete."""

UNKNOWN_HOST = "Name or service|name resolution|getaddrinfo|nodename|No address"
"""Pattern in the messages of the resolvers of all systems about a name that they do not find."""

_KINDS: tuple[tuple[str, ConnectionFailure], ...] = (
    (r"its answer began", "stalled"),
    (r"before the answer was complete|is truncated$", "lost"),
    (r"no TLS connection: .*(?:wrong version number|record layer failure|unknown protocol|packet length)", "no_tls"),
    (r"certificate|TLS", "certificate"),
    (UNKNOWN_HOST, "unknown_host"),
    (r"in time", "no_answer"),
)
"""Pattern in the message -> kind; the first that occurs. The message of a lost connection may mention certificates."""

_REDIRECT = re.compile(r"redirects to (https?://[^\s;]+)")


def connection_failure(error: UpstreamUnreachable) -> ConnectionFailure:
    """Return what kind of failure an error of `wfs_proxy.http` is."""
    message = str(error)
    return next((kind for pattern, kind in _KINDS if re.search(pattern, message)), "unreachable")


def redirected_to(error: WfsProxyError) -> str | None:
    """Return the origin of the other server to which a server redirects; None for another error."""
    if not isinstance(error, UpstreamRefused) or error.upstream_status is not None:
        return None
    found = _REDIRECT.search(str(error))
    return None if found is None else found[1]
