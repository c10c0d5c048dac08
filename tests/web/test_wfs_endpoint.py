from __future__ import annotations

import re
import urllib.error
import urllib.request

import points
import pytest
from lxml import etree

from wfs_proxy.errors import UpstreamUnreachable
from wfs_proxy.faces.wfs import LARGEST_BODY

OGC, OWS_10, OWS_11 = "http://www.opengis.net/ogc", "http://www.opengis.net/ows", "http://www.opengis.net/ows/1.1"
LAYER = points.layer(properties={"id": "nr", "fields": {"nr": "integer", "soort": "string"}})
LAMPS = points.fetched(
    points.batch({"a": (4.3, 52.0), "b": (4.4, 52.1)}, {"nr": [1, 2], "soort": ["mast & paal", None]})
)
GET_FEATURE = "/wfs?service=WFS&version=2.0.0&request=GetFeature&typeNames=masten"


@pytest.fixture
def proxy(start):
    return start({"masten": LAMPS}, layers=(LAYER,))


def texts(response, name):
    return [element.text for element in etree.fromstring(response.content).iter(f"{{*}}{name}")]


@pytest.mark.parametrize("prefix", ["", "/v1"])
@pytest.mark.parametrize("path", ["/wfs", "/wfs/", "/layers/masten/wfs", "/wfs?", "/layers/masten/wfs?SERVICE=WFS"])
def test_a_bare_address_answers_with_the_capabilities(proxy, prefix, path):
    response = proxy.get(prefix + path)

    assert response.status_code == 200
    assert etree.fromstring(response.content).get("version") == "2.0.0"
    assert "app:masten" in texts(response, "Name")


@pytest.mark.parametrize("path", ["/layers/nothing/wfs", "/wfs/x", "/geoserver/ows"])
def test_other_paths_are_not_found(proxy, path):
    response = proxy.get(f"{path}?service=WFS&request=GetCapabilities")

    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"


def test_features_are_gml_by_default(proxy):
    response = proxy.get(GET_FEATURE)

    assert response.headers["content-type"] == "application/gml+xml; version=3.2"
    assert texts(response, "nr") == ["1", "2"]
    assert texts(response, "soort") == ["mast & paal"]
    assert texts(response, "pos") == ["52.0 4.3", "52.1 4.4"]


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("*/*", "application/gml+xml; version=3.2"),
        ("application/json, text/plain, */*", "application/json"),
        ("application/geo+json", "application/json"),
        ("application/xml, application/json;q=0.5", "application/gml+xml; version=3.2"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "application/gml+xml; version=3.2"),
    ],
)
def test_a_client_that_prefers_json_gets_it_where_it_names_no_format(proxy, accept, expected):
    response = proxy.get(GET_FEATURE, headers={"Accept": accept})

    assert response.headers["content-type"] == expected
    assert "Accept" in response.headers.get_list("vary", split_commas=True)


def test_a_named_format_comes_before_accept(proxy):
    response = proxy.get(f"{GET_FEATURE}&outputFormat=GML2", headers={"Accept": "application/json"})

    assert response.headers["content-type"] == "text/xml; subtype=gml/2.1.2"


@pytest.mark.parametrize(
    ("version", "root", "media_type"),
    [
        ("1.0.0", f"{{{OGC}}}ServiceExceptionReport", "application/vnd.ogc.se_xml; charset=utf-8"),
        ("1.1.0", f"{{{OWS_10}}}ExceptionReport", "text/xml; charset=utf-8"),
        ("2.0.0", f"{{{OWS_11}}}ExceptionReport", "application/xml; charset=utf-8"),
    ],
)
def test_errors_are_reports_of_the_version(proxy, version, root, media_type):
    response = proxy.get(f"/wfs?service=WFS&version={version}&request=GetFeature&typeName=mastn")
    report = etree.fromstring(response.content)

    assert response.status_code == 400
    assert response.headers["content-type"] == media_type
    assert response.headers["access-control-allow-origin"] == "*"
    assert report.tag == root
    assert report[0].get("locator") == "typeName"
    assert (report[0].get("exceptionCode") or report[0].get("code")) == "InvalidParameterValue"
    assert "Did you mean masten" in "".join(report.itertext())


@pytest.mark.parametrize("parameters", ["&outputFormat=application/json&count=x", "&outputFormat=jsonp"])
def test_errors_for_json_are_problems(proxy, parameters):
    response = proxy.get(GET_FEATURE + parameters)

    assert response.status_code == 400
    assert response.headers["content-type"] == "application/problem+json"
    assert proxy.get(response.json()["type"]).status_code == 200


