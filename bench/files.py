"""From a file to a snapshot: a GeoPackage of 100,000 points in RD, against ogr2ogr.

Each run is a process of its own, and the two alternate. Our time starts after the imports, as in the fetch process, and
includes the process that reads the file with GDAL; ogr2ogr's time is that of the whole process.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import numpy as np
import pyogrio
import shapely
from rich.console import Console

from bench.missing import program
from bench.report import Row

__all__ = ["rows"]

COUNT = 100_000
ROUNDS = 5


def rows(console: Console) -> Iterator[Row]:
    """Measure reading, conversion and encoding.

    Raises:
        MissingProgram: ogr2ogr is not installed.
    """
    ogr2ogr = program("ogr2ogr", package="gdal-bin")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "put.gpkg")
        _write(path)
        console.print(f"files: {ROUNDS} rounds with {COUNT} points in a GeoPackage")
        runs = [(_ours(path), _ogr2ogrs(ogr2ogr, path)) for _ in range(ROUNDS)]
    ours, theirs = (median(seconds) for seconds in zip(*runs, strict=True))
    yield Row(
        id="file-ogr2ogr",
        what="GeoPackage of 100,000 points to snapshot, without imports; against ogr2ogr to GeoJSON",
        value=ours,
        unit="s",
        reference=theirs,
        ratio=theirs / ours,
        goal=">= 1",
    )


def _write(path: Path) -> None:
    random = np.random.default_rng(5)
    places = np.array([80_000, 450_000]) + random.uniform(0, 10_000, (COUNT, 2)).round(3)
    columns = {
        "objectid": np.arange(COUNT),
        "nummer": np.array([f"{number:06d}" for number in range(COUNT)], dtype=object),
        "soort": np.array(["kolk", "inspectieput", "overstort"], dtype=object)[random.integers(0, 3, COUNT)],
        "materiaal": np.array(["beton", "pvc", None], dtype=object)[random.integers(0, 3, COUNT)],
        "bouwjaar": random.integers(1950, 2026, COUNT),
        "geplaatst": np.datetime64("2020-01-01") + random.integers(0, 2000, COUNT),
    }
    pyogrio.raw.write(
        path,
        shapely.to_wkb(shapely.points(places)),
        list(columns.values()),
        list(columns),
        driver="GPKG",
        layer="put",
        geometry_type="Point",
        crs="EPSG:28992",
    )
    # a file that was changed lately is looked at twice
    os.utime(path, (0, 0))


def _ours(path: Path) -> float:
    done = subprocess.run(
        [sys.executable, "-m", "bench.snapshot_once", "file", path], check=True, stdout=subprocess.PIPE, text=True
    )
    seconds: float = json.loads(done.stdout)["seconds"]
    return seconds


def _ogr2ogrs(ogr2ogr: Path, path: Path) -> float:
    converted = path.with_suffix(".geojson")
    start = time.perf_counter()
    subprocess.run([ogr2ogr, "-f", "GeoJSON", "-t_srs", "EPSG:4326", converted, path], check=True, capture_output=True)
    seconds = time.perf_counter() - start
    converted.unlink()
    return seconds
