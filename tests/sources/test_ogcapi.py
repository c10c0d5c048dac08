"""Real servers of OGC API Features, compared with pyogrio's reading of the same file, and the shape of PDOK's server.

Equal counts, attributes and places, whole, filtered and by area.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import needs
import numpy as np
import pygeoapi_server
import pyogrio
import pytest
import shapely
import vendor
from pygeoapi_server import RD, Served
from scripted_ogcapi import ScriptedOgcApi
from scripted_wfs import things

from fixtures import servers
from wfs_proxy.bbox import BBox
from wfs_proxy.config.layer import Layer
from wfs_proxy.features import PointBatch
from wfs_proxy.geo.crs.srs_name import RD_NEW
from wfs_proxy.geo.crs.transform import to_crs84
from wfs_proxy.http.client import HttpClients
from wfs_proxy.http.policy import HttpPolicy
from wfs_proxy.pipeline.transform import points_from_features
from wfs_proxy.sources.open_source import open_source
from wfs_proxy.sources.protocol import FetchedFeatures

pytestmark = pytest.mark.anyio

COUNT = 250
AREA = BBox(4.30, 52.06, 4.34, 52.10)


def layer(url: str, collection: str, properties: dict | None = None, **source) -> Layer:
    source = {"type": "ogcapi", "url": url, "collections": [collection], **source}
    return Layer(id="a", title="A", source=source, properties=properties or {})


async def fetch(wanted: Layer, area: BBox | None = None) -> tuple[FetchedFeatures, PointBatch]:
    async with HttpClients(HttpPolicy(proxy_for=lambda _: None)) as http:
        found = await open_source(wanted, http, asyncio.to_thread).fetch(area)
        return found, points_from_features(found.batch, wanted)


def write_features(path: Path, geometry: np.ndarray, **columns: list) -> None:
    features = [
        {
            "type": "Feature",
            "id": f"{path.stem}.{row}",
            "geometry": json.loads(shapely.to_geojson(each)),
            "properties": {name: values[row] for name, values in columns.items()},
        }
        for row, each in enumerate(geometry)
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))


@pytest.fixture(scope="module")
def pygeoapi(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The same drains in RD and in degrees, with a number and a kind."""
    folder = tmp_path_factory.mktemp("pygeoapi")
    places = (np.random.default_rng(5).random((COUNT, 2)) * 5_000 + (80_000, 455_000)).round(2)
    columns = {
        "nummer": [f"{row:06d}" for row in range(COUNT)],
        "soort": [["kolk", "put", "gemaal"][row % 3] for row in range(COUNT)],
        "jaar": [1990 + row % 30 for row in range(COUNT)],
    }
    write_features(folder / "rd.geojson", shapely.points(places), **columns)
    write_features(folder / "graden.geojson", shapely.points(to_crs84(places, RD_NEW).round(9)), **columns)
    served = {"rd": Served(folder / "rd.geojson", RD), "graden": Served(folder / "graden.geojson")}
    with pygeoapi_server.running(folder, served) as url:
        yield url, folder


def expected(folder: Path) -> dict[str, tuple[list[float], dict]]:
    """Number -> longitude and latitude, attributes: as GDAL reads the file, and as RDNAPTRANS defines RD."""
    names, _, geometry, columns = pyogrio.raw.read(folder / "rd.geojson")
    lonlat = to_crs84(shapely.get_coordinates(shapely.from_wkb(geometry)), RD_NEW).round(7).tolist()
    rows = zip(*columns, strict=True)
    table = [dict(zip(names["fields"], row, strict=True)) for row in rows]
    return {row["nummer"]: (place, row) for place, row in zip(lonlat, table, strict=True)}


FIELDS = {"nummer": "string", "soort": "string", "jaar": "integer"}


