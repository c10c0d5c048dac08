"""A real redis-server on loopback that tests may kill, freeze and bring back, with or without what it knew."""

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
    """Starts and ends as often as wanted, always on the same port."""

    def __init__(self, folder: Path, *options: str) -> None:
        self._program = needs.program("redis-server", package="redis-server")
        self._folder = folder
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_ports()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.client = redis.Redis.from_url(self.url)
        """For what tests want to know of it, or do to it."""

    def start(self) -> None:
        """Returns when it answers. It reads what `save` left, if anything."""
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
        """Let it remember over its next end what it knows now."""
        self.client.save()

    def kill(self) -> None:
        """End it in the middle of whatever it does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """It accepts connections, and says nothing."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self._process.pid, signal.SIGCONT)

    def keys(self, kind: str) -> list[str]:
        """The keys of one kind: metadata, snapshot, lock, reports."""
        return sorted(key.decode() for key in self.client.scan_iter(f"wfs-proxy:*:{kind}:*"))

    def calls(self, command: str) -> int:
        """How often a command was given."""
        return int(self.client.info("commandstats").get(f"cmdstat_{command}", {"calls": 0})["calls"])


@contextmanager
def serving(folder: Path, *options: str) -> Iterator[RedisServer]:
    """One that runs for as long as the block lasts, in a folder of its own or an empty one."""
    folder.mkdir(exist_ok=True)
    server = RedisServer(folder, *options)
    server.start()
    try:
        yield server
    finally:
        server.kill()
        server.client.close()
