"""OGC API Features as other programs see it: conformance tests, GDAL, OWSLib and QGIS read every layer of the demo."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import browser as browsers
import httpx
import needs
import numpy as np
import pyogrio
import pytest
import shapely
from demo_layers import EVERY_LAYER
from owslib.ogcapi.features import Features
from pyrdnap import RDNAP2018v1

pytestmark = pytest.mark.timeout(600)

T = TypeVar("T")
Objects = dict[str, dict[str, object]]


@pytest.fixture(scope="module")
def demo() -> Iterator[str]:
    with browsers.running_demo() as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="module")
def api(demo: str) -> str:
    return f"{demo}/ogc/v1"


def on_the_map(api: str) -> dict[str, Objects]:
    """Layer -> id -> feature, from the map endpoint."""
    found = {}
    for name in EVERY_LAYER:
        collection = httpx.get(f"{api.removesuffix('/ogc/v1')}/layers/{name}/features?limit=50000").json()
        assert collection["numberMatched"] == len(collection["features"]) > 100
        found[name] = {feature["id"]: feature for feature in collection["features"]}
    return found


def with_truth(api: str, read: Callable[[], T]) -> tuple[T, dict[str, Objects]]:
    """Return what a client reads, and the truth. An object of the demo is reported while the tests run."""
    while True:
        before, result, after = on_the_map(api), read(), on_the_map(api)
        if before == after:
            return result, before


def official(lonlat: np.ndarray) -> np.ndarray:
    """RD by the certified implementation of RDNAPTRANS2018."""
    found = [RDNAP2018v1().forward(latitude, longitude) for longitude, latitude in lonlat]
    return np.array([(place.RDx, place.RDy) for place in found])


def test_all_of_part_1_of_the_conformance_tests_passes(api: str, tmp_path: Path):
    configuration = tmp_path / "pytest.ini"  # otherwise that of this checkout, in which the tests are installed
    configuration.write_text("[pytest]\n")
    done = subprocess.run(
        [needs.ogctests(), "-m", "ogctests", "features/core", "-i", api, "-v", "True"],
        env={**os.environ, "PYTEST_ADDOPTS": f"-c {configuration}"},
        capture_output=True,
        text=True,
        check=False,
    )

    summary = done.stdout.splitlines()[-1]
    assert re.search(r"\b29 passed", summary), done.stdout
    assert not re.search("failed|error|skipped", summary), done.stdout


def test_the_openapi_document_is_valid(api: str, tmp_path: Path):
    document = tmp_path / "openapi.json"
    document.write_bytes(httpx.get(f"{api}/openapi.json").content)
    done = subprocess.run(
        [needs.ogctests(), "-m", "openapi_spec_validator", document], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", EVERY_LAYER)
def test_gdal_reads_every_object(api: str, name: str):
    (meta, _, geometry, columns), truth = with_truth(api, lambda: pyogrio.raw.read(f"OAPIF:{api}", layer=name))
    read = dict(zip(meta["fields"], columns, strict=True))
    expected = truth[name]

    assert name in {layer for layer, _ in pyogrio.list_layers(f"OAPIF:{api}")}
    assert set(read["id"]) == expected.keys()
    assert shapely.get_coordinates(shapely.from_wkb(geometry)).tolist() == [
        expected[each]["geometry"]["coordinates"] for each in read["id"]
    ]
    names = set(next(iter(expected.values()))["properties"]) - {"footprint"}
    assert names <= set(read)
    for column in names:
        values = [expected[each]["properties"][column] for each in read["id"]]
        assert list(map(as_json, read[column].tolist())) == values


def as_json(value: object) -> object:
    """Return a value of GDAL as it is in GeoJSON: without NaN, and dates as text."""
    if value is None or value != value:  # noqa: PLR0124 - NaN
        return None
    return value.isoformat() if isinstance(value, dt.date) else value


@pytest.mark.parametrize("name", EVERY_LAYER)
def test_gdal_reads_every_object_in_rd(api: str, name: str):
    truth = on_the_map(api)
    meta, _, geometry, columns = pyogrio.raw.read(f"OAPIF:{api}", layer=name, CRS="EPSG:28992")
    ids = dict(zip(meta["fields"], columns, strict=True))["id"]
    lonlat = np.array([truth[name][each]["geometry"]["coordinates"] for each in ids])

    assert "28992" in meta["crs"]
    assert len(ids) == len(truth[name])
    assert np.abs(shapely.get_coordinates(shapely.from_wkb(geometry)) - official(lonlat)).max() < 0.001


def test_the_gdal_of_debian_reads_the_same(api: str):
    program = needs.program("ogrinfo", package="gdal-bin")
    done = subprocess.run([program, "-so", "-al", f"OAPIF:{api}"], capture_output=True, text=True, check=True)

    counts = dict(re.findall(r"Layer name: (\S+)\n.*?Feature Count: (\d+)", done.stdout, flags=re.DOTALL))
    assert counts.keys() == set(EVERY_LAYER)
    assert {name: counts[name] for name in EVERY_LAYER} == {
        name: str(len(objects)) for name, objects in on_the_map(api).items()
    }


FILTERS = {
    "rioned-putten": [
        ("soort = 'kolk'", "soort = 'kolk'"),
        ("maaiveldhoogte > 1.5", "maaiveldhoogte > 1.5"),
        ("maaiveldhoogte BETWEEN 0 AND 1", "maaiveldhoogte BETWEEN 0 AND 1"),
        ("NOT (soort = 'kolk') AND maaiveldhoogte < 2", "NOT (soort = 'kolk') AND maaiveldhoogte < 2"),
        ("naam LIKE '02%1_'", "naam LIKE '02%1_'"),
        ("soort IN ('gemaal','overstort') OR naam = '025188'", "soort IN ('gemaal','overstort') OR naam = '025188'"),
        ("maaiveldhoogte IS NOT NULL AND meldingstatus = 0", "maaiveldhoogte IS NOT NULL AND meldingstatus = 0"),
    ],
    "luminizer-masten": [
        ("geplaatst >= DATE('2010-01-01')", "CAST(geplaatst AS character(10)) >= '2010/01/01'"),
        ("ObjectType = 'mast' AND LumiId < 230100", "ObjectType = 'mast' AND LumiId < 230100"),
    ],
}
"""Layer -> pairs of a filter in CQL2 text and in the SQL of GDAL, that keeps dates off `datetime`."""


@pytest.mark.parametrize(("name", "cql2", "sql"), [(name, *pair) for name, pairs in FILTERS.items() for pair in pairs])
def test_a_filter_selects_what_gdal_selects_of_all_objects(api: str, tmp_path: Path, name: str, cql2: str, sql: str):
    """GDAL filters a file with all objects by itself, and sends the filter to the proxy where it can."""
    everything = tmp_path / "all.geojson"

    def read() -> tuple[set[str], set[str], set[str]]:
        answer = httpx.get(f"{api}/collections/{name}/items", params={"limit": 50_000, "filter": cql2}).json()
        everything.write_bytes(httpx.get(f"{api}/collections/{name}/items?limit=50000").content)
        by_us = {feature["id"] for feature in answer["features"]}
        return by_us, ids_by_gdal(everything, None, sql), ids_by_gdal(f"OAPIF:{api}", name, sql)

    (by_us, by_gdal, through_gdal), _ = with_truth(api, read)
    assert by_us == by_gdal == through_gdal
    assert by_us


def ids_by_gdal(source: str | Path, layer: str | None, sql: str) -> set[str]:
    meta, _, _, columns = pyogrio.raw.read(source, layer=layer, where=sql)
    return set(dict(zip(meta["fields"], columns, strict=True))["id"])


def test_owslib_reads_every_object(api: str):
    client = Features(api)

    def read() -> dict[str, list[dict]]:
        return {name: client.collection_items(name, limit=50_000)["features"] for name in EVERY_LAYER}

    found, truth = with_truth(api, read)
    assert {name: {each["id"]: each for each in features} for name, features in found.items()} == truth
    assert set(client.feature_collections()) == set(EVERY_LAYER)
    assert client.conformance()["conformsTo"]
    for name, features in found.items():
        assert client.collection_queryables(name)["properties"]
        assert client.collection_item(name, features[0]["id"])["properties"] == features[0]["properties"]


def read_by_qgis(api: str) -> dict[str, dict]:
    done = subprocess.run(
        [needs.qgis_python(), Path(__file__).parents[1] / "support" / "qgis_reader.py", api, *EVERY_LAYER],
        env={"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], "QT_QPA_PLATFORM": "offscreen"},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found: dict[str, dict] = json.loads(done.stdout)
    return found


def test_qgis_reads_every_object(api: str):
    """The QGIS of Debian 12 knows no Part 2: it reads degrees, and transforms them to RD itself."""
    found, truth = with_truth(api, lambda: read_by_qgis(api))

    for name, layer in found.items():
        expected = truth[name]
        assert (layer["valid"], layer["count"], len(layer["features"])) == (True, len(expected), len(expected))
        for feature in layer["features"]:
            properties = feature["properties"]
            same = expected[properties["id"]]
            assert feature["place"] == pytest.approx(same["geometry"]["coordinates"], abs=1e-9)
            for column, value in same["properties"].items():
                if column != "footprint":
                    assert properties[column] == ("NULL" if value is None else str(value))
