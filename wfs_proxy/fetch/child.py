"""The program that fetches: `python -m wfs_proxy.fetch.child DESCRIPTOR LOG_FORMAT LOG_LEVEL`, started by `Filling`."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from multiprocessing.connection import Connection
from typing import Literal, cast

import numpy as np

from wfs_proxy.cache import FetchedSnapshot
from wfs_proxy.errors import WfsProxyError
from wfs_proxy.fetch.jobs import Cancel, Done, Job, SnapshotOnDisk
from wfs_proxy.fetch.layer_fetcher import LayerFetcher
from wfs_proxy.geo import to_crs84
from wfs_proxy.http import HttpClients
from wfs_proxy.logs import configure_logging
from wfs_proxy.sources import open_source

LOG = logging.getLogger("wfs_proxy.fetch")

NICENESS = 10
"""Added to what it is started with: whatever serves goes first."""

RD = "EPSG:28992"
_AMERSFOORT = np.array([[155_000.0, 463_000.0]])


def main(descriptor: int, log_format: Literal["text", "json"], log_level: str) -> None:
    """Take jobs until the pipe ends. Signals are for the process that serves, which then closes the pipe."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    with suppress(OSError):
        os.nice(NICENESS)
    configure_logging(log_format, log_level)
    # reads the correction grid, which takes a tenth of a second
    to_crs84(_AMERSFOORT, RD)
    asyncio.run(_work(Connection(descriptor)))


async def _work(pipe: Connection) -> None:
    async with HttpClients() as http:
        filler = LayerFetcher(
            open_source=partial(open_source, http=http, offload=asyncio.to_thread), offload=asyncio.to_thread
        )
        tasks: dict[int, asyncio.Task[None]] = {}
        sending = threading.Lock()

        def send(done: Done) -> None:
            with sending, suppress(OSError):
                pipe.send(done)

        while True:
            try:
                message: Job | Cancel = await asyncio.to_thread(pipe.recv)
            except (EOFError, OSError):
                # threads that decode cannot be stopped, and nobody waits for them
                os._exit(0)
            if isinstance(message, Job):
                tasks = {number: task for number, task in tasks.items() if not task.done()}
                tasks[message.number] = asyncio.create_task(_answer(message, filler, send))
            elif message.number in tasks:
                tasks[message.number].cancel()


async def _answer(job: Job, filler: LayerFetcher, send: Callable[[Done], None]) -> None:
    outcome: FetchedSnapshot | SnapshotOnDisk | WfsProxyError
    try:
        filled = await filler(job.layer, job.cell)
        outcome = await asyncio.to_thread(SnapshotOnDisk.put, filled, job.folder)
    except WfsProxyError as error:
        outcome = error
    except Exception:
        LOG.exception("%s could not be fetched, and nobody foresaw why", job.layer.id)
        outcome = WfsProxyError("The log tells more.")
    await asyncio.to_thread(send, Done(number=job.number, outcome=outcome))


if __name__ == "__main__":
    main(int(sys.argv[1]), cast(Literal["text", "json"], sys.argv[2]), sys.argv[3])
