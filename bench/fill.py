"""From the file to the snapshot: 25,000 areas as GML 3.2, some 30 MB, against ogr2ogr and against reading the XML.

Each run is a process of its own, so that its peak of memory is its own; the three take turns and the median counts.
Our time and lxml's begin after the imports, because the proxy is a server that has done them; ogr2ogr's is the whole
process, and so is the last row's. ogr2ogr gets the vendor's schema, which spares it a first pass over the file.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console

from bench import vendor
from bench.missing import program
from bench.report import Row

COUNT = 25_000
ROUNDS = 5
_MEGABYTE = 1e6


def rows(console: Console) -> Iterator[Row]:
    """Measure the fill path.

    Raises:
        MissingProgram: MapServer or ogr2ogr is not here.
    """
    ogr2ogr = program("ogr2ogr", package="gdal-bin")
    with tempfile.TemporaryDirectory() as folder:
        data, document, schema, converted = (Path(folder, f"put.{kind}") for kind in ("gpkg", "gml", "xsd", "geojson"))
        vendor.write_drains(COUNT, data)
        vendor.ask("GetFeature", data, document)
        vendor.ask("DescribeFeatureType", data, schema)
        to_geojson = [ogr2ogr, "-f", "GeoJSON", "-t_srs", "EPSG:4326", "-oo", f"XSD={schema}", converted, document]
        console.print(f"fill: {ROUNDS} rounds over {document.stat().st_size / 1e6:.0f} MB of GML")
        ours, lxml, theirs, whole = [], [], [], []
        for _ in range(ROUNDS):
            whole.append(_wall([sys.executable, "-m", "bench.fill_once", "snapshot", document], ours))
            _wall([sys.executable, "-m", "bench.fill_once", "parse", document], lxml)
            theirs.append(_wall(to_geojson))
            converted.unlink()
    seconds = _median(ours, "seconds")
    yield _faster("fill-ogr2ogr", "GML to snapshot, imports done; against ogr2ogr to GeoJSON", seconds, theirs, 5)
    parse = _median(lxml, "seconds")
    yield Row(
        id="fill-lxml",
        what="GML to snapshot, imports done; against lxml's bare parse",
        value=seconds,
        unit="s",
        reference=parse,
        ratio=seconds / parse,
        goal="<= 3",
    )
    memory = _median(ours, "peak_bytes") / _MEGABYTE
    yield Row(
        id="fill-memory",
        what="GML to snapshot: peak memory above the imports",
        value=memory,
        unit="MB",
        ratio=memory,
        goal="<= 150",
    )
    yield _faster(
        "fill-process", "the same as a whole process, imports and all; against ogr2ogr", _middle(whole), theirs
    )


def _faster(name: str, what: str, value: float, references: list[float], goal: float | None = None) -> Row:
    reference = _middle(references)
    return Row(
        id=name,
        what=what,
        value=value,
        unit="s",
        reference=reference,
        ratio=reference / value,
        goal=None if goal is None else f">= {goal}",
    )


def _wall(command: list[str | Path], told: list[dict[str, float]] | None = None) -> float:
    """Seconds for the whole process; what it tells about itself as JSON is added to `told`."""
    start = time.perf_counter()
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    seconds = time.perf_counter() - start
    if told is not None:
        told.append(json.loads(done.stdout))
    return seconds


def _median(records: list[dict[str, float]], key: str) -> float:
    return _middle([record[key] for record in records])


def _middle(values: list[float]) -> float:
    return statistics.median(values)
