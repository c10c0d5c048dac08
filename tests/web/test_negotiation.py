from __future__ import annotations

import gzip

import pytest
from starlette.requests import Request

from wfs_proxy.web.negotiation import negotiated, wants_html

BROWSER = (
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7"
)


def request(**fields: str) -> Request:
    headers = [(name.replace("_", "-").encode(), value.encode()) for name, value in fields.items()]
    return Request(
        {"type": "http", "path": "/layers", "query_string": b"", "server": ("proxy", 80), "headers": headers}
    )


@pytest.mark.parametrize(
    ("accept", "html"),
    [
        (BROWSER, True),
        ("text/html", True),
        ("application/xhtml+xml", True),
        ("text/html;q=0.5, application/json;q=0.4", True),
        ("text/html, application/json", True),
        ("text/html;q=0.5, application/json", False),
        ("application/json", False),
        ("*/*", False),
        ("text/*", False),
        ("text/html;q=0", False),
        ("image/png", False),
        ("", False),
    ],
)
def test_only_a_client_that_names_html_gets_it(accept, html):
    assert wants_html(request(accept=accept)) is html


def test_a_client_without_the_field_gets_json():
    assert not wants_html(request())


def test_an_answer_that_the_client_has_is_not_sent_again():
    first = negotiated(request(accept_encoding="gzip"), b"x" * 5000, "text/html")
    again = negotiated(request(accept_encoding="gzip", if_none_match=first.headers["etag"]), b"x" * 5000, "text/html")

    assert gzip.decompress(first.body) == b"x" * 5000
    assert first.headers["content-encoding"] == "gzip"
    assert (again.status_code, again.body, again.headers["etag"]) == (304, b"", first.headers["etag"])


def test_each_coding_has_its_own_etag():
    plain = negotiated(request(), b"x" * 5000, "text/html")
    coded = negotiated(request(accept_encoding="gzip"), b"x" * 5000, "text/html")

    assert plain.body == b"x" * 5000
    assert "content-encoding" not in plain.headers
    assert plain.headers["etag"] != coded.headers["etag"]


def test_an_error_is_always_sent():
    first = negotiated(request(), b"gone", "text/html", status=410)

    assert negotiated(request(if_none_match=first.headers["etag"]), b"gone", "text/html", status=410).status_code == 410
