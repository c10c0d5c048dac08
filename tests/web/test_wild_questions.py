"""Each request of ../shared/facts/wild-urls.md and meldingen.md, word for word: only the host is another.

The forms fill in the braces of an address; what they send was taken from their code.
"""

from __future__ import annotations

import re
from urllib.parse import quote, quote_plus

import httpx
import points
import pytest

BOX = {"west": "4.3065", "south": "52.0676", "east": "4.3125", "north": "52.0697"}
"""The box of a form; two of the three objects of each layer are in it."""

PLACES = {"1": (4.307, 52.068), "2": (4.308, 52.069), "3": (4.4, 52.1)}
URN = "urn:ogc:def:crs:EPSG::4326"


def layer(layer_id, wfs, fields):
    return points.layer(layer_id, wfs=wfs, properties={"id": next(iter(fields)), "fields": fields})


LAYERS = (
    layer(
        "masten",
        {
            "paths": ["/geoserver/luminizer_317/ows", "/maps/openbare_verlichting", "/een/laag"],
            "type_names": ["luminizer_317:mast", "Verlichting", "lichtmast"],
        },
        {"LumiId": "integer", "SOORTOBJECT": "string"},
    ),
    layer(
        "openbare-verlichting",
        {"paths": ["/v1/wfs/storingsmeldingen_ovl_en_klokken/"], "type_names": ["openbare_verlichting"]},
        {"objectnummer": "string", "soort": {"from": "objecttype_omschrijving"}},
    ),
    layer(
        "klokken",
        {"paths": ["/v1/wfs/storingsmeldingen_ovl_en_klokken/"], "type_names": ["app:klokken"]},
        {"objectnummer": "string", "soort": {"from": "objecttype_omschrijving"}},
    ),
    layer(
        "containers",
        {"paths": ["/v1/wfs/huishoudelijkafval/", "/arcgis/FeatureServer/0/query"], "type_names": ["app:container"]},
        {"id_nummer": "string", "status": "integer"},
    ),
    layer(
        "bomen",
        {
            "paths": ["/v1/wfs/bomen/", "/public/gisib/geography"],
            "type_names": ["stamgegevens"],
            "properties": {"soortnaam_kort": "soort"},
        },
        {"OBJECTID": "integer", "soort": "string"},
    ),
)

KINDS = {
    "masten": {"LumiId": [1, 2, 3], "SOORTOBJECT": ["Lichtmast"] * 3},
    "openbare-verlichting": {"objectnummer": ["1", "2", "3"], "soort": ["Mast", "Klok", "Mast"]},
    "klokken": {"objectnummer": ["1", "2", "3"], "soort": ["Mast", "Klok", "Klok"]},
    "containers": {"id_nummer": ["1", "2", "3"], "status": [1, 0, 1]},
    "bomen": {"OBJECTID": [1, 2, 3], "soort": ["Tilia", "Quercus", "Tilia"]},
}


@pytest.fixture
def get(start):
    proxy = start(
        {each.id: points.fetched(points.batch(PLACES, KINDS[each.id]), each.id) for each in LAYERS}, layers=LAYERS
    )
    return proxy.client.get


def ids(response):
    """The ids of the objects, without the layer's name; the answer is what both forms can show."""
    assert response.status_code == 200, response.text
    assert response.headers["access-control-allow-origin"] == "*"
    collection = response.json()
    assert collection["type"] == "FeatureCollection"
    features = collection["features"]
    assert [each["geometry"]["type"] for each in features] == ["Point"] * len(features)
    assert all(each["geometry"]["coordinates"] == list(PLACES[each["id"].rpartition(".")[2]]) for each in features)
    return sorted(each["id"].rpartition(".")[2] for each in features)


def filled(endpoint, box=BOX, srs_name="EPSG:4326"):
    """What the first form sends for an endpoint without `wfsFilter`: as the browser's URL parser leaves it."""
    for name, value in {**box, "srsName": srs_name}.items():
        endpoint = endpoint.replace(f"{{{name}}}", value)
    return re.sub('[<>" ]', lambda match: quote(match[0]), endpoint)


