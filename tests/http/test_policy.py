"""The proxy variables of the environment."""

from __future__ import annotations

import pytest

from wfs_proxy.http.policy import environment_proxy


@pytest.mark.parametrize(
    ("url", "proxy"),
    [
        ("https://vendor.example/", "http://proxy.example:3128"),
        ("http://vendor.example/", None),
        ("https://intern.example/", None),
        ("https://localhost/", None),
        ("https://127.0.0.1:8443/", None),
    ],
)
def test_proxy_variables_of_the_environment_apply(monkeypatch, url, proxy):
    for name in ("http_proxy", "all_proxy", "HTTP_PROXY", "ALL_PROXY", "https_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", "intern.example")

    assert environment_proxy(url) == proxy
