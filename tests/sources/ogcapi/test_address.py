"""Addresses and links."""

from __future__ import annotations

import pytest

from wfs_proxy.errors import UpstreamRefused
from wfs_proxy.sources.ogcapi.address import ServiceAddress

URL = "https://v.example/geo/ogc/v1"
INSIDE = "http://inside:8080/ogc"


@pytest.mark.parametrize(
    ("link", "document", "own"),
    [
        (f"{URL}/collections?f=json", URL, f"{URL}/collections?f=json"),
        ("collections", f"{URL}/", f"{URL}/collections"),
        ("?cursor=a%7Cb", f"{URL}/collections/a/items", f"{URL}/collections/a/items?cursor=a%7Cb"),
        ("https://V.example:443/geo/x", URL, "https://V.example:443/geo/x"),
        ("http://v.example/geo/ogc/v1/collections", URL, None),
        ("https://v.example.evil.example/geo/ogc/v1/collections", URL, None),
        ("//evil.example/geo", URL, None),
        ("https://v.example@evil.example/", URL, None),
        ("javascript:alert(1)", URL, None),
        ("http://[", URL, None),
        (f"{INSIDE}/collections", URL, None),
    ],
)
def test_link_is_own_only_at_the_origin_of_the_layer_file(link: str, document: str, own: str | None):
    assert ServiceAddress.of(URL).own(link, document) == own


@pytest.mark.parametrize(
    ("link", "own"),
    [
        (f"{INSIDE}/collections/a/items?offset=5", f"{URL}/collections/a/items?offset=5"),
        (INSIDE, URL),
        (f"{INSIDE}?f=json", f"{URL}?f=json"),
        (f"{INSIDE}-other/collections", None),
        ("http://inside:9090/ogc/collections", None),
    ],
)
def test_link_with_the_name_that_the_service_has_inside_is_translated(link: str, own: str | None):
    address = ServiceAddress.of(URL).knowing([f"{INSIDE}/?f=json"])

    assert address.own(link, URL) == own


def test_page_of_objects_says_where_the_service_is_inside():
    page = f"{URL}/collections/lamp%20post/items?limit=2"
    address = ServiceAddress.of(URL).knowing_page(f"{INSIDE}/collections/lamp%20post/items?limit=2&f=json", page)

    assert address.own(f"{INSIDE}/collections/lamp%20post/items?offset=2", page) == (
        f"{URL}/collections/lamp%20post/items?offset=2"
    )


def test_page_of_something_else_says_nothing():
    page = f"{URL}/collections/a/items"

    assert ServiceAddress.of(URL).knowing_page("http://evil.example/other", page).stated == ()


def test_error_about_another_origin_has_no_password():
    with pytest.raises(UpstreamRefused, match=r"leads to http://evil\.example:81, and not to the address in `url`"):
        ServiceAddress.of(URL).own_next("http://user:hidden@evil.example:81/x?token=1", URL)


def test_parameters_of_the_configured_address_are_kept_except_those_of_a_page():
    address = ServiceAddress.of(f"{URL}/collections/a/items?apikey=k&limit=10&f=html&bbox=1,2,3,4&Offset=3")

    assert address.url == URL
    assert address.path("collections", "a b/c") == f"{URL}/collections/a%20b%2Fc?apikey=k"
