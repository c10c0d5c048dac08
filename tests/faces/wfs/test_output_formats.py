from __future__ import annotations

import pytest

from wfs_proxy.errors import WfsRequestError
from wfs_proxy.faces.wfs.output_formats import DECLARED_FORMATS, read_output_format

JSON = [
    "application/json",
    "application/json; subtype=geojson; charset=utf-8",
    "application/json;subtype=geojson",
    "application/geo+json",
    "application/geo json",  # the plus sign of a query string that was not encoded
    "application/vnd.geo+json; charset=utf-8",
    "text/json",
    "JSON",
    "json",
    "geojson",
    "GeoJSON",
]


@pytest.mark.parametrize("written", JSON)
@pytest.mark.parametrize("version", ["1.0.0", "1.1.0", "2.0.0"])
def test_geojson_in_every_spelling(written, version):
    assert read_output_format(written, version) == "json"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("GML2", "1.0.0"),
        ("text/xml; subtype=gml/2.1.2", "1.0.0"),
        ("text/xml; subtype=gml/2", "1.0.0"),
        ("gml/2.1.2", "1.0.0"),
        ("GML3", "1.1.0"),
        ("gml31", "1.1.0"),
        ("text/xml; subtype=gml/3.1.1", "1.1.0"),
        ('text/xml; subtype="gml/3.1.1"', "1.1.0"),
        ("text/gml; subtype=gml/3.1.1", "1.1.0"),
        ("application/gml+xml; version=3.1", "1.1.0"),
        ("gml32", "2.0.0"),
        ("gml/3.2.1", "2.0.0"),
        ("application/gml+xml; version=3.2", "2.0.0"),
        ("application/gml+xml;version=3.2", "2.0.0"),
        ("application/gml xml; version=3.2", "2.0.0"),
        ("text/xml; subtype=gml/3.2", "2.0.0"),
        ("text/xml; subtype=gml/3.2.1; charset=utf-8", "2.0.0"),
    ],
)
def test_gml_in_every_spelling(written, expected):
    assert {read_output_format(written, version) for version in DECLARED_FORMATS} == {expected}


@pytest.mark.parametrize(
    "written", ["text/xml", "application/xml", "XML", "application/gml+xml", "text/xml; charset=utf-8"]
)
@pytest.mark.parametrize("version", ["1.0.0", "1.1.0", "2.0.0"])
def test_xml_is_the_gml_of_the_version(written, version):
    assert read_output_format(written, version) == version


@pytest.mark.parametrize(
    "written", ["shape-zip", "csv", "text/html", "application/jsonp", "gml4", "text/xml; subtype=gml/9"]
)
def test_unknown_format_is_refused_with_those_that_there_are(written):
    with pytest.raises(WfsRequestError, match="application/json") as refused:
        read_output_format(written, "2.0.0")

    assert (refused.value.code, refused.value.locator) == ("InvalidParameterValue", "outputFormat")


@pytest.mark.parametrize(("version", "formats"), DECLARED_FORMATS.items())
def test_declared_formats_can_be_asked_for(version, formats):
    assert read_output_format(formats[0], version) == version
    assert len({read_output_format(name, version) for name in formats}) == len(formats)
