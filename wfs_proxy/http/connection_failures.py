"""Why a server could not be reached, for messages to people who cannot read the error of a library."""

from __future__ import annotations

import re
from typing import Literal

from wfs_proxy.errors import UpstreamUnreachable

__all__ = ["ConnectionFailure", "connection_failure"]

ConnectionFailure = Literal["certificate", "unknown_host", "no_answer", "unreachable"]


def connection_failure(error: UpstreamUnreachable) -> ConnectionFailure:
    """Return what kind of failure an error of `wfs_proxy.http` is."""
    message = str(error)
    if re.search(r"certificate|TLS", message):
        return "certificate"
    if re.search(r"Name or service|name resolution|getaddrinfo|nodename|No address", message):
        return "unknown_host"
    return "no_answer" if "in time" in message else "unreachable"
