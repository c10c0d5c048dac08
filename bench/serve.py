"""Answers per second to a map, against a constant body, against the vendor itself and against nginx's cache.

The layer is a vendor's 50,000 drains, fetched from MapServer. Each request is for a different box with about a hundred
of them, all with two marks. There are more boxes than the response cache holds, so no answer comes from it. The
candidates alternate, each with wrk on the other processor, and the median of five rounds counts. The bare app sends as
many bytes as our mean answer has, also where ours is a 304.

The vendor is asked through nginx, which uses FastCGI with two MapServer processes; that is compared with two workers.
nginx's cache gets the same URL every time, which is the limit for stored bytes, and then different boxes, as from a map
that is moved.
"""

from __future__ import annotations

import http.client
import json
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median
from urllib.parse import urlsplit
from urllib.request import Request as Asked
from urllib.request import urlopen

from rich.console import Console

from bench import servers, vendor
from bench.invalid import InvalidMeasurement
from bench.missing import program
from bench.report import Row
from bench.vendor import Vendor
from bench.wrk import Measured, Request, measure
from wfs_proxy.bbox import BBox
from wfs_proxy.serve.representation import GEOJSON

__all__ = ["COUNT", "ROUNDS", "SECONDS", "map_path", "row_of_pair", "rows", "write_layers"]

COUNT = 50_000
BOXES = 60_000
SCREENS = 2000
"""Boxes whose answers are inspected, and then requested with their ETag."""
ROUNDS = 5
SECONDS = 3.0
"""Of each measurement in one round."""

_LAYER = """title: Invented drains
source: {{type: wfs, url: "{address}/wfs", type_names: [put]}}
fetch: {{fresh_for: 1d}}
properties:
  id: objectid
  fields: {{nummer: string, soort: string, materiaal: string, straat: string, bouwjaar: integer}}
reports: {{vendor: {{field: storing, values: [1]}}}}
"""

_SAMPLE = 20
"""Boxes for which the vendor's answer is compared with ours."""

_DIFFERENCE = 0.1
"""The accepted relative difference: the vendor counts areas that intersect the box, we count their points."""

_COMPRESSED = {"Accept-Encoding": "gzip"}
_MILLISECONDS = 1000.0

_Round = Mapping[str, Measured]


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
        theirs = stack.enter_context(vendor.behind_nginx(folder / "put.gpkg"))
        layers = write_layers(folder, theirs.address)
        ours = stack.enter_context(servers.proxy(layers, environment={"WFS_PROXY_CACHE_DIR": f"{folder}/one"})).address
        two = {"WFS_PROXY_CACHE_DIR": f"{folder}/two", "WFS_PROXY_WORKERS": "2"}
        workers = stack.enter_context(servers.proxy(layers, environment=two)).address
        screens = _screens(ours)
        _require_alike(theirs, screens)
        size = round(fmean(screen.size for screen in screens))
        reference = stack.enter_context(servers.bare(size, GEOJSON)).address
        console.print(f"serve: {ROUNDS} rounds; answers of {size / 1000:.1f} kB, {_mean_count(screens):.0f} objects")
        candidates = _candidates(ours, workers, reference, theirs, screens)
        rounds = [{name: candidate(number) for name, candidate in candidates.items()} for number in range(ROUNDS)]
    yield from _against_the_bare_app(rounds)
    yield from _against_the_vendor(rounds)


@dataclass(frozen=True, kw_only=True)
class _Screen:
    """A box and our answer to it."""

    box: BBox
    etag: str
    size: int
    """Bytes of the body."""
    count: int
    """Number of objects."""


def write_layers(folder: Path, address: str) -> Path:
    """Write the layer of the vendor with this address; return the folder of its file."""
    layers = folder / "layers"
    layers.mkdir()
    (layers / "put.yaml").write_text(_LAYER.format(address=address))
    return layers


def _screens(ours: str) -> list[_Screen]:
    """Request each box once."""
    screens = []
    with closing(http.client.HTTPConnection(urlsplit(ours).netloc)) as connection:
        for box in vendor.screens(SCREENS, COUNT):
            connection.request("GET", map_path(box))
            answer = connection.getresponse()
            body, etag = answer.read(), answer.headers["ETag"]
            screens.append(_Screen(box=box, etag=etag, size=len(body), count=json.loads(body)["numberReturned"]))
    return screens


def map_path(box: BBox) -> str:
    """Return the path of our answer to a box."""
    west, south, east, north = box
    return f"/layers/put/features?bbox={west},{south},{east},{north}"


