"""What people use to read a WFS reads every layer of the demo: GDAL, OWSLib and QGIS, in all three versions."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import demo_layers
import httpx
import needs
import numpy as np
import pyogrio
import pytest
import shapely
from lxml import etree
from owslib.fes import PropertyIsEqualTo
from owslib.wfs import WebFeatureService

from wfs_proxy.faces.wfs.xml_names import original_name

pytestmark = pytest.mark.timeout(400)

VERSIONS = ["1.0.0", "1.1.0", "2.0.0"]


@pytest.fixture(scope="module")
def proxy():
    with demo_layers.running() as address:
        yield address


@pytest.fixture(scope="module")
def expected(proxy):
    """Layer -> id -> (place, properties), as the map endpoint has them, without footprints."""
    found = {}
    for layer in demo_layers.EVERY_LAYER:
        features = httpx.get(f"{proxy}/layers/{layer}/features?limit=50000").json()["features"]
        assert len(features) > 100
        found[layer] = {each["id"]: object_of(each) for each in features}
    return found


def object_of(feature):
    """Return (place, properties)."""
    properties = {name: value for name, value in feature["properties"].items() if name != "footprint"}
    return tuple(feature["geometry"]["coordinates"]), properties


# GDAL


def read_by_gdal(source, layer, **options):
    """Return id -> (place, properties)."""
    meta, _, geometries, columns = pyogrio.raw.read(source, layer=layer, **options)
    assert meta["crs"] == "EPSG:4326"
    names = meta["fields"].tolist()
    rows = zip(*(map(json_value, column) for column in columns), strict=True)
    objects = [dict(zip(names, row, strict=True)) for row in rows]
    places = map(tuple, shapely.get_coordinates(shapely.from_wkb(geometries)).tolist())
    return {original_name(each.pop("gml_id")): (place, each) for place, each in zip(places, objects, strict=True)}


def json_value(value):
    if isinstance(value, np.datetime64):
        return None if np.isnat(value) else str(value)[:10]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and np.isnan(value) else value


@pytest.mark.parametrize("version", ["", *VERSIONS])
def test_gdal_lists_and_reads_every_layer(proxy, expected, version):
    source = f"WFS:{proxy}/wfs{'?version=' + version if version else ''}"

    assert [name for name, _ in pyogrio.list_layers(source)] == [f"app:{layer}" for layer in demo_layers.EVERY_LAYER]
    for layer in demo_layers.EVERY_LAYER:
        assert read_by_gdal(source, f"app:{layer}") == expected[layer]


@pytest.mark.parametrize("version", VERSIONS)
def test_gdal_reads_the_objects_of_a_box_and_of_a_condition(proxy, expected, version):
    source, box = f"WFS:{proxy}/wfs?version={version}", (4.305, 52.065, 4.315, 52.07)
    everything = expected["luminizer-masten"]
    inside = {
        each: (place, properties)
        for each, (place, properties) in everything.items()
        if box[0] <= place[0] <= box[2] and box[1] <= place[1] <= box[3]
    }
    street = {each: item for each, item in everything.items() if item[1]["Straat"] == "Steendwarsstraat"}

    assert read_by_gdal(source, "app:luminizer-masten", bbox=box) == inside
    assert read_by_gdal(source, "app:luminizer-masten", where="Straat = 'Steendwarsstraat'") == street
    assert 0 < len(inside) < len(everything)
    assert 0 < len(street) < len(everything)


JSON = "outputFormat=application/json"


@pytest.mark.parametrize("more", ["", "&srsName=EPSG:4326"])
@pytest.mark.parametrize("version", ["", *VERSIONS])
def test_gdal_reads_geojson_at_the_right_places(proxy, expected, version, more):
    """GDAL swaps the coordinates of every format but GML if the capabilities have a srsName with latitude first."""
    source = f"WFS:{proxy}/wfs?version={version}&{JSON}{more}" if version else f"WFS:{proxy}/wfs?{JSON}{more}"
    wanted = expected["moon-lichtmasten"]
    box = (6.5782, 53.2253, 6.5790, 53.2260)
    inside = {place for place, _ in wanted.values() if box[0] <= place[0] <= box[2] and box[1] <= place[1] <= box[3]}

    assert places_by_gdal(source, "app:moon-lichtmasten") == {place for place, _ in wanted.values()}
    assert inside
    assert places_by_gdal(source, "app:moon-lichtmasten", bbox=box) == inside


@pytest.mark.parametrize("version", ["1.1.0", "2.0.0"])
def test_gdals_command_reads_geojson_at_the_right_places(proxy, expected, version):
    """In another version of GDAL than that of pyogrio."""
    ogr2ogr = needs.program("ogr2ogr", package="gdal-bin")
    source = f"WFS:{proxy}/wfs?version={version}&{JSON}"
    done = subprocess.run(
        [ogr2ogr, "-f", "CSV", "/vsistdout/", "-lco", "GEOMETRY=AS_XY", source, "app:moon-lichtmasten"],
        check=True,
        capture_output=True,
        text=True,
    )
    rows = [line.split(",")[:2] for line in done.stdout.splitlines()[1:]]

    assert {(float(x), float(y)) for x, y in rows} == {place for place, _ in expected["moon-lichtmasten"].values()}


def places_by_gdal(source, layer, **options):
    _, _, geometries, _ = pyogrio.raw.read(source, layer=layer, **options)
    return set(map(tuple, shapely.get_coordinates(shapely.from_wkb(geometries)).tolist()))


@pytest.mark.parametrize("version", VERSIONS)
def test_gdals_command_reads_a_layer_in_rd(proxy, expected, version, tmp_path):
    """In another version of GDAL than that of pyogrio, and in the system of the answer."""
    ogr2ogr = needs.program("ogr2ogr", package="gdal-bin")
    url = f"{proxy}/wfs?service=WFS&version={version}&request=GetFeature&typeName=rioned-putten&srsName=EPSG:28992"
    (tmp_path / "rd.gml").write_bytes(httpx.get(url).content)
    subprocess.run(
        [ogr2ogr, "-f", "GeoJSON", "-t_srs", "EPSG:4326", tmp_path / "out.json", tmp_path / "rd.gml"], check=True
    )
    features = json.loads((tmp_path / "out.json").read_text())["features"]
    places = np.array([each["geometry"]["coordinates"] for each in features])
    wanted = np.array([place for place, _ in expected["rioned-putten"].values()])

    # PROJ without the grid is some 15 cm off
    assert np.abs(np.sort(places, axis=0) - np.sort(wanted, axis=0)).max() < 2e-6


# OWSLib


@pytest.mark.parametrize("version", VERSIONS)
def test_owslib_lists_and_reads_every_layer(proxy, expected, version):
    service = WebFeatureService(f"{proxy}/wfs", version=version)

    assert list(service.contents) == [f"app:{layer}" for layer in demo_layers.EVERY_LAYER]
    for layer in demo_layers.EVERY_LAYER:
        name, wanted = f"app:{layer}", expected[layer]
        places = np.array([place for place, _ in wanted.values()])
        west, south, east, north = service.contents[name].boundingBoxWGS84
        features = etree.fromstring(service.getfeature(typename=[name]).read()).iter(f"{{*}}{layer}")
        collection = json.loads(service.getfeature(typename=[name], outputFormat="application/json").read())

        assert [west, south, east, north] == [*places.min(axis=0), *places.max(axis=0)]
        assert {id_of(feature): texts_of(feature) for feature in features} == {
            each: texts(properties) for each, (_, properties) in wanted.items()
        }
        assert {each["id"]: object_of(each) for each in collection["features"]} == wanted
        assert set(service.get_schema(name)["properties"]) == set(next(iter(wanted.values()))[1])


def id_of(feature):
    (name,) = feature.attrib.values()
    return original_name(name)


def texts_of(feature):
    return {etree.QName(each).localname: each.text for each in feature[1:]}


def texts(properties):
    return {
        name: str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in properties.items()
        if value is not None
    }


@pytest.mark.parametrize("version", VERSIONS)
def test_owslib_reads_the_objects_of_a_box(proxy, expected, version):
    service = WebFeatureService(f"{proxy}/wfs", version=version)
    west, south, east, north = box = (4.305, 52.065, 4.315, 52.07)
    found = service.getfeature(typename=["app:luminizer-masten"], bbox=box).read()

    places = [place for place, _ in expected["luminizer-masten"].values()]
    assert len(list(etree.fromstring(found).iter("{*}Point"))) == sum(
        west <= x <= east and south <= y <= north for x, y in places
    )


@pytest.mark.parametrize("version", ["1.1.0", "2.0.0"])
def test_owslib_asks_by_post(proxy, version):
    service = WebFeatureService(f"{proxy}/wfs", version=version)
    found = service.getfeature(typename=["app:luminizer-masten"], maxfeatures=5, method="Post").read()

    assert len(list(etree.fromstring(found).iter("{*}Point"))) == 5


@pytest.mark.parametrize("version", VERSIONS)
def test_owslib_reads_the_objects_that_match_a_filter(proxy, expected, version):
    service = WebFeatureService(f"{proxy}/wfs", version=version)
    condition = PropertyIsEqualTo(propertyname="Straat", literal="Steendwarsstraat")
    text = etree.tostring(condition.toXML(), encoding="unicode")
    found = service.getfeature(typename=["app:luminizer-masten"], filter=f"<Filter>{text}</Filter>").read()

    streets = [properties["Straat"] for _, properties in expected["luminizer-masten"].values()]
    assert len(list(etree.fromstring(found).iter("{*}Point"))) == streets.count("Steendwarsstraat") > 0


# QGIS


@pytest.fixture(scope="module")
def read_by_qgis(proxy):
    python = needs.qgis_python()

    def read(*requests):
        """Read layers; each request has the parameters of QGIS's provider, but for the defaults."""
        full = [{"url": f"{proxy}/wfs", "srsname": "EPSG:4326", **request} for request in requests]
        done = subprocess.run(
            [python, Path(__file__).parents[2] / "support" / "pyqgis.py"],
            input=json.dumps(full),
            env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": ""},
            capture_output=True,
            text=True,
            check=True,
        )
        return json.loads(done.stdout)

    return read