def with_filter(endpoint, wfs_filter):
    """What the first form sends for an endpoint with `wfsFilter`: the whole query encoded by URLSearchParams."""
    for name, value in {**BOX, "srsName": "EPSG:4326"}.items():
        wfs_filter = wfs_filter.replace(f"{{{name}}}", value)
    path, _, query = endpoint.partition("?")
    pairs = [pair.partition("=")[::2] for pair in query.split("&")]
    pairs.append(("filter", f"<Filter><And>{wfs_filter}</And></Filter>"))
    return f"{path}?" + "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in pairs)


ENVELOPE = (
    '<gml:Envelope srsName="{srsName}"><lowerCorner>{west} {south}</lowerCorner>'
    "<upperCorner>{east} {north}</upperCorner></gml:Envelope>"
)
AMSTERDAM = (
    "/?SERVICE=WFS&REQUEST=GetFeature&VERSION=2.0.0&TYPENAMES={}&COUNT=1000"
    f"&SRSNAME={URN}&outputFormat=application/json"
)
LAMPS = "/v1/wfs/storingsmeldingen_ovl_en_klokken" + AMSTERDAM.format("openbare_verlichting")
CLOCKS = "/v1/wfs/storingsmeldingen_ovl_en_klokken" + AMSTERDAM.format("klokken")
CONTAINERS = "/v1/wfs/huishoudelijkafval" + AMSTERDAM.format("app:container")
TREES = "/v1/wfs/bomen" + AMSTERDAM.format("stamgegevens")

FILTERS = {
    "lamps": (
        LAMPS,
        (
            "<PropertyIsNotEqualTo><ValueReference>objecttype_omschrijving</ValueReference><Literal>Klok</Literal>"
            f"</PropertyIsNotEqualTo><BBOX>{ENVELOPE}</BBOX>"
        ),
        ["1"],
    ),
    "clocks": (
        CLOCKS,
        (
            "<PropertyIsEqualTo><ValueReference>objecttype_omschrijving</ValueReference><Literal>Klok</Literal>"
            f"</PropertyIsEqualTo><BBOX>{ENVELOPE}</BBOX>"
        ),
        ["2"],
    ),
    "containers": (
        CONTAINERS,
        (
            "<PropertyIsEqualTo><PropertyName>status</PropertyName><Literal>1</Literal></PropertyIsEqualTo>"
            f"<BBOX><PropertyName>geometrie</PropertyName>{ENVELOPE}</BBOX>"
        ),
        ["1"],
    ),
    "trees": (
        TREES,
        (
            f"<BBOX><PropertyName>geometrie</PropertyName>{ENVELOPE}</BBOX><PropertyIsNotEqualTo>"
            "<PropertyName>soortnaam_kort</PropertyName><Literal>Quercus</Literal></PropertyIsNotEqualTo>"
        ),
        ["1"],
    ),
}


def test_row_1_luminizer(get):
    endpoint = (
        "/geoserver/luminizer_317/ows?service=WFS&version=1.0.0&request=GetFeature&typeName=luminizer_317:mast"
        "&outputFormat=application/json&srsName={srsName}&bbox={west},{south},{east},{north}"
    )

    assert ids(get(filled(endpoint))) == ["1", "2"]


@pytest.mark.parametrize("row", FILTERS)
def test_rows_2_to_5_amsterdam(get, row):
    endpoint, wfs_filter, expected = FILTERS[row]

    assert ids(get(with_filter(endpoint, wfs_filter))) == expected
    # the newer form sends neither the filter nor a box
    assert ids(get(endpoint)) == ["1", "2", "3"]


def test_row_6_gisib(get):
    endpoint = "/public/gisib/geography/?object_kind_name=Boom&bbox={east},{south},{west},{north}"

    assert ids(get(filled(endpoint))) == ["1", "2"]