def test_an_error_before_the_request_can_be_read_is_in_the_language_that_it_names(proxy):
    unreadable = "/wfs?service=WMS&request=GetMap"

    assert (
        proxy.get(f"{unreadable}&outputFormat=application%2Fjson").headers["content-type"] == "application/problem+json"
    )
    assert etree.fromstring(proxy.get(f"{unreadable}&version=1.0.0").content).tag == f"{{{OGC}}}ServiceExceptionReport"
    assert etree.fromstring(proxy.get(f"{unreadable}&version=7").content).tag == f"{{{OWS_11}}}ExceptionReport"


def test_a_layer_without_data_breaks_no_other(start):
    layers = (LAYER, points.layer("kapot"))
    proxy = start({"masten": LAMPS, "kapot": UpstreamUnreachable("no connection")}, layers=layers)

    names = texts(proxy.get("/wfs"), "Name")
    broken = proxy.get("/wfs?service=WFS&version=2.0.0&request=GetFeature&typeNames=kapot")

    assert names == ["app:kapot", "app:masten"]
    assert len(texts(proxy.get(GET_FEATURE), "pos")) == 2
    assert "app:kapot" in proxy.get("/wfs?service=WFS&request=DescribeFeatureType").text
    assert broken.status_code == 503
    assert int(broken.headers["retry-after"]) > 0
    assert etree.fromstring(broken.content)[0].get("exceptionCode") == "NoApplicableCode"


def test_a_layer_in_cells_has_the_place_of_its_layer_file(start):
    source = {"type": "wfs", "url": "http://127.0.0.1:9/wfs", "type_names": ["a"], "extent": [4.1, 51.9, 4.5, 52.2]}
    proxy = start({}, layers=(points.layer("groot", source=source, fetch={"mode": "cells"}),))

    assert texts(proxy.get("/wfs"), "LowerCorner") == ["4.1 51.9"]
    refused = proxy.get("/wfs?service=WFS&version=1.1.0&request=GetFeature&typeName=groot")
    assert refused.status_code == 400
    assert "bbox=" in refused.text


POST = '<GetFeature xmlns="http://www.opengis.net/wfs/2.0" count="1"><Query typeNames="masten"/></GetFeature>'


def test_a_request_may_be_a_document(proxy):
    response = proxy.client.post("/wfs", content=POST, headers={"Content-Type": "application/xml"})

    assert texts(response, "nr") == ["1"]


def test_a_request_may_be_a_form(proxy):
    form = {"REQUEST": "GetFeature", "TYPENAMES": "masten", "OUTPUTFORMAT": "application/json"}

    assert proxy.client.post("/wfs?version=2.0.0", data=form).json()["numberMatched"] == 2


@pytest.mark.parametrize("form", ["SERVICE=WFS", "request=GetCapabilities&version=2.0.0", "acceptversions=2.0.0"])
def test_a_form_may_ask_for_the_capabilities(proxy, form):
    response = proxy.client.post("/wfs", content=form)

    assert response.status_code == 200
    assert "app:masten" in texts(response, "Name")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig"])
@pytest.mark.parametrize("declaration", ["", '<?xml version="1.0"?>', '<?xml version="1.0" encoding="{}"?>\n'])
def test_a_document_may_have_another_encoding(proxy, encoding, declaration):
    names = {"utf-16-le": "UTF-16", "utf-16-be": "UTF-16", "utf-8-sig": "UTF-8"}
    document = declaration.format(names.get(encoding, encoding.upper())) + POST
    response = proxy.client.post("/wfs", content=document.encode(encoding))

    assert texts(response, "nr") == ["1"]


@pytest.mark.parametrize(
    "body",
    [
        b"hello",
        b'{"request": "GetFeature", "typeNames": "masten"}',
        b'[{"op": "=", "args": [{"property": "a=b"}, 1]}]',
        b"&&&",
        b"a=b",
        b"--boundary\r\nContent-Disposition: form-data; name=request\r\n\r\nGetFeature\r\n--boundary--",
        b"\x1f\x8b\x08\x00\x00\x00\x00\x00",
        b"\xff\xfe",
        "caf\u00e9".encode("utf-16"),
    ],
    ids=range(9),
)
@pytest.mark.parametrize("query", ["", "?service=WFS&version=2.0.0"])
def test_a_body_that_is_no_request_is_refused(proxy, body, query):
    response = proxy.client.post(f"/wfs{query}", content=body)

    assert response.status_code == 400
    (exception,) = etree.fromstring(response.content)
    assert exception.get("exceptionCode") == "OperationParsingFailed"
    assert "application/x-www-form-urlencoded" in response.text


def test_a_body_over_the_limit_is_refused(proxy):
    response = proxy.client.post("/wfs", content=b"<" * (LARGEST_BODY + 1))

    assert response.status_code == 413
    assert etree.fromstring(response.content).tag == f"{{{OWS_11}}}ExceptionReport"


def test_a_client_that_sends_its_whole_body_first_reads_why_it_is_refused(proxy):
    """Python's urllib, and requests as OWSLib uses it, fail if the server stops reading."""
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{proxy.client.base_url}/wfs", data=b"<" + b"a" * 20_000_000)

    assert refused.value.code == 413
    assert b"The body is larger than" in refused.value.read()


