"""The processes of the test: recorded vendors with a Signalen, and the proxy as its users run it.

They listen on free ports of loopback and write to a temporary folder.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, Request, build_opener

import psutil

from bench.load.vendors import ControlStatus, Mode
from bench.ports import free_ports
from wfs_proxy.demo.recorded import LAYERS
from wfs_proxy.run.server import LOOPBACK
from wfs_proxy.settings import PREFIX

__all__ = ["ROOT", "NotStarted", "Processes", "Proxy", "fetch", "started", "write_layers"]

ROOT = Path(__file__).resolve().parents[2]
"""The checkout."""

_STARTS_WITHIN = 300.0
"""Seconds; long enough for a busy machine, because it only bounds a wait."""

_ENDS_WITHIN = 60.0
"""Seconds, likewise."""

_ANSWERS_WITHIN = 3.0
"""Seconds."""

_STALE_FOR = "1h"

_LOOPBACK_ONLY = build_opener(ProxyHandler({}))
"""Ignores HTTP_PROXY."""


class NotStarted(Exception):
    """A process did not start, or did not end."""


class Proxy:
    """`wfs-proxy serve`, which can be ended and restarted."""

    def __init__(self, command: list[str], environment: Mapping[str, str], address: str, log: Path) -> None:
        self._command = command
        self._environment = environment
        self.address = address
        self.log = log
        """Standard error of all its runs."""
        self._earlier_log = 0
        """Characters in the log of the runs before the present one."""
        self.process = self._started()

    def restart(self) -> float:
        """Send SIGTERM, wait for the end and start again; return the seconds until it answers.

        Raises:
            NotStarted: it does not end, or does not answer.
        """
        begin = time.monotonic()
        self.end()
        self.process = self._started()
        self.wait("/healthz")
        return time.monotonic() - begin

    def end(self) -> None:
        """Send SIGTERM and wait.

        Raises:
            NotStarted: it does not end.
        """
        self.process.terminate()
        try:
            self.process.wait(_ENDS_WITHIN)
        except subprocess.TimeoutExpired as error:
            self.process.kill()
            raise NotStarted(f"the proxy did not end within {_ENDS_WITHIN:.0f} s of SIGTERM") from error

    def workers(self) -> list[psutil.Process]:
        """Return its descendants, those with most client connections first; the others fetch and decode."""
        below = psutil.Process(self.process.pid).children(recursive=True)
        return sorted(filter(_is_alive, below), key=self._connections, reverse=True)

    def kill_worker(self) -> int:
        """Send SIGKILL to the first of `workers()` once all of them answer; return how many there were before.

        Raises:
            NotStarted: they do not answer in time.
        """
        _until(self._is_announced, f"not all workers answer; see {self.log}")
        workers = self.workers()
        if workers:
            workers[0].send_signal(signal.SIGKILL)
        return len(workers)

    def _connections(self, process: psutil.Process) -> int:
        port = urlsplit(self.address).port
        try:
            connections = process.net_connections("tcp")
        except psutil.Error:
            return 0
        return sum(one.status == psutil.CONN_ESTABLISHED and one.laddr.port == port for one in connections)

    def wait(self, path: str) -> None:
        """Wait until this path answers 200.

        Raises:
            NotStarted: it does not in time.
        """
        _until(lambda: fetch(f"{self.address}{path}") is not None, f"the proxy does not answer; see {self.log}")

    def _is_announced(self) -> bool:
        """Return whether the present run has announced its address, which it does when all workers answer."""
        return f" on {self.address}/layers" in self.log.read_text()[self._earlier_log :]

    def _started(self) -> subprocess.Popen[bytes]:
        if self.log.exists():
            self._earlier_log = len(self.log.read_text())
        with self.log.open("ab") as log:
            return subprocess.Popen(self._command, cwd=ROOT, env=self._environment, stdout=log, stderr=log)


@dataclass(frozen=True, kw_only=True)
class Processes:
    """All processes."""

    proxy: Proxy
    vendors: subprocess.Popen[bytes]
    control: str
    """The address at which the vendors are controlled."""

    def set_mode(self, mode: Mode) -> None:
        """Change the vendors' mode."""
        with _LOOPBACK_ONLY.open(Request(f"{self.control}/{mode}", method="PUT"), timeout=5) as answer:
            answer.read()

    def status(self) -> ControlStatus | None:
        """Return the vendors' status; None if it does not arrive in time."""
        body = fetch(self.control)
        return ControlStatus(**json.loads(body)) if body else None