def test_row_7_the_filter_in_the_endpoint(get):
    _, wfs_filter, expected = FILTERS["containers"]
    endpoint = CONTAINERS.replace(URN, "{srsName}") + f"&Filter=<Filter><And>{wfs_filter}</And></Filter>"

    assert ids(get(filled(endpoint))) == expected


@pytest.mark.parametrize("box", ["{south},{west},{north},{east}", "{west},{south},{east},{north}"])
@pytest.mark.parametrize("srs_name", [URN, "EPSG:4326", "{EPSG:4326}"])
def test_rows_8_and_9_without_a_type_and_a_format(get, box, srs_name):
    endpoint = f"/een/laag?service=WFS&version=1.1.0&request=GetFeature&srsName={srs_name}&bbox={box},{srs_name}"

    assert ids(get(filled(endpoint))) == ["1", "2"]


@pytest.mark.parametrize("name", ["{{bboxLatLng}}", "{{bboxLngLat}}"])
def test_rows_8_and_9_as_todays_form_sends_them(get, name):
    """It does not know these placeholders any more, so there is no box."""
    endpoint = f"/een/laag?service=WFS&version=1.1.0&request=GetFeature&srsName={{EPSG:4326}}&bbox={name},{{EPSG:4326}}"

    assert ids(get(endpoint)) == ["1", "2", "3"]


def test_row_10_hardly_any_parameters(get):
    assert ids(get(filled("/een/laag?version=2&srsName={srsName}&bbox={north},{east},{south},{west}"))) == ["1", "2"]


def test_row_11_mapserver(get):
    endpoint = (
        "/maps/openbare_verlichting?REQUEST=GetFeature&SERVICE=wfs"
        "&OUTPUTFORMAT=application/json;%20subtype=geojson;%20charset=utf-8&Typename=Verlichting&version=1.1.0"
        f"&srsname={URN}&bbox={{east}},{{south}},{{west}},{{north}}&meldingstatus=1"
    )

    assert ids(get(filled(endpoint))) == ["1", "2"]


def test_row_12_two_spellings_at_once(get):
    endpoint = CONTAINERS.replace("TYPENAMES=", "TYPENAMES=app:container&TYPENAME=").replace(
        "application/json", "application/json;%20subtype=geojson;%20charset=utf-8"
    )

    assert ids(get(endpoint)) == ["1", "2", "3"]


def test_row_13_arcgis(get):
    endpoint = (
        "/arcgis/FeatureServer/0/query?outFields=*&where=1%3D1&f=geojson&geometryType=esriGeometryEnvelope"
        "&geometry={{east},{south},{west},{north}}"
    )

    assert ids(get(filled(endpoint))) == ["1", "2"]


@pytest.mark.parametrize("path", ["/wfs", "/layers/masten/wfs"])
def test_row_14_the_least_question(get, path):
    endpoint = (
        f"{path}?service=WFS&version=2.0.0&request=GetFeature&typeNames=lichtmast&outputFormat=application/json"
        "&srsName={srsName}&bbox={west},{south},{east},{north},{srsName}"
    )

    assert ids(get(filled(endpoint))) == ["1", "2"]


def test_counts_say_what_was_left_out(get):
    collection = get(CONTAINERS.replace("COUNT=1000", "COUNT=1")).json()

    assert (collection["numberMatched"], collection["numberReturned"]) == (3, 1)


@pytest.mark.parametrize(
    "endpoint",
    [
        CONTAINERS.replace("app:container", "app:bak"),
        CONTAINERS + "&filter=<Filter><And>",
        CONTAINERS + "&bbox=here",
        "/v1/wfs/storingsmeldingen_ovl_en_klokken?bbox=4.3,52,4.4,52.1",
    ],
)
def test_forms_can_read_errors(get, endpoint):
    answer = get(filled(endpoint))

    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.json()["detail"]


# Meldingen

