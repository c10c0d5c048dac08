"""What OWSLib reads, of every recorded server, and of documents that it alone would reject."""

from __future__ import annotations

import json
import socket

import needs
import pytest

from wfs_proxy.errors import UnsafeDocument, UpstreamException
from wfs_proxy.features import Payload
from wfs_proxy.inspect import owslib_reader
from wfs_proxy.inspect.owslib_reader import read_service_texts, read_types_of_fields
from wfs_proxy.sources.wfs.capabilities import read_capabilities

CORPUS = needs.corpus()
CAPABILITIES = [
    f"{folder}/{name}"
    for folder in ("wfs", "wfs2")
    for name, entry in json.loads((CORPUS / folder / "expected.json").read_text()).items()
    if entry["kind"] == "capabilities"
]


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail if anything is requested."""

    def refuse(*_: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)


def payload(name: str) -> Payload:
    return Payload(body=(CORPUS / name).read_bytes(), source=name)


@pytest.mark.parametrize("name", CAPABILITIES)
def test_texts_of_every_recorded_server_are_read(name: str):
    capabilities = read_capabilities(payload(name))

    texts = read_service_texts(payload(name), capabilities.version)

    assert texts.problem == ""
    assert set(texts.types) == set(capabilities.types)
    assert {"GetCapabilities", "GetFeature"} <= set(texts.operations)


def test_titles_keywords_and_provider():
    texts = read_service_texts(payload("wfs/geoserver/caps_geo2france_200.xml"), "2.0.0")

    assert texts.title == "Service WFS de Géo2France"
    assert texts.provider == "Geo2France"
    assert len(texts.keywords) > 3
    assert all(each.title for each in texts.types.values())


def test_version_without_a_provider_has_none():
    assert read_service_texts(payload("wfs/mapserver/ms_caps_100.xml"), "1.0.0").provider == ""


@pytest.mark.parametrize("version", ["1.0.0", "1.1.0", "2.0.0"])
def test_titles_are_read_from_a_document_that_owslib_rejects(version: str):
    namespace = "http://www.opengis.net/wfs/2.0" if version == "2.0.0" else "http://www.opengis.net/wfs"
    body = f"""<WFS_Capabilities version="{version}" xmlns="{namespace}"><!-- vendor -->
      <Service><Name>WFS</Name><Title>Dienst</Title></Service><Capability><Request><GetFeature/></Request></Capability>
      <FeatureTypeList>
      <FeatureType><Name>lamp</Name><Title>Lantaarns</Title><OtherSRS/><OtherCRS/><SRS/></FeatureType>
      <FeatureType><Name>kast</Name></FeatureType></FeatureTypeList></WFS_Capabilities>"""

    texts = read_service_texts(Payload(body=body.encode()), version)

    assert texts.problem == ""
    assert {name: each.title for name, each in texts.types.items()} == {"lamp": "Lantaarns", "kast": ""}


def test_document_that_stays_unreadable_costs_the_titles_only(monkeypatch: pytest.MonkeyPatch):
    """OWSLib raises errors of every kind, so one is invented."""
    monkeypatch.setattr(owslib_reader, "WebFeatureService", lambda *_, **__: {}["title"])

    texts = read_service_texts(Payload(body=b'<WFS_Capabilities version="1.0.0"/>'), "1.0.0")

    assert texts.types == {}
    assert texts.problem


def test_unsafe_document_never_reaches_owslib():
    entity = b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    body = entity + b'<WFS_Capabilities version="2.0.0">&x;</WFS_Capabilities>'

    with pytest.raises(UnsafeDocument):
        read_service_texts(Payload(body=body), "2.0.0")
    with pytest.raises(UnsafeDocument):
        read_types_of_fields(Payload(body=body), "lamp")


@pytest.mark.parametrize(
    ("name", "type_name", "expected"),
    [
        ("wfs/qgis-server/dft_110_as_areas.xml", "as_areas", {"gid": "int", "umfang": "decimal", "datum": "string"}),
        ("wfs/arcgis/koeln_dft_200.xml", "", {"objectid": "int", "globalid": "string"}),
        ("wfs/geoserver/dft_pigma_200.xsd.xml", "", {}),
    ],
)
def test_schema_of_a_recorded_server_is_read(name: str, type_name: str, expected: dict[str, str]):
    types = read_types_of_fields(payload(name), type_name)

    assert types
    assert expected.items() <= types.items()


def test_schema_of_the_right_type_is_read():
    body = b"""<schema xmlns="http://www.w3.org/2001/XMLSchema" xmlns:a="urn:a" xmlns:gml="http://www.opengis.net/gml">
      <element name="kast" type="a:kastType"/><element name="lamp" type="a:lampType"/>
      <complexType name="kastType"><sequence><element name="code" type="string"/></sequence></complexType>
      <complexType name="lampType"><complexContent><extension base="gml:AbstractFeatureType"><sequence>
        <element name="nummer" type="int"/><element name="geom" type="gml:PointPropertyType"/>
        <element name="datum" nillable="true"><simpleType><restriction base="date"/></simpleType></element>
      </sequence></extension></complexContent></complexType></schema>"""

    assert read_types_of_fields(Payload(body=body), "a:lamp") == {"nummer": "int", "datum": "date"}
    assert read_types_of_fields(Payload(body=body), "kast") == {"code": "string"}


def test_schema_with_an_anonymous_type_is_read():
    body = b"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
      <xs:element name="lamp"><xs:complexType><xs:sequence>
        <xs:element name="nummer" type="xs:int"/>
      </xs:sequence></xs:complexType></xs:element></xs:schema>"""

    assert read_types_of_fields(Payload(body=body), "lamp") == {"nummer": "int"}


@pytest.mark.parametrize(
    "body",
    [
        b"<schema/>",
        b"<schema><element/></schema>",
        b"<schema><element name='lamp' type='lampType'/><complexType name='lampType'/></schema>",
        b"<schema><element name='lamp' type='elders:lampType'/></schema>",
        b"<schema xmlns='urn:x'><element name='lamp' type='t'/><complexType name='t'><element/></complexType></schema>",
    ],
)
def test_document_without_a_usable_schema_has_no_types(body: bytes):
    assert read_types_of_fields(Payload(body=body), "lamp") == {}


def test_exception_report_instead_of_a_schema_is_raised():
    body = b"<ServiceExceptionReport><ServiceException>nee</ServiceException></ServiceExceptionReport>"

    with pytest.raises(UpstreamException, match="nee"):
        read_types_of_fields(Payload(body=body), "lamp")


def test_titles_are_in_the_charset_of_the_header():
    body = '<WFS_Capabilities version="2.0.0"><FeatureTypeList><FeatureType><Name>a</Name><Title>Prijs 5 €</Title>'
    body += "</FeatureType></FeatureTypeList></WFS_Capabilities>"

    texts = read_service_texts(Payload(body=body.encode("iso-8859-15"), charset="iso-8859-15"), "2.0.0")

    assert texts.types["a"].title == "Prijs 5 €"