@pytest.mark.parametrize("version", ["auto", *VERSIONS])
def test_qgis_reads_every_layer(read_by_qgis, expected, version):
    answers = read_by_qgis(*({"typename": f"app:{layer}", "version": version} for layer in demo_layers.EVERY_LAYER))

    for layer, answer in zip(demo_layers.EVERY_LAYER, answers, strict=True):
        wanted = expected[layer]
        assert answer["count"] == len(wanted)
        assert by_place((tuple(each["place"]), each["properties"]) for each in answer["features"]) == by_place(
            wanted.values()
        )


def by_place(objects):
    """Booleans are text in QGIS 3.22."""
    return sorted(
        (
            place,
            sorted((name, str(value).lower() if isinstance(value, bool) else value) for name, value in items.items()),
        )
        for place, items in objects
    )


@pytest.mark.parametrize("version", ["auto", *VERSIONS])
def test_qgis_reads_a_part_of_a_layer_and_a_layer_under_its_old_name(proxy, read_by_qgis, expected, version):
    lamps, box, in_rd = (
        expected["luminizer-masten"].values(),
        [4.305, 52.065, 4.315, 52.07],
        [80700, 453800, 81400, 454400],
    )
    layer = {"typename": "app:luminizer-masten", "version": version}
    street, part, metres, part_in_metres, old = (
        [tuple(each["place"]) for each in answer["features"]]
        for answer in read_by_qgis(
            {**layer, "filter": "\"Straat\" = 'Steendwarsstraat'"},
            {**layer, "restrictToRequestBBOX": "1", "rectangle": box},
            {**layer, "srsname": "EPSG:28992"},
            {**layer, "srsname": "EPSG:28992", "restrictToRequestBBOX": "1", "rectangle": in_rd},
            {
                "url": f"{proxy}/geoserver/luminizer_317/ows",
                "typename": "luminizer_317:mast",
                "version": version,
            },
        )
    )

    assert sorted(street) == sorted(place for place, each in lamps if each["Straat"] == "Steendwarsstraat")
    assert sorted(part) == sorted(place for place, _ in lamps if is_in(box, place))
    assert sorted(old) == sorted(place for place, _ in lamps)
    assert len(metres) == len(old)
    assert sorted(part_in_metres) == sorted(place for place in metres if is_in(in_rd, place))
    assert all(0 < len(each) < len(old) for each in (street, part, part_in_metres))


def is_in(box, place):
    return box[0] <= place[0] <= box[2] and box[1] <= place[1] <= box[3]
