"""Requests at a constant rate, however slow the answers: `python -m bench.paced ADDRESS RATE SECONDS < paths`.

The time at which each request is due is fixed in advance, and its duration is measured from then. A request that has to
wait because the server is busy therefore counts with its whole wait. A client that sends a request after each answer
would send fewer requests instead, and hide the wait ("coordinated omission").

It waits with select(2), whose timeout has microseconds. An event loop's has milliseconds, longer than an answer takes.
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
"""The maximum number of concurrent requests; a browser's map has one, so this is the number of users."""

_TIMEOUT = 30.0
"""Seconds to wait for an answer."""

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Paced:
    """Durations of answers, from the time at which the request was due."""

    p50: float
    """Seconds."""
    p99: float
    """Seconds."""
    answers: int


def measure(address: str, paths: Sequence[str], *, rate: float, seconds: float) -> Paced:
    """Send `rate` requests per second from a process of its own, cycling through the paths.

    Raises:
        InvalidMeasurement: an answer was not a 200.
    """
    done = subprocess.run(
        [sys.executable, "-m", "bench.paced", address, str(rate), str(seconds)],
        input="\n".join(paths),
        capture_output=True,
        text=True,
        timeout=seconds + 2 * _TIMEOUT,
        check=False,
    )
    if done.returncode:
        raise InvalidMeasurement(done.stderr)
    return Paced(**json.loads(done.stdout))


@dataclass(kw_only=True, eq=False)
class _Connection:
    """A persistent connection with at most one request in progress."""

    socket: socket.socket
    due: float = 0.0
    """When the request in progress was due."""
    received: bytearray = field(default_factory=bytearray)

    def fileno(self) -> int:
        """Return the descriptor for select."""
        return self.socket.fileno()

    def send(self, request: bytes, due: float) -> None:
        """Send a request."""
        self.due = due
        self.received.clear()
        self.socket.sendall(request)

    def answered(self) -> bool:
        """Read the available bytes; return whether the answer is complete."""
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
    """Send the requests; return the duration of each answer in seconds, in order of arrival."""
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
        pause = max(0.0, start + sent / rate - now) if sent < total and idle else _TIMEOUT
        ready = select.select(list(busy), [], [], pause)[0]
        if not ready and pause == _TIMEOUT:
            raise InvalidMeasurement(f"no answer for {_TIMEOUT:.0f} seconds")
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
