"""The objects of a country on one machine: four million, the number of street lights in the Netherlands.

It starts from a point batch, because decoding is not measured here. The snapshot is built and stored as a fetch would
store it. A proxy with two workers then starts from disk, without a vendor, and serves it.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console

from bench import memory, objects, servers
from bench.missing import program
from bench.report import Row
from bench.wrk import Request, measure
from wfs_proxy.cache.disk import DiskBackend
from wfs_proxy.cache.key import CacheKey, layer_folder
from wfs_proxy.cache.metadata import EntryMetadata, FetchSummary
from wfs_proxy.config.catalogue import load_layer
from wfs_proxy.features import FetchReport
from wfs_proxy.snapshot.snapshot import Snapshot

__all__ = ["rows"]

COUNT = 4_000_000
WORKERS = 2
BOXES = 60_000
SECONDS = 5.0
_UNREACHABLE = "http://127.0.0.1:9"
"""The URL of a vendor that is down."""
_GIGABYTE = 1e9


def rows(console: Console) -> Iterator[Row]:
    """Measure a snapshot of four million objects.

    Raises:
        MissingProgram: wrk is not installed.
        InvalidMeasurement: a request failed.
    """
    program("wrk", package="wrk")
    console.print(f"country: {COUNT:,} objects")
    requests = [Request(path=path) for path in objects.paths(objects.screens(BOXES, COUNT))]
    with tempfile.TemporaryDirectory() as folder:
        layers, cache = objects.write_layer(Path(folder, "layers"), _UNREACHABLE), Path(folder, "cache")
        start = time.perf_counter()
        size = store(layers, cache)
        built = time.perf_counter() - start
        environment = {"WFS_PROXY_WORKERS": str(WORKERS), "WFS_PROXY_CACHE_DIR": str(cache)}
        with servers.proxy(layers, ready=requests[0].path, environment=environment) as server:
            measured = measure(server.address, requests, seconds=SECONDS)
            shared = memory.proportional_bytes(memory.processes(server.pid))
            started = server.seconds
    yield Row(id="country-build", what=f"point batch to snapshot on disk, {COUNT:,} objects", value=built, unit="s")
    yield Row(id="country-disk", what="size of that snapshot on disk", value=size / _GIGABYTE, unit="GB")
    yield Row(id="country-start", what="start to first answer from disk, vendor down", value=started, unit="s")
    yield Row(
        id="country-memory", what=f"memory of all processes, {WORKERS} workers", value=shared / _GIGABYTE, unit="GB"
    )
    yield Row(id="country-requests", what="different boxes of about 100 objects", value=measured.per_second, unit="/s")
    yield Row(id="country-p99", what="the same, 99th percentile", value=measured.p99 * 1e3, unit="ms")


def store(layers: Path, cache: Path) -> int:
    """Store invented objects as a fetch of the layer would have; return the bytes on disk."""
    layer = load_layer(layers / "masten.yaml", {})
    snapshot = Snapshot.build(objects.invented(COUNT), layer.id)
    now = time.time()
    summary = FetchSummary(count=COUNT, report=FetchReport(matched=COUNT))
    metadata = EntryMetadata(fetched_at=now, modified_at=now, summary=summary)
    backend = DiskBackend(cache / "layers", offload=asyncio.to_thread)
    asyncio.run(backend.write(CacheKey(layer.id).stored_in(layer_folder(layer)), metadata, snapshot))
    return sum(path.stat().st_size for path in cache.rglob("*") if path.is_file())
