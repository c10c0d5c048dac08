"""Serves ASGI applications on ports of this machine, in one process, until a signal ends it."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import signal
import socket
from collections.abc import Callable, Iterable, Iterator, Mapping

import uvicorn

from wfs_proxy.asgi import ASGIApp
from wfs_proxy.errors import ConfigurationError

try:
    import resource
except ImportError:  # Windows has neither the module nor the limit
    resource = None  # type: ignore[assignment]  # only where the module is absent

__all__ = [
    "DRAIN_SECONDS",
    "LOOPBACK",
    "listening",
    "new_event_loop",
    "serve_socket",
    "serve_together",
]

LOOPBACK = "127.0.0.1"

_BACKLOG = 2048
"""Connections that may wait to be accepted; uvicorn's own default."""

_KEEP_ALIVE_SECONDS = 75
"""How long a connection may be idle: longer than nginx's 60 s, or nginx would send requests on connections that we
have just closed."""

DRAIN_SECONDS = 10
"""How long requests in progress may take at shutdown; Kubernetes kills the process after 30 s."""


class _Server(uvicorn.Server):
    """Sets an event when it answers, and leaves signals to `_serve`, as only one of several servers would get them."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.answers = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.answers.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def serve_together(apps: Mapping[int, ASGIApp], started: Callable[[], None], *, host: str = LOOPBACK) -> None:
    """Serve each app on its port of the host until Ctrl-C or SIGTERM; call `started` once all of them answer.

    Raises:
        ConfigurationError: a port is in use, or the host is not an address of this machine.
    """
    with contextlib.ExitStack() as stack:
        _run([(app, stack.enter_context(listening(host, port))) for port, app in apps.items()], started)


def serve_socket(app: ASGIApp, bound: socket.socket, started: Callable[[], None]) -> None:
    """Serve an app from a listening socket until Ctrl-C or SIGTERM; call `started` once it answers."""
    _run([(app, bound)], started)


def new_event_loop() -> asyncio.AbstractEventLoop:
    """Return an event loop of uvloop if it is installed, else of asyncio."""
    factory = uvicorn.Config("", log_config=None).get_loop_factory() or asyncio.new_event_loop
    return factory()


def listening(host: str, port: int) -> socket.socket:
    """Return a listening socket.

    Raises:
        ConfigurationError: the port is in use, or the host is not an address of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        raise ConfigurationError(_advice(error, host, port)) from error


def _advice(error: OSError, host: str, port: int) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return (
                f"port {port} is in use by another program: stop that program, or choose another port"
                f" (--port {port + 10}). Een ander programma gebruikt poort {port} al: "
                "stop dat programma of kies een andere poort."
            )
        case errno.EACCES:
            return f"port {port} is reserved for system services: choose one above 1023 (--port 8000)"
        case _:
            return f"cannot listen on {host}, port {port}: {error.strerror or error}"


def _config(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )


def _run(pairs: Iterable[tuple[ASGIApp, socket.socket]], started: Callable[[], None]) -> None:
    _raise_file_limit()
    servers = [(_Server(_config(app)), bound) for app, bound in pairs]
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(_serve(servers, started))


def _raise_file_limit() -> None:
    """Allow as many open files as the system permits.

    Each client and each array of a memory-mapped snapshot needs a descriptor, and the usual limit of 1,024 is too low.
    """
    if resource is None:
        return
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


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
