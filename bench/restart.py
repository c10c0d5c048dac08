"""From the start of the program to its first answer: with nothing on disk, and from disk while the vendor is away."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console

from bench import documents, objects, servers
from bench.report import Row

__all__ = ["rows"]

COUNT = 1_000_000
PATIENCE = 60.0
"""Seconds until the restarted proxy must answer."""


def rows(console: Console) -> Iterator[Row]:
    """Measure a fill, then a restart with the vendor down.

    Raises:
        InvalidMeasurement: after the restart it had nothing to serve within a minute.
    """
    console.print(f"restart: filling a layer of {COUNT} objects")
    (first,) = objects.paths(objects.screens(1, COUNT))
    with tempfile.TemporaryDirectory() as folder:
        environment = {"WFS_PROXY_CACHE_DIR": f"{folder}/cache"}
        with documents.serving(objects.document(COUNT)) as vendor:
            vendor.open.set()
            layers = objects.write_layer(Path(folder, "layers"), vendor.url)
            with servers.proxy(layers, ready=first, environment=environment) as server:
                filled = server.seconds
        with servers.proxy(layers, ready=first, environment=environment, patience=PATIENCE) as server:
            restarted = server.seconds
    yield Row(
        id="restart",
        what=f"from start to first answer, {COUNT} objects on disk, vendor down; against a start with a fill",
        value=restarted,
        unit="s",
        reference=filled,
        ratio=restarted / filled,
        goal="<= 0.05",
    )
