"""Downloads as other programs see them: GDAL and Python's csv module read every layer of the demo."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import browser as browsers
import httpx
import needs
import pyogrio
import pytest
import shapely
from demo_layers import LAYERS

from wfs_proxy.faces.downloads.csv_file import unguarded

pytestmark = pytest.mark.timeout(600)

T = TypeVar("T")
Objects = dict[str, tuple[list[float], dict[str, object]]]
"""Id -> its place and its properties."""


@pytest.fixture(scope="module")
def demo() -> Iterator[str]:
    with browsers.running_demo() as port:
        yield f"http://127.0.0.1:{port}"


def on_the_map(demo: str, name: str) -> Objects:
    collection = httpx.get(f"{demo}/layers/{name}/features?limit=50000").json()
    assert collection["numberMatched"] == len(collection["features"]) > 2000
    return {each["id"]: (each["geometry"]["coordinates"], each["properties"]) for each in collection["features"]}


def with_truth(demo: str, name: str, read: Callable[[], T]) -> tuple[T, Objects]:
    """Return what a client reads, and the truth. An object of the demo is reported while the tests run."""
    while True:
        before, result, after = on_the_map(demo, name), read(), on_the_map(demo, name)
        if before == after:
            return result, before


def download(demo: str, name: str, query: str) -> bytes:
    response = httpx.get(f"{demo}/layers/{name}/download?{query}")
    assert response.status_code == 200, response.text
    return response.content


def as_json(value: object) -> object:
    """Return a value of GDAL as it is in GeoJSON: without NaN, and dates as text."""
    if value is None or value != value:  # noqa: PLR0124 - NaN
        return None
    return value.isoformat() if isinstance(value, dt.date) else value


def midnight_as_day(value: object) -> object:
    """FlatGeobuf has no type for days without a time."""
    return value.removesuffix("T00:00:00") if isinstance(value, str) else value


def read_by_gdal(content: bytes, path: Path, **options: str) -> Objects:
    path.write_bytes(content)
    meta, _, geometry, columns = pyogrio.raw.read(path, **options)
    places = shapely.get_coordinates(shapely.from_wkb(geometry)).tolist()
    names = [str(name) for name in meta["fields"]]
    rows = zip(places, *(map(as_json, column.tolist()) for column in columns), strict=True)
    read = {}
    for place, *values in rows:
        properties = dict(zip(names, values, strict=True))
        read[str(properties.pop("id"))] = (place, properties)
    assert len(read) == len(geometry)
    return read


def without_footprints(objects: Objects) -> Objects:
    return {
        each: (place, {key: value for key, value in properties.items() if key != "footprint"})
        for each, (place, properties) in objects.items()
    }


@pytest.mark.parametrize("name", LAYERS)
def test_gdal_reads_every_object_of_the_geojson(demo: str, tmp_path: Path, name: str):
    content, truth = with_truth(demo, name, lambda: download(demo, name, "f=geojson"))

    assert without_footprints(read_by_gdal(content, tmp_path / "a.geojson")) == without_footprints(truth)


@pytest.mark.parametrize("kind", ["gpkg", "fgb"])
@pytest.mark.parametrize("name", LAYERS)
def test_gdal_reads_every_object_of_a_written_file(demo: str, tmp_path: Path, name: str, kind: str):
    content, truth = with_truth(demo, name, lambda: download(demo, name, f"f={kind}"))
    path = tmp_path / f"a.{kind}"

    read = read_by_gdal(content, path)
    if kind == "fgb":
        read = {
            each: (place, {key: midnight_as_day(value) for key, value in properties.items()})
            for each, (place, properties) in read.items()
        }
    assert read == without_footprints(truth)
    assert pyogrio.read_info(path)["crs"] == "EPSG:4326"
    assert pyogrio.list_layers(path).tolist() == [[name, "Point"]]


@pytest.mark.parametrize("query", ["f=csv", "f=csv&sep=,&bom=1"])
@pytest.mark.parametrize("name", LAYERS)
def test_python_reads_every_object_of_the_csv(demo: str, name: str, query: str):
    content, truth = with_truth(demo, name, lambda: download(demo, name, query))
    text = content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";" if query == "f=csv" else ","))

    assert content.startswith(b"\xef\xbb\xbf") == ("bom" in query)
    assert [row["id"] for row in rows] == sorted(truth)
    for row in rows:
        place, properties = truth[row["id"]]
        assert [float(row["longitude"]), float(row["latitude"])] == place
        for key, value in properties.items():
            if key != "footprint":
                assert _read(row[key], value) == value


def _read(text: str, expected: object) -> object:
    """Return a cell with the type of the value that it must have."""
    if expected is None or isinstance(expected, bool):
        return {"": None, "true": True, "false": False}[text]
    return unguarded(text) if isinstance(expected, str) else type(expected)(text)


@pytest.mark.parametrize("name", LAYERS)
def test_gdal_reads_every_object_of_the_csv_with_its_type(demo: str, tmp_path: Path, name: str):
    content, truth = with_truth(demo, name, lambda: download(demo, name, "f=csv"))
    options = {"AUTODETECT_TYPE": "YES", "QUOTED_FIELDS_AS_STRING": "YES", "EMPTY_STRING_AS_NULL": "YES"}
    places = {"X_POSSIBLE_NAMES": "longitude", "Y_POSSIBLE_NAMES": "latitude"}

    read = read_by_gdal(content, tmp_path / "a.csv", **options, **places, AUTODETECT_SIZE_LIMIT="0")

    assert read.keys() == truth.keys()
    for each, (place, properties) in read.items():
        assert place == truth[each][0]
        for key, value in truth[each][1].items():
            if key != "footprint":
                assert properties[key] == value, (each, key)


READ_BY_QGIS = """
import json, sys
from qgis.core import QgsApplication, QgsVectorLayer

