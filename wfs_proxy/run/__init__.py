"""Processes and ports: the server, the supervisor and its workers."""

from wfs_proxy.run.server import LOOPBACK, listening, serve_socket, serve_together
from wfs_proxy.run.supervisor import serve_with_workers

__all__ = [
    "LOOPBACK",
    "listening",
    "serve_socket",
    "serve_together",
    "serve_with_workers",
]
