"""Addresses as administrators paste them."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from wfs_proxy.sources.arcgis.addresses import (
    configured_url,
    description_url,
    directory_url,
    layer_number,
    layer_url,
    query_url,
    service_url,
)

SERVICE = "https://gis.example/arcgis/rest/services/Verlichting/FeatureServer"


@pytest.mark.parametrize(
    ("url", "number", "service"),
    [
        (SERVICE, None, SERVICE),
        (f"{SERVICE}/", None, SERVICE),
        (f"{SERVICE}/0", 0, SERVICE),
        (f" {SERVICE}/12/ ", 12, SERVICE),
        (f"{SERVICE}/0/query", 0, SERVICE),
        (f"{SERVICE}/0/Query?where=1%3D1&f=html", 0, f"{SERVICE}?where=1%3D1&f=html"),
        (f"{SERVICE}/0#x", 0, SERVICE),
        ("https://gis.example/lampen", None, "https://gis.example/lampen"),
        ("https://gis.example/2024/MapServer/3", 3, "https://gis.example/2024/MapServer"),
    ],
)
def test_layer_and_service_are_found(url, number, service):
    assert (layer_number(url), service_url(url)) == (number, service)


@pytest.mark.parametrize(
    ("url", "number", "expected"),
    [
        (f"{SERVICE}/0", None, f"{SERVICE}/0"),
        (f"{SERVICE}/0/query?token=x", None, f"{SERVICE}/0?token=x"),
        (SERVICE, 2, f"{SERVICE}/2"),
        (f"{SERVICE}/0", 2, f"{SERVICE}/2"),
        (SERVICE, None, SERVICE),
    ],
)
def test_layer_of_a_service_has_an_address(url, number, expected):
    assert layer_url(url, number) == expected


def test_description_is_json():
    assert description_url(f"{SERVICE}/0?f=html&token=a%20b") == f"{SERVICE}/0?token=a%20b&f=json"


def test_query_replaces_what_a_copied_query_has():
    copied = f"{SERVICE}/0?WHERE=1%3D2&outFields=A&resultOffset=5&token=abc"

    url = query_url(copied, [("where", "NAAM = 'a&b'"), ("resultOffset", 0), ("outSR", None)])

    assert urlsplit(url).path.endswith("/FeatureServer/0/query")
    assert parse_qs(urlsplit(url).query) == {"token": ["abc"], "where": ["NAAM = 'a&b'"], "resultOffset": ["0"]}


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (SERVICE, SERVICE),
        (f"{SERVICE}/0/query?where=1%3D1&outFields=*&having=&f=html", f"{SERVICE}/0"),
        (f"{SERVICE}/0/query?token=abc&time=", f"{SERVICE}/0?token=abc"),
        (f"{SERVICE}/0/1234/attachments", f"{SERVICE}/0"),
        (f"{SERVICE}/layers?f=pjson", SERVICE),
        ("https://x.nl/kaart/MapServer/export?bbox=1,2,3,4&layers=show:0", "https://x.nl/kaart/MapServer"),
        ("https://x.nl/arcgis/services/A/MapServer/WFSServer?service=WFS", None),
        ("https://x.nl/arcgis/rest/services", None),
        ("https://x.nl/wfs", None),
        ("https://x.nl/MijnFeatureServerPagina", None),
    ],
)
def test_service_or_layer_of_a_page_or_a_request(url, expected):
    assert configured_url(url) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://x.nl/arcgis/rest/services?f=html", "https://x.nl/arcgis/rest/services"),
        ("https://x.nl/arcgis/rest/services/Groen/", "https://x.nl/arcgis/rest/services/Groen"),
        ("https://x.nl/arcgis/rest", "https://x.nl/arcgis/rest/services"),
        ("https://x.nl/arcgis/", "https://x.nl/arcgis/rest/services"),
        ("https://x.nl/geo/rest/services", "https://x.nl/geo/rest/services"),
        (SERVICE, None),
        ("https://x.nl/rest", None),
        ("https://x.nl/wfs", None),
    ],
)
def test_directory_of_a_server(url, expected):
    assert directory_url(url) == expected
