"""A vendor that sends documents, compressed, counts who asks for them, and can keep them waiting."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from wfs_proxy.run.server import LOOPBACK

__all__ = ["Documents", "serving"]

_PATIENCE = 60.0
"""Seconds that a request is kept waiting at most."""


class Documents(ThreadingHTTPServer):
    """The vendor."""

    def __init__(self, bodies: Sequence[bytes]) -> None:
        super().__init__((LOOPBACK, 0), _Handler)
        self._bodies = [gzip.compress(body, compresslevel=1) for body in bodies]
        self._lock = threading.Lock()
        self.requests = 0
        """How often it was asked."""

        self.open = threading.Event()
        """Nobody is answered until it is set."""

    @property
    def url(self) -> str:
        """Where the document is."""
        return f"http://{LOOPBACK}:{self.server_port}/objects.geojson"

    def next_body(self) -> bytes:
        """What the next request gets: each document in turn, as gzip."""
        with self._lock:
            self.requests += 1
            number = self.requests - 1
        self.open.wait(_PATIENCE)
        return self._bodies[number % len(self._bodies)]


@contextmanager
def serving(*bodies: bytes) -> Iterator[Documents]:
    """Serve the documents in turn, in a thread of this process; `open` is to be set."""
    with Documents(bodies) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.open.set()
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
        """Say nothing."""
