from __future__ import annotations

import pytest

from wfs_proxy.question.addresses import address_problem, is_internal, map_endpoint
from wfs_proxy.question.texts import ADDRESSES


@pytest.mark.parametrize(
    "address",
    [
        "https://wfs-proxy.example.org",
        "https://example.org/kaart/",
        "http://proxy.gemeente.nl:8080",
        "https://[2001:db8::1]",
    ],
)
def test_a_public_address_is_accepted(address):
    assert address_problem(address) is None


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ("", "missing"),
        ("/proxy", "malformed"),
        ("wfs-proxy.example.org", "malformed"),
        ("//wfs-proxy.example.org", "malformed"),
        ("ftp://wfs-proxy.example.org", "malformed"),
        ("https://", "malformed"),
        ("https://example.org/?", "malformed"),
        ("https://example.org/?a=b", "malformed"),
        ("https://example.org/#a", "malformed"),
        ("https://example.org/{west}", "malformed"),
        ("https://example.org:99999", "malformed"),
        ("https://exam ple.org", "malformed"),
        ("https://[::1", "malformed"),
        ("https://user:secret@example.org", "credentials"),
        ("http://127.0.0.1:8000", "this_machine"),
        ("http://127.9.9.9", "this_machine"),
        ("http://127.1", "this_machine"),
        ("http://2130706433", "this_machine"),
        ("http://0.0.0.0:8000", "this_machine"),
        ("http://[::1]:8000", "this_machine"),
        ("http://[::ffff:127.0.0.1]", "this_machine"),
        ("http://localhost:8000", "this_machine"),
        ("http://LOCALHOST.", "this_machine"),
        ("http://proxy.localhost", "this_machine"),
    ],
)
def test_another_address_is_refused_with_what_to_set(address, problem):
    found = address_problem(address)

    assert found == ADDRESSES[problem]
    assert all("--public-url" in text and "WFS_PROXY_PUBLIC_URL" in text for text in found)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        *[("wfs-proxy", True), ("10.1.2.3", True), ("192.168.1.1", True), ("proxy.gemeente.nl", False)],
        *[("8.8.8.8", False), ("10.1.2.3.", True), ("0x0a000005", True), ("100.64.0.1", True), ("169.254.1.1", True)],
        *[("fd00::1", True), ("proxy.LOCAL", True), ("kaart.home.arpa.", True), ("proxy.intern", True)],
        *[("intern.gemeente.nl", False), ("2a02:10::1", False), ("local.nl", False)],
    ],
)
def test_hosts_of_one_network_are_internal(host, expected):
    assert is_internal(host) is expected


def test_the_endpoint_has_each_placeholder_once():
    endpoint = map_endpoint("https://example.org/p", "masten")

    assert endpoint.startswith("https://example.org/p/layers/masten/features?bbox={west},{south},{east},{north}")
    assert [endpoint.count(f"{{{name}}}") for name in ("west", "south", "east", "north", "srsName")] == [1] * 5
