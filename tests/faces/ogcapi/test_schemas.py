from __future__ import annotations

import points

from wfs_proxy.faces.ogcapi.addresses import ApiAddresses
from wfs_proxy.faces.ogcapi.schemas import collection_schema, queryables_schema

AT = ApiAddresses("https://proxy.example")
FIELDS = {
    "nummer": "string",
    "aantal": "integer",
    "hoogte": "number",
    "aan": "boolean",
    "geplaatst": "date",
    "gezien": "datetime",
}
LAYER = points.layer(
    properties={"id": "nummer", "fields": FIELDS},
    point={"footprint": True},
    reports={"vendor": {"field": "storing", "values": [1]}, "word": "status", "age": "sinds"},
)


def test_queryables_have_the_properties_the_marks_and_the_place():
    schema = queryables_schema(LAYER, AT)
    properties = schema["properties"]

    assert schema["$id"] == "https://proxy.example/ogc/v1/collections/masten/queryables"
    assert schema["additionalProperties"] is False
    assert list(properties) == [*FIELDS, "IS_GEMELD", "meldingstatus", "status", "sinds", "geometry"]
    assert properties["geplaatst"] == {"title": "geplaatst", "type": "string", "format": "date"}
    assert properties["gezien"]["format"] == "date-time"
    assert [properties[name]["type"] for name in ("nummer", "aantal", "hoogte", "aan")] == [
        "string",
        "integer",
        "number",
        "boolean",
    ]
    assert properties["IS_GEMELD"]["enum"] == ["0", "1"]
    assert properties["meldingstatus"] == {"title": "meldingstatus", "type": "integer", "enum": [0, 1]}
    assert "type" not in properties["geometry"]
    assert properties["geometry"]["format"] == "geometry-point"


def test_the_schema_has_roles_and_the_footprint():
    properties = collection_schema(LAYER, AT)["properties"]

    assert properties["id"]["x-ogc-role"] == "id"
    assert properties["geometry"]["x-ogc-role"] == "primary-geometry"
    assert properties["footprint"]["format"] == "geometry-any"


def test_a_property_named_id_is_not_replaced_by_the_identifier():
    layer = points.layer(properties={"fields": {"id": "integer"}})
    properties = collection_schema(layer, AT)["properties"]

    assert properties["id"] == {"title": "id", "type": "integer"}
    assert properties["feature_id"]["x-ogc-role"] == "id"
