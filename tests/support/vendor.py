"""A vendor's server that misbehaves on request: a real HTTP server, in a thread, on loopback.

    with vendor.serving(lambda seen: Answer(body=b"<html>", media_type="text/html")) as server:
        ... server.url ... server.seen

A scenario is a function from a request to an `Answer`. The flags of an answer make the server hang or close the
connection. With a TLS context it serves https.
"""

from __future__ import annotations

import gzip
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

PATIENCE = 20.0
"""Seconds after which a hanging answer ends, if the client does not end it."""


@dataclass(frozen=True)
class Seen:
    """A request."""

    method: str
    path: str
    query: Mapping[str, str]
    """Keys in lower case."""
    headers: Mapping[str, str]
    """Keys in lower case."""
    body: bytes = b""


@dataclass(frozen=True)
class Answer:
    """What to answer, and how to misbehave."""

    body: bytes = b""
    status: int = 200
    media_type: str = "text/xml"
    headers: Mapping[str, str] = field(default_factory=dict)
    hang_before: bool = False
    """Accept the request and send nothing."""
    hang_within: bool = False
    """Send the head and half of the body, then nothing."""
    break_within: bool = False
    """Send the head and half of the body, then close the connection."""


Scenario = Callable[[Seen], Answer]


class Server:
    """The running server, as a test sees it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.seen: list[Seen] = []
        self.at_once = 0
        self.most_at_once = 0
        self.released = threading.Event()
        self.lock = threading.Lock()


@contextmanager
def serving(scenario: Scenario, tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    """Serve the scenario until the block ends."""
    http = _QuietServer(("127.0.0.1", 0), _Handler)
    if tls is not None:
        # each connection does the handshake in its own thread: a failed one must not stop the server
        http.socket = tls.wrap_socket(http.socket, server_side=True, do_handshake_on_connect=False)
    server = Server(f"{'https' if tls else 'http'}://localhost:{http.server_port}/wfs")
    http.scenario, http.state = scenario, server
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.released.set()
        http.shutdown()
        thread.join()
        http.server_close()


class _QuietServer(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """Clients hang up on a misbehaving server; that is what is tested."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        state = self.server.state
        parts = urlsplit(self.path)
        seen = Seen(
            method=self.command,
            path=parts.path,
            query={key.lower(): value for key, value in parse_qsl(parts.query, keep_blank_values=True)},
            headers={key.lower(): value for key, value in self.headers.items()},
            body=self.rfile.read(int(self.headers.get("Content-Length", 0))),
        )
        with state.lock:
            state.seen.append(seen)
            state.at_once += 1
            state.most_at_once = max(state.most_at_once, state.at_once)
        try:
            answer = self.server.scenario(seen)
        finally:
            with state.lock:
                state.at_once -= 1
        self._send(answer, state)

    def do_POST(self) -> None:
        self.do_GET()

    def _send(self, answer: Answer, state: Server) -> None:
        self.close_connection = True
        if answer.hang_before:
            state.released.wait(PATIENCE)
            return
        self.send_response_only(answer.status)
        if "Date" not in answer.headers:
            self.send_header("Date", self.date_time_string())
        self.send_header("Content-Type", answer.media_type)
        self.send_header("Content-Length", str(len(answer.body)))
        self.send_header("Connection", "close")
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        cut = answer.hang_within or answer.break_within
        self.wfile.write(answer.body[: len(answer.body) // 2] if cut else answer.body)
        self.wfile.flush()
        if answer.hang_within:
            state.released.wait(PATIENCE)

    def log_message(self, *_: object) -> None:
        """Log nothing."""


def bomb(size: int) -> Answer:
    """Return a small gzip body that decompresses to `size` bytes."""
    return Answer(body=gzip.compress(bytes(size)), headers={"Content-Encoding": "gzip"})


def exception_report(text: str, *, code: str = "InvalidParameterValue", locator: str = "", status: int = 200) -> Answer:
    """Return an OWS exception report (OGC 06-121r3, section 8); status 200 as MapServer and GeoServer send it."""
    body = (
        '<ows:ExceptionReport xmlns:ows="http://www.opengis.net/ows/1.1" version="2.0.0">'
        f'<ows:Exception exceptionCode="{code}" locator="{locator}"><ows:ExceptionText>{text}</ows:ExceptionText>'
        "</ows:Exception></ows:ExceptionReport>"
    )
    return Answer(body=body.encode(), status=status)
