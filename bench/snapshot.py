"""From a file to a snapshot: 25,000 areas as GML 3.2, some 30 MB, against ogr2ogr and against only parsing the XML.

Each run is a process of its own, so that its peak memory is its own. The three alternate, and the median counts. Our
time and lxml's start after the imports, as in a running server; ogr2ogr's time and the last row's are of the whole
process. ogr2ogr gets the vendor's schema, so that it reads the file once.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from rich.console import Console

from bench import vendor
from bench.missing import program
from bench.report import Row

__all__ = ["rows"]

COUNT = 25_000
ROUNDS = 5
_MEGABYTE = 1e6


def rows(console: Console) -> Iterator[Row]:
    """Measure decoding, conversion and encoding.

    Raises:
        MissingProgram: MapServer or ogr2ogr is not installed.
    """
    ogr2ogr = program("ogr2ogr", package="gdal-bin")
    with tempfile.TemporaryDirectory() as folder:
        document, schema = _answers(Path(folder))
        console.print(f"snapshot: {ROUNDS} rounds with {document.stat().st_size / _MEGABYTE:.0f} MB of GML")
        runs = _Runs()
        for _ in range(ROUNDS):
            runs.add(document, schema, ogr2ogr)
    yield from _compared(runs)


def _answers(folder: Path) -> tuple[Path, Path]:
    """Save the vendor's answers: all objects as GML 3.2, and the schema of their type."""
    data, document, schema = (folder / f"put.{kind}" for kind in ("gpkg", "gml", "xsd"))
    vendor.write_drains(COUNT, data)
    with vendor.running(data) as address:
        vendor.ask(address, "GetFeature", document)
        vendor.ask(address, "DescribeFeatureType", schema)
    return document, schema


@dataclass(kw_only=True)
class _Runs:
    """The time and memory of each candidate, round by round."""

    ours: list[dict[str, float]] = field(default_factory=list)
    """`seconds` and `peak_bytes`, both above the imports."""
    lxml: list[dict[str, float]] = field(default_factory=list)
    """The same for parsing only."""
    whole: list[float] = field(default_factory=list)
    """Seconds of our whole process."""
    ogr2ogr: list[float] = field(default_factory=list)
    """Seconds of the whole process."""

    def add(self, document: Path, schema: Path, ogr2ogr: Path) -> None:
        """Run each candidate once."""
        converted = document.with_suffix(".geojson")
        to_geojson = [ogr2ogr, "-f", "GeoJSON", "-t_srs", "EPSG:4326", "-oo", f"XSD={schema}", converted, document]
        self.whole.append(_seconds([sys.executable, "-m", "bench.snapshot_once", "snapshot", document], self.ours))
        _seconds([sys.executable, "-m", "bench.snapshot_once", "parse", document], self.lxml)
        self.ogr2ogr.append(_seconds(to_geojson))
        converted.unlink()


def _compared(runs: _Runs) -> Iterator[Row]:
    seconds, parse = _median(runs.ours, "seconds"), _median(runs.lxml, "seconds")
    ogr2ogr, memory = median(runs.ogr2ogr), _median(runs.ours, "peak_bytes") / _MEGABYTE
    yield Row(
        id="snapshot-ogr2ogr",
        what="GML to snapshot, without imports; against ogr2ogr to GeoJSON",
        value=seconds,
        unit="s",
        reference=ogr2ogr,
        ratio=ogr2ogr / seconds,
        goal=">= 5",
    )
    yield Row(
        id="snapshot-lxml",
        what="GML to snapshot, without imports; against parsing with lxml only",
        value=seconds,
        unit="s",
        reference=parse,
        ratio=seconds / parse,
        goal="<= 3",
    )
    yield Row(
        id="snapshot-memory",
        what="GML to snapshot: peak memory above the imports",
        value=memory,
        unit="MB",
        ratio=memory,
        goal="<= 150",
    )
    yield Row(
        id="snapshot-process",
        what="GML to snapshot, a whole process with its imports; against ogr2ogr",
        value=median(runs.whole),
        unit="s",
        reference=ogr2ogr,
        ratio=ogr2ogr / median(runs.whole),
    )


def _seconds(command: list[str | Path], figures: list[dict[str, float]] | None = None) -> float:
    """Return the seconds of the whole process; append the JSON that it prints to `figures`."""
    start = time.perf_counter()
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    seconds = time.perf_counter() - start
    if figures is not None:
        figures.append(json.loads(done.stdout))
    return seconds


def _median(records: list[dict[str, float]], key: str) -> float:
    return median([record[key] for record in records])
