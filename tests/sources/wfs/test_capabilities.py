"""Capabilities of some ten server products, compared with OWSLib and with what was recorded of each."""

from __future__ import annotations

import json

import needs
import pytest
from owslib.wfs import WebFeatureService

from wfs_proxy.errors import (
    MalformedDocument,
    NotFeatures,
    UnsafeDocument,
    UpstreamException,
    UpstreamRefused,
    UpstreamTooLarge,
)
from wfs_proxy.features import Payload
from wfs_proxy.sources.wfs.capabilities import CAPABILITIES_LIMIT, read_capabilities

CORPUS = needs.corpus() / "wfs"
EXPECTED = json.loads((CORPUS / "expected.json").read_text())
RECORDED_FORMATS = 20
"""The most that expected.json has per document."""


def of_kind(kind: str) -> list[str]:
    return [name for name, entry in EXPECTED.items() if entry["kind"] == kind]


def payload(name: str) -> Payload:
    return Payload(body=(CORPUS / name).read_bytes(), source=name)


@pytest.mark.parametrize("name", of_kind("capabilities"))
def test_capabilities_of_the_corpus_are_read_as_recorded(name: str):
    expected = EXPECTED[name]["capabilities"]

    found = read_capabilities(payload(name))

    assert found.version == expected["version"]
    assert len(found.types) == expected["owslib_feature_types"]
    first = list(dict.fromkeys(each["name"] for each in expected["first_types"]))
    assert list(found.types)[: len(first)] == first
    assert [found.types[each["name"]].crs for each in expected["first_types"]] == [
        each["crs"] for each in expected["first_types"]
    ]
    assert list(found.output_formats[:RECORDED_FORMATS]) == expected["getfeature_output_formats"]


@pytest.mark.parametrize("name", of_kind("capabilities"))
def test_capabilities_agree_with_owslib(name: str):
    body = (CORPUS / name).read_bytes()
    ours = read_capabilities(Payload(body=body))

    theirs = WebFeatureService("http://localhost/", version=ours.version, xml=body)

    assert sorted(ours.types) == sorted(theirs.contents)
    if ours.version != "1.0.0":  # OWSLib reads the degrees of 1.0.0 as metres
        boxes = {key: value.boundingBoxWGS84 for key, value in theirs.contents.items()}
        assert {key: each.extent for key, each in ours.types.items() if each.extent} == {
            key: boxes[key] for key, each in ours.types.items() if each.extent
        }


@pytest.mark.parametrize("name", of_kind("html"))
def test_html_page_is_refused_as_html(name: str):
    with pytest.raises(NotFeatures, match="HTML page"):
        read_capabilities(payload(name))


@pytest.mark.parametrize("name", of_kind("exception"))
def test_exception_report_instead_of_capabilities_is_raised(name: str):
    with pytest.raises(UpstreamException):
        read_capabilities(payload(name))


@pytest.mark.parametrize("name", of_kind("dtd"))
def test_document_with_a_doctype_is_refused(name: str):
    with pytest.raises((UnsafeDocument, NotFeatures)):
        read_capabilities(payload(name))


def test_stated_cap_of_mapserver_is_read():
    assert read_capabilities(payload("mapserver/ms_caps_200.xml")).count_default == 1000
    assert read_capabilities(payload("mapserver/hsrs_caps_110.xml")).count_default == 512


def test_features_instead_of_capabilities_are_refused():
    with pytest.raises(NotFeatures, match="FeatureCollection"):
        read_capabilities(payload("mapserver/ms_hits_200.xml"))


def test_document_of_an_unknown_version_is_refused_with_the_known_ones():
    with pytest.raises(UpstreamRefused, match=r"uses WFS 3\.1\.0; supported are 2\.0\.0, 1\.1\.0, 1\.0\.0"):
        read_capabilities(Payload(body=b'<WFS_Capabilities version="3.1.0"/>', source="vendor"))


@pytest.mark.parametrize("cut", [0, 1, 200, 5_000])
def test_truncated_capabilities_are_refused(cut: int):
    body = (CORPUS / "mapserver/ms_caps_200.xml").read_bytes()[:cut]

    with pytest.raises((MalformedDocument, NotFeatures)):
        read_capabilities(Payload(body=body))


def test_huge_description_is_not_parsed():
    with pytest.raises(UpstreamTooLarge):
        read_capabilities(Payload(body=b"<" * (CAPABILITIES_LIMIT + 1)))


@pytest.mark.parametrize(
    ("box", "extent"),
    [
        pytest.param("4.1 52 4.5 52.2", (4.1, 52.0, 4.5, 52.2), id="plausible"),
        pytest.param("0 0 0 0", None, id="arcgis-nothing"),
        pytest.param("-1 -1 0 0", None, id="geoserver-empty"),
        pytest.param("80000 450000 90000 460000", None, id="metres"),
        pytest.param("5 53 4 52", None, id="inverted"),
        pytest.param("nan nan nan nan", None, id="not-numbers"),
        pytest.param("4 52", None, id="half"),
        pytest.param("", None, id="blank"),
    ],
)
def test_declared_extent_is_used_only_if_it_is_plausible(box: str, extent):
    values = box.split()
    low, high = " ".join(values[:2]), " ".join(values[2:])
    body = (
        '<WFS_Capabilities version="2.0.0"><FeatureType><Name>a</Name><WGS84BoundingBox>'
        f"<LowerCorner>{low}</LowerCorner><UpperCorner>{high}</UpperCorner>"
        "</WGS84BoundingBox></FeatureType></WFS_Capabilities>"
    )

    assert read_capabilities(Payload(body=body.encode())).types["a"].extent == extent
