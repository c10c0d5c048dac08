"""A vendor that sends compressed documents, counts requests, and can delay its answers."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from wfs_proxy.run.server import LOOPBACK

__all__ = ["Documents", "serving"]

_MAX_DELAY = 60.0
"""Seconds."""


class Documents(ThreadingHTTPServer):
    """The vendor's server."""

    def __init__(self, bodies: Sequence[bytes]) -> None:
        super().__init__((LOOPBACK, 0), _Handler)
        self._bodies = [gzip.compress(body, compresslevel=1) for body in bodies]
        self._lock = threading.Lock()
        self.requests = 0
        """Requests received so far."""

        self.answering = threading.Event()
        """Requests wait until it is set."""

    @property
    def url(self) -> str:
        """The URL of the document."""
        return f"http://{LOOPBACK}:{self.server_port}/objects.geojson"

    def next_body(self) -> bytes:
        """Return the gzipped body for the next request: each document in turn."""
        with self._lock:
            self.requests += 1
            number = self.requests - 1
        self.answering.wait(_MAX_DELAY)
        return self._bodies[number % len(self._bodies)]


@contextmanager
def serving(*bodies: bytes) -> Iterator[Documents]:
    """Serve the documents in turn, in a thread of this process, once the caller sets `answering`."""
    with Documents(bodies) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.answering.set()
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    server: Documents

    def do_GET(self) -> None:
        body = self.server.next_body()
        self.send_response(200)
        self.send_header("Content-Type", "application/geo+json")
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Log nothing."""
