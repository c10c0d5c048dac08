"""OGC API Features, against the map endpoint and against the vendor's own WFS through GDAL.

The layer is that of `serve`: a vendor's 50,000 drains, fetched from MapServer behind nginx. Requests for items are for
the boxes that the map endpoint gets, with about a hundred objects each, and must be answered with the same objects. The
candidates alternate, and the median of the rounds counts. For a whole layer, GDAL reads all objects into memory: from
the proxy with its OAPIF driver, from the vendor with its WFS driver, both in pages of 1,000, which is what OAPIF asks
for. A second row has the vendor's objects in one answer.
"""

from __future__ import annotations

import http.client
import json
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

import pyogrio
from rich.console import Console

from bench import servers, vendor
from bench.invalid import InvalidMeasurement
from bench.missing import program
from bench.report import Row
from bench.serve import map_path, row_of_pair, write_layers
from bench.wrk import Request, measure
from wfs_proxy.bbox import BBox

__all__ = ["rows"]

COUNT = 50_000
BOXES = 60_000
ROUNDS = 5
READS = 3
"""Of the whole layer."""
SECONDS = 3.0
"""Of each measurement in one round."""

_PAGE = 1000
"""Objects for which GDAL's OAPIF driver asks at once."""

_SAMPLE = 20
"""Boxes for which the two answers are compared."""

_ITEMS = "/ogc/v1/collections/put/items"
_RD = "http://www.opengis.net/def/crs/EPSG/0/28992"


def rows(console: Console) -> Iterator[Row]:
    """Measure items, and whole layers.

    Raises:
        MissingProgram: wrk, MapServer or nginx is not installed.
        InvalidMeasurement: an answer was not as expected.
    """
    program("wrk", package="wrk")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        vendor.write_drains(COUNT, folder / "put.gpkg")
        theirs = stack.enter_context(vendor.behind_nginx(folder / "put.gpkg"))
        layers = write_layers(folder, theirs.address)
        ours = stack.enter_context(servers.proxy(layers, environment={"WFS_PROXY_CACHE_DIR": str(folder / "cache")}))
        boxes = vendor.screens(BOXES, COUNT)
        _require_alike(ours.address, boxes[:_SAMPLE])
        console.print(f"ogcapi: {ROUNDS} rounds of items, {READS} reads of {COUNT:,} objects")
        yield from _items(ours.address, boxes)
        yield from _whole_layer(ours.address, theirs.address)


def _require_alike(address: str, boxes: Sequence[BBox]) -> None:
    with closing(http.client.HTTPConnection(urlsplit(address).netloc)) as connection:
        for box in boxes:
            found = []
            for path in (map_path(box), _items_path(box)):
                connection.request("GET", path)
                features = json.load(connection.getresponse())["features"]
                found.append({feature["id"]: feature for feature in features})
            if not found[0] or found[0] != found[1]:
                raise InvalidMeasurement(f"items and the map endpoint answer differently for {box}")


def _items_path(box: BBox, more: str = "") -> str:
    return f"{_ITEMS}?bbox={','.join(map(str, box))}{more}"


def _items(address: str, boxes: Sequence[BBox]) -> Iterator[Row]:
    candidates: Mapping[str, Sequence[Request]] = {
        "map": [Request(path=map_path(box)) for box in boxes],
        "items": [Request(path=_items_path(box)) for box in boxes],
        "rd": [Request(path=_items_path(box, f"&crs={_RD}")) for box in boxes],
    }
    rounds = [
        {name: measure(address, requests, seconds=SECONDS) for name, requests in candidates.items()}
        for _ in range(ROUNDS)
    ]
    yield row_of_pair(
        rounds,
        "ogcapi-items",
        ("items", "map"),
        "different boxes as OGC items; against the map endpoint",
        goal=">= 0.7",
    )
    yield row_of_pair(rounds, "ogcapi-rd", ("rd", "items"), "different boxes as OGC items in RD; against degrees")


def _whole_layer(ours: str, theirs: str) -> Iterator[Row]:
    """Yield the rows of GDAL reading all objects, from us and from the vendor."""
    mine: list[float] = []
    paged: list[float] = []
    at_once: list[float] = []
    wfs = f"WFS:{theirs}/wfs?service=WFS&version=2.0.0"
    for _ in range(READS):
        mine.append(_timed(lambda: _read(f"OAPIF:{ours}/ogc/v1")))
        paged.append(_timed(lambda: _read(wfs)))
        at_once.append(_timed(lambda: _read(wfs, paging=False)))
    what = f"{COUNT:,} objects through GDAL's OAPIF driver; against the vendor's own WFS through GDAL"
    yield _read_row("ogcapi-gdal", what, mine, paged, goal=">= 3")
    yield _read_row("ogcapi-gdal-at-once", f"{what} in one answer", mine, at_once)


def _read_row(name: str, what: str, ours: Sequence[float], theirs: Sequence[float], goal: str | None = None) -> Row:
    value, reference = median(ours), median(theirs)
    return Row(id=name, what=what, value=value, unit="s", reference=reference, ratio=reference / value, goal=goal)


def _timed(read: Callable[[], int]) -> float:
    start = time.perf_counter()
    count = read()
    seconds = time.perf_counter() - start
    if count != COUNT:
        raise InvalidMeasurement(f"GDAL read {count} of {COUNT} objects")
    return seconds


def _read(source: str, *, paging: bool = True) -> int:
    """Return the number of objects that GDAL reads."""
    pyogrio.set_gdal_config_options({"OGR_WFS_PAGING_ALLOWED": paging, "OGR_WFS_PAGE_SIZE": _PAGE})
    (layer,) = [name for name, _ in pyogrio.list_layers(source) if name.endswith("put")]
    _, _, geometry, _ = pyogrio.raw.read(source, layer=layer)
    return len(geometry)