@contextmanager
def started(folder: Path, *, fixtures: Path, workers: int, fresh_for: int) -> Iterator[Processes]:
    """Start all processes, wait until every layer has been fetched, and end them after the block.

    Args:
        folder: for everything that is written.
        fixtures: the recordings.
        workers: of the proxy; 1 leaves the choice to the proxy.
        fresh_for: seconds; shorter than in the shipped layers, so that data become stale during an outage.

    Raises:
        NotStarted: a process does not start.
    """
    port = free_ports(4)
    vendors, signalen, control = range(port + 1, port + 4)
    write_layers(folder / "layers", fresh_for=fresh_for)
    with ExitStack() as stack:
        arguments = [str(fixtures), str(vendors), str(signalen), str(control)]
        playing = subprocess.Popen([sys.executable, "-m", "bench.load.vendors", *arguments], cwd=ROOT)
        stack.callback(_end, playing)
        control_address = f"http://{LOOPBACK}:{control}"
        _until(lambda: fetch(control_address) is not None, "the recorded vendors do not answer")
        status = ControlStatus(**json.loads(fetch(control_address) or b""))
        proxy = Proxy(
            _serve(folder / "layers", port, workers),
            _environment(status.environment, folder / "cache"),
            f"http://{LOOPBACK}:{port}",
            folder / "proxy.log",
        )
        stack.callback(lambda: _end(proxy.process))
        proxy.wait("/readyz")
        yield Processes(proxy=proxy, vendors=playing, control=control_address)


def write_layers(folder: Path, *, fresh_for: int) -> None:
    """Copy the demo's layer files, with data fresh for `fresh_for` seconds and then stale for an hour."""
    folder.mkdir(parents=True)
    for path in sorted(LAYERS.glob("*.yaml")):
        text = re.sub(r"(?m)^(  fresh_for:).*$", rf"\1 {fresh_for}s", path.read_text())
        (folder / path.name).write_text(re.sub(r"(?m)^(  stale_for:).*$", rf"\1 {_STALE_FOR}", text))


def fetch(address: str) -> bytes | None:
    """Return the body at a URL; None if it does not arrive in time or the status is not 200."""
    with contextlib.suppress(URLError, OSError), _LOOPBACK_ONLY.open(address, timeout=_ANSWERS_WITHIN) as answer:
        body: bytes = answer.read()
        return body
    return None


def _serve(layers: Path, port: int, workers: int) -> list[str]:
    # the module, not the installed script, which may belong to another checkout
    command = [sys.executable, "-m", "wfs_proxy", "serve", "--layers", str(layers), "--port", str(port)]
    return [*command, "--workers", str(workers)] if workers > 1 else command


def _environment(variables: Mapping[str, str], cache: Path) -> dict[str, str]:
    """Return our environment without the developer's settings of the proxy."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    cache.mkdir()
    return {**ours, **variables, f"{PREFIX}CACHE_DIR": str(cache), "NO_PROXY": LOOPBACK, "no_proxy": LOOPBACK}


def _is_alive(process: psutil.Process) -> bool:
    """Return whether it is neither gone nor a zombie."""
    try:
        status: str = process.status()
    except psutil.Error:
        return False
    return status != psutil.STATUS_ZOMBIE


def _until(condition: Callable[[], bool], otherwise: str) -> None:
    deadline = time.monotonic() + _STARTS_WITHIN
    while not condition():
        if time.monotonic() > deadline:
            raise NotStarted(otherwise)
        time.sleep(0.05)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_ENDS_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
