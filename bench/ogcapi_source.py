"""An OGC API Features as a source, against the vendor's own speed.

QGIS Server serves 10,000 invented objects. The source fetches them whole, with all that it asks first, decoding and
checks. The reference is the vendor alone: the same pages, one after the other, of which only the link to the next one
is read. Both alternate, and the medians count. The second row counts requests.
"""

from __future__ import annotations

import asyncio
import json
import re
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from urllib.request import urlopen

import numpy as np
import pyogrio
import shapely
from rich.console import Console

from bench.invalid import InvalidMeasurement
from bench.missing import program
from bench.report import Row
from fixtures import servers
from fixtures.fastcgi import serving
from wfs_proxy.config.layer import Layer
from wfs_proxy.http import HttpClients
from wfs_proxy.sources import FetchedFeatures, open_source

__all__ = ["rows"]

COUNT = 10_000
ROUNDS = 5
_SIDE = 10_000.0
_SOUTH_WEST = (80_000.0, 450_000.0)
_PAGE = re.compile(rb'"href":"([^"]+)","name":"Next page"')


def rows(console: Console) -> Iterator[Row]:
    """Measure whole fetches.

    Raises:
        MissingProgram: QGIS Server is not installed.
        InvalidMeasurement: objects are missing.
    """
    program("qgis_mapserv.fcgi", package="qgis-server")
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder, "lamp.gpkg")
        _write(data)
        with serving(lambda address: {"/lamp": servers.qgis_server(data, "lamp", f"{address}/lamp")}) as address:
            console.print(f"ogcapi-source: {ROUNDS} fetches of {COUNT:,} objects from QGIS Server")
            url = f"{address}/lamp/wfs3"
            ours: list[float] = []
            theirs: list[float] = []
            for _ in range(ROUNDS):
                seconds, found = _fetched(url)
                ours.append(seconds)
                theirs.append(_paged(url))
    value, reference = median(ours), median(theirs)
    yield Row(
        id="ogcapi-source",
        what=f"{COUNT:,} objects fetched from QGIS Server as OGC API Features; against its pages alone",
        value=value,
        unit="s",
        reference=reference,
        ratio=value / reference,
        goal="<= 1.3",
    )
    requests = float(found.report.requests)
    yield Row(
        id="ogcapi-source-requests",
        what=f"requests for {COUNT:,} objects in pages of 1,000",
        value=requests,
        unit="requests",
        ratio=requests,
        goal="<= 13",
    )


def _write(path: Path) -> None:
    places = np.random.default_rng(7).random((COUNT, 2)) * _SIDE + _SOUTH_WEST
    number = np.arange(COUNT)
    kinds = np.array(["mast", "kast", "paal"], dtype=object)[number % 3]
    pyogrio.raw.write(
        path,
        shapely.to_wkb(shapely.points(places)),
        [number, kinds],
        ["number", "kind"],
        geometry_type="Point",
        crs="EPSG:28992",
        layer="lamp",
        driver="GPKG",
    )


def _fetched(url: str) -> tuple[float, FetchedFeatures]:
    """Return the seconds of one fetch, and what it returned."""
    source = {"type": "ogcapi", "url": url, "collections": ["lamp"], "page_size": 1_000}

    async def fetch() -> tuple[float, FetchedFeatures]:
        async with HttpClients() as http:
            opened = open_source(Layer(id="lamp", title="Lamp", source=source), http, asyncio.to_thread)
            start = time.perf_counter()
            found = await opened.fetch()
            return time.perf_counter() - start, found

    seconds, found = asyncio.run(fetch())
    if len(found.batch) != COUNT or not found.report.complete:
        raise InvalidMeasurement(f"{len(found.batch)} of {COUNT} objects, complete: {found.report.complete}")
    return seconds, found


def _paged(url: str) -> float:
    """Return the seconds that the vendor takes for all pages."""
    start = time.perf_counter()
    count = 0
    link: str | None = f"{url}/collections/lamp/items.geojson?limit=1000"
    while link is not None:
        with urlopen(link) as answer:
            body = answer.read()
        count += body.count(b'"type":"Feature"}')
        found = _PAGE.search(body)
        link = json.loads(b'"' + found[1] + b'"') if found else None
    if count != COUNT:
        raise InvalidMeasurement(f"the pages have {count} of {COUNT} objects")
    return time.perf_counter() - start
