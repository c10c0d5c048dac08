"""Tiles of the demo's layers, as mapbox-vector-tile and GDAL read them, against their GeoJSON."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import mapbox_vector_tile
import needs
import numpy as np
import points
import pytest
from hypothesis import given
from hypothesis import strategies as st
from recorded_layers import NAMES, RecordedLayer, recorded

from wfs_proxy.faces.tiles import tile_content
from wfs_proxy.faces.tiles.mvt import EXTENT
from wfs_proxy.faces.tiles.places import BITS, BUFFER, in_tile, places_of
from wfs_proxy.faces.tiles.tile_content import ALWAYS_OBJECTS, LayerIndexes
from wfs_proxy.faces.tiles.tile_drawing import GeoJsonTile, VectorTile
from wfs_proxy.geo.cells import Cell
from wfs_proxy.serve.feature_writer import LayerData
from wfs_proxy.serve.marked_snapshot import MarkedSnapshot
from wfs_proxy.snapshot.snapshot import Snapshot

ZOOMS = [0, 9, 12, 14, 16, 18]
CELLS = points.layer(fetch={"mode": "cells", "cell_zoom": 14})


def tiles_with(snapshot: Snapshot, zoom: int) -> list[Cell]:
    """Return the tiles that have objects."""
    places = places_of(snapshot.lonlat) >> (BITS - zoom)
    return [Cell(zoom, *place) for place in np.unique(places, axis=0).tolist()]


def drawn(kind: type, data: LayerData, tile: Cell, indexes: LayerIndexes | None = None) -> bytes:
    return kind(data.layer.id, tile, indexes or LayerIndexes()).draw(data)


def data_of(layer: RecordedLayer) -> LayerData:
    return LayerData(layer.layer, [layer.part], "1")


def read(body: bytes) -> list[dict]:
    """Return the features of a tile with one layer."""
    if not body:
        return []
    (layer,) = mapbox_vector_tile.decode(body, default_options={"y_coord_down": True}).values()
    assert (layer["version"], layer["extent"]) == (2, EXTENT)
    return layer["features"]


def is_inside(feature: dict) -> bool:
    return all(0 <= number < EXTENT for number in feature["geometry"]["coordinates"])


def counted(features: list[dict]) -> int:
    """Return the objects in features, a cluster as many as it says."""
    return sum(feature["properties"].get("point_count", 1) for feature in features)


def served(feature: dict) -> dict:
    """Return what a tile has of a GeoJSON feature: no null, and no outline."""
    properties = {name: value for name, value in feature["properties"].items() if value is not None}
    properties.pop("footprint", None)
    return {"id": feature["id"], **properties}


@pytest.mark.parametrize("zoom", ZOOMS)
@pytest.mark.parametrize("name", NAMES)
def test_tiles_have_every_object_of_the_layer_once(name: str, zoom: int):
    layer, indexes = recorded(name), LayerIndexes()
    features = []
    for tile in tiles_with(layer.part.snapshot, zoom):
        features += [each for each in read(drawn(VectorTile, data_of(layer), tile, indexes)) if is_inside(each)]

    assert counted(features) == len(layer.features)
    assert len({feature["id"] for feature in features}) == len(features)
    if zoom >= ALWAYS_OBJECTS:
        assert {each["properties"]["id"] for each in features} == set(layer.features)


@pytest.mark.parametrize("zoom", ZOOMS)
@pytest.mark.parametrize("name", NAMES)
def test_objects_in_tiles_have_place_and_attributes_of_their_geojson(name: str, zoom: int):
    layer, indexes = recorded(name), LayerIndexes()
    for tile in tiles_with(layer.part.snapshot, zoom):
        for feature in read(drawn(VectorTile, data_of(layer), tile, indexes)):
            if "cluster" in feature["properties"]:
                continue
            original = layer.features[feature["properties"]["id"]]
            assert feature["properties"] == served(original)
            expected = in_tile(places_of(np.array([original["geometry"]["coordinates"]])), tile)
            assert np.abs(expected - feature["geometry"]["coordinates"]).max() <= 1


@pytest.mark.parametrize("name", NAMES)
def test_number_of_an_object_is_the_same_in_every_tile(name: str):
    layer, indexes = recorded(name), LayerIndexes()
    numbers: dict[str, set[int]] = {}
    for zoom in (16, 18):
        for tile in tiles_with(layer.part.snapshot, zoom):
            for feature in read(drawn(VectorTile, data_of(layer), tile, indexes)):
                numbers.setdefault(feature["properties"]["id"], set()).add(feature["id"])

    assert {len(each) for each in numbers.values()} == {1}


@pytest.mark.parametrize("zoom", [0, 12, 16])
@pytest.mark.parametrize("name", NAMES)
def test_gdal_reads_the_same(name: str, zoom: int, tmp_path: Path):
    ogr2ogr = needs.program("ogr2ogr", package="gdal-bin")
    layer = recorded(name)
    tile = max(tiles_with(layer.part.snapshot, zoom), key=lambda each: len(drawn(VectorTile, data_of(layer), each)))
    body = drawn(VectorTile, data_of(layer), tile)
    (tmp_path / "tile.mvt").write_bytes(body)

    # without its metadata GDAL gives the places in units of the tile, from the south-western corner
    command = [ogr2ogr, "-f", "GeoJSON", "/vsistdout/", "-oo", "CLIP=NO", tmp_path / "tile.mvt", layer.layer.id]
    made = json.loads(subprocess.run(command, capture_output=True, check=True, timeout=60).stdout)["features"]

    ours = {feature["id"]: (feature["properties"], feature["geometry"]["coordinates"]) for feature in read(body)}
    assert len(made) == len(ours)
    for feature in made:
        properties = {key: value for key, value in feature["properties"].items() if value is not None}
        attributes, (x, y) = ours[properties.pop("mvt_id")]
        assert properties == attributes
        assert feature["geometry"]["coordinates"] == pytest.approx([x, EXTENT - y])


@pytest.mark.parametrize("name", NAMES)
def test_geojson_tile_has_the_features_of_the_map_endpoint_and_the_same_clusters(name: str):
    layer, indexes = recorded(name), LayerIndexes()
    for zoom in (10, 16):
        for tile in tiles_with(layer.part.snapshot, zoom):
            features = json.loads(drawn(GeoJsonTile, data_of(layer), tile, indexes))["features"]
            inside = [each for each in read(drawn(VectorTile, data_of(layer), tile, indexes)) if is_inside(each)]
            assert counted(features) == counted(inside)
            for feature in features:
                if "cluster" in feature["properties"]:
                    place = in_tile(places_of(np.array([feature["geometry"]["coordinates"]])), tile)
                    (same,) = [each for each in inside if each["id"] == feature["id"]]
                    assert np.abs(place - same["geometry"]["coordinates"]).max() <= 1
                else:
                    assert feature == layer.features[feature["id"]]


# -- invented places

degrees = st.tuples(st.floats(-180, 180), st.floats(-85, 85))
near_a_corner = st.builds(
    lambda x, y, dx, dy: (x / 64 * 360 - 180 + dx, y + dy),
    st.integers(0, 64), st.sampled_from([0.0, 66.51326044311186, -66.51326044311186]),
    st.floats(-1e-4, 1e-4), st.floats(-1e-4, 1e-4),
).filter(lambda place: -180 <= place[0] <= 180)  # fmt: skip
"""Places on both sides of the edges of the tiles of zoom level 2 to 6."""


@given(st.lists(degrees | near_a_corner, min_size=1, max_size=30), st.integers(0, 18))
def test_any_places_are_in_one_tile_each(places: list[tuple[float, float]], zoom: int):
    batch = points.batch({f"{number:03d}": place for number, place in enumerate(places)})
    for layer in (points.layer(), CELLS):
        part = MarkedSnapshot(points.snapshot(batch))
        data = LayerData(layer, [part], "1")
        indexes = LayerIndexes()
        features = [
            each for tile in tiles_with(part.snapshot, zoom)
            for each in read(drawn(VectorTile, data, tile, indexes)) if is_inside(each)
        ]  # fmt: skip
        assert counted(features) == len(places)


def test_places_near_a_pole_are_on_no_tile():
    data = LayerData(points.layer(), [MarkedSnapshot(points.snapshot(points.batch({"a": (4.3, 89.0)})))], "1")

    assert drawn(VectorTile, data, Cell(0, 0, 0)) == b""
    assert json.loads(drawn(GeoJsonTile, data, Cell(0, 0, 0)))["features"] == []


def test_tile_has_the_objects_close_to_it():
    unit = 360 / 2**12 / EXTENT
    west = Cell(12, 2100, 1346).box.west
    places = {"in": west + unit, "near": west - (BUFFER - 1) * unit, "far": west - (BUFFER + 1) * unit}
    batch = points.batch({name: (longitude, 52.0) for name, longitude in places.items()})
    snapshot = points.snapshot(batch)
    row = tiles_with(snapshot, 12)[0].y

    found = read(drawn(VectorTile, LayerData(points.layer(), [MarkedSnapshot(snapshot)], "1"), Cell(12, 2100, row)))

    assert sorted(each["properties"]["id"] for each in found) == ["masten.in", "masten.near"]


# -- where clusters end


def test_few_objects_are_never_clustered():
    data = LayerData(points.layer(), [MarkedSnapshot(points.snapshot(points.grid(64)))], "1")

    assert counted(read(drawn(VectorTile, data, Cell(0, 0, 0)))) == 64
    assert len(read(drawn(VectorTile, data, Cell(0, 0, 0)))) == 64


def test_objects_at_one_spot_do_not_decide_about_the_others():
    spread = {f"{number:05d}": (4 + number % 100 / 100, 52 + number // 100 / 100) for number in range(20_000)}
    depot = {f"d{number:03d}": (4.5, 52.5 + number * 1e-7) for number in range(90)}
    alone, both = (points.snapshot(points.batch(places)) for places in (spread, {**spread, **depot}))

    assert LayerIndexes().objects_from(both) == LayerIndexes().objects_from(alone) < ALWAYS_OBJECTS


def test_too_many_objects_at_one_spot_are_clusters_at_any_zoom_level(monkeypatch):
    monkeypatch.setattr(tile_content, "MOST_AT_ONE_SPOT", 10)
    batch = points.batch(
        {f"{number:03d}": (4.3 + number * 1e-6, 52.0) for number in range(11)} | {"far": (4.3003, 52.0)}
    )
    first, second = points.snapshot(batch), points.snapshot(points.batch({"x": (4.3001, 52.0)}))
    (tile, *_) = tiles_with(first, 18)

    for layer, parts in ((points.layer(), [first]), (CELLS, [first, second])):
        data = LayerData(layer, [MarkedSnapshot(part) for part in parts], "1")
        features = [each for each in read(drawn(VectorTile, data, tile)) if is_inside(each)]
        assert counted(features) == sum(map(len, parts))
        assert any("cluster" in each["properties"] for each in features)


def test_property_that_is_called_id_is_kept():
    batch = points.batch({"1": (4.3, 52.0)}, {"id": ["K-1"], "_id": [5]})
    data = LayerData(points.layer(), [MarkedSnapshot(points.snapshot(batch))], "1")

    (feature,) = read(drawn(VectorTile, data, Cell(0, 0, 0)))

    assert feature["properties"] == {"id": "K-1", "_id": 5, "__id": "masten.1"}


def test_layer_without_objects_has_empty_tiles():
    data = LayerData(points.layer(), [MarkedSnapshot(points.snapshot(points.batch({})))], "1")

    assert drawn(VectorTile, data, Cell(0, 0, 0)) == b""
    assert drawn(VectorTile, LayerData(CELLS, [], "1"), Cell(14, 0, 0)) == b""
