"""One of the processes that serve a port: `python -m wfs_proxy.run.worker SOCKET LINE METRICS_FOLDER`.

The supervisor starts it (`supervisor.py`) and hands over two descriptors: the socket to accept connections from, and a
line on which the worker reports that it answers and notices that the supervisor ended.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from pathlib import Path

from wfs_proxy.app import create_app
from wfs_proxy.errors import WfsProxyError
from wfs_proxy.logs import configure_logging
from wfs_proxy.run.server import serve_socket
from wfs_proxy.settings import Settings


def _work(bound: socket.socket, line: socket.socket, metrics_folder: Path) -> None:
    """Serve from a socket until a signal ends it, or the supervisor does."""
    settings = Settings.from_environment(os.environ)
    configure_logging(settings.log_format, settings.log_level)

    def started() -> None:
        line.send(b".")
        loop = asyncio.get_running_loop()

        def end() -> None:
            loop.remove_reader(line)
            os.kill(os.getpid(), signal.SIGTERM)

        loop.add_reader(line, end)

    serve_socket(create_app(settings, metrics_folder=metrics_folder), bound, started)


if __name__ == "__main__":
    try:
        _work(socket.socket(fileno=int(sys.argv[1])), socket.socket(fileno=int(sys.argv[2])), Path(sys.argv[3]))
    except WfsProxyError as error:
        sys.stderr.write(f"wfs-proxy: {error}\n")
        sys.exit(1)
