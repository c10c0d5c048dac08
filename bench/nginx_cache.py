"""Answers from the cache of nginx with the shipped configuration, against nginx sending files of the same size.

What is cached costs neither the proxy nor the vendor anything. The layer has 50,000 objects without marks. wrk asks for
a few hundred different tiles or boxes in turn, each of which nginx has already, and then for as many static files with
the same bytes, from the same nginx. Both write a line to the access log. Tiles are asked by their versioned address.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from urllib.request import urlopen

import numpy as np
from rich.console import Console

from bench import objects, servers
from bench.front import Front, in_front_of
from bench.invalid import InvalidMeasurement
from bench.missing import program
from bench.report import Row
from bench.wrk import Request, measure
from wfs_proxy.bbox import BBox
from wfs_proxy.faces.tiles.places import BITS, places_of

__all__ = ["rows"]

COUNT = 50_000
PLACES = 300
ROUNDS = 5
SECONDS = 3.0
"""Of each measurement in one round."""

_ZOOM = 15
_GOAL = ">= 0.9"


def rows(console: Console) -> Iterator[Row]:
    """Measure tiles and boxes.

    Raises:
        MissingProgram: wrk or nginx is not installed.
        InvalidMeasurement: an answer did not come from the cache, or a request failed.
    """
    program("wrk", package="wrk")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        document = folder / "objects.geojson"
        document.write_bytes(objects.document(COUNT))
        layers = objects.write_layer(folder / "layers", str(document))
        front = stack.enter_context(in_front_of(stack.enter_context(servers.proxy(layers)).address))
        screens = objects.screens(PLACES, COUNT)
        (layer,) = [path.stem for path in layers.glob("*.yaml")]
        console.print(f"nginx: {ROUNDS} rounds of {PLACES} tiles and boxes")
        yield _row(front, "nginx-tile", "versioned tiles", _tiles(front, layer, screens))
        yield _row(front, "nginx-box", "boxes of about 100 objects, asked again and again", objects.paths(screens))


def _tiles(front: Front, layer: str, screens: Sequence[BBox]) -> list[str]:
    """Return the paths of the tiles in the middle of the screens."""
    with urlopen(f"{front.address}/layers/{layer}/tiles") as answer:
        template: str = json.load(answer)["tiles"][0]
    corners = [(box.west + box.east, box.south + box.north) for box in screens]
    tiles = places_of(np.array(corners) / 2) >> (BITS - _ZOOM)
    paths = (
        template.replace("{z}", str(_ZOOM)).replace("{x}", str(x)).replace("{y}", str(y)) for x, y in tiles.tolist()
    )
    return list(dict.fromkeys(paths))


def _row(front: Front, name: str, what: str, paths: Sequence[str]) -> Row:
    static = [_stored(front, f"{name}-{number}", path) for number, path in enumerate(paths)]
    asked = [Request(path=path) for path in paths]
    files = [Request(path=path) for path in static]
    rounds = [
        (
            measure(front.address, asked, seconds=SECONDS).per_second,
            measure(front.static, files, seconds=SECONDS).per_second,
        )
        for _ in range(ROUNDS)
    ]
    return Row(
        id=name,
        what=f"{what} from nginx's cache with the shipped configuration; against nginx sending files of that size",
        value=median(cached for cached, _ in rounds),
        unit="1/s",
        reference=median(sent for _, sent in rounds),
        ratio=median(cached / sent for cached, sent in rounds),
        goal=_GOAL,
    )


def _stored(front: Front, name: str, path: str) -> str:
    """Bring an answer into the cache and its bytes into a file, and return the path of the file."""
    for _ in range(2):
        with urlopen(front.address + path) as answer:
            body, status = answer.read(), answer.headers.get_all("Cache-Status")[-1]
    if status != "nginx; hit":
        raise InvalidMeasurement(f"the answer to {path} is not from the cache: {status}")
    (front.files / name).write_bytes(body)
    return f"/{name}"
