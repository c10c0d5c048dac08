"""Free ports on loopback, for programs that cannot choose one themselves (port 0)."""

from __future__ import annotations

import random
import socket
from contextlib import ExitStack, suppress

from wfs_proxy.run.server import LOOPBACK

__all__ = ["free_ports"]

_LOWEST, _HIGHEST = 10_000, 32_000
"""Below the ephemeral ports (Linux: from 32,768): an outgoing connection could take one of those between this check and
the start of the program."""


def free_ports(count: int = 1) -> int:
    """Return the first of `count` consecutive ports on which nothing listens."""
    # not the seeded generator: parallel runs must not try the same ports
    generator = random.SystemRandom()
    while True:
        first = generator.randrange(_LOWEST, _HIGHEST)
        with ExitStack() as stack, suppress(OSError):
            for port in range(first, first + count):
                stack.enter_context(socket.create_server((LOOPBACK, port)))
            return first
