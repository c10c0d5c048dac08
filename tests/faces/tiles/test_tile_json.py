from __future__ import annotations

import json

import points
import pytest
from marked_layers import HERE
from recorded_layers import NAMES, recorded

from wfs_proxy.config.layer import Layer
from wfs_proxy.faces.tiles.tile_content import LayerIndexes
from wfs_proxy.faces.tiles.tile_json import TileJson, tile_json_of_cells
from wfs_proxy.serve.feature_writer import LayerData
from wfs_proxy.serve.marked_snapshot import MarkedSnapshot
from wfs_proxy.snapshot.snapshot import Snapshot

FIELDS = {"fields": {"nummer": "string", "hoogte": "number", "aan": "boolean", "sinds": "date", "aantal": "integer"}}


def described(layer: Layer, snapshot: Snapshot, public_url: str = "", version: str = "1 2") -> dict:
    data = LayerData(layer, [MarkedSnapshot(snapshot)], version)
    return json.loads(TileJson(layer, public_url, LayerIndexes()).draw(data))


def test_document_has_what_a_map_needs():
    layer = points.layer(attribution="Stichting RIONED", properties=FIELDS)

    found = described(layer, points.snapshot(points.grid(3)), "https://kaart.example.nl")

    assert found["tilejson"] == "3.0.0"
    assert found["name"] == "Title of masten"
    assert found["tiles"][0].startswith("https://kaart.example.nl/layers/masten/tiles/{z}/{x}/{y}?v=")
    assert (found["minzoom"], found["maxzoom"], found["scheme"]) == (0, 18, "xyz")
    assert found["bounds"] == [4.3, 52.0, 4.3002, 52.0]
    assert found["attribution"] == "Stichting RIONED"
    (vector_layer,) = found["vector_layers"]
    assert vector_layer["id"] == "masten"
    assert vector_layer["fields"] == {
        "id": "String", "cluster": "Boolean", "point_count": "Number",
        "nummer": "String", "hoogte": "Number", "aan": "Boolean", "sinds": "String", "aantal": "Number",
    }  # fmt: skip


def test_template_without_a_public_address_is_a_path():
    (template,) = described(points.layer(), points.snapshot(points.grid(3)))["tiles"]

    assert template.startswith("/layers/masten/tiles/{z}/{x}/{y}?v=")


@pytest.mark.parametrize("name", NAMES)
def test_fields_are_the_attributes_of_the_objects(name: str):
    layer = recorded(name)
    fields = described(layer.layer, layer.part.snapshot)["vector_layers"][0]["fields"]
    names = {name for feature in layer.features.values() for name in feature["properties"]} - {"footprint"}

    assert set(fields) - {"cluster", "point_count", "reported_count"} == names | {"id"}
    assert ("reported_count" in fields) == (layer.layer.reports is not None)


def test_marks_have_the_type_of_their_values():
    marks = [
        {"property": "IS_GEMELD", "reported": "1", "otherwise": "0"},
        {"property": "nummer", "reported": 1, "otherwise": 0},
        {"property": "gemeld", "reported": True, "otherwise": False},
        {"property": "soort", "reported": True, "otherwise": "nee"},
    ]
    reports = {"signalen": "default", "categories": ["lamp"], "mark": marks, "word": "status", "age": "sinds"}

    fields = described(points.layer(reports=reports), points.snapshot(points.grid(1)))["vector_layers"][0]["fields"]

    assert {name: fields[name] for name in ("IS_GEMELD", "nummer", "gemeld", "soort", "status", "sinds")} == {
        "IS_GEMELD": "String", "nummer": "Number", "gemeld": "Boolean", "soort": "String",
        "status": "String", "sinds": "String",
    }  # fmt: skip


def test_version_in_the_template_follows_objects_and_marks():
    snapshot = points.snapshot(points.grid(3))

    assert len({described(points.layer(), snapshot, version=text)["tiles"][0] for text in ("1 1", "1 2", "2 1")}) == 3


def test_attribution_is_text_where_maps_expect_html():
    found = described(points.layer(attribution="A & B <script>"), points.snapshot(points.grid(1)))

    assert found["attribution"] == "A &amp; B &lt;script&gt;"


def test_layer_without_objects_has_no_bounds():
    assert "bounds" not in described(points.layer(), points.snapshot(points.batch({})))


def test_description_says_where_objects_begin():
    dense = points.snapshot(points.batch({str(number): (HERE[0] + number * 1e-6, HERE[1]) for number in range(500)}))

    assert "from zoom level" in described(points.layer(), dense)["description"]
    assert "clusters" not in described(points.layer(), points.snapshot(points.grid(3)))["description"]


def test_layer_in_cells_begins_where_a_tile_touches_few_cells():
    source = {
        "type": "wfs", "url": "http://127.0.0.1:9/wfs", "type_names": ["a"], "extent": [4.0, 52.0, 4.5, 52.3],
    }  # fmt: skip
    layer = points.layer(source=source, fetch={"mode": "cells", "cell_zoom": 15})

    found = json.loads(tile_json_of_cells(layer, ""))

    assert (found["minzoom"], found["maxzoom"]) == (14, 18)
    assert found["bounds"] == [4.0, 52.0, 4.5, 52.3]
    assert found["tiles"] == ["/layers/masten/tiles/{z}/{x}/{y}"]


def test_key_changes_with_what_the_layer_file_says():
    keys = [
        TileJson(points.layer(**blocks), url, LayerIndexes()).key
        for blocks, url in (({}, ""), ({"attribution": "x"}, ""), ({}, "https://a.nl"), ({"properties": FIELDS}, ""))
    ]

    assert len(set(keys)) == 4
