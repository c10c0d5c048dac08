"""The fetch process: `python -m wfs_proxy.fetch.child DESCRIPTOR LOG_FORMAT LOG_LEVEL`, started by `FetchProcess`."""

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
from wfs_proxy.fetch.jobs import CancelJob, FetchJob, JobResult, WrittenSnapshot
from wfs_proxy.fetch.layer_fetcher import LayerFetcher
from wfs_proxy.geo import to_crs84
from wfs_proxy.http import HttpClients
from wfs_proxy.logs import configure_logging
from wfs_proxy.sources import open_source

LOG = logging.getLogger("wfs_proxy.fetch")

NICENESS = 10
"""Added to the niceness of the serving process, so that serving has priority."""

RD = "EPSG:28992"
_AMERSFOORT = np.array([[155_000.0, 463_000.0]])


def main(descriptor: int, log_format: Literal["text", "json"], log_level: str) -> None:
    """Do jobs until the pipe is closed. Signals are ignored: the serving process handles them and closes the pipe."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    with suppress(OSError):
        os.nice(NICENESS)
    configure_logging(log_format, log_level)
    # load the RD correction grid now, which takes a tenth of a second
    to_crs84(_AMERSFOORT, RD)
    asyncio.run(_work(Connection(descriptor)))


async def _work(pipe: Connection) -> None:
    async with HttpClients() as http:
        fetcher = LayerFetcher(
            open_source=partial(open_source, http=http, offload=asyncio.to_thread), offload=asyncio.to_thread
        )
        tasks: dict[int, asyncio.Task[None]] = {}
        sending = threading.Lock()

        def send(result: JobResult) -> None:
            with sending, suppress(OSError):
                pipe.send(result)

        while True:
            try:
                message: FetchJob | CancelJob = await asyncio.to_thread(pipe.recv)
            except (EOFError, OSError):
                # a normal exit would wait for the threads that are decoding
                os._exit(0)
            if isinstance(message, FetchJob):
                tasks = {number: task for number, task in tasks.items() if not task.done()}
                tasks[message.number] = asyncio.create_task(_do(message, fetcher, send))
            elif message.number in tasks:
                tasks[message.number].cancel()


async def _do(job: FetchJob, fetcher: LayerFetcher, send: Callable[[JobResult], None]) -> None:
    outcome: FetchedSnapshot | WrittenSnapshot | WfsProxyError | None = None
    try:
        fetched = await fetcher(job.layer, job.cell, job.known)
        if fetched is not None:
            outcome = await asyncio.to_thread(WrittenSnapshot.write, fetched, job.folder)
    except WfsProxyError as error:
        outcome = error
    except Exception:
        LOG.exception("Unexpected error while fetching %s", job.layer.id)
        outcome = WfsProxyError("Unexpected error; see the proxy log.")
    await asyncio.to_thread(send, JobResult(number=job.number, outcome=outcome))


if __name__ == "__main__":
    main(int(sys.argv[1]), cast(Literal["text", "json"], sys.argv[2]), sys.argv[3])
