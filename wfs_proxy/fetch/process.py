"""Fetches layers in a process of its own, so that the one that serves never decodes.

    Filling (here, in the serving process) -> jobs over a pipe -> `child.py`, a program -> the disk, or the pipe

Thirty megabytes of XML keep a processor busy for a second, and a thread that decodes holds up the event loop meanwhile.
The program is nicer than what serves, fetches several layers at once, and has what all layers of a host share. A large
snapshot goes to the disk from there, and only its name comes back; where there is no disk it comes over the pipe.

The program ends when the pipe does, so it outlives nobody. When it dies, the fills under way fail, and the next one
starts it again.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import os
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
from wfs_proxy.fetch.jobs import Cancel, Done, Job, SnapshotOnDisk
from wfs_proxy.geo import Cell

__all__ = ["LONGEST_FETCH", "FetchProcess"]

LOG = logging.getLogger(__name__)

LONGEST_FETCH = 1800.0
"""Seconds. A million objects at a thousand a request and a second each are a quarter of an hour."""

RETIRED_AFTER = 200_000
"""Objects in one fill after which the program is replaced when it has nothing to do: what it took of the machine's
memory for them it does not give back."""

_LAST_WORDS = 5.0
"""Seconds that the program gets to end by itself."""


@dataclass(kw_only=True, eq=False)
class _Program:
    """One run of the program, and what is expected of it."""

    process: subprocess.Popen[bytes]
    line: socket.socket
    """Our end of the pipe."""
    pipe: Connection
    """The same as messages; who listens closes it."""
    sending: threading.Lock = field(default_factory=threading.Lock)
    waiting: dict[int, asyncio.Future[FetchedSnapshot | SnapshotOnDisk]] = field(default_factory=dict)
    """Job -> who waits for it."""

    retired: bool = False
    """It gets no further job."""

    def send(self, message: Job | Cancel) -> None:
        """Say something; from any thread.

        Raises:
            WfsProxyError: nobody listens any more.
        """
        try:
            with self.sending:
                self.pipe.send(message)
        except OSError as error:
            raise WfsProxyError("The process that fetches ended.") from error

    def hang_up(self) -> None:
        """End the pipe, and with it the program."""
        with contextlib.suppress(OSError):
            self.line.shutdown(socket.SHUT_RDWR)
        self.line.close()


class FetchProcess:
    """Fetches layers, in another process. For use on one event loop."""

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
            log_format: how the program logs, on this process's standard error.
            log_level: from which level on.
            longest: seconds that a fill may take. What hangs for longer is ended with its process.
            retired_after: objects in one fill after which the program is replaced.
        """
        self._logging = (log_format, log_level)
        self._longest = longest
        self._retired_after = retired_after
        self._numbers = itertools.count()
        self._program: _Program | None = None
        self._programs: set[_Program] = set()

    async def __call__(self, layer: Layer, cell: Cell | None, folder: Path | None) -> FetchedSnapshot:
        """Fetch a layer or one cell of it.

        Args:
            layer: which.
            cell: None: the whole layer.
            folder: where a large snapshot may be written; None: nowhere.

        Raises:
            UpstreamError, DecodeError, PlaceError: as the source and the way to points do.
            WfsProxyError: the process ended before it was done.
        """
        program = self.start()
        number = next(self._numbers)
        done = program.waiting[number] = asyncio.get_running_loop().create_future()
        try:
            await asyncio.to_thread(program.send, Job(number=number, layer=layer, cell=cell, folder=folder))
            async with asyncio.timeout(self._longest):
                outcome = await done
            return await asyncio.to_thread(_taken, outcome)
        except TimeoutError as error:
            program.retired = True
            program.process.kill()
            raise UpstreamUnreachable(f"it took longer than {self._longest:.0f} s and was given up") from error
        finally:
            if program.waiting.pop(number, None) is not None and not done.done():
                with contextlib.suppress(WfsProxyError):
                    program.send(Cancel(number=number))
            if program.retired and not program.waiting:
                program.hang_up()
                # the next fill finds one that is warm
                self.start()

    def start(self) -> _Program:
        """Have the program run, so that the first fill need not wait for its imports."""
        if self._program is None or self._program.retired:
            self._program = self._started()
            self._programs.add(self._program)
        return self._program

    async def close(self) -> None:
        """End the program."""
        for program in list(self._programs):
            program.retired = True
            program.hang_up()
            await asyncio.to_thread(_end, program.process)

    def _started(self) -> _Program:
        ours, theirs = socket.socketpair()
        with theirs:
            process = subprocess.Popen(  # noqa: S603 - this very program
                [sys.executable, "-m", "wfs_proxy.fetch.child", str(theirs.fileno()), *self._logging],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
            )
        program = _Program(process=process, line=ours, pipe=Connection(os.dup(ours.fileno())))
        loop = asyncio.get_running_loop()
        threading.Thread(target=self._listen, args=(program, loop.call_soon_threadsafe), daemon=True).start()
        return program

    def _listen(self, program: _Program, tell: Callable[..., object]) -> None:
        """Take what the program says to the event loop, from a thread: large things come in pieces."""
        # the loop may be gone before the program is
        with program.pipe, contextlib.suppress(RuntimeError):
            try:
                while True:
                    done: Done = program.pipe.recv()
                    tell(self._take, program, done)
            except (EOFError, OSError):
                tell(self._lose, program)

    def _take(self, program: _Program, done: Done) -> None:
        outcome = done.outcome
        waiting = program.waiting.get(done.number)
        if waiting is None or waiting.done():
            return
        if isinstance(outcome, WfsProxyError):
            waiting.set_exception(outcome)
            return
        waiting.set_result(outcome)
        program.retired = program.retired or outcome.summary.count > self._retired_after

    def _lose(self, program: _Program) -> None:
        """The program has ended; whoever waits for it learns so."""
        program.retired = True
        self._programs.discard(program)
        status = program.process.wait()
        for waiting in program.waiting.values():
            if not waiting.done():
                LOG.error("The process that fetches ended while it was needed (exit status %d)", status)
                waiting.set_exception(WfsProxyError("The process that fetches ended; is there enough memory?"))


def _taken(outcome: FetchedSnapshot | SnapshotOnDisk) -> FetchedSnapshot:
    if isinstance(outcome, FetchedSnapshot):
        return outcome
    try:
        return outcome.taken()
    except OSError as error:
        raise StorageError(f"{outcome.folder} was written and cannot be read: {error.strerror or error}") from error


def _end(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(_LAST_WORDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
