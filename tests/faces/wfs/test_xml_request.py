from __future__ import annotations

import pytest

from wfs_proxy.errors import RequestTooLarge, WfsRequestError
from wfs_proxy.faces.wfs.requests import (
    DescribeFeatureType,
    DescribeStoredQueries,
    FeatureTypeQuery,
    GetCapabilities,
    GetFeature,
    ListStoredQueries,
)
from wfs_proxy.faces.wfs.xml_request import LARGEST_BODY, read_xml_request

NAMESPACES = {
    "1.0.0": 'xmlns:wfs="http://www.opengis.net/wfs" xmlns:ogc="http://www.opengis.net/ogc"',
    "1.1.0": 'xmlns:wfs="http://www.opengis.net/wfs" xmlns:ogc="http://www.opengis.net/ogc"',
    "2.0.0": 'xmlns:wfs="http://www.opengis.net/wfs/2.0" xmlns:fes="http://www.opengis.net/fes/2.0"',
}


def read(text):
    return read_xml_request(text.encode())


ACCEPTS = """
<GetCapabilities service="WFS" xmlns="http://www.opengis.net/wfs/2.0" xmlns:ows="http://www.opengis.net/ows/1.1">
  <ows:AcceptVersions><ows:Version>1.1.0</ows:Version><ows:Version>2.0.0</ows:Version></ows:AcceptVersions>
</GetCapabilities>"""

DESCRIBE = """<?xml version="1.0"?>
<DescribeFeatureType version="1.1.0" outputFormat="XMLSCHEMA">
  <TypeName>app:a</TypeName><TypeName> b </TypeName>
</DescribeFeatureType>"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<GetCapabilities/>", GetCapabilities(version="2.0.0")),
        ('<wfs:GetCapabilities xmlns:wfs="x" version="1.0.0"/>', GetCapabilities(version="1.0.0")),
        (ACCEPTS, GetCapabilities(version="1.1.0")),
        (DESCRIBE, DescribeFeatureType(version="1.1.0", type_names=("app:a", "b"), output_format="XMLSCHEMA")),
        ('<ListStoredQueries version="2.0.0"/>', ListStoredQueries(version="2.0.0")),
        (
            '<DescribeStoredQueries version="2.0.0"><StoredQueryId>x</StoredQueryId></DescribeStoredQueries>',
            DescribeStoredQueries(version="2.0.0", ids=("x",)),
        ),
    ],
)
def test_operations_other_than_get_feature(text, expected):
    assert read(text) == expected


@pytest.mark.parametrize("version", ["1.0.0", "1.1.0"])
def test_get_feature_of_the_first_versions(version):
    request = read(
        f'<wfs:GetFeature service="WFS" version="{version}" maxFeatures="5" outputFormat="GML2" resultType="hits"'
        f" {NAMESPACES[version]}>"
        '<wfs:Query typeName="app:a" srsName="EPSG:28992"><ogc:PropertyName>app:x</ogc:PropertyName>'
        "<ogc:PropertyName>y</ogc:PropertyName>"
        "<ogc:Filter><ogc:PropertyIsNull><ogc:PropertyName>x</ogc:PropertyName></ogc:PropertyIsNull></ogc:Filter>"
        "<ogc:SortBy><ogc:SortProperty><ogc:PropertyName>x</ogc:PropertyName><ogc:SortOrder>DESC</ogc:SortOrder>"
        "</ogc:SortProperty><ogc:SortProperty><ogc:PropertyName>y</ogc:PropertyName></ogc:SortProperty></ogc:SortBy>"
        '</wfs:Query><wfs:Query typeName="b"/></wfs:GetFeature>'
    )

    first, second = request.queries
    assert (request.version, request.limit, request.output_format, request.hits) == (version, "5", "GML2", True)
    assert first.type_name == "app:a"
    assert first.properties == ("app:x", "y")
    assert (first.sort_by, first.srs_name) == ("x DESC,y", "EPSG:28992")
    assert first.filter.text.startswith("<ogc:Filter xmlns:")
    assert second == FeatureTypeQuery(type_name="b")


def test_get_feature_of_the_last_version():
    request = read(
        f'<wfs:GetFeature service="WFS" version="2.0.0" count="7" startIndex="3" {NAMESPACES["2.0.0"]}>'
        '<wfs:Query typeNames="a b"><fes:Filter><fes:ResourceId rid="a.1"/></fes:Filter></wfs:Query></wfs:GetFeature>'
    )

    assert [query.type_name for query in request.queries] == ["a", "b"]
    assert (request.limit, request.start_index) == ("7", "3")
    assert 'rid="a.1"' in request.queries[0].filter.text


def test_stored_query():
    request = read(
        '<GetFeature version="2.0.0"><StoredQuery id="urn:ogc:def:query:OGC-WFS::GetFeatureById">'
        '<Parameter name="ID">a.1</Parameter></StoredQuery></GetFeature>'
    )

    assert isinstance(request, GetFeature)
    assert request.stored_query == "urn:ogc:def:query:OGC-WFS::GetFeatureById"
    assert request.arguments["id"] == "a.1"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("<GetFeature", "OperationParsingFailed"),
        ("<!DOCTYPE a [<!ENTITY e 'x'>]><GetFeature>&e;</GetFeature>", "OperationParsingFailed"),
        ("<GetFeature>" + "<a>" * 1000 + "</a>" * 1000 + "</GetFeature>", "OperationParsingFailed"),
        ("<GetFeature/>", "MissingParameterValue"),
        ("<Transaction/>", "OperationNotSupported"),
        ('<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"/>', "OperationNotSupported"),
        ('<GetFeature version="9"><Query typeName="a"/></GetFeature>', "InvalidParameterValue"),
        ("<GetFeature>" + '<Query typeName="a"/>' * 101 + "</GetFeature>", "InvalidParameterValue"),
    ],
)
def test_what_is_wrong_is_named(body, code):
    with pytest.raises(WfsRequestError) as refused:
        read(body)

    assert refused.value.code == code


def test_a_body_that_is_too_large_is_refused():
    with pytest.raises(RequestTooLarge):
        read_xml_request(b"<" + b"a" * LARGEST_BODY)
