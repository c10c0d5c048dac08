"""Addresses as people paste them."""

from __future__ import annotations

import pytest

from wfs_proxy.inspect.addresses import links_to_services, read_address, service_addresses

BASE = "https://kaart.example.nl/wfs"


@pytest.mark.parametrize(
    ("pasted", "base"),
    [
        (BASE, BASE),
        (f"  {BASE}\n", BASE),
        (f"<{BASE}>", BASE),
        (f'"{BASE}",', BASE),
        ("kaart.example.nl/wfs", BASE),
        ("HTTPS://kaart.example.nl/wfs", BASE),
        ("//kaart.example.nl/wfs", BASE),
        ("kaart.example.nl:8443/wfs", "https://kaart.example.nl:8443/wfs"),
        ("localhost:8080/wfs", "https://localhost:8080/wfs"),
        (f"{BASE}?", BASE),
        (f"{BASE}#top", BASE),
        (f"{BASE}?service=WFS&request=GetCapabilities", BASE),
        (f"{BASE}?SERVICE=WFS&amp;REQUEST=GetCapabilities&amp;VERSION=1.1.0", BASE),
        (f"{BASE}?service=WFS&request=GetFeature&typeNames=a:b&count=5&bbox=1,2,3,4", BASE),
        (f"{BASE}?srsName={{srsName}}&bbox={{west}},{{south}},{{east}},{{north}}&typeName=a", BASE),
        (f"{BASE}?request=GetFeature&Filter=<Filter/>&propertyName=a", BASE),
        ("http://x.nl/cgi-bin/mapserv?map=/data/a.map&service=WFS", "http://x.nl/cgi-bin/mapserv?map=/data/a.map"),
        ("http://x.nl/qgis?MAP=/p/a%20b.qgs&REQUEST=GetMap&LAYERS=l", "http://x.nl/qgis?MAP=/p/a%20b.qgs"),
        (f"{BASE}?apikey=k1&service=WFS", f"{BASE}?apikey=k1"),
        ("https://jan:p%40ss@kaart.example.nl/wfs", BASE),
        ("https://kaart.example.nl/met spatie/wfs", "https://kaart.example.nl/met%20spatie/wfs"),
        ("https://kaart.example.nl/wfs?service=\nWFS&request=GetCapabilities", BASE),
        (f"Adres: {BASE}", BASE),
        (f"[WFS]({BASE}?service=WFS)", BASE),
        (f'<a href="{BASE}?service=WFS">WFS</a>', BASE),
        (f"url='{BASE}' typename='app:lamp' version='2.0.0'", BASE),
        (f"url={BASE}", BASE),
        (f"WFS:{BASE}?service=WFS", BASE),
        ("https%3A%2F%2Fkaart.example.nl%2Fwfs%3Fservice%3DWFS", BASE),
    ],
)
def test_pasted_address_is_reduced_to_that_of_the_service(pasted: str, base: str):
    assert read_address(pasted).base == base


@pytest.mark.parametrize(
    "pasted",
    [
        "",
        "lichtmasten",
        "C:\\kaart\\masten.gml",
        "ftp://x.nl/a",
        "file:///etc/passwd",
        "https://",
        "https:///wfs",
        "a b.nl",
        "http://[::1",
        "http://x.nl:99999/wfs",
        "mailto:iemand@x.nl",
        "javascript:alert(1)",
    ],
)
def test_text_that_is_no_address_is_none(pasted: str):
    assert read_address(pasted) is None


def test_type_in_the_source_of_a_qgis_layer_is_remembered():
    assert read_address(f"url='{BASE}' typename='app:lamp' version='2.0.0'").type_name == "app:lamp"


def test_credentials_in_an_address_are_taken_out_of_it():
    address = read_address("https://jan:p%40ss@kaart.example.nl/wfs")

    assert (address.username, address.password) == ("jan", "p@ss")
    assert "p%40ss" not in address.base + address.url


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("typeNames=app:lamp", "app:lamp"),
        ("TYPENAME=lamp", "lamp"),
        ("typename=a,b", "a"),
        ("LAYERS=lamp", "lamp"),
        ("typeName={type}", None),
        ("request=GetCapabilities", None),
    ],
)
def test_type_in_the_address_is_remembered(query: str, name: str | None):
    assert read_address(f"{BASE}?{query}").type_name == name


@pytest.mark.parametrize("name", ["filter", "Filter", "CQL_FILTER"])
def test_filter_in_the_address_is_noticed(name: str):
    assert read_address(f"{BASE}?{name}=x").dropped_filter
    assert not read_address(BASE).dropped_filter


@pytest.mark.parametrize(
    ("pasted", "first"),
    [
        (BASE, BASE),
        ("https://x.nl/geoserver/wms?service=WMS&request=GetMap", "https://x.nl/geoserver/wfs"),
        ("https://service.pdok.nl/rioned/put/wms/v1_0", "https://service.pdok.nl/rioned/put/wfs/v1_0"),
        ("https://x.nl/arcgis/services/A/MapServer/WMSServer", "https://x.nl/arcgis/services/A/MapServer/WFSServer"),
        ("https://x.nl/arcgis/rest/services/A/B/MapServer/3", "https://x.nl/arcgis/services/A/B/MapServer/WFSServer"),
        (
            "https://x.nl/arcgis/rest/services/A/FeatureServer/0/query?f=json",
            "https://x.nl/arcgis/services/A/MapServer/WFSServer?f=json",
        ),
        ("https://x.nl/ogc?map=wms.map", "https://x.nl/ogc?map=wms.map"),
        ("https://x.nl/kaartwmsen", "https://x.nl/kaartwmsen"),
    ],
)
def test_wms_and_rest_addresses_lead_to_the_wfs_of_the_same_server(pasted: str, first: str):
    assert service_addresses(read_address(pasted))[0] == first


@pytest.mark.parametrize(
    ("pasted", "expected"),
    [
        ("https://x.nl/geoserver/web/wicket/bookmarkable/a?3", "https://x.nl/geoserver/ows"),
        ("https://x.nl/geoserver", "https://x.nl/geoserver/ows"),
        ("https://x.nl/portaal", "https://x.nl/portaal/wfs"),
        ("https://x.nl", "https://x.nl/wfs"),
    ],
)
def test_start_page_leads_to_a_likely_service(pasted: str, expected: str):
    assert expected in [address.partition("?")[0] for address in service_addresses(read_address(pasted))]


@pytest.mark.parametrize("pasted", [BASE, "https://x.nl/geoserver/wms", "https://x.nl/a", "https://x.nl/a.geojson"])
def test_only_a_few_addresses_of_the_same_host_are_tried(pasted: str):
    address = read_address(pasted)
    tried = service_addresses(address)

    assert address.base in tried
    assert len(tried) <= 3
    assert {each.split("/")[2] for each in tried} == {address.base.split("/")[2]}


def test_links_on_a_page_that_look_like_a_service_are_found():
    page = """<a href="/geo/wfs?service=WFS&amp;request=GetCapabilities">WFS</a> <a href="/over">over</a>
    <script src="https://cdn.example/wms.js"></script> https://kaart.example.nl/ows"""

    assert links_to_services(page, "https://x.nl/portaal") == ("https://x.nl/geo/wfs", "https://kaart.example.nl/ows")
