"""Fetches layers in a separate process, because decoding 30 MB of XML keeps a processor busy for a second.

    FetchProcess, in the serving process -> jobs, by a pipe -> `child.py` -> the result, on disk or by the pipe

In a thread of the serving process, decoding would delay the event loop. The fetch process has a lower priority, fetches
several layers at the same time, and holds what all layers of a host share. It writes a large snapshot to disk and
returns its path; without a cache folder the snapshot comes through the pipe.

The fetch process ends when the pipe is closed, so it never outlives the serving process. When it dies, the running
fetches fail, and the next fetch starts a new one.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

from wfs_proxy.cache import FetchedSnapshot
from wfs_proxy.config import Layer
from wfs_proxy.errors import StorageError, UpstreamUnreachable, WfsProxyError
from wfs_proxy.features import Validators
from wfs_proxy.fetch.jobs import CancelJob, FetchJob, JobResult, WrittenSnapshot
from wfs_proxy.geo import Cell

__all__ = ["LONGEST_FETCH", "FetchProcess"]

LOG = logging.getLogger(__name__)

LONGEST_FETCH = 1800.0
"""Seconds. A million objects, at a thousand per request and a second per request, take a quarter of an hour."""

RETIRED_AFTER = 200_000
"""Objects in one fetch after which the process is replaced when it is idle, because it does not return to the system
the memory that it used for them."""

_EXIT_WAIT = 5.0
"""Seconds that the process gets to exit before it is killed."""


@dataclass(kw_only=True, eq=False)
class _Child:
    """One run of `child.py`, and the jobs that it has not finished."""

    process: subprocess.Popen[bytes]
    socket: socket.socket
    """Our end of the pipe."""
    pipe: Connection
    """The same, for messages; the listening thread closes it."""
    sending: threading.Lock = field(default_factory=threading.Lock)
    jobs: dict[int, asyncio.Future[FetchedSnapshot | WrittenSnapshot | None]] = field(default_factory=dict)
    """Number of the job -> its result."""

    retired: bool = False
    """It gets no more jobs."""

    def send(self, message: FetchJob | CancelJob) -> None:
        """Send a message, from any thread. If the process has ended, the listening thread fails its jobs."""
        with contextlib.suppress(OSError), self.sending:
            self.pipe.send(message)

    def hang_up(self) -> None:
        """Close the pipe, which ends the process."""
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()


class FetchProcess:
    """Fetches layers in another process. For use on one event loop."""

    def __init__(
        self,
        *,
        log_format: str = "text",
        log_level: str = "info",
        longest: float = LONGEST_FETCH,
        retired_after: int = RETIRED_AFTER,
    ) -> None:
        """Start nothing yet.

        Args:
            log_format: format of the log that the process writes to this process's standard error.
            log_level: lowest level that it logs.
            longest: seconds that a fetch may take. After that its process is killed.
            retired_after: objects in one fetch after which the process is replaced.
        """
        self._logging = (log_format, log_level)
        self._longest = longest
        self._retired_after = retired_after
        self._numbers = itertools.count()
        self._child: _Child | None = None
        self._children: set[_Child] = set()

    async def __call__(
        self, layer: Layer, cell: Cell | None, folder: Path | None, known: Validators | None = None
    ) -> FetchedSnapshot | None:
        """Fetch a layer or one cell of it.

        Args:
            layer: what to fetch.
            cell: None for the whole layer.
            folder: where a large snapshot may be written; None when there is no such place.
            known: what identifies the document that is known already. The result is None if the vendor still has it.

        Raises:
            UpstreamError, DecodeError, PlaceError, ConfigurationError: as `LayerFetcher`.
            WfsProxyError: the fetch process ended before it was done.
        """
        child = self.start()
        number = next(self._numbers)
        result = child.jobs[number] = asyncio.get_running_loop().create_future()
        try:
            job = FetchJob(number=number, layer=layer, cell=cell, folder=folder, known=known)
            await asyncio.to_thread(child.send, job)
            async with asyncio.timeout(self._longest):
                outcome = await result
            return None if outcome is None else await asyncio.to_thread(_opened, outcome)
        except TimeoutError as error:
            child.retired = True
            child.process.kill()
            raise UpstreamUnreachable(f"it took longer than {self._longest:.0f} s and was cancelled") from error
        finally:
            if child.jobs.pop(number, None) is not None and not result.done():
                child.send(CancelJob(number=number))
            if child.retired and not child.jobs:
                child.hang_up()
                # so that the next fetch need not wait for the start
                self.start()

    def start(self) -> _Child:
        """Start the process if it is not running, so that the first fetch need not wait for its imports."""
        if self._child is None or self._child.retired:
            self._child = self._started()
            self._children.add(self._child)
        return self._child

    async def close(self) -> None:
        """End the process."""
        for child in list(self._children):
            child.retired = True
            child.hang_up()
            await asyncio.to_thread(_wait, child.process)

    def _started(self) -> _Child:
        ours, theirs = socket.socketpair()
        with theirs:
            process = subprocess.Popen(  # noqa: S603 - it runs this package
                # -P: modules in the working directory must not replace ours
                [sys.executable, "-P", "-m", "wfs_proxy.fetch.child", str(theirs.fileno()), *self._logging],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
            )
        child = _Child(process=process, socket=ours, pipe=Connection(os.dup(ours.fileno())))
        loop = asyncio.get_running_loop()
        threading.Thread(target=self._listen, args=(child, loop.call_soon_threadsafe), daemon=True).start()
        return child

    def _listen(self, child: _Child, call: Callable[..., object]) -> None:
        """Pass results to the event loop. It runs in a thread, because large messages take time to receive."""
        # RuntimeError: the event loop was closed before the process ended
        with child.pipe, contextlib.suppress(RuntimeError):
            try:
                while True:
                    result: JobResult = child.pipe.recv()
                    call(self._finish, child, result)
            except (EOFError, OSError):
                call(self._fail_all, child)

    def _finish(self, child: _Child, result: JobResult) -> None:
        outcome = result.outcome
        job = child.jobs.get(result.number)
        if job is None or job.done():
            return
        if isinstance(outcome, WfsProxyError):
            job.set_exception(outcome)
            return
        job.set_result(outcome)
        child.retired = child.retired or (outcome is not None and outcome.summary.count > self._retired_after)

    def _fail_all(self, child: _Child) -> None:
        """Fail the unfinished jobs of a process that has ended."""
        child.retired = True
        self._children.discard(child)
        reason = _reason(child.process.wait())
        for job in child.jobs.values():
            if not job.done():
                LOG.error("The fetch process ended during a fetch: it %s", reason)
                job.set_exception(WfsProxyError(f"The fetch process {reason}"))


def _reason(status: int) -> str:
    """Return why the process ended; -9 is a kill, as by a system that ran out of memory."""
    if status == -signal.SIGKILL:
        return "was killed; is there enough memory?"
    return f"ended with exit status {status}; see its error above"


def _opened(outcome: FetchedSnapshot | WrittenSnapshot) -> FetchedSnapshot:
    if isinstance(outcome, FetchedSnapshot):
        return outcome
    try:
        return outcome.opened()
    except OSError as error:
        raise StorageError(f"{outcome.path} was written but cannot be read: {error.strerror or error}") from error


def _wait(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(_EXIT_WAIT)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