PATHS = ["/v1/wfs/huishoudelijkafval", "/layers/containers/wfs", "/wfs"]


def meldingen_request(base_url, type_names, wfs_filter):
    """The request of `meldingen/wfs.py`."""
    parameters = {
        "TYPENAMES": type_names,
        "SRSNAME": URN,
        "OUTPUTFORMAT": "application/json",
        "SERVICE": "WFS",
        "REQUEST": "GetFeature",
        "VERSION": "2.0.0",
        "COUNT": "1000",
        "FILTER": wfs_filter,
    }
    return f"{base_url}?{httpx.QueryParams(parameters)}"


def meldingen_filter(srs_name="EPSG:4326"):
    """The filter in the tests of the form, of which it replaces the first occurrence of each placeholder."""
    text = (
        "<Filter><And><PropertyIsEqualTo><PropertyName>status</PropertyName><Literal>1</Literal></PropertyIsEqualTo>"
        '<BBOX><gml:Envelope srsName="{srsName}"><lowerCorner>{west} {south}</lowerCorner>'
        "<upperCorner>{east} {north}</upperCorner></gml:Envelope></BBOX></And></Filter>"
    )
    for name, value in {**BOX, "srsName": srs_name}.items():
        text = text.replace(f"{{{name}}}", value, 1)
    return text


@pytest.mark.parametrize("base_url", PATHS)
@pytest.mark.parametrize("srs_name", ["EPSG:4326", URN, "urn:ogc:def:crs:OGC:1.3:CRS84"])
def test_meldingen_gets_the_objects_of_its_filter(get, base_url, srs_name):
    answer = get(meldingen_request(base_url, "app:container", meldingen_filter(srs_name)))

    assert ids(answer) == ["1"]


@pytest.mark.parametrize("base_url", PATHS)
def test_meldingen_checks_an_address_without_a_version(get, base_url):
    answer = get(f"{base_url}?SERVICE=WFS&REQUEST=GetCapabilities")

    assert answer.status_code == 200
    assert "WFS_Capabilities" in answer.text


@pytest.mark.parametrize("base_url", PATHS)
def test_meldingen_finds_a_chosen_object_by_its_id(get, base_url):
    chosen = get(meldingen_request(base_url, "app:container", meldingen_filter())).json()["features"][0]
    by_id = f'\n      <Filter>\n        <ResourceId rid="{chosen["id"]}" />\n      </Filter>\n    '

    assert get(meldingen_request(base_url, "app:container", by_id)).json()["features"] == [chosen]


def test_meldingen_can_use_the_asset_type_that_the_proxy_proposes(get):
    """What an administrator pastes, used as Meldingen uses it."""
    question = get("/layers/containers/question?for=meldingen&publicUrl=https://kaart.example.nl").json()
    given = question["arguments"]
    base_url = given["base_url"].removeprefix("https://kaart.example.nl")
    wfs_filter = given["filter"]
    for name, value in {**BOX, "srsName": given["srs_name"]}.items():
        wfs_filter = wfs_filter.replace(f"{{{name}}}", value, 1)

    assert get(f"{base_url}?SERVICE=WFS&REQUEST=GetCapabilities").status_code == 200
    answer = get(meldingen_request(base_url, given["type_names"], wfs_filter))
    assert ids(answer) == ["1", "2"]
    chosen = answer.json()["features"][1]
    assert isinstance(chosen["properties"][given["icon_entry"]], str)
    by_id = f'\n  <Filter>\n    <ResourceId rid="{chosen["id"]}" />\n  </Filter>\n'
    assert get(meldingen_request(base_url, given["type_names"], by_id)).json()["features"] == [chosen]


def test_meldingen_sends_the_query_of_its_base_url_too(get):
    request = meldingen_request("/v1/wfs/huishoudelijkafval", "app:container", meldingen_filter())

    assert ids(get(request.replace("?", "?service=WFS&version=2.0.0&map=afval&"))) == ["1"]
