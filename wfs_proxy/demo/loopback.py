"""Several ASGI applications on ports of this machine, in one process, until a signal ends them."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import signal
import socket
from collections.abc import Awaitable, Callable, Iterator, Mapping, MutableMapping
from typing import Any

import uvicorn
import uvloop

from wfs_proxy.errors import ConfigurationError

__all__ = ["ASGIApp", "Receive", "Scope", "Send", "serve_together"]

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]

HOST = "127.0.0.1"

_BACKLOG = 2048
"""Connections that wait until they are accepted: a storm's worth, and uvicorn's own default."""

_LONGEST_GOODBYE = 3
"""Seconds that requests under way get when the program is to end."""


class _Server(uvicorn.Server):
    """Tells when it answers; leaves signals to `serve_together`, as each server would take them from the others."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.answers = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.answers.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def serve_together(apps: Mapping[int, ASGIApp], started: Callable[[], None], *, host: str = HOST) -> None:
    """Serve each app on its port of an address until Ctrl-C or SIGTERM; calls `started` when all of them answer.

    Raises:
        ConfigurationError: a port is taken, or is none.
    """
    with contextlib.ExitStack() as stack:
        sockets = {port: stack.enter_context(_bound(host, port)) for port in apps}
        servers = {port: _Server(_config(app)) for port, app in apps.items()}
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_serve([(servers[port], sockets[port]) for port in apps], started))


def _bound(host: str, port: int) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise ConfigurationError(
                f"port {port} of {host} is taken by another program; choose another one with --port"
                f" (poort {port} is bezet: kies een andere met --port, of: make demo PORT=9000)"
            ) from error
        raise ConfigurationError(f"port {port} of {host} cannot be used: {error.strerror}") from error
    except OverflowError:
        raise ConfigurationError(f"{port} is no port: choose one from 1 to 65535") from None


def _config(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app, log_config=None, access_log=False, timeout_graceful_shutdown=_LONGEST_GOODBYE, server_header=False
    )


async def _serve(pairs: list[tuple[_Server, socket.socket]], started: Callable[[], None]) -> None:
    servers = [server for server, _ in pairs]

    def end() -> None:
        for server in servers:
            server.should_exit = True

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, end)
    async with asyncio.TaskGroup() as group:
        for server, bound in pairs:
            group.create_task(server.serve(sockets=[bound]))
        for server in servers:
            await server.answers.wait()
        started()
