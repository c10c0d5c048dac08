"""A country's worth of objects on one machine: four million, as many as the Netherlands have street lights.

It starts from a PointBatch, for it is not decoding that is measured here: the snapshot is built and kept as a fill
would keep it, and then a proxy with two workers serves it, started from the disk with no vendor there.
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
from wfs_proxy.cache.eviction import WHOLE
from wfs_proxy.cache.layer_cache import shelf_name
from wfs_proxy.cache.metadata import EntryMetadata, FetchReport
from wfs_proxy.config.catalogue import load_layer
from wfs_proxy.snapshot.snapshot import Snapshot

__all__ = ["rows"]

COUNT = 4_000_000
WORKERS = 2
BOXES = 60_000
SECONDS = 5.0
_NOBODY = "http://127.0.0.1:9"
"""A vendor that is away."""
_GIGABYTE = 1e9


def rows(console: Console) -> Iterator[Row]:
    """Measure a snapshot of four million objects.

    Raises:
        MissingProgram: wrk is not here.
        InvalidMeasurement: a request failed.
    """
    program("wrk", package="wrk")
    console.print(f"country: {COUNT} objects")
    requests = [Request(path=path) for path in objects.paths(objects.screens(BOXES, COUNT))]
    with tempfile.TemporaryDirectory() as folder:
        layers, cache = objects.write_layer(Path(folder, "layers"), _NOBODY), Path(folder, "cache")
        start = time.perf_counter()
        size = fill(layers, cache)
        filled = time.perf_counter() - start
        environment = {"WFS_PROXY_WORKERS": str(WORKERS), "WFS_PROXY_CACHE_DIR": str(cache)}
        with servers.proxy(layers, ready=requests[0].path, environment=environment) as server:
            measured = measure(server.address, requests, seconds=SECONDS)
            shared = memory.proportional_bytes(memory.processes(server.pid))
            started = server.seconds
    yield Row(id="country-build", what=f"PointBatch to snapshot on disk, {COUNT} objects", value=filled, unit="s")
    yield Row(id="country-disk", what="the same on disk", value=size / _GIGABYTE, unit="GB")
    yield Row(id="country-start", what="start to first answer, from disk, vendor away", value=started, unit="s")
    yield Row(
        id="country-memory", what=f"memory of {WORKERS} workers that serve it", value=shared / _GIGABYTE, unit="GB"
    )
    yield Row(id="country-requests", what="different boxes of about 100 objects", value=measured.per_second, unit="/s")
    yield Row(id="country-p99", what="the same, 99th percentile", value=measured.p99 * 1e3, unit="ms")


def fill(layers: Path, cache: Path) -> int:
    """Keep invented objects as a fill of the layer would have; the bytes on disk."""
    layer = load_layer(layers / "masten.yaml", {})
    snapshot = Snapshot.build(objects.invented(COUNT), layer.id)
    now = time.time()
    record = EntryMetadata(fetched_at=now, modified_at=now, facts=FetchReport(matched=COUNT))
    shelf = DiskBackend(cache / "layers", offload=asyncio.to_thread)
    asyncio.run(shelf.keep(f"{shelf_name(layer)}/{WHOLE}", record, snapshot))
    return sum(path.stat().st_size for path in cache.rglob("*") if path.is_file())
