"""Ports on loopback for programs that cannot be told 0."""

from __future__ import annotations

import socket
from contextlib import ExitStack, suppress


def free_ports(count: int = 1) -> int:
    """The first of so many neighbouring ports that nobody listens on."""
    while True:
        with ExitStack() as stack, suppress(OSError, OverflowError):
            first = stack.enter_context(socket.create_server(("127.0.0.1", 0))).getsockname()[1]
            for port in range(first + 1, first + count):
                stack.enter_context(socket.create_server(("127.0.0.1", port)))
            return first