@pytest.mark.parametrize("collection", ["rd", "graden"])
async def test_pygeoapi_is_read_as_gdal_reads_its_file(pygeoapi: tuple[str, Path], collection: str):
    url, folder = pygeoapi
    wanted = expected(folder)

    found, points = await fetch(layer(url, collection, {"id": "nummer", "fields": FIELDS}))

    assert found.report.complete, found.report.notes
    assert found.report.matched == len(points) == len(wanted) == COUNT
    assert found.report.requests == 3 + -(-COUNT // pygeoapi_server.MOST)
    for row, number in enumerate(points.ids):
        place, attributes = wanted[number]
        assert points.lonlat[row].tolist() == pytest.approx(place, abs=1.5e-7)
        assert {name: points.columns[name][row] for name in FIELDS} == {name: attributes[name] for name in FIELDS}


async def test_pygeoapi_filters_by_queryables(pygeoapi: tuple[str, Path]):
    url, folder = pygeoapi
    wanted = {number for number, (_, row) in expected(folder).items() if row["soort"] == "kolk"}

    found, points = await fetch(layer(url, "rd", {"id": "nummer"}, where={"soort": ["kolk"]}))

    assert set(points.ids) == wanted
    assert len(found.batch) == len(wanted)  # none was filtered here
    assert found.report.complete


async def test_area_of_pygeoapi_is_requested_as_a_box(pygeoapi: tuple[str, Path]):
    url, folder = pygeoapi
    wanted = {number for number, (place, _) in expected(folder).items() if AREA.contains(*place)}

    found, points = await fetch(layer(url, "rd", {"id": "nummer"}), AREA)

    assert wanted
    assert wanted <= set(points.ids)
    assert len(points) < 1.5 * len(wanted)
    assert found.report.complete
    assert found.report.notes == ()


BGT = ("paal", "bak", "put")
"""Collections of PDOK's `https://api.pdok.nl/lv/bgt/ogc/v1`."""


def bgt(count: int) -> ScriptedOgcApi:
    """A replay of the shape of PDOK's server: pages of at most 1,000, cursors, no counts, RD beside CRS84."""
    return ScriptedOgcApi(
        things(count),
        collections=BGT,
        cursors=True,
        openapi="reference",
        attributes={"status": "bestaand", "eind_registratie": None, "bronhouder": "G0518"},
    )


async def test_collections_of_the_shape_of_pdok_are_fetched_whole():
    with vendor.serving(bgt(2_345)) as server:
        found, points = await fetch(layer(server.url, "paal", collections=BGT))

    assert len(found.batch) == 3 * 2_345
    assert len(points) == 2_345  # the replay has the same objects in all three
    assert found.report.complete
    assert found.report.matched is None
    assert found.report.notes == ()
    assert found.batch.srs_names == (RD,)
    assert found.report.requests == 3 + 3 * 3
    assert {each.query["limit"] for each in server.seen if each.path.endswith("/items")} == {"1000"}
    assert np.unique(found.batch.type_names).tolist() == sorted(BGT)


async def test_area_of_the_shape_of_pdok_takes_one_request_for_each_collection():
    with vendor.serving(bgt(2_345)) as server:
        wanted = layer(server.url, "paal", collections=BGT)
        async with HttpClients(HttpPolicy(proxy_for=lambda _: None)) as http:
            source = open_source(wanted, http, asyncio.to_thread)
            await source.fetch(AREA)
            again = await source.fetch(AREA)

    assert again.report.requests == 3
    assert again.report.complete
    assert len(again.batch)


async def test_qgis_server_is_read_as_gdal_reads_its_file(tmp_path: Path):
    needs.program("qgis_mapserv.fcgi", package="qgis-server")
    with servers.running(["techview"], tmp_path) as address:
        found, points = await fetch(
            layer(f"{address}/techview/wfs3", "lichtmast", {"id": "objectnummer", "fields": {"straat": "string"}})
        )
    names, _, geometry, columns = pyogrio.raw.read(tmp_path / "techview.gpkg", layer="lichtmast")
    table = dict(zip(names["fields"], columns, strict=True))
    drawn = shapely.from_wkb(geometry)
    places = to_crs84(np.column_stack([shapely.get_x(drawn), shapely.get_y(drawn)]), RD_NEW)
    wanted = dict(zip(table["objectnummer"], zip(places.tolist(), table["straat"], strict=True), strict=True))

    assert found.report.complete, found.report.notes
    assert found.report.matched == len(found.batch) == len(geometry)
    compared = 0
    for row, number in enumerate(points.ids):
        if number in wanted:
            place, street = wanted[number]
            # QGIS Server writes six decimals, after a transformation of its own without the grid
            assert np.hypot(*((points.lonlat[row] - place) * (69_000, 111_000))) < 0.3
            assert points.columns["straat"][row] == street
            compared += 1
    assert compared > 0.9 * len(points)
