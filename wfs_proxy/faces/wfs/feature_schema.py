"""The answers to DescribeFeatureType: an application schema of GML, or its content as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import quoteattr

import orjson

from wfs_proxy.faces.wfs.namespaces import VOCABULARIES, XSD, GmlVersion
from wfs_proxy.faces.wfs.offered_types import OfferedType, prefix_declarations
from wfs_proxy.values import FieldType

__all__ = ["json_description", "xml_schema"]

_XSD_TYPES: dict[FieldType, str] = {
    "string": "string",
    "integer": "long",
    "number": "double",
    "boolean": "boolean",
    "date": "date",
    "datetime": "dateTime",
}

_FEATURES: dict[GmlVersion, str] = {
    "1.0.0": "gml:_Feature",
    "1.1.0": "gml:_Feature",
    "2.0.0": "gml:AbstractFeature",
}
"""The head of the substitution group of features."""


def xml_schema(types: Sequence[OfferedType], version: GmlVersion, namespace: str) -> bytes:
    """Return an application schema (W3C XML Schema 1.0).

    Args:
        types: all in one namespace; each local name once.
        version: of GML.
        namespace: of the elements.
    """
    vocabulary = VOCABULARIES[version]
    declarations = prefix_declarations(types, namespace)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<xsd:schema xmlns:xsd="{XSD}" xmlns:gml="{vocabulary.gml}"{declarations}'
        f' targetNamespace={quoteattr(namespace)} elementFormDefault="qualified" version="1.0">\n'
        f'<xsd:import namespace="{vocabulary.gml}" schemaLocation="{vocabulary.gml_schema}"/>\n'
        + "".join(_definition(each, version) for each in {each.local_name: each for each in types}.values())
        + "</xsd:schema>\n"
    ).encode()


def _definition(offered: OfferedType, version: GmlVersion) -> str:
    properties = "".join(
        f'<xsd:element name="{each.xml_name}" type="xsd:{_XSD_TYPES[each.type]}" minOccurs="0" nillable="true"/>\n'
        for each in offered.properties
    )
    return (
        f'<xsd:element name="{offered.local_name}" type="{offered.name}Type"'
        f' substitutionGroup="{_FEATURES[version]}"/>\n'
        f'<xsd:complexType name="{offered.local_name}Type">\n'
        '<xsd:complexContent>\n<xsd:extension base="gml:AbstractFeatureType">\n<xsd:sequence>\n'
        f'<xsd:element name="{offered.geometry}" type="gml:PointPropertyType"/>\n'
        f"{properties}"
        "</xsd:sequence>\n</xsd:extension>\n</xsd:complexContent>\n</xsd:complexType>\n"
    )


def json_description(types: Sequence[OfferedType], namespace: str) -> bytes:
    """Return the same as JSON, in the form of GeoServer."""
    return orjson.dumps(
        {
            "elementFormDefault": "qualified",
            "targetNamespace": namespace,
            "targetPrefix": types[0].prefix if types else "",
            "featureTypes": [
                {"typeName": each.local_name, "properties": [_geometry(each), *_described(each)]} for each in types
            ],
        }
    )


def _geometry(offered: OfferedType) -> dict[str, object]:
    return {
        "name": offered.geometry,
        "maxOccurs": 1,
        "minOccurs": 1,
        "nillable": False,
        "type": "gml:Point",
        "localType": "Point",
    }


def _described(offered: OfferedType) -> list[dict[str, object]]:
    return [
        {
            "name": each.name,
            "maxOccurs": 1,
            "minOccurs": 0,
            "nillable": True,
            "type": f"xsd:{_XSD_TYPES[each.type]}",
            "localType": _XSD_TYPES[each.type],
        }
        for each in offered.properties
    ]
