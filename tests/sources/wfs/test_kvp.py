"""Request URLs, compared with the standards and with OWSLib where it is right."""

from __future__ import annotations

from urllib.parse import parse_qs, parse_qsl, urlsplit

import needs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from owslib.feature.wfs100 import WebFeatureService_1_0_0
from owslib.feature.wfs110 import WebFeatureService_1_1_0
from owslib.feature.wfs200 import WebFeatureService_2_0_0

from wfs_proxy.sources.wfs.kvp import VERSIONS, FeatureRequest, capabilities_url, describe_url, feature_url, number

BASE = "https://vendor.example/wfs"


def parameters(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))


FULL = {
    "type_name": "gwsw:put",
    "output_format": "application/json",
    "srs_name": "EPSG:28992",
    "count": 1000,
    "start": 2000,
    "sort_by": "objectid",
    "box": (80000.0, 450000.5, 90000.0, 460000.0),
    "box_crs": "urn:ogc:def:crs:EPSG::28992",
}
SENT = {
    "SERVICE": "WFS",
    "REQUEST": "GetFeature",
    "srsName": "EPSG:28992",
    "outputFormat": "application/json",
    "sortBy": "objectid",
    "startIndex": "2000",
}


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("1.0.0", {"typeName": "gwsw:put", "maxFeatures": "1000", "bbox": "80000,450000.5,90000,460000"}),
        (
            "1.1.0",
            {
                "typeName": "gwsw:put",
                "maxFeatures": "1000",
                "bbox": "80000,450000.5,90000,460000,urn:ogc:def:crs:EPSG::28992",
            },
        ),
        (
            "2.0.0",
            {
                "typeNames": "gwsw:put",
                "count": "1000",
                "bbox": "80000,450000.5,90000,460000,urn:ogc:def:crs:EPSG::28992",
            },
        ),
    ],
)
def test_parameters_have_the_names_of_the_version(version, expected):
    assert parameters(feature_url(BASE, FeatureRequest(version=version, **FULL))) == {
        **SENT,
        **expected,
        "VERSION": version,
    }


def test_minimal_request_has_no_optional_parameters():
    url = feature_url(BASE, FeatureRequest(version="2.0.0", type_name="a"))

    assert url == f"{BASE}?SERVICE=WFS&VERSION=2.0.0&REQUEST=GetFeature&typeNames=a"


def test_first_page_can_start_at_zero():
    """OWSLib leaves out a start index of 0."""
    assert parameters(feature_url(BASE, FeatureRequest(version="2.0.0", type_name="a", start=0)))["startIndex"] == "0"


def test_count_is_requested_by_result_type():
    url = feature_url(BASE, FeatureRequest(version="1.1.0", type_name="a", hits=True))

    assert parameters(url)["resultType"] == "hits"


def test_count_cannot_be_requested_in_1_0_0():
    with pytest.raises(ValueError, match="cannot count"):
        feature_url(BASE, FeatureRequest(version="1.0.0", type_name="a", hits=True))


def test_box_beside_a_filter_is_refused():
    with pytest.raises(ValueError, match="exclude each other"):
        feature_url(BASE, FeatureRequest(version="2.0.0", type_name="a", box=(0, 0, 1, 1), filter="<Filter/>"))


def test_parameters_of_the_configured_url_are_kept():
    url = feature_url(f"{BASE}?map=/srv/a b.map&token=x%2By&flag=", FeatureRequest(version="2.0.0", type_name="a"))

    assert {key: parameters(url)[key] for key in ("map", "token", "flag")} == {
        "map": "/srv/a b.map",
        "token": "x+y",
        "flag": "",
    }


def test_request_parameters_replace_those_of_the_configured_url_in_any_case():
    """URLs are copied from templates of frontends, with their placeholders."""
    base = f"{BASE}?service=wfs&Version=1.0.0&REQUEST=GetCapabilities&TYPENAME=b&BBox={{west}},{{south}}&map=m"

    found = parse_qs(urlsplit(feature_url(base, FeatureRequest(version="2.0.0", type_name="a"))).query)

    assert found == {
        "map": ["m"],
        "SERVICE": ["WFS"],
        "VERSION": ["2.0.0"],
        "REQUEST": ["GetFeature"],
        "typeNames": ["a"],
    }


