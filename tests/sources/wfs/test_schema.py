"""The geometry property in a schema: of the type itself, whatever the prefixes are and however the type is written."""

from __future__ import annotations

import needs
import pytest

from wfs_proxy.errors import MalformedDocument, NotFeatures, UpstreamException
from wfs_proxy.features import Payload
from wfs_proxy.sources.wfs.schema import read_geometry_property

GML32 = "http://www.opengis.net/gml/3.2"


def schema(content: str, *, gml: str = GML32, prefix: str = "g") -> Payload:
    body = (
        f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:app="http://example.org/app" '
        f'xmlns:{prefix}="{gml}" targetNamespace="http://example.org/app">{content}</xs:schema>'
    )
    return Payload(body=body.encode())


def feature(properties: str, *, base: str = "g:AbstractFeatureType", name: str = "mastType") -> str:
    return (
        f'<xs:complexType name="{name}"><xs:complexContent><xs:extension base="{base}"><xs:sequence>{properties}'
        "</xs:sequence></xs:extension></xs:complexContent></xs:complexType>"
    )


POINT = '<xs:element name="geom" type="g:PointPropertyType"/>'
NUMBER = '<xs:element name="nr" type="xs:string"/>'
MAST = '<xs:element name="mast" type="app:mastType" substitutionGroup="g:AbstractFeature"/>'
TREE = feature('<xs:element name="kroon" type="g:SurfacePropertyType"/>', name="boomType") + (
    '<xs:element name="boom" type="app:boomType"/>'
)


@pytest.mark.parametrize(
    ("document", "type_name", "expected"),
    [
        ("failing/schema_two_types.xsd", "app:mast", "geom"),
        ("failing/schema_two_types.xsd", "app:boom", "kroon"),
        ("failing/schema_other_prefix.xsd", "app:mast", "plaats"),
        ("wfs/deegree/hamburg_dft.xml", "app:staatliche_schulen", "the_geom"),
        ("wfs/geoserver/dft_pigma_110.xsd.xml", "cd16:hierarchisation_l", "geom"),
        ("wfs/geoserver/dft_pigma_200.xsd.xml", "cd16:hierarchisation_l", "geom"),
        ("wfs/geoserver/dov_boring_describefeaturetype.xml", "dov-pub:Boringen", "geom"),
        ("wfs/geoserver/statfi_dft_200.xml", "tilastointialueet:avi4500k", "geom"),
        ("wfs/mapserver/ms_dft_200_gml212.xml", "ms:province", "msGeometry"),
        ("wfs/mapserver/ms_dft_200_gml32.xml", "ms:province", "msGeometry"),
        ("wfs/nl/rws_dft_110.xml", "rws:rijkswegen", "geometry"),
        ("wfs/nl/rws_dft_110.xml", "rijkswegen_of_another_name", "geometry"),
        ("wfs/arcgis/koeln_dft_110.xml", "adressen_stadtteil:Blumenberg", "shape"),
        ("wfs/arcgis/koeln_dft_200.xml", "adressen_stadtteil:Blumenberg", "shape"),
        ("wfs/qgis-server/dft_110_as_areas.xml", "as_areas", "geometry"),
        ("wfs2/geoserver/statfi_dft_restrictions_200.xml", "GTKWFS:kalliogeokemia", "Shape"),
        ("wfs2/geoserver/statfi_dft_restrictions_200.xml", "GTKWFS:lohkarehavainnot", "SHAPE"),
    ],
)
def test_recorded_schemas_are_read(document, type_name, expected):
    payload = Payload(body=(needs.corpus() / document).read_bytes())

    assert read_geometry_property(payload, type_name) == expected


