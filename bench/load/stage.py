"""The programs on the stage: recorded vendors with a Signalen, and the proxy as its users run it.

All of them are processes of their own on free ports of loopback; what they write goes to a temporary folder.
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

from bench.load.vendors import Mood, Told
from bench.ports import free_ports
from wfs_proxy.run.server import LOOPBACK
from wfs_proxy.settings import PREFIX

__all__ = ["ROOT", "NotStarted", "Proxy", "Stage", "fetch", "staged", "write_layers"]

ROOT = Path(__file__).resolve().parents[2]
"""The checkout."""

_STARTS_WITHIN = 60.0
_ENDS_WITHIN = 30.0
_ANSWERS_WITHIN = 3.0
"""Seconds."""

_STALE_FOR = "1h"

_LOOPBACK_ONLY = build_opener(ProxyHandler({}))
"""Asks the address itself, whatever HTTP_PROXY says."""


class NotStarted(Exception):
    """A program of the stage did not come up, or did not end."""


class Proxy:
    """`wfs-proxy serve`, which can be ended and started anew."""

    def __init__(self, command: list[str], environment: Mapping[str, str], address: str, log: Path) -> None:
        self._command = command
        self._environment = environment
        self.address = address
        self.log = log
        """What it writes to stderr, over all its lives."""
        self.process = self._started()

    def restart(self) -> float:
        """SIGTERM, wait for the end, start at once; gives the seconds until it answers again.

        Raises:
            NotStarted: it does not end, or does not come back.
        """
        begin = time.monotonic()
        self.end()
        self.process = self._started()
        self.wait("/healthz")
        return time.monotonic() - begin

    def end(self) -> None:
        """SIGTERM, and wait.

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
        """The processes under it, those with most connections to clients first: others fetch and decode."""
        below = psutil.Process(self.process.pid).children(recursive=True)
        return sorted(filter(_lives, below), key=self._connections, reverse=True)

    def kill_worker(self) -> int:
        """SIGKILL to the first of `workers()`; gives how many there were before."""
        workers = self.workers()
        if workers:
            workers[0].send_signal(signal.SIGKILL)
        return len(workers)

    def _connections(self, process: psutil.Process) -> int:
        port = urlsplit(self.address).port
        try:
            made = process.net_connections("tcp")
        except psutil.Error:
            return 0
        return sum(one.status == psutil.CONN_ESTABLISHED and one.laddr.port == port for one in made)

    def wait(self, path: str) -> None:
        """Until this address of it answers with 200.

        Raises:
            NotStarted: it does not.
        """
        _until(lambda: fetch(f"{self.address}{path}") is not None, f"the proxy does not answer; see {self.log}")

    def _started(self) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            return subprocess.Popen(self._command, cwd=ROOT, env=self._environment, stdout=log, stderr=log)


@dataclass(frozen=True, kw_only=True)
class Stage:
    """What runs."""

    proxy: Proxy
    vendors: subprocess.Popen[bytes]
    control: str
    """The address of the vendors' control."""

    def become(self, mood: Mood) -> None:
        """Change the vendors' mood."""
        with _LOOPBACK_ONLY.open(Request(f"{self.control}/{mood}", method="PUT"), timeout=5) as answer:
            answer.read()

    def told(self) -> Told | None:
        """What the vendors' control tells; None when it does not in time."""
        body = fetch(self.control)
        return Told(**json.loads(body)) if body else None


@contextmanager
def staged(folder: Path, *, fixtures: Path, workers: int, fresh_for: int) -> Iterator[Stage]:
    """Start all, wait until every layer is there, and end all.

    Args:
        folder: where everything that is written goes.
        fixtures: the recordings.
        workers: of the proxy; 1 leaves the choice to it.
        fresh_for: seconds; shorter than in the shipped layers, so that data become stale during an outage.

    Raises:
        NotStarted: something does not come up.
    """
    port = free_ports(4)
    vendors, signalen, control = range(port + 1, port + 4)
    write_layers(ROOT / "layers", folder / "layers", fresh_for=fresh_for)
    with ExitStack() as stack:
        arguments = [str(fixtures), str(vendors), str(signalen), str(control)]
        playing = subprocess.Popen([sys.executable, "-m", "bench.load.vendors", *arguments], cwd=ROOT)
        stack.callback(_end, playing)
        control_address = f"http://{LOOPBACK}:{control}"
        _until(lambda: fetch(control_address) is not None, "the recorded vendors do not answer")
        told = Told(**json.loads(fetch(control_address) or b""))
        proxy = Proxy(
            _serve(folder / "layers", port, workers),
            _environment(told.environment, folder / "cache"),
            f"http://{LOOPBACK}:{port}",
            folder / "proxy.log",
        )
        stack.callback(lambda: _end(proxy.process))
        proxy.wait("/readyz")
        yield Stage(proxy=proxy, vendors=playing, control=control_address)


def write_layers(shipped: Path, folder: Path, *, fresh_for: int) -> None:
    """Copy the layer files, data being fresh for so many seconds and stale for an hour."""
    folder.mkdir(parents=True)
    for path in sorted(shipped.glob("*.yaml")):
        text = re.sub(r"(?m)^(  fresh_for:).*$", rf"\1 {fresh_for}s", path.read_text())
        (folder / path.name).write_text(re.sub(r"(?m)^(  stale_for:).*$", rf"\1 {_STALE_FOR}", text))


def fetch(address: str) -> bytes | None:
    """The body behind an address, if there is one in time and the status is 200."""
    with contextlib.suppress(URLError, OSError), _LOOPBACK_ONLY.open(address, timeout=_ANSWERS_WITHIN) as answer:
        body: bytes = answer.read()
        return body
    return None


def _serve(layers: Path, port: int, workers: int) -> list[str]:
    # the module, not the script beside the interpreter: that belongs to whatever checkout is installed
    command = [sys.executable, "-m", "wfs_proxy", "serve", "--layers", str(layers), "--port", str(port)]
    return [*command, "--workers", str(workers)] if workers > 1 else command


def _environment(told: Mapping[str, str], cache: Path) -> dict[str, str]:
    """Ours without settings of the proxy, which a developer may have set."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    cache.mkdir()
    return {**ours, **told, f"{PREFIX}CACHE_DIR": str(cache), "NO_PROXY": LOOPBACK, "no_proxy": LOOPBACK}


def _lives(process: psutil.Process) -> bool:
    """Neither gone while we look nor a zombie."""
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