application = QgsApplication([], False)
application.initQgis()
read = []
for provider, source in json.load(sys.stdin):
    layer = QgsVectorLayer(source, "a", provider)
    names = [feature["naam"] for feature in layer.getFeatures()] if layer.isValid() else []
    read.append([layer.isValid(), layer.crs().authid(), names])
json.dump(read, sys.stdout)
application.exitQgis()
"""


def read_by_qgis(*sources: tuple[str, str]) -> list[tuple[bool, str, list[object]]]:
    """Return of each (provider, source) whether QGIS can read it, its system, and the `naam` of its objects."""
    done = subprocess.run(
        [needs.qgis_python(), "-c", READ_BY_QGIS],
        input=json.dumps(sources),
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    return [tuple(each) for each in json.loads(done.stdout)]


def test_qgis_reads_downloads_as_the_documentation_says(demo: str, tmp_path: Path):
    """The URL of GeoJSON as "Protocol: GeoJSON", and CSV without detected field types."""
    url = f"{demo}/layers/rioned-putten/download?f="
    (tmp_path / "a.csv").write_bytes(httpx.get(f"{url}csv").content)
    file = f"file://{tmp_path}/a.csv?delimiter=;&xField=longitude&yField=latitude&crs=EPSG:4326&detectTypes="
    geojson, as_texts, detected = read_by_qgis(
        ("ogr", f"{url}geojson"), ("delimitedtext", f"{file}no"), ("delimitedtext", f"{file}yes")
    )
    truth = [properties["naam"] for _, properties in on_the_map(demo, "rioned-putten").values()]

    assert geojson[:2] == as_texts[:2] == (True, "EPSG:4326")
    assert sorted(geojson[2]) == sorted(as_texts[2]) == sorted(truth)
    assert any(name.startswith("0") for name in truth)
    # why the documentation warns of it
    assert not any(str(name).startswith("0") for name in detected[2])
