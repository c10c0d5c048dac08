"""One of the processes that serve a port: `python -m wfs_proxy.run.worker SOCKET SUPERVISOR METRICS_FOLDER`.

The supervisor (`supervisor.py`) starts it with two descriptors: the socket to accept connections from, and one end of a
socket pair. The worker writes a byte to the pair when it answers, and shuts down when the other end closes, because
then the supervisor has ended. Workers share metrics in a folder (`web/worker_metrics.py`).
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


def _work(bound: socket.socket, supervisor: socket.socket, metrics_folder: Path) -> None:
    """Serve from a listening socket until a signal arrives or the supervisor ends."""
    settings = Settings.from_environment(os.environ)
    configure_logging(settings.log_format, settings.log_level)

    def started() -> None:
        supervisor.send(b".")
        loop = asyncio.get_running_loop()

        def on_supervisor_end() -> None:
            loop.remove_reader(supervisor)
            os.kill(os.getpid(), signal.SIGTERM)

        loop.add_reader(supervisor, on_supervisor_end)

    serve_socket(create_app(settings, metrics_folder=metrics_folder), bound, started)


if __name__ == "__main__":
    try:
        _work(socket.socket(fileno=int(sys.argv[1])), socket.socket(fileno=int(sys.argv[2])), Path(sys.argv[3]))
    except WfsProxyError as error:
        sys.stderr.write(f"wfs-proxy: {error}\n")
        sys.exit(1)
