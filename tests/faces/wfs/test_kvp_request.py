from __future__ import annotations

from urllib.parse import quote

import pytest

from wfs_proxy.errors import WfsRequestError
from wfs_proxy.faces.wfs.kvp_request import read_kvp_request
from wfs_proxy.faces.wfs.parameters import read_parameters
from wfs_proxy.faces.wfs.requests import (
    DescribeFeatureType,
    DescribeStoredQueries,
    FeatureTypeQuery,
    FilterText,
    GetCapabilities,
    GetFeature,
    ListStoredQueries,
)


def read(query):
    return read_kvp_request(read_parameters(query))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", GetCapabilities(version="2.0.0")),
        ("SERVICE=WFS&REQUEST=GetCapabilities", GetCapabilities(version="2.0.0")),
        ("service=wfs&request=getcapabilities&version=1.0.0", GetCapabilities(version="1.0.0")),
        ("request=GetCapabilities&AcceptVersions=1.1.0,1.0.0&version=2.0.0", GetCapabilities(version="1.1.0")),
        ("map=x", GetCapabilities(version="2.0.0")),
        ("request=DescribeFeatureType", DescribeFeatureType(version="2.0.0")),
        (
            "request=DescribeFeatureType&version=1.1.0&typeName=a,b:c&outputFormat=XMLSCHEMA",
            DescribeFeatureType(version="1.1.0", type_names=("a", "b:c"), output_format="XMLSCHEMA"),
        ),
        ("request=ListStoredQueries", ListStoredQueries(version="2.0.0")),
        ("request=DescribeStoredQueries&StoredQuery_Id=a,b", DescribeStoredQueries(version="2.0.0", ids=("a", "b"))),
    ],
)
def test_operations_other_than_get_feature(query, expected):
    assert read(query) == expected


@pytest.mark.parametrize(
    "query",
    ["bbox=1,2,3,4", "typeName=a", "filter=%3CFilter/%3E", "count=5", "f=geojson", "version=2&srsName=EPSG:4326"],
)
def test_what_only_get_feature_has_makes_a_request_for_features(query):
    """The addresses of some questions have no REQUEST."""
    assert isinstance(read(query), GetFeature)


def test_every_parameter_of_get_feature():
    request = read(
        "service=WFS&version=1.1.0&request=GetFeature&typeName=app:a&outputFormat=GML2&srsName=EPSG:28992&bbox=1,2,3,4"
        "&resultType=hits&maxFeatures=5&startIndex=10&propertyName=x,y&sortBy=x+D,y&featureID=a.1,a.2"
    )

    assert request.queries == (
        FeatureTypeQuery(type_name="app:a", properties=("x", "y"), sort_by="x D,y", srs_name="EPSG:28992"),
    )
    assert (request.version, request.output_format, request.hits) == ("1.1.0", "GML2", True)
    assert (request.bbox, request.limit, request.start_index, request.ids) == ("1,2,3,4", "5", "10", ("a.1", "a.2"))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("typeName=a&filter=(<Filter/>)", [("a", "<Filter/>", ())]),
        ("typeName=a,b&filter=(<Filter a='1'/>)(<Filter/>)", [("a", "<Filter a='1'/>", ()), ("b", "<Filter/>", ())]),
        ("typeName=(a)(b)&filter=<Filter/>", [("a", "<Filter/>", ()), ("b", "<Filter/>", ())]),
        ("typeName=a,b&propertyName=(x,y)(*)", [("a", None, ("x", "y")), ("b", None, ())]),
        ("typeName=a,b&propertyName=x", [("a", None, ("x",)), ("b", None, ("x",))]),
        ("typeName=a&propertyName=*", [("a", None, ())]),
        ("filter=<Filter>(a)(b)</Filter>", [(None, "<Filter>(a)(b)</Filter>", ())]),
        ("typeName=lamp (oud)", [("lamp (oud)", None, ())]),
    ],
)
def test_lists_in_parentheses_have_an_element_for_each_type(query, expected):
    found = [
        (each.type_name, each.filter and each.filter.text, each.properties)
        for each in read(f"request=GetFeature&{query}").queries
    ]

    assert found == expected


def test_cql_of_geoserver():
    (query,) = read("typeName=a&CQL_FILTER=x%20%3D%20'1;2'").queries

    assert query.filter == FilterText("x = '1;2'", "cql")


@pytest.mark.parametrize("condition", ["x = 1", "(x>1)", "(x > 1) AND (y < 2)", "NOT (x<1)", "hello"])
def test_a_filter_that_is_no_xml_is_cql(condition):
    (query,) = read(f"typeName=a&FILTER={quote(condition)}").queries

    assert query.filter == FilterText(condition, "cql")


@pytest.mark.parametrize(
    ("query", "code", "locator"),
    [
        ("service=WMS&request=GetMap", "InvalidParameterValue", "service"),
        ("request=Transaction", "OperationNotSupported", "Transaction"),
        ("request=GetPropertyValue", "OperationNotSupported", "GetPropertyValue"),
        ("request=GetFeature&version=7", "InvalidParameterValue", "version"),
        ("typeName=a&resultType=some", "InvalidParameterValue", "resultType"),
        ("typeName=a&filter=(<Filter/>)(<Filter/>)", "InvalidParameterValue", "filter"),
        ("typeName=a&propertyName=(x)(y)", "InvalidParameterValue", "propertyName"),
        ("typeName=a&filter=<Filter/>&cql_filter=x=1", "InvalidParameterValue", "filter"),
        ("f=json&where=soort='K'", "InvalidParameterValue", "where"),
        ("typeName=a&query=soort%3D'K'", "InvalidParameterValue", "query"),
        ("typeName=a&QUERY=lamp", "InvalidParameterValue", "query"),
        ("typeName=a&query=%3CFilter/%3E&filter=%3CFilter/%3E", "InvalidParameterValue", "filter"),
        ("typeName=a&query=%3CFilter/%3E&cql_filter=x%3D1", "InvalidParameterValue", "filter"),
        ("typeName=a&EXP_FILTER=soort%3D'K'", "InvalidParameterValue", "exp_filter"),
        ("typeName=a&cql=soort%3D'K'", "InvalidParameterValue", "cql"),
        ("typeName=a&constraint=soort%3D'K'", "InvalidParameterValue", "constraint"),
        ("typeName=a&viewparams=soort:K", "InvalidParameterValue", "viewparams"),
        ("request=GetCapabilities&AcceptVersions=4", "VersionNegotiationFailed", None),
    ],
)
def test_what_is_wrong_is_named(query, code, locator):
    with pytest.raises(WfsRequestError) as refused:
        read(query)

    assert (refused.value.code, refused.value.locator) == (code, locator)


@pytest.mark.parametrize("version", ["1.1.0", "2.0.0"])
def test_the_filter_of_owslib_is_read(version):
    """OWSLib calls it `query` in WFS 2.0.0."""
    query = f"version={version}&request=GetFeature&typeNames=a&query=%3Cfes:Filter%3E%3C/fes:Filter%3E"

    assert read(query).queries == (FeatureTypeQuery(type_name="a", filter=FilterText("<fes:Filter></fes:Filter>")),)


def test_a_filter_of_owslib_alone_makes_a_request_for_features():
    assert isinstance(read("query=%3CFilter/%3E"), GetFeature)


def test_the_condition_of_arcgis_that_is_none_is_accepted():
    assert read("f=geojson&where=1%3D1").queries == (FeatureTypeQuery(),)
