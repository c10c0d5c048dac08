"""Requests at a constant rate, whatever the server does: `python -m bench.paced ADDRESS RATE SECONDS < paths`.

Each request is due at a moment that is fixed beforehand, and its time counts from that moment. So requests that had to
wait because the server was busy with something else count with all of their waiting, where a client that sends its next
request after an answer would just have sent fewer of them ("coordinated omission").

It waits with select(2), whose time-out has microseconds; an event loop's has milliseconds, more than an answer takes.
"""

from __future__ import annotations

import json
import re
import select
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import cycle
from urllib.parse import urlsplit

from bench.invalid import InvalidMeasurement

__all__ = ["Paced", "measure"]

CONNECTIONS = 64
"""So many requests can be under way; a browser's map has one, so these are as many people."""

_PATIENCE = 30.0
"""Seconds for the answers that are outstanding at the end."""

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Paced:
    """How long answers took, from when they were due."""

    p50: float
    """Seconds."""
    p99: float
    """Seconds."""
    answers: int


def measure(address: str, paths: Sequence[str], *, rate: float, seconds: float) -> Paced:
    """Send so many requests a second from a process of its own, cycling through the paths.

    Raises:
        InvalidMeasurement: an answer was not a 200.
    """
    done = subprocess.run(
        [sys.executable, "-m", "bench.paced", address, str(rate), str(seconds)],
        input="\n".join(paths),
        capture_output=True,
        text=True,
        timeout=seconds + 2 * _PATIENCE,
        check=False,
    )
    if done.returncode:
        raise InvalidMeasurement(done.stderr)
    return Paced(**json.loads(done.stdout))


@dataclass(kw_only=True, eq=False)
class _Connection:
    """A connection that is kept, with at most one request under way."""

    socket: socket.socket
    due: float = 0.0
    """When the request under way was due."""
    received: bytearray = field(default_factory=bytearray)

    def fileno(self) -> int:
        """For select."""
        return self.socket.fileno()

    def send(self, request: bytes, due: float) -> None:
        """Ask."""
        self.due = due
        self.received.clear()
        self.socket.sendall(request)

    def answered(self) -> bool:
        """Take what has come; whether the answer is whole."""
        piece = self.socket.recv(1 << 18)
        self.received += piece
        end = self.received.find(b"\r\n\r\n")
        if not piece or not self.received.startswith(b"HTTP/1.1 200 "[: len(self.received)]):
            raise InvalidMeasurement(f"not a 200: {bytes(self.received[:500])!r}")
        if end < 0:
            return False
        length = _LENGTH.search(self.received, 0, end)
        return len(self.received) == end + 4 + (int(length[1]) if length else 0)


def run(address: str, paths: Sequence[str], rate: float, seconds: float) -> list[float]:
    """Send the requests; gives the seconds that each answer took, in the order in which they came."""
    host = urlsplit(address).netloc
    requests = cycle([f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode() for path in paths])
    name, _, port = host.partition(":")
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.create_connection((name, int(port)))) for _ in range(CONNECTIONS)]
        return _exchanged(requests, deque(_Connection(socket=each) for each in sockets), rate, seconds)


def _exchanged(requests: Iterator[bytes], idle: deque[_Connection], rate: float, seconds: float) -> list[float]:
    busy: set[_Connection] = set()
    took: list[float] = []
    start, total = time.perf_counter(), int(rate * seconds)
    sent = 0
    while len(took) < total:
        now = time.perf_counter()
        while sent < total and idle and start + sent / rate <= now:
            connection = idle.popleft()
            connection.send(next(requests), start + sent / rate)
            busy.add(connection)
            sent += 1
        pause = max(0.0, start + sent / rate - now) if sent < total and idle else _PATIENCE
        ready = select.select(list(busy), [], [], pause)[0]
        if not ready and pause == _PATIENCE:
            raise InvalidMeasurement(f"no answer for {_PATIENCE:.0f} seconds")
        for connection in ready:
            if connection.answered():
                took.append(time.perf_counter() - connection.due)
                busy.discard(connection)
                idle.append(connection)
    return took


if __name__ == "__main__":
    rate, seconds = map(float, sys.argv[2:])
    took = sorted(run(sys.argv[1], sys.stdin.read().splitlines(), rate, seconds))
    print(json.dumps({"p50": took[len(took) // 2], "p99": took[len(took) * 99 // 100], "answers": len(took)}))