def test_a_body_over_the_limit_is_not_read_to_its_end(proxy):
    def endless():
        for _ in range(10_000):
            yield b"a" * 65_536

    assert proxy.client.post("/wfs", content=endless()).status_code == 413


@pytest.mark.parametrize(
    "body",
    [
        '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><GetFeature>&b;</GetFeature>',
        "<GetFeature>" + "<a>" * 20_000,
        "<x:GetFeature/>",
        "<GetFeature><Query typeNames='masten'><Filter>" + "<Not>" * 1_000 + "</Not>" * 1_000,
    ],
)
def test_attacks_in_a_body_are_refused(proxy, body):
    response = proxy.client.post("/wfs", content=body)

    assert response.status_code == 400
    assert etree.fromstring(response.content).tag == f"{{{OWS_11}}}ExceptionReport"


def test_no_copy_of_the_same_answer_is_sent_twice(proxy):
    for path in (GET_FEATURE, "/wfs?service=WFS&request=GetCapabilities"):
        first = proxy.get(path)
        again = proxy.get(path, headers={"If-None-Match": first.headers["etag"]})

        assert (again.status_code, again.content) == (304, b"")


def test_formats_and_names_have_etags_of_their_own(proxy):
    paths = [
        GET_FEATURE,
        f"{GET_FEATURE}&outputFormat=GML2",
        f"{GET_FEATURE}&outputFormat=application/json",
        f"{GET_FEATURE}&srsName=EPSG:28992",
        f"{GET_FEATURE}&resultType=hits",
        GET_FEATURE.replace("=masten", "=x:masten"),
        "/layers/masten/features",
    ]

    assert len({proxy.get(path).headers["etag"] for path in paths}) == len(paths)


def test_answers_are_compressed_for_clients_that_accept_it(start):
    proxy = start({"masten": points.fetched(points.grid(100))})

    for path in (GET_FEATURE, "/wfs"):
        assert proxy.get(path, headers={"Accept-Encoding": "gzip"}).headers["content-encoding"] == "gzip"
        assert "content-encoding" not in proxy.get(path, headers={"Accept-Encoding": "identity"}).headers


def test_head_and_options_and_other_methods(proxy):
    head = proxy.client.head(GET_FEATURE)
    options = proxy.client.options("/wfs", headers={"Access-Control-Request-Method": "POST"})

    assert (head.status_code, head.content) == (200, b"")
    assert int(head.headers["content-length"]) == len(proxy.get(GET_FEATURE).content)
    assert (options.status_code, options.headers["allow"]) == (204, "GET, HEAD, POST, OPTIONS")
    assert proxy.client.put("/wfs").status_code == 405


def test_addresses_are_those_of_the_public_url(start):
    proxy = start({"masten": LAMPS}, layers=(LAYER,), public_url="https://kaart.example.nl")

    capabilities = proxy.get("/layers/masten/wfs").text
    assert 'href="https://kaart.example.nl/layers/masten/wfs"' in capabilities
    assert proxy.client.base_url.host not in capabilities
    assert 'next="https://kaart.example.nl/wfs?' in proxy.get(f"{GET_FEATURE}&count=1").text


def test_another_host_in_the_request_is_never_in_the_answer(proxy):
    for version in ("1.0.0", "1.1.0", "2.0.0"):
        path = f"/wfs?service=WFS&version={version}"
        answers = [
            proxy.get(f"{path}&{request}", headers={"Host": "evil.example"}).text
            for request in ("request=GetCapabilities", "request=GetFeature&typeNames=masten&count=1")
        ]

        assert not any("evil" in answer for answer in answers)


def test_the_paths_of_a_layer_file_are_part_of_the_wfs(start):
    layer = points.layer(wfs={"paths": ["/geoserver/ows"], "type_names": ["lumi:mast"]})
    proxy = start({"masten": points.fetched(points.grid(2))}, layers=(layer,))
    path = "/geoserver/ows?service=WFS&version=1.1.0&request="

    assert texts(proxy.get(f"{path}GetCapabilities"), "Name") == ["lumi:mast"]
    assert proxy.get(f"/v1{path}GetCapabilities").status_code == 404
    assert "xmlns:lumi" in proxy.get(f"{path}DescribeFeatureType&typeName=lumi:mast").text
    assert len(list(etree.fromstring(proxy.get(f"{path}GetFeature&typeName=lumi:mast").content).iter("{*}mast"))) == 2


def test_a_swapped_box_is_counted(proxy):
    swapped = proxy.get(f"{GET_FEATURE}&bbox=4.29,51.9,4.35,52.05&outputFormat=application/json")

    assert swapped.json()["numberMatched"] == 1
    assert re.search(r'swapped_boxes_total\{layer="masten"\} 1\.0', proxy.get("/metrics").text)
