"""Ports on loopback for programs that cannot be told 0."""

from __future__ import annotations

import random
import socket
from contextlib import ExitStack, suppress

from wfs_proxy.run.server import LOOPBACK

__all__ = ["free_ports"]

_LOWEST, _HIGHEST = 10_000, 32_000
"""Below the ports that a system gives to whoever connects somewhere (Linux: from 32,768 on): one of those may be taken
between the look and the start of the program that is told it."""


def free_ports(count: int = 1) -> int:
    """The first of so many neighbouring ports that nobody listens on."""
    # not the seeded generator: what runs beside this must not try the same ports
    chance = random.SystemRandom()
    while True:
        first = chance.randrange(_LOWEST, _HIGHEST)
        with ExitStack() as stack, suppress(OSError):
            for port in range(first, first + count):
                stack.enter_context(socket.create_server((LOOPBACK, port)))
            return first
