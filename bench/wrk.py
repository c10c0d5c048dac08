"""wrk as the source of requests: as many as a server takes, one after the other on each of a few connections.

One thread sends them, so that on a machine with two cores the server has the other one. What wrk sends is prepared in
a script made for the occasion: request after request from a list, and from its start again when it ends.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from bench.invalid import InvalidMeasurement
from bench.missing import program

__all__ = ["Measured", "Request", "measure"]

_CONNECTIONS = 8

_PATIENCE = 30.0
"""Seconds that wrk may take beyond its time."""

_MICROSECONDS = 1e6

_SCRIPT = """local requests = {
@REQUESTS@
}
local sent = 0
function request()
  sent = sent % #requests + 1
  return requests[sent]
end
function done(summary, latency)
  local errors = summary.errors
  io.stderr:write(string.format(
    '{"answers": %d, "microseconds": %d, "bytes": %d, "p50": %f, "p99": %f, "refused": %d, "broken": %d}',
    summary.requests, summary.duration, summary.bytes, latency:percentile(50), latency:percentile(99),
    errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
"""
"""`errors.status` counts the answers with a status of 400 and more."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """A GET request."""

    path: str
    """With its query."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Beside Host."""


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What a server did."""

    per_second: float
    """Answers a second."""
    p50: float
    """The median time of an answer in seconds."""
    p99: float
    """The time in seconds within which 99 of 100 answers came."""
    bytes_each: float
    """Mean length of an answer, head and all."""


def measure(address: str, requests: Sequence[Request], *, seconds: float, connections: int = _CONNECTIONS) -> Measured:
    """Send the requests in turn, as fast as they are answered.

    Raises:
        MissingProgram: there is no wrk here.
        InvalidMeasurement: an answer had a status of 400 or more, or a connection failed; or there was no answer.
    """
    wrk = program("wrk", package="wrk")
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(_SCRIPT.replace("@REQUESTS@", _lua(requests, urlsplit(address).netloc)))
        script.flush()
        options = ["--threads=1", f"--connections={connections}", f"--duration={seconds:.0f}s", "--script", script.name]
        done = subprocess.run(
            [wrk, *options, address],
            check=True,
            capture_output=True,
            text=True,
            timeout=seconds + _PATIENCE,
        )
    told = json.loads(done.stderr)
    if told["refused"] or told["broken"] or not told["answers"]:
        raise InvalidMeasurement(f"{address}, {requests[0].path} and others: {done.stderr}")
    return Measured(
        per_second=told["answers"] / told["microseconds"] * _MICROSECONDS,
        p50=told["p50"] / _MICROSECONDS,
        p99=told["p99"] / _MICROSECONDS,
        bytes_each=told["bytes"] / told["answers"],
    )


def _lua(requests: Sequence[Request], host: str) -> str:
    """The requests as they go over the wire; a string of ASCII looks the same in JSON and in Lua."""
    wired = []
    for request in requests:
        fields = "".join(f"{name}: {value}\r\n" for name, value in request.headers.items())
        wired.append(f"GET {request.path} HTTP/1.1\r\nHost: {host}\r\n{fields}\r\n")
    return ",\n".join(json.dumps(text) for text in wired)
