from __future__ import annotations

import pytest

from wfs_proxy.errors import RequestTooLarge, WfsRequestError
from wfs_proxy.faces.wfs.parameters import LONGEST_QUERY, read_parameters


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {}),
        ("SERVICE=wfs&Request=GetFeature", {"service": "wfs", "request": "GetFeature"}),
        ("typeName=a&TYPENAMES=a", {"typenames": "a"}),
        ("Typename=Verlichting", {"typenames": "Verlichting"}),
        ("COUNT=10", {"count": "10"}),
        ("maxFeatures=10", {"count": "10"}),
        ("featureID=a.1&resourceId=a.1", {"resourceid": "a.1"}),
        # ";" is part of media types
        ("OUTPUTFORMAT=application/json;%20subtype=geojson", {"outputformat": "application/json; subtype=geojson"}),
        ("filter=%3CFilter+a%3D%22b%22/%3E", {"filter": '<Filter a="b"/>'}),
        ("a=b%20c+d", {"a": "b c d"}),
        ("a=&b=%20&=c&d", {}),
        ("a=x&A=x", {"a": "x"}),
        ("a=%FF", {"a": "\ufffd"}),
        ("srsName={srsName}&bbox={{bboxLatLng}},{EPSG:4326}", {}),
        ("bbox={west},{south},{east},{north}", {}),
        ("id=west&srsName={EPSG:4326}", {"id": "west", "srsname": "{EPSG:4326}"}),
        ("f=geojson&geometry={4.31,52.0,4.3,52.1}", {"outputformat": "geojson", "bbox": "{4.31,52.0,4.3,52.1}"}),
    ],
)
def test_parameters_are_read(query, expected):
    assert dict(read_parameters(query)) == expected


@pytest.mark.parametrize("query", ["typeName=a&TYPENAMES=b", "count=1&maxFeatures=2", "bbox=1&BBOX=2"])
def test_a_parameter_with_two_values_is_refused(query):
    with pytest.raises(WfsRequestError, match="given twice"):
        read_parameters(query)


def test_query_and_form_are_one_request():
    assert dict(read_parameters("map=x", "REQUEST=GetFeature")) == {"map": "x", "request": "GetFeature"}


def test_a_query_that_is_too_long_is_refused():
    with pytest.raises(RequestTooLarge):
        read_parameters("a" * LONGEST_QUERY, "b")
