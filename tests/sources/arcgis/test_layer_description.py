"""What a layer and a service say about themselves."""

from __future__ import annotations

import json

import pytest

from wfs_proxy.errors import MalformedDocument, NotFeatures, UpstreamException
from wfs_proxy.features import Payload
from wfs_proxy.sources.arcgis.layer_description import ArcgisLayer, ArcgisService, read_description

OBJECT_ID = {"name": "OBJECTID_1", "type": "esriFieldTypeOID"}
RD_TEXT = {"wkt": 'PROJCS["RD_New",GEOGCS["GCS_Amersfoort"]]'}


def read(document: object) -> ArcgisLayer | ArcgisService:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return read_description(Payload(body=body, source="https://gis.example/0"))


def test_defaults_are_those_of_a_layer_that_says_nothing():
    assert read({"fields": []}) == ArcgisLayer()


@pytest.mark.parametrize(
    ("members", "name"),
    [
        ({"objectIdField": "ID"}, "ID"),
        ({"objectIdField": "objectid_1", "fields": [OBJECT_ID]}, "OBJECTID_1"),
        ({"objectIdField": None, "fields": [OBJECT_ID]}, "OBJECTID_1"),
        ({"objectIdField": "", "fields": [OBJECT_ID, None, "x", {}]}, "OBJECTID_1"),
        ({"fields": [{"name": "A", "type": "esriFieldTypeString"}]}, None),
        ({"fields": None}, None),
    ],
)
def test_object_id_is_found(members, name):
    assert read({"id": 0, **members}).object_id == name


@pytest.mark.parametrize(
    ("members", "pages"),
    [
        ({"advancedQueryCapabilities": {"supportsPagination": True}}, True),
        ({"advancedQueryCapabilities": {"supportsPagination": False}}, False),
        ({"supportsPagination": False}, False),
        ({"advancedQueryCapabilities": None}, None),
        ({}, None),
    ],
)
def test_paging_is_supported_or_not_or_unknown(members, pages):
    assert read({"fields": [], **members}).pages is pages


@pytest.mark.parametrize(
    ("stated", "count"), [(2000, 2000), (0, None), (-1, None), (None, None), ("1000", None), (True, None)]
)
def test_most_objects_at_once(stated, count):
    assert read({"fields": [], "maxRecordCount": stated}).max_record_count == count


@pytest.mark.parametrize(
    ("text", "formats"),
    [("JSON, geoJSON, PBF", {"json", "geojson", "pbf"}), ("JSON,AMF", {"json", "amf"}), ("", None), (None, None)],
)
def test_formats(text, formats):
    assert read({"fields": [], "supportedQueryFormats": text}).formats == formats


@pytest.mark.parametrize(
    ("members", "crs", "out_sr"),
    [
        ({"extent": {"spatialReference": {"wkid": 28992, "latestWkid": 28992}}}, "EPSG:28992", 28992),
        ({"extent": {"spatialReference": {"wkid": 102100, "latestWkid": 3857}}}, "EPSG:3857", 3857),
        (
            {"sourceSpatialReference": {"wkid": 28992}, "extent": {"spatialReference": {"wkid": 102100}}},
            "EPSG:28992",
            28992,
        ),
        ({"spatialReference": {"wkid": 102001}}, "ESRI:102001", 102001),
        ({"extent": {"spatialReference": RD_TEXT}}, RD_TEXT["wkt"], 28992),
        ({"extent": {"spatialReference": {"wkt": 'GEOGCS["Mars"]'}}}, 'GEOGCS["Mars"]', 4326),
        ({"extent": {"spatialReference": {}}}, None, None),
        ({"extent": None}, None, None),
    ],
)
def test_system_that_is_requested(members, crs, out_sr):
    description = read({"fields": [], **members})

    assert (description.crs, description.out_sr) == (crs, out_sr)


def test_service_has_layers_and_tables():
    layers = [{"id": 0, "name": "Mast"}, {"id": 2}, {"name": "?"}, None]

    assert read({"layers": layers, "tables": [{"id": 3, "name": "Soort"}]}) == ArcgisService(
        layers={0: "Mast", 2: "", 3: "Soort"}
    )


def test_group_has_the_layers_in_it():
    group = {"type": "Group Layer", "fields": None, "subLayers": [{"id": 4, "name": "Put"}]}

    assert read(group).sub_layers == {4: "Put"}
    assert read({**group, "type": "Feature Layer"}).sub_layers == {}


@pytest.mark.parametrize(
    ("document", "error", "says"),
    [
        ({"error": {"code": 404, "message": "Layer not found"}}, UpstreamException, "Layer not found"),
        (b"<html>", MalformedDocument, "not well-formed JSON"),
        ([1], NotFeatures, "describes no layer"),
        (None, NotFeatures, "describes no layer"),
    ],
)
def test_other_answer_is_an_error(document, error, says):
    with pytest.raises(error, match=says):
        read(document)
