"""Serves one port with several processes: `wfs-proxy serve --workers N`.

    supervisor: listens, but accepts nothing -> N workers (`worker.py`), which accept from the same socket

The socket outlives every worker. While a killed worker is replaced, the others accept connections, and connections
that no worker has accepted yet wait in the queue of the socket. A socket pair connects the supervisor with each worker:
the worker reports that it answers, and notices when the supervisor ends. Workers share snapshots, fetch leases and
reports through the cache directory.

We have a supervisor of our own because uvicorn's workers outlive a parent that is killed: they would keep the port, and
the service manager could not start the proxy again.
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
from wfs_proxy.serve import log_catalogue
from wfs_proxy.settings import Settings

__all__ = ["serve_with_workers"]

LOG = logging.getLogger(__name__)

WORKER = "wfs_proxy.run.worker"
"""The module that a worker runs."""

RESTART_PAUSE = 1.0
"""Seconds until a worker that ended is replaced, so that one that ends at once does not use up the processor."""

KILL_AFTER = DRAIN_SECONDS + 5.0
"""Seconds that workers get to shut down: to answer requests in progress and to stop their background work."""


def serve_with_workers(settings: Settings, environment: Mapping[str, str], started: Callable[[], None]) -> None:
    """Serve with several processes until Ctrl-C or SIGTERM; call `started` once all of them answer.

    Args:
        settings: with more than one worker.
        environment: of the workers, which read their settings from it.
        started: is called once.

    Raises:
        ConfigurationError: the layer files have errors, the port is in use, there is no shared cache directory, or a
            worker fails to start.
    """
    if settings.cache_dir is None:
        raise ConfigurationError("more than one worker requires a shared cache directory: set WFS_PROXY_CACHE_DIR")
    log_catalogue(load_catalogue(settings.layers, settings.environment, may_be_empty=True), settings.layers)
    with (
        listening(settings.host, settings.port) as bound,
        _metrics_folder(settings.cache_dir) as folder,
        asyncio.Runner(loop_factory=new_event_loop) as runner,
    ):
        runner.run(_Supervisor(bound, folder, environment, started).run(settings.workers))


@contextmanager
def _metrics_folder(cache_dir: Path) -> Iterator[str]:
    """Create a folder in which the workers share their metrics, and remove it at the end.

    Raises:
        ConfigurationError: the cache directory is not writable.
    """
    try:
        cache_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder = tempfile.TemporaryDirectory(prefix="metrics-", dir=cache_dir, ignore_cleanup_errors=True)
    except OSError as error:
        raise ConfigurationError(
            f"the shared cache directory {cache_dir} is not writable: {error.strerror or error}"
        ) from error
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
        self._not_yet_answering = 0

    async def run(self, count: int) -> None:
        """Keep this many workers alive until a signal ends the supervisor."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._ending.set)
        loop.add_signal_handler(signal.SIGHUP, self._send, signal.SIGHUP)
        self._not_yet_answering = count
        keeping = [asyncio.create_task(self._keep_one(), name=f"worker {number}") for number in range(count)]
        ended = asyncio.create_task(self._ending.wait())
        await asyncio.wait([ended, *keeping], return_when=asyncio.FIRST_COMPLETED)
        self._ending.set()
        await self._end_workers()
        for task in keeping:
            task.cancel()
        results = await asyncio.gather(*keeping, return_exceptions=True)
        error = next((result for result in results if isinstance(result, WfsProxyError)), None)
        if error is not None:
            raise error

    async def _keep_one(self) -> None:
        """Run one worker, and replace it whenever it ends."""
        failed_to_start = await self._run_one()
        if failed_to_start and not self._ending.is_set():
            raise ConfigurationError("a worker failed to start; see its error above")
        while not self._ending.is_set():
            LOG.warning("A worker ended; starting another one")
            await asyncio.sleep(RESTART_PAUSE)
            await self._run_one()

    async def _run_one(self) -> bool:
        """Start a worker and wait for its end; return whether it gave up before it ever answered.

        A worker that was killed by a signal, as the kernel does when memory is short, did not give up.
        """
        ours, theirs = socket.socketpair()
        with ours:
            with theirs:
                descriptors = (self._bound.fileno(), theirs.fileno())
                worker = await asyncio.create_subprocess_exec(
                    sys.executable,
                    "-P",  # modules in the working directory must not replace ours
                    "-m",
                    WORKER,
                    *map(str, descriptors),
                    self._folder,
                    pass_fds=descriptors,
                    env=self._environment,
                    stdin=asyncio.subprocess.DEVNULL,
                )
            self._workers.add(worker)
            try:
                answered = bool(await asyncio.to_thread(ours.recv, 1))
                if answered:
                    self._count_answering()
                exit_code = await worker.wait()
            finally:
                self._workers.discard(worker)
        return not answered and exit_code >= 0

    def _count_answering(self) -> None:
        self._not_yet_answering -= 1
        if self._not_yet_answering == 0:
            self._started()

    def _send(self, number: signal.Signals) -> None:
        """Send a signal to every worker."""
        for worker in self._workers:
            with suppress(ProcessLookupError):
                worker.send_signal(number)

    async def _end_workers(self) -> None:
        """Let the workers shut down, and kill those that take too long."""
        # new connections are refused instead of waiting for an answer that never comes
        self._bound.close()
        workers = list(self._workers)
        self._send(signal.SIGTERM)
        with suppress(TimeoutError):
            async with asyncio.timeout(KILL_AFTER):
                await asyncio.gather(*(worker.wait() for worker in workers))
        self._send(signal.SIGKILL)
