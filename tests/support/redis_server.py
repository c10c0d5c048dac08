"""A real redis-server on loopback that tests may kill, freeze and restart, with or without its data."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import needs
import redis

from bench.ports import free_ports


class RedisServer:
    """Can be started and ended repeatedly, always on the same port."""

    def __init__(self, folder: Path, *options: str) -> None:
        self._program = needs.program("redis-server", package="redis-server")
        self._folder = folder
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_ports()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.client = redis.Redis.from_url(self.url)
        """A client for the tests themselves."""

    def start(self) -> None:
        """Start it and wait until it answers. It loads the data that `save` wrote, if any."""
        self._process = subprocess.Popen(
            [
                *(self._program, "--port", str(self.port), "--bind", "127.0.0.1"),
                *("--dir", self._folder, "--save", "", *self._options),
            ],
            stdout=subprocess.DEVNULL,
        )
        while True:
            try:
                self.client.ping()
            except (redis.exceptions.ConnectionError, redis.exceptions.BusyLoadingError) as error:
                if isinstance(error, redis.exceptions.AuthenticationError):
                    return
                assert self._process.poll() is None, "redis-server did not start"
            else:
                return

    def save(self) -> None:
        """Write its data to disk, for its next start."""
        self.client.save()

    def kill(self) -> None:
        """Kill it, whatever it is doing."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Stop it, so that it accepts connections but does not answer."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self._process.pid, signal.SIGCONT)

    def keys(self, kind: str) -> list[str]:
        """Return the keys of one kind: metadata, snapshot, lock or reports."""
        return sorted(key.decode() for key in self.client.scan_iter(f"wfs-proxy:*:{kind}:*"))

    def calls(self, command: str) -> int:
        """Return how often a command was sent."""
        return int(self.client.info("commandstats").get(f"cmdstat_{command}", {"calls": 0})["calls"])


@contextmanager
def serving(folder: Path, *options: str) -> Iterator[RedisServer]:
    """Run a server until the block ends, in the given folder."""
    folder.mkdir(exist_ok=True)
    server = RedisServer(folder, *options)
    server.start()
    try:
        yield server
    finally:
        server.kill()
        server.client.close()
