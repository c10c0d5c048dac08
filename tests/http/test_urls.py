"""URLs in messages contain no secrets."""

from __future__ import annotations

import pytest

from wfs_proxy.errors import ConfigurationError
from wfs_proxy.http.urls import origin_of, redacted, with_parameters


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://jan:geheim@vendor.nl/wfs", "https://vendor.nl/wfs"),
        ("https://vendor.nl/wfs?map=a&apikey=geheim", "https://vendor.nl/wfs?map=a&apikey=***"),
        ("https://vendor.nl/wfs?Access_Token=a%20b&x=1", "https://vendor.nl/wfs?Access_Token=***&x=1"),
        ("https://vendor.nl/wfs?subscription-key=1&sig=2", "https://vendor.nl/wfs?subscription-key=***&sig=***"),
        ("https://vendor.nl/geojson/0123456789abcdef?bbox=1", "https://vendor.nl/geojson/***?bbox=1"),
        (
            "https://vendor.nl/0b1d2c3e-aaaa-bbbb-cccc-0123456789ab/wfs",
            "https://vendor.nl/***/wfs",
        ),
        ("https://vendor.nl/wfs?x=0123456789ABCDEF", "https://vendor.nl/wfs?x=***"),
        ("https://vendor.nl:8443/Den_Haag-beheer/wfs?a#frag", "https://vendor.nl:8443/Den_Haag-beheer/wfs?a"),
        ("https://vendor.nl/Kj3h4K2jh34kJHx9/wfs?x=q1W2e3R4t5Y6", "https://vendor.nl/***/wfs?x=***"),
        (
            "https://vendor.nl/GemeenteGroningen2024/wfs-v2-beheer/1?typeNames=lamp_v2_2024",
            "https://vendor.nl/GemeenteGroningen2024/wfs-v2-beheer/1?typeNames=lamp_v2_2024",
        ),
        ("http://[", "***"),
    ],
)
def test_redacted_url_keeps_everything_but_secrets(url: str, expected: str):
    assert redacted(url) == expected


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://Vendor.nl/wfs", ("https", "vendor.nl", 443)),
        ("HTTP://vendor.nl", ("http", "vendor.nl", 80)),
        ("https://vendor.nl:8443/", ("https", "vendor.nl", 8443)),
        ("http://[::1]:80/", ("http", "::1", 80)),
    ],
)
def test_origin_is_scheme_host_and_port(url: str, origin: tuple[str, str, int]):
    assert origin_of(url) == origin


@pytest.mark.parametrize(
    "url", ["", "vendor.nl/wfs", "ftp://vendor.nl", "https://", "http://vendor.nl:99999/", "http://["]
)
def test_text_that_is_not_an_http_url_is_refused(url: str):
    with pytest.raises(ConfigurationError, match="not a valid URL"):
        origin_of(url)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://x.nl/a", "https://x.nl/a?token=a/b%20c"),
        ("https://x.nl/a?b=%20c&d", "https://x.nl/a?b=%20c&d&token=a/b%20c"),
        ("https://x.nl/a?token=oud&b=1", "https://x.nl/a?b=1&token=a/b%20c"),
        ("https://x.nl/a?b=1&tok%65n=oud&token=oud", "https://x.nl/a?b=1&token=a/b%20c"),
        ("https://x.nl/a?#deel", "https://x.nl/a?token=a/b%20c#deel"),
    ],
)
def test_parameter_replaces_its_own_value_only(url: str, expected: str):
    assert with_parameters(url, {"token": "a/b c"}) == expected


def test_url_without_parameters_is_unchanged():
    assert with_parameters("https://x.nl/a?&b#", {}) == "https://x.nl/a?&b#"
