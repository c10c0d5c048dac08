"""From the start of the program to its first answer: without data on disk, and from disk while the vendor is down."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console

from bench import documents, objects, servers
from bench.report import Row

__all__ = ["rows"]

COUNT = 1_000_000
TIMEOUT = 60.0
"""Seconds until the restarted proxy must answer."""


def rows(console: Console) -> Iterator[Row]:
    """Measure a start that fetches, then a restart with the vendor down.

    Raises:
        InvalidMeasurement: the restarted proxy did not answer within a minute.
    """
    console.print(f"restart: fetching a layer of {COUNT:,} objects")
    (first,) = objects.paths(objects.screens(1, COUNT))
    with tempfile.TemporaryDirectory() as folder:
        environment = {"WFS_PROXY_CACHE_DIR": f"{folder}/cache"}
        with documents.serving(objects.document(COUNT)) as vendor:
            vendor.answering.set()
            layers = objects.write_layer(Path(folder, "layers"), vendor.url)
            with servers.proxy(layers, ready=first, environment=environment) as server:
                fetched = server.seconds
        with servers.proxy(layers, ready=first, environment=environment, timeout=TIMEOUT) as server:
            restarted = server.seconds
    yield Row(
        id="restart",
        what=f"start to first answer, {COUNT:,} objects on disk, vendor down; against a start that fetches",
        value=restarted,
        unit="s",
        reference=fetched,
        ratio=restarted / fetched,
        goal="<= 0.05",
    )
