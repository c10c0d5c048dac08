"""Every answer has the header fields of the API Design Rules, errors and pages included."""

from __future__ import annotations

import pytest

PATHS = ("/", "/layers", "/layers/masten/features", "/layers/nope/features", "/nothing", "/docs", "/healthz")


@pytest.mark.parametrize("path", PATHS)
def test_no_page_may_show_an_answer_in_a_frame_or_guess_its_type(start, path):
    fields = start().get(path, headers={"Accept": "text/html"}).headers

    assert (fields["x-content-type-options"], fields["x-frame-options"]) == ("nosniff", "DENY")
    # one policy: that of the page, or the common one
    assert fields.get_list("content-security-policy")[0].count("frame-ancestors 'none'") == 1
    assert len(fields.get_list("content-security-policy")) == 1


@pytest.mark.parametrize("path", PATHS)
def test_a_proxy_whose_public_address_is_https_is_only_used_over_https(start, path):
    assert start(public_url="https://example.org").get(path).headers["strict-transport-security"] == "max-age=31536000"


@pytest.mark.parametrize("public_url", ["", "http://example.org"])
def test_a_proxy_without_https_does_not_demand_it(start, public_url):
    assert "strict-transport-security" not in start(public_url=public_url).get("/layers").headers