@pytest.mark.parametrize("base", [f"{BASE}?", f"{BASE}?map=m&", f" {BASE}?map=m#part"])
def test_trailing_separators_and_fragments_of_a_url_do_no_harm(base):
    url = capabilities_url(base, "1.1.0")

    assert url.endswith("SERVICE=WFS&REQUEST=GetCapabilities&VERSION=1.1.0")
    assert "&&" not in url
    assert "??" not in url


def test_capabilities_are_negotiated_best_first():
    assert parameters(capabilities_url(BASE))["ACCEPTVERSIONS"] == "2.0.0,1.1.0,1.0.0"


@pytest.mark.parametrize("version", VERSIONS)
def test_schema_is_requested_for_one_type(version):
    """GetFeature has `typeNames` in 2.0.0, DescribeFeatureType has not (OGC 09-025r2, table 18)."""
    assert parameters(describe_url(BASE, version, "a:b"))["typeName"] == "a:b"
    assert parameters(describe_url(BASE, version, "a:b", plural=True))["typeNames"] == "a:b"


OWSLIB = {"1.1.0": WebFeatureService_1_1_0, "2.0.0": WebFeatureService_2_0_0}
TYPE_NAMES = {"1.1.0": "province", "2.0.0": "ms:province"}


def capabilities(version: str) -> bytes:
    """OWSLib reads the URL for requests from these."""
    return (needs.corpus() / "wfs" / "mapserver" / f"ms_caps_{version.replace('.', '')}.xml").read_bytes()


def by_key(url: str) -> dict[str, str]:
    """Return the parameters with names in lower case, without `myparam`, which is from the recorded server."""
    return {key.lower(): value for key, value in parameters(url).items() if key != "myparam"}


def owslib_request(version: str) -> str:
    service = OWSLIB[version](BASE, version, xml=capabilities(version))
    return service.getGETGetFeatureRequest(
        typename=[TYPE_NAMES[version]],
        maxfeatures=10,
        startindex=20,
        srsname="urn:ogc:def:crs:EPSG::4326",
        sortby=["objectid"],
        outputFormat="application/json",
    )


@pytest.mark.parametrize("version", list(OWSLIB))
def test_request_agrees_with_owslib(version):
    ours = feature_url(
        BASE,
        FeatureRequest(
            version=version,
            type_name=TYPE_NAMES[version],
            count=10,
            start=20,
            srs_name="urn:ogc:def:crs:EPSG::4326",
            sort_by="objectid",
            output_format="application/json",
        ),
    )

    assert by_key(ours) == by_key(owslib_request(version))


@given(st.floats(min_value=-1e7, max_value=1e7))
def test_number_has_no_exponent_and_nine_decimals(value):
    text = number(value)

    assert "e" not in text
    assert float(text) == pytest.approx(value, abs=1e-9)


@given(
    st.sampled_from(VERSIONS),
    st.text(min_size=1).filter(lambda text: text.isprintable()),
    st.text().filter(str.isprintable),
)
def test_any_type_name_and_filter_is_encoded(version, type_name, filter_text):
    url = feature_url(BASE, FeatureRequest(version=version, type_name=type_name, filter=filter_text))

    assert parameters(url)["typeNames" if version == "2.0.0" else "typeName"] == type_name
    assert parameters(url)["filter"] == filter_text


def test_request_of_1_0_0_agrees_with_owslib(monkeypatch):
    """OWSLib's 1.0.0 sends the request itself, so its URL is intercepted."""
    sent = []
    monkeypatch.setattr("owslib.feature.wfs100.openURL", lambda _, data, *__, **___: sent.append(data) or 1 / 0)
    service = WebFeatureService_1_0_0(BASE, "1.0.0", xml=capabilities("1.0.0"))
    with pytest.raises(ZeroDivisionError):
        service.getfeature(typename=["a"], bbox=(1, 2, 3, 4), maxfeatures=5, propertyname=None, method="Get")

    ours = feature_url(BASE, FeatureRequest(version="1.0.0", type_name="a", box=(1, 2, 3, 4), count=5))

    assert by_key(ours) == by_key(f"?{sent[0]}")
