from __future__ import annotations

import json

import ogc_schemas
import points
import pytest
from lxml import etree

from wfs_proxy.faces.wfs.feature_schema import json_description, xml_schema
from wfs_proxy.faces.wfs.offered_types import OfferedType

FIELDS = {
    "naam": "string",
    "jaar": "integer",
    "hoogte (m)": "number",
    "aan": "boolean",
    "geplaatst": "date",
    "gezien": "datetime",
    "geometry": "string",
}
LAYER = points.layer("3d-masten", properties={"fields": FIELDS}, reports={"word": "status"}, point={"footprint": True})
TYPE = OfferedType.of(LAYER)
XSD = "{http://www.w3.org/2001/XMLSchema}"

EXPECTED = [
    ("geom", "gml:PointPropertyType"),
    ("naam", "xsd:string"),
    ("jaar", "xsd:long"),
    ("hoogte_x0020__x0028_m_x0029_", "xsd:double"),
    ("aan", "xsd:boolean"),
    ("geplaatst", "xsd:date"),
    ("gezien", "xsd:dateTime"),
    ("geometry", "xsd:string"),
    ("IS_GEMELD", "xsd:string"),
    ("meldingstatus", "xsd:long"),
    ("status", "xsd:string"),
]


@pytest.mark.parametrize("version", ["1.0.0", "1.1.0", "2.0.0"])
def test_every_property_has_its_type(version):
    schema = etree.fromstring(xml_schema([TYPE], version, "urn:x"))
    feature, *properties = schema.iter(f"{XSD}element")

    assert schema.get("targetNamespace") == "urn:x"
    assert feature.get("name") == "_x0033_d-masten"
    assert [(each.get("name"), each.get("type")) for each in properties] == EXPECTED


@pytest.mark.parametrize("version", ["1.1.0", "2.0.0"])
def test_the_schema_is_one(version):
    ogc_schemas.application_schema(xml_schema([TYPE, TYPE.under("luminizer_317:mast")], version, "urn:x"), version)


def test_a_type_under_two_names_is_defined_twice_and_under_one_name_once():
    schema = etree.fromstring(xml_schema([TYPE, TYPE.under("x:mast"), TYPE.under("y:mast")], "2.0.0", "urn:x"))

    assert [each.get("name") for each in schema.iterchildren(f"{XSD}element")] == ["_x0033_d-masten", "mast"]
    assert schema.nsmap["app"] == schema.nsmap["x"] == schema.nsmap["y"] == "urn:x"


def test_the_namespace_may_have_any_characters():
    assert etree.fromstring(xml_schema([TYPE], "2.0.0", "http://x/?a&b'c")).get("targetNamespace") == "http://x/?a&b'c"


def test_the_same_as_json():
    described = json.loads(json_description([TYPE], "urn:x"))
    (only,) = described["featureTypes"]

    assert described["targetNamespace"] == "urn:x"
    assert only["typeName"] == "_x0033_d-masten"
    assert [each["localType"] for each in only["properties"]][:4] == ["Point", "string", "long", "double"]
    assert only["properties"][3]["name"] == "hoogte (m)"
