"""A layer of 10,000 points from an ArcGIS service (Koop): the requests, and the time against the service's own.

The reference is the time in which the service answers the same requests when nothing is done with the answers. Koop
reads its file again for each request, so it is slow, as services are that ask a database.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from urllib.request import Request, urlopen

import httpx
import numpy as np
from rich.console import Console

from bench import koop_server
from bench.invalid import InvalidMeasurement
from bench.report import Row
from wfs_proxy.config import Layer
from wfs_proxy.http import HttpClients
from wfs_proxy.sources import open_source

__all__ = ["rows"]

COUNT = 10_000
ROUNDS = 5


def rows(console: Console) -> Iterator[Row]:
    """Fetch the layer, and request the same again without reading it, alternately.

    Raises:
        MissingProgram: Koop is not installed.
        InvalidMeasurement: the layer was not fetched completely.
    """
    with tempfile.TemporaryDirectory() as folder:
        _write_posts(Path(folder, "masten.geojson"))
        with koop_server.serving(Path(folder), ready="masten") as address:
            console.print(f"arcgis: {ROUNDS} rounds with {COUNT:,} objects")
            ours, own, requests = [], [], 0
            for _ in range(ROUNDS):
                seconds, urls = asyncio.run(_fetch(f"{address}/masten/FeatureServer/0"))
                ours.append(seconds)
                own.append(_seconds_of(urls))
                requests = len(urls)
    yield Row(
        id="arcgis-requests",
        what=f"requests to an ArcGIS service that returns 2,000 objects at once, for {COUNT:,} objects",
        value=requests,
        unit="",
        ratio=requests,
        goal="<= 8",
    )
    yield Row(
        id="arcgis-time",
        what=f"fetch and decode {COUNT:,} objects; against the time in which the service answers the same requests",
        value=median(ours),
        unit="s",
        reference=median(own),
        ratio=median(each / reference for each, reference in zip(ours, own, strict=True)),
        goal="<= 1.5",
    )


def _write_posts(path: Path) -> None:
    places = (np.random.default_rng(20_261_130).random((COUNT, 2)) * 0.2 + (4.7, 51.5)).round(7).tolist()
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": place},
            "properties": {"nummer": f"{number:06d}", "soort": number % 5, "straat": f"Straat {number % 900}"},
        }
        for number, place in enumerate(places)
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))


class _Listening(httpx.AsyncBaseTransport):
    """Sends requests through another transport, and keeps their URLs."""

    def __init__(self, inner: httpx.AsyncBaseTransport, urls: list[str]) -> None:
        self._inner = inner
        self._urls = urls

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self._urls.append(str(request.url))
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        await self._inner.aclose()


async def _fetch(url: str) -> tuple[float, list[str]]:
    """Return the seconds of a fetch, and the URLs that it requested."""
    urls: list[str] = []
    layer = Layer(id="masten", title="Masten", source={"type": "arcgis", "url": url})
    async with HttpClients(transport_wrapper=lambda inner: _Listening(inner, urls)) as http:
        source = open_source(layer, http, asyncio.to_thread)
        started = time.perf_counter()
        fetched = await source.fetch()
        seconds = time.perf_counter() - started
    if not fetched.report.complete or len(fetched.batch) != COUNT:
        raise InvalidMeasurement(f"{len(fetched.batch)} of {COUNT} objects were fetched: {fetched.report.notes}")
    return seconds, urls


def _seconds_of(urls: list[str]) -> float:
    started = time.perf_counter()
    for url in urls:
        with urlopen(Request(url, headers={"Accept-Encoding": "gzip"})) as answer:
            answer.read()
    return time.perf_counter() - started
