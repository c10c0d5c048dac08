"""A thousand simultaneous clients of a layer without data: the vendor must get one request.

The vendor does not answer until all clients have sent their request, so no client can come too late.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

from rich.console import Console

from bench import documents, objects, servers
from bench.documents import Documents
from bench.invalid import InvalidMeasurement
from bench.report import Row

__all__ = ["rows"]

COUNT = 5000
CLIENTS = 1000

_TIMEOUT = 60.0
"""Seconds for all answers."""


def rows(console: Console) -> Iterator[Row]:
    """Count the requests that the vendor gets.

    Raises:
        InvalidMeasurement: a client did not get the objects.
    """
    console.print(f"cold: {CLIENTS:,} clients")
    (path,) = objects.paths(objects.screens(1, COUNT))
    with tempfile.TemporaryDirectory() as folder, documents.serving(objects.document(COUNT)) as vendor:
        layers = objects.write_layer(Path(folder, "layers"), vendor.url)
        with servers.proxy(layers, ready="/healthz") as server:
            answers = asyncio.run(_crowd(server.address, path, vendor))
            right = _get(server.address + path)
    wrong = [answer for answer in answers if not (answer.startswith(b"HTTP/1.1 200 ") and answer.endswith(right))]
    if wrong:
        raise InvalidMeasurement(f"{len(wrong)} of {CLIENTS} clients did not get the objects: {wrong[0][:500]!r}")
    yield Row(
        id="cold-requests",
        what=f"requests to the vendor for {CLIENTS:,} clients of a layer without data",
        value=vendor.requests,
        unit="",
        ratio=vendor.requests,
        goal="<= 1",
    )


async def _crowd(address: str, path: str, vendor: Documents) -> list[bytes]:
    """Return the answer to each client; the vendor answers when all have sent their request."""
    host = urlsplit(address).netloc
    name, _, port = host.partition(":")
    async with asyncio.timeout(_TIMEOUT):
        clients = await asyncio.gather(*(asyncio.open_connection(name, int(port)) for _ in range(CLIENTS)))
        for _, writer in clients:
            writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
            await writer.drain()
        await asyncio.to_thread(_get, f"{address}/healthz")  # answered after the requests before it
        vendor.answering.set()
        answers = await asyncio.gather(*(reader.read() for reader, _ in clients))
        for _, writer in clients:
            writer.close()
    return answers


def _get(url: str) -> bytes:
    with urlopen(url) as answer:
        body: bytes = answer.read()
    return body
