"""Peak load with wrk: requests one after the other on each of a few connections, as fast as they are answered.

wrk uses one thread, so that on a machine with two cores the server has the other one. A generated script makes it cycle
through a list of requests.
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

_GRACE = 30.0
"""Seconds until an unanswered request is an error (wrk's default of 2 fails on a busy machine), and that wrk may run
beyond its duration."""

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
    '{"answers": %d, "microseconds": %d, "p50": %f, "p99": %f, "refused": %d, "broken": %d}',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
"""
"""`errors.status` counts answers with a status of 400 or more."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """A GET request."""

    path: str
    """Path and query."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """In addition to Host."""


@dataclass(frozen=True, kw_only=True)
class Measured:
    """The result for one server."""

    per_second: float
    """Answers per second."""
    p50: float
    """Median duration of an answer in seconds."""
    p99: float
    """99th percentile of the duration in seconds."""


def measure(address: str, requests: Sequence[Request], *, seconds: float, connections: int = _CONNECTIONS) -> Measured:
    """Send the requests in turn, as fast as they are answered.

    Raises:
        MissingProgram: wrk is not installed.
        InvalidMeasurement: an answer had a status of 400 or more, a connection failed, or no answer came.
    """
    wrk = program("wrk", package="wrk")
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(_SCRIPT.replace("@REQUESTS@", _lua(requests, urlsplit(address).netloc)))
        script.flush()
        options = ["--threads=1", f"--connections={connections}", f"--duration={seconds:.0f}s"]
        options += [f"--timeout={_GRACE:.0f}s", "--script", script.name]
        done = subprocess.run(
            [wrk, *options, address],
            check=True,
            capture_output=True,
            text=True,
            timeout=seconds + _GRACE,
        )
    result = json.loads(done.stderr)
    if result["refused"] or result["broken"] or not result["answers"]:
        raise InvalidMeasurement(f"{address}, requests such as {requests[0].path}: {done.stderr}")
    return Measured(
        per_second=result["answers"] / result["microseconds"] * _MICROSECONDS,
        p50=result["p50"] / _MICROSECONDS,
        p99=result["p99"] / _MICROSECONDS,
    )


def _lua(requests: Sequence[Request], host: str) -> str:
    """Return the requests as sent, as Lua strings; an ASCII string is written the same in JSON and in Lua."""
    wired = []
    for request in requests:
        fields = "".join(f"{name}: {value}\r\n" for name, value in request.headers.items())
        wired.append(f"GET {request.path} HTTP/1.1\r\nHost: {host}\r\n{fields}\r\n")
    return ",\n".join(json.dumps(text) for text in wired)
