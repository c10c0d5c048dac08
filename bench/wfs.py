"""The WFS: its GeoJSON against the map endpoint, and its GML against that of MapServer.

The layer is that of `serve`: 50,000 drains of a vendor, who runs MapServer. The boxes for GeoJSON have about a hundred
objects each, those for GML about a thousand. The candidates alternate, and the median of five rounds counts. For GML
two workers are compared with two processes of MapServer. MapServer writes areas, and we write points, so its documents
are larger; the console says by how much.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import fmean
from urllib.request import urlopen

from rich.console import Console

from bench import servers, vendor
from bench.invalid import InvalidMeasurement
from bench.missing import program
from bench.report import Row
from bench.serve import COUNT, ROUNDS, SECONDS, map_path, row_of_pair, write_layers
from bench.wrk import Measured, Request, measure
from wfs_proxy.bbox import BBox

__all__ = ["BOXES", "LARGE_BOXES", "rows"]

BOXES = 60_000
"""More than the response cache holds."""

LARGE_BOXES = 2_000
_SAMPLE = 10
_DIFFERENCE = 0.1
"""The accepted relative difference: MapServer counts areas that intersect the box, we count their points."""


def rows(console: Console) -> Iterator[Row]:
    """Measure answers to boxes.

    Raises:
        MissingProgram: wrk, MapServer or nginx is not installed.
        InvalidMeasurement: an answer was not as expected.
    """
    program("wrk", package="wrk")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        vendor.write_drains(COUNT, folder / "put.gpkg")
        theirs = stack.enter_context(vendor.behind_nginx(folder / "put.gpkg")).address
        layers = write_layers(folder, theirs)
        one = {"WFS_PROXY_CACHE_DIR": f"{folder}/one"}
        ours = stack.enter_context(servers.proxy(layers, environment=one)).address
        two = {"WFS_PROXY_CACHE_DIR": f"{folder}/two", "WFS_PROXY_WORKERS": "2"}
        workers = stack.enter_context(servers.proxy(layers, environment=two)).address
        boxes = vendor.screens(BOXES, COUNT)
        large = vendor.screens(LARGE_BOXES, COUNT // 10)
        sizes, count = _sizes(ours, theirs, large)
        console.print(f"wfs: {ROUNDS} rounds; GML of {count:.0f} objects, {sizes[0]:.0f} kB against {sizes[1]:.0f} kB")
        candidates = {
            "map": (ours, [map_path(box) for box in boxes]),
            "geojson": (ours, [_geojson_path(box) for box in boxes]),
            "gml": (workers, [_gml_path(box) for box in large]),
            "vendor": (theirs, [_vendors_path(box) for box in large]),
        }
        rounds = [
            {name: _measured(address, paths) for name, (address, paths) in candidates.items()} for _ in range(ROUNDS)
        ]
    yield row_of_pair(
        rounds, "wfs-geojson", ("geojson", "map"), "WFS GeoJSON, different boxes; against the map endpoint", ">= 0.7"
    )
    yield row_of_pair(
        rounds,
        "wfs-gml",
        ("gml", "vendor"),
        "WFS GML 3.2, 1,000 features; against MapServer's GML of the same box",
        ">= 5",
    )


def _measured(address: str, paths: Sequence[str]) -> Measured:
    return measure(address, [Request(path=path) for path in paths], seconds=SECONDS)


def _geojson_path(box: BBox) -> str:
    """Return the path of a question in Signalen."""
    return (
        "/wfs?service=WFS&version=2.0.0&request=GetFeature&typeNames=put&outputFormat=application/json"
        f"&srsName=EPSG:4326&bbox={','.join(map(str, box))}"
    )


def _gml_path(box: BBox) -> str:
    return (
        "/wfs?service=WFS&version=2.0.0&request=GetFeature&typeNames=put&srsName=EPSG:4326"
        f"&bbox={','.join(map(str, box))},EPSG:4326"
    )


def _vendors_path(box: BBox) -> str:
    """Return MapServer's, in WFS 1.0.0: with 2.0.0 it leaves out a quarter of the objects."""
    return (
        "/wfs?service=WFS&version=1.0.0&request=GetFeature&typeName=put&srsName=EPSG:4326"
        f"&bbox={','.join(map(str, box))},EPSG:4326"
    )


def _sizes(ours: str, theirs: str, boxes: Sequence[BBox]) -> tuple[tuple[float, float], float]:
    """Return the mean sizes of both answers in kB, and how many objects ours has.

    Raises:
        InvalidMeasurement: they have other numbers of objects.
    """
    answers = [(_read(ours + _gml_path(box)), _read(theirs + _vendors_path(box))) for box in boxes[:_SAMPLE]]
    counts = [(mine.count(b"<wfs:member>"), other.count(b"featureMember>") / 2) for mine, other in answers]
    mine, other = (fmean(count[side] for count in counts) for side in (0, 1))
    if not mine or abs(other / mine - 1) > _DIFFERENCE:
        raise InvalidMeasurement(f"our answers have {mine:.0f} objects, those of MapServer {other:.0f}")
    return (fmean(len(one) for one, _ in answers) / 1000, fmean(len(two) for _, two in answers) / 1000), mine


def _read(url: str) -> bytes:
    with urlopen(url) as answer:
        body: bytes = answer.read()
        return body
