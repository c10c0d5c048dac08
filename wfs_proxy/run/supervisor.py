"""Several processes that serve one port, and the one that looks after them: `wfs-proxy serve --workers N`.

    supervisor: listens, accepts nothing -> N workers (`worker.py`), which accept from the same socket

The socket outlives every worker: while one is killed and started again, the others accept, and what no worker accepts
waits in the queue. A line to each tells the supervisor that it answers, and the worker that the supervisor lives.
What workers share is on disk: snapshots, whose turn it is to ask a vendor, and what is reported.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from wfs_proxy.config import load_catalogue
from wfs_proxy.errors import ConfigurationError, WfsProxyError
from wfs_proxy.run.server import DRAIN_SECONDS, listening, new_event_loop
from wfs_proxy.settings import Settings

__all__ = ["serve_with_workers"]

LOG = logging.getLogger(__name__)

WORKER = "wfs_proxy.run.worker"
"""The module that a worker runs."""

PAUSE = 1.0
"""Seconds until a worker that ended is started again, so that one which cannot live does not eat the machine."""

LAST_WORDS = DRAIN_SECONDS + 5.0
"""Seconds that workers get to end by themselves: their requests, then what they own."""


def serve_with_workers(settings: Settings, environment: Mapping[str, str], started: Callable[[], None]) -> None:
    """Serve with several processes until Ctrl-C or SIGTERM; calls `started` when all of them answer.

    Args:
        settings: with more than one worker.
        environment: of the workers, which read their settings out of it.
        started: is called once.

    Raises:
        ConfigurationError: the layer files are faulty, the port is taken, workers have no place to meet, or one of
            them cannot start.
    """
    if settings.cache_dir is None:
        raise ConfigurationError(
            "several workers need a place to meet, or each would ask the vendors for itself: set WFS_PROXY_CACHE_DIR"
        )
    load_catalogue(settings.layers, settings.environment)
    with (
        listening(settings.host, settings.port) as bound,
        _meeting_place(settings.cache_dir) as folder,
        asyncio.Runner(loop_factory=new_event_loop) as runner,
    ):
        runner.run(_Supervisor(bound, folder, environment, started).run(settings.workers))


@contextmanager
def _meeting_place(cache_dir: Path) -> Iterator[str]:
    """A folder for what the workers count.

    Raises:
        ConfigurationError: nothing can be written there.
    """
    try:
        cache_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder = tempfile.TemporaryDirectory(prefix="metrics-", dir=cache_dir, ignore_cleanup_errors=True)
    except OSError as error:
        raise ConfigurationError(f"several workers cannot meet in {cache_dir}: {error.strerror or error}") from error
    with folder as name:
        yield name


class _Supervisor:
    def __init__(
        self, bound: socket.socket, folder: str, environment: Mapping[str, str], started: Callable[[], None]
    ) -> None:
        self._bound = bound
        self._folder = folder
        self._environment = environment
        self._started = started
        self._ending = asyncio.Event()
        self._workers: set[asyncio.subprocess.Process] = set()
        self._awaited = 0

    async def run(self, count: int) -> None:
        """Keep so many workers alive until a signal ends it."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._ending.set)
        loop.add_signal_handler(signal.SIGHUP, self._pass_on, signal.SIGHUP)
        self._awaited = count
        keeping = [asyncio.create_task(self._keep(), name=f"worker {number}") for number in range(count)]
        ended = asyncio.create_task(self._ending.wait())
        await asyncio.wait([ended, *keeping], return_when=asyncio.FIRST_COMPLETED)
        self._ending.set()
        await self._end()
        for task in keeping:
            task.cancel()
        faults = await asyncio.gather(*keeping, return_exceptions=True)
        raised = next((fault for fault in faults if isinstance(fault, WfsProxyError)), None)
        if raised is not None:
            raise raised

    async def _keep(self) -> None:
        """Have one worker, and another one when it ends."""
        answered = await self._live_once()
        if not answered and not self._ending.is_set():
            raise ConfigurationError("a worker could not start; what it said stands above")
        while not self._ending.is_set():
            LOG.warning("A worker ended, so another one is started")
            await asyncio.sleep(PAUSE)
            await self._live_once()

    async def _live_once(self) -> bool:
        """Start a worker and wait for its end; whether it ever answered."""
        ours, theirs = socket.socketpair()
        with ours:
            with theirs:
                handed = (self._bound.fileno(), theirs.fileno())
                worker = await asyncio.create_subprocess_exec(
                    sys.executable,
                    "-m",
                    WORKER,
                    *map(str, handed),
                    self._folder,
                    pass_fds=handed,
                    env=self._environment,
                    stdin=asyncio.subprocess.DEVNULL,
                )
            self._workers.add(worker)
            try:
                answered = bool(await asyncio.to_thread(ours.recv, 1))
                if answered:
                    self._count()
                await worker.wait()
            finally:
                self._workers.discard(worker)
        return answered

    def _count(self) -> None:
        self._awaited -= 1
        if self._awaited == 0:
            self._started()

    def _pass_on(self, number: signal.Signals) -> None:
        for worker in self._workers:
            with suppress(ProcessLookupError):
                worker.send_signal(number)

    async def _end(self) -> None:
        """Let the workers finish what they are at, and end those that do not."""
        # a client that comes now goes elsewhere, instead of waiting for nobody
        self._bound.close()
        workers = list(self._workers)
        self._pass_on(signal.SIGTERM)
        with suppress(TimeoutError):
            async with asyncio.timeout(LAST_WORDS):
                await asyncio.gather(*(worker.wait() for worker in workers))
        self._pass_on(signal.SIGKILL)
