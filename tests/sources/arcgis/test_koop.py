"""Layers of Koop, an ArcGIS feature service that is no double of ours, compared with the same file read by GDAL."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import needs
import numpy as np
import pyogrio
import pytest
import shapely

from bench import koop_server
from wfs_proxy.bbox import BBox
from wfs_proxy.config.layer import Layer
from wfs_proxy.decode.dispatch import decode
from wfs_proxy.features import Encoding, Payload
from wfs_proxy.http.client import HttpClients
from wfs_proxy.sources.open_source import open_source
from wfs_proxy.sources.protocol import FetchedFeatures

pytestmark = pytest.mark.anyio

needs.koop()

COUNT = 2_500
"""More than Koop returns at once (2,000)."""

WEST, SOUTH = 4.7, 51.5


def places(count: int) -> np.ndarray:
    return (np.random.default_rng(11).random((count, 2)) * 0.1 + (WEST, SOUTH)).round(7)


def shapes(kind: str) -> list:
    """Return geometries of a kind: points, or lines and areas of some metres, areas with a hole and with two parts."""
    if kind == "punten":
        return [*shapely.points(places(COUNT))]
    outer = shapely.buffer(shapely.points(places(60)), 2e-4, quad_segs=3)
    holes = shapely.buffer(shapely.centroid(outer), 1e-4, quad_segs=3)
    if kind == "lijnen":
        return [*shapely.boundary(outer[:30]), *shapely.boundary(shapely.difference(outer, holes)[30:])]
    islands = shapely.buffer(shapely.centroid(outer[40:]), 3e-5)
    return [
        *outer[:20],
        *shapely.difference(outer, holes)[20:],
        *shapely.union(islands, shapely.difference(outer, holes)[40:]),
    ]


KINDS = ("punten", "lijnen", "vlakken")


def document(kind: str) -> dict:
    features = [
        {
            "type": "Feature",
            "geometry": shapely.geometry.mapping(shape),
            "properties": {
                "nummer": f"{number:06d}",
                "soort": None if number % 10 == 0 else ("mast", "kast", "'s-paal")[number % 3],
                "bouwjaar": 1950 + number % 70,
                "hoogte": number / 4 + 0.25,
                "geplaatst": f"20{number % 20:02d}-03-04T05:06:07Z",
            },
        }
        for number, shape in enumerate(shapes(kind))
    ]
    return {"type": "FeatureCollection", "features": features}


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("koop")
    for kind in KINDS:
        (folder / f"{kind}.geojson").write_text(json.dumps(document(kind)))
    return folder


@pytest.fixture(scope="module")
def koop(files: Path) -> Iterator[str]:
    with koop_server.serving(files, ready=KINDS[0]) as address:
        yield address


async def fetch(koop: str, kind: str, area: BBox | None = None, **changes: object) -> FetchedFeatures:
    source = {"type": "arcgis", "url": f"{koop}/{kind}/FeatureServer/0", **changes}
    async with HttpClients() as http:
        return await open_source(Layer(id="a", title="A", source=source), http, asyncio.to_thread).fetch(area)


def by_number(fetched: FetchedFeatures) -> np.ndarray:
    return np.argsort(fetched.batch.columns["nummer"].astype(str))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("output_format", ["auto", "geojson"])
async def test_layer_is_that_of_the_file(koop, files, kind, output_format):
    meta, _, geometry, columns = pyogrio.raw.read(files / f"{kind}.geojson")

    fetched = await fetch(koop, kind, output_format=output_format)

    order = by_number(fetched)
    assert fetched.report.complete, fetched.report.notes
    assert (len(fetched.batch), fetched.batch.skipped) == (len(geometry), {})
    assert shapely.equals(
        shapely.set_precision(fetched.batch.geometry[order], 1e-9),
        shapely.set_precision(shapely.from_wkb(geometry), 1e-9),
    ).all()
    for name, values in zip(meta["fields"], columns, strict=True):
        ours = fetched.batch.columns[name][order]
        if name == "geplaatst":
            assert [f"{value}Z" for value in values.astype("datetime64[s]")] == ours.tolist()
            continue
        assert ours.tolist() == values.tolist(), name


async def test_points_need_few_requests(koop):
    fetched = await fetch(koop, "punten")

    assert (fetched.report.matched, fetched.report.requests) == (COUNT, 4)  # description, count, two pages
    assert fetched.batch.encoding is Encoding.ESRI_JSON
    assert len(set(fetched.batch.ids)) == COUNT


async def test_condition_is_understood(koop):
    fetched = await fetch(koop, "punten", where={"soort": ["'s-paal"], "bouwjaar": ["1960", "1961"]})

    expected = [
        feature["properties"]["nummer"]
        for feature in document("punten")["features"]
        if feature["properties"]["soort"] == "'s-paal" and feature["properties"]["bouwjaar"] in {1960, 1961}
    ]
    assert sorted(fetched.batch.columns["nummer"]) == expected
    assert fetched.report.notes == ()


@pytest.mark.parametrize("kind", ["punten", "vlakken"])
async def test_area_has_the_objects_that_touch_it(koop, kind):
    area = BBox(WEST + 0.02, SOUTH + 0.02, WEST + 0.05, SOUTH + 0.05)
    touching = shapely.intersects(shapes(kind), shapely.box(*area))

    fetched = await fetch(koop, kind, area)

    numbers = set(fetched.batch.columns["nummer"])
    assert {f"{number:06d}" for number in np.flatnonzero(touching)} <= numbers
    assert len(numbers) < 2 * touching.sum() + 5
    assert fetched.report.complete
    assert fetched.report.notes == ()


@pytest.mark.parametrize("kind", KINDS)
def test_answer_is_read_as_gdal_reads_it(koop, kind, tmp_path):
    with urlopen(f"{koop}/{kind}/FeatureServer/0/query?where=1%3D1&outFields=*&f=json") as answer:
        body = answer.read()
    path = tmp_path / "answer.json"
    path.write_bytes(body)

    meta, _, geometry, columns = pyogrio.raw.read(path)
    ours = decode(Payload(body=body))

    theirs = dict(zip(meta["fields"], columns, strict=True))
    our_order, their_order = np.argsort(ours.columns["nummer"].astype(str)), np.argsort(theirs["nummer"].astype(str))
    assert ours.srs_names == (meta["crs"],)
    assert shapely.equals(ours.geometry[our_order], shapely.from_wkb(geometry[their_order])).all()
    for name in ("nummer", "soort", "bouwjaar", "hoogte"):
        assert ours.columns[name][our_order].tolist() == theirs[name][their_order].tolist(), name