WRITTEN = {
    "type by name": feature(NUMBER + POINT) + MAST,
    "anonymous type": '<xs:element name="mast">'
    + feature(NUMBER + POINT).replace(' name="mastType"', "")
    + "</xs:element>",
    "type without an element": feature(NUMBER + POINT),
    "inherited": feature(POINT, name="objectType") + feature(NUMBER, base="app:objectType") + MAST,
    "restriction": feature(POINT + NUMBER, name="objectType")
    + feature(POINT, base="app:objectType").replace("extension", "restriction")
    + MAST,
    "restriction that repeats nothing": feature(POINT, name="objectType")
    + feature("", base="app:objectType").replace("extension", "restriction")
    + MAST,
    "type of the substitution group": feature(POINT, name="objectType")
    + '<xs:element name="object" type="app:objectType"/><xs:element name="mast" substitutionGroup="app:object"/>',
    "in a choice": feature(f"{NUMBER}<xs:choice>{POINT}</xs:choice>") + MAST,
    "in a group": f'<xs:group name="place"><xs:sequence>{POINT}</xs:sequence></xs:group>'
    + feature(f'{NUMBER}<xs:group ref="app:place"/>')
    + MAST,
    "by reference": feature('<xs:element ref="app:geom"/>') + MAST + POINT,
    "restricted property type": '<xs:complexType name="placeType"><xs:complexContent><xs:restriction '
    'base="g:PointPropertyType"/></xs:complexContent></xs:complexType>'
    + feature('<xs:element name="geom" type="app:placeType"/>')
    + MAST,
    "anonymous property type": feature(
        '<xs:element name="geom"><xs:complexType><xs:sequence><xs:element ref="g:Point"/></xs:sequence>'
        "</xs:complexType></xs:element>"
    )
    + MAST,
    "any geometry": feature('<xs:element name="geom" type="g:GeometryPropertyType"/>') + MAST,
    "not a feature property": feature('<xs:element name="deel" type="g:FeaturePropertyType"/>' + POINT) + MAST,
    "not a code": feature('<xs:element name="code" type="g:CodeType"/>' + POINT) + MAST,
    "name in another case": feature(POINT) + MAST.replace('"mast"', '"MAST"'),
}


@pytest.mark.parametrize("others_first", [False, True])
@pytest.mark.parametrize("written", WRITTEN)
def test_property_of_the_type_itself_is_found_however_it_is_written(written, others_first):
    content = TREE + WRITTEN[written] if others_first else WRITTEN[written] + TREE

    assert read_geometry_property(schema(content), "x:mast") == "geom"


@pytest.mark.parametrize("gml", ["http://www.opengis.net/gml", GML32])
@pytest.mark.parametrize("prefix", ["gml", "ns1", "gml32", "g"])
def test_gml_is_found_by_its_namespace(gml, prefix):
    content = (feature(POINT) + MAST).replace("g:", f"{prefix}:")

    assert read_geometry_property(schema(content, gml=gml, prefix=prefix), "mast") == "geom"


def test_gml_as_the_default_namespace():
    body = (
        f'<xs:schema xmlns="{GML32}" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:app="http://example.org/app">'
        f"{(feature(POINT) + MAST).replace('g:', '')}</xs:schema>"
    )

    assert read_geometry_property(Payload(body=body.encode()), "mast") == "geom"


def test_prefix_gml_of_another_namespace_is_not_gml():
    content = (feature(POINT) + MAST).replace("g:", "gml:")

    assert read_geometry_property(schema(content, gml="http://example.org/other", prefix="gml"), "mast") is None


@pytest.mark.parametrize("property_", ["pointProperty", "geometryProperty", "location", "centerLineOf", "extentOf"])
def test_property_of_gml_itself_has_the_prefix_that_filters_declare(property_):
    content = feature(f'<xs:element ref="g:{property_}"/>') + MAST

    assert read_geometry_property(schema(content), "mast") == f"gml:{property_}"


@pytest.mark.parametrize(
    "content",
    [
        "",
        feature(NUMBER) + MAST + TREE,
        '<xs:import namespace="http://example.org/app" schemaLocation="http://other.example/wfs?request=x"/>',
        '<xs:element name="mast" type="other:mastType"/>' + TREE,
        '<xs:element name="mast" substitutionGroup="app:mast"/>',
        feature("", base="app:mastType") + MAST,
        '<xs:group name="a"><xs:group ref="app:a"/></xs:group>' + feature('<xs:group ref="app:a"/>') + MAST,
        TREE + feature(POINT, name="lampType") + '<xs:element name="lamp" type="app:lampType"/>',
    ],
    ids=["empty", "none", "only an import", "unknown type", "own head", "own base", "own group", "other types"],
)
def test_schema_without_a_certain_property_has_none(content):
    assert read_geometry_property(schema(content), "app:mast") is None


def test_other_documents_are_refused():
    with pytest.raises(NotFeatures, match="DescribeFeatureType with a FeatureCollection"):
        read_geometry_property(Payload(body=b"<FeatureCollection/>", source="v"), "a")
    with pytest.raises(UpstreamException, match="unknown type"):
        read_geometry_property(
            Payload(body=b"<ExceptionReport><Exception>unknown type</Exception></ExceptionReport>"), "a"
        )
    with pytest.raises(MalformedDocument, match="not well-formed"):
        read_geometry_property(Payload(body=b"<schema><element></schema>"), "a")
