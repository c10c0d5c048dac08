"""Every path of the interface exists under `/v1` and without a version, with the same answers."""

from __future__ import annotations

import pytest

from wfs_proxy.web.api_version import API_VERSION, unversioned

FEATURE = "/v1/layers/masten/features/masten.0001"
PATHS = (
    "/layers",
    "/layers/masten",
    "/layers/masten/features?bbox=4,52,5,53",
    "/layers/masten/features/masten.0001",
    "/layers/masten/tiles",
    "/layers/masten/tiles/14/8387/5408",
    "/problems/not-found",
)


@pytest.mark.parametrize(
    ("path", "plain"),
    [
        ("/v1/layers", "/layers"),
        ("/v1", "/"),
        ("/v1/", "/"),
        ("/v11/layers", "/v11/layers"),
        ("/layers/v1", "/layers/v1"),
        ("/v2/layers", "/v2/layers"),
    ],
)
def test_only_our_own_version_is_removed(path, plain):
    assert unversioned(path) == plain


@pytest.mark.parametrize("path", PATHS)
def test_a_path_with_a_version_gives_the_same_answer(start, path):
    proxy = start()

    plain, versioned = proxy.get(path), proxy.get(f"/v1{path}")

    assert (versioned.status_code, versioned.content) == (plain.status_code, plain.content)
    assert versioned.headers.get("etag") == plain.headers.get("etag")


@pytest.mark.parametrize("path", ["/v1", "/v1/"])
def test_the_root_of_the_version_has_the_links(start, path):
    assert {link["rel"] for link in start().get(path).json()["links"]} >= {"data", "service-desc"}


@pytest.mark.parametrize("path", ["/v1/healthz", "/v1/readyz", "/v1/metrics", "/v1/docs", "/v1/assets/x/map.js"])
def test_what_operators_and_browsers_use_has_no_version(start, path):
    assert start().get(path).status_code == 404


@pytest.mark.parametrize("path", [*PATHS, "/v1/layers/", "/v1/nothing", "/", "/healthz", "/metrics", "/docs"])
def test_every_answer_names_the_version(start, path):
    assert start().get(path).headers["api-version"] == API_VERSION


@pytest.mark.parametrize("path", ["/v1/layers/", "/layers/", "/v1/layers/masten/"])
def test_a_slash_at_the_end_is_not_found_and_not_redirected(start, path):
    assert start().get(path).status_code == 404


def test_a_browser_gets_json_under_the_version(start):
    answer = start().get("/v1/layers/masten", headers={"Accept": "text/html,*/*;q=0.8"})

    assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize("path", ["/v1/layers", "/v1/layers/masten/features", "/v1/layers/masten/features/masten.0001"])
def test_a_client_that_excludes_json_is_refused_under_the_version(start, path):
    proxy = start()

    refused = proxy.get(path, headers={"Accept": "application/xml"})

    assert (refused.status_code, refused.headers["content-type"]) == (406, "application/problem+json")
    assert "application/json" in refused.json()["detail"]
    assert proxy.get(path.removeprefix("/v1"), headers={"Accept": "application/xml"}).status_code == 200


@pytest.mark.parametrize(
    "accept", ["*/*", "application/*", "application/json", "application/geo+json", "text/html, */*;q=0.1"]
)
def test_a_client_that_accepts_json_is_answered(start, accept):
    assert start().get("/v1/layers/masten/features", headers={"Accept": accept}).status_code == 200
