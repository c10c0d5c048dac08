"""Servers to measure, each a process of its own on a free port of loopback that ends with the block."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from urllib.error import URLError
from urllib.request import urlopen

from bench.invalid import InvalidMeasurement
from bench.ports import free_ports
from wfs_proxy.run.server import LOOPBACK

__all__ = ["Server", "bare", "proxy", "running"]

_START_TIMEOUT = 600.0
"""Seconds until a server must answer; before that it may have to fetch a million objects."""

_PAUSE = 0.005
"""Seconds between two checks whether it answers."""

_DRAIN_SECONDS = 15.0
"""Seconds that a server may take to end after SIGTERM."""


@dataclass(frozen=True, kw_only=True)
class Server:
    """A running server."""

    address: str
    """Without a slash at its end."""
    pid: int
    """Of the process that was started; it may have children."""
    seconds: float
    """From the start of the process to the first successful answer."""


@contextmanager
def proxy(
    layers: Path,
    *,
    ready: str = "/readyz",
    environment: Mapping[str, str] | None = None,
    timeout: float = _START_TIMEOUT,
) -> Iterator[Server]:
    """Run `wfs-proxy serve` over a folder of layer files.

    Args:
        layers: the folder.
        ready: the path that must answer 200; the default does once every layer has been tried.
        environment: further settings.
        timeout: seconds until it must be ready.

    Raises:
        InvalidMeasurement: it ended, or did not answer in time.
    """
    port = free_ports()
    command = [sys.executable, "-m", "wfs_proxy", "serve", "--layers", str(layers), "--port", str(port)]
    settings = {"WFS_PROXY_ACCESS_LOG": "false", "WFS_PROXY_LOG_LEVEL": "warning", **(environment or {})}
    address = f"http://{LOOPBACK}:{port}"
    with running(command, address, ready=ready, environment=settings, timeout=timeout) as server:
        yield server


@contextmanager
def bare(size: int, media_type: str) -> Iterator[Server]:
    """Run the reference app with a constant body of `size` bytes."""
    port = free_ports()
    command = [sys.executable, "-m", "bench.bare", str(port), str(size), media_type]
    with running(command, f"http://{LOOPBACK}:{port}", ready="/") as server:
        yield server


@contextmanager
def running(
    command: Sequence[str | Path],
    address: str,
    *,
    ready: str,
    environment: Mapping[str, str] | None = None,
    timeout: float = _START_TIMEOUT,
) -> Iterator[Server]:
    """Run a server that listens on an address until the block ends.

    Raises:
        InvalidMeasurement: it ended, or did not answer in time; the message has its standard error.
    """
    with tempfile.TemporaryFile() as stderr:
        start = time.perf_counter()
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=stderr,
            env={**os.environ, **(environment or {})},
        )
        try:
            _wait(process, address + ready, timeout, stderr)
            yield Server(address=address, pid=process.pid, seconds=time.perf_counter() - start)
        finally:
            _end(process)


def _wait(process: subprocess.Popen[bytes], url: str, timeout: float, stderr: BinaryIO) -> None:
    deadline = time.monotonic() + timeout
    while not _answers(url):
        if process.poll() is not None or time.monotonic() > deadline:
            stderr.seek(0)
            raise InvalidMeasurement(f"{process.args!r} does not answer: {stderr.read().decode(errors='replace')}")
        time.sleep(_PAUSE)


def _answers(url: str) -> bool:
    """Return whether it answers 200; urllib raises URLError for an error status or a closed port."""
    with suppress(URLError, ConnectionError, TimeoutError), urlopen(url, timeout=_START_TIMEOUT) as answer:
        answer.read()
        return True
    return False


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_DRAIN_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
