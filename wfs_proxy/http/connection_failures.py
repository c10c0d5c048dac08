"""Why a server could not be reached, for messages to people who cannot read the error of a library."""

from __future__ import annotations

import re
from typing import Literal

from wfs_proxy.errors import UpstreamUnreachable

__all__ = ["ConnectionFailure", "connection_failure"]

ConnectionFailure = Literal["certificate", "no_tls", "unknown_host", "no_answer", "stalled", "lost", "unreachable"]
"""no_tls: the server does not speak https there. stalled: an answer began, but was not complete in time. lost: the
connection ended before the answer was complete."""

_KINDS: tuple[tuple[str, ConnectionFailure], ...] = (
    (r"its answer began", "stalled"),
    (r"before the answer was complete|is truncated$", "lost"),
    (r"no TLS connection: .*(?:wrong version number|record layer failure|unknown protocol|packet length)", "no_tls"),
    (r"certificate|TLS", "certificate"),
    (r"Name or service|name resolution|getaddrinfo|nodename|No address", "unknown_host"),
    (r"in time", "no_answer"),
)
"""Pattern in the message -> kind; the first that occurs. The message of a lost connection may mention certificates."""


def connection_failure(error: UpstreamUnreachable) -> ConnectionFailure:
    """Return what kind of failure an error of `wfs_proxy.http` is."""
    message = str(error)
    return next((kind for pattern, kind in _KINDS if re.search(pattern, message)), "unreachable")