def _vendors_path(box: BBox) -> str:
    """Return the vendor's, in WFS 1.0.0: with 2.0.0, MapServer 8.0 leaves out a quarter of the objects."""
    west, south, east, north = box
    query = f"typeName=put&srsName=EPSG:4326&outputFormat=geojson&bbox={west},{south},{east},{north},EPSG:4326"
    return f"/wfs?service=WFS&version=1.0.0&request=GetFeature&{query}"


def _require_alike(theirs: Vendor, screens: Sequence[_Screen]) -> None:
    sample = screens[:_SAMPLE]
    counts = []
    for screen in sample:
        with urlopen(theirs.address + _vendors_path(screen.box)) as answer:
            counts.append(len(json.load(answer)["features"]))
    ratio = fmean(counts) / _mean_count(sample)
    if abs(ratio - 1) > _DIFFERENCE:
        raise InvalidMeasurement(f"the vendor's answers have {ratio:.2f} times as many objects as ours")


def _mean_count(screens: Sequence[_Screen]) -> float:
    return fmean(screen.count for screen in screens)


def _candidates(
    ours: str, workers: str, reference: str, theirs: Vendor, screens: Sequence[_Screen]
) -> dict[str, Callable[[int], Measured]]:
    """Return, per candidate, a function from the number of the round to its measurement."""

    def always(address: str, requests: Sequence[Request]) -> Callable[[int], Measured]:
        return lambda _: measure(address, requests, seconds=SECONDS)

    def panning(number: int) -> Measured:
        # boxes that are not in the cache after the rounds before
        return measure(theirs.cached, asked[number::ROUNDS], seconds=SECONDS)

    boxes = vendor.screens(BOXES, COUNT)
    plain = [Request(path=map_path(box)) for box in boxes]
    asked = [Request(path=_vendors_path(box)) for box in boxes]
    candidates = {
        "ours": always(ours, plain),
        "workers": always(workers, plain),
        "bare": always(reference, plain),
        "unchanged": always(
            ours, [Request(path=map_path(screen.box), headers={"If-None-Match": screen.etag}) for screen in screens]
        ),
        "vendor": always(theirs.address, asked),
        "cached": always(theirs.cached, asked[:1]),
        "panning": panning,
        "gzip": always(ours, [Request(path=map_path(box), headers=_COMPRESSED) for box in boxes]),
    }
    _require_compressed(ours, screens[0])
    return candidates


def _require_compressed(ours: str, screen: _Screen) -> None:
    with urlopen(Asked(ours + map_path(screen.box), headers=_COMPRESSED)) as answer:
        if answer.headers["Content-Encoding"] != "gzip":
            raise InvalidMeasurement("our answer is not compressed")


def _against_the_bare_app(rounds: Sequence[_Round]) -> Iterator[Row]:
    yield row_of_pair(
        rounds,
        "serve-hot",
        ("ours", "bare"),
        "different boxes; against a bare app with a body of that size",
        goal=">= 0.5",
    )
    yield row_of_pair(
        rounds, "serve-gzip", ("gzip", "ours"), "different boxes with gzip; against without", goal=">= 0.8"
    )
    yield row_of_pair(rounds, "serve-unchanged", ("unchanged", "bare"), "304; against the bare app", goal=">= 0.8")
    value, reference = (median(one[name].p99 for one in rounds) * _MILLISECONDS for name in ("ours", "bare"))
    yield Row(
        id="serve-p99",
        what="different boxes: 99th percentile, eight at once; against the bare app",
        value=value,
        unit="ms",
        reference=reference,
        ratio=value / reference,
    )


def _against_the_vendor(rounds: Sequence[_Round]) -> Iterator[Row]:
    what = "different boxes, two workers; against the vendor's own WFS, two processes"
    yield row_of_pair(rounds, "serve-vendor", ("workers", "vendor"), what, goal=">= 50")
    yield row_of_pair(
        rounds, "serve-cached", ("ours", "cached"), "different boxes; against nginx's cache, always the same URL"
    )
    yield row_of_pair(
        rounds, "serve-panning", ("ours", "panning"), "different boxes; against nginx's cache, different boxes"
    )


def row_of_pair(rounds: Sequence[_Round], name: str, pair: tuple[str, str], what: str, goal: str | None = None) -> Row:
    """Return the row of the requests per second of two candidates, the second of which is the reference."""
    ours, theirs = pair
    return Row(
        id=name,
        what=what,
        value=median(one[ours].per_second for one in rounds),
        unit="/s",
        reference=median(one[theirs].per_second for one in rounds),
        ratio=median(one[ours].per_second / one[theirs].per_second for one in rounds),
        goal=goal,
    )
