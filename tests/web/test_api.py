from __future__ import annotations

import logging

import points
import pytest

from wfs_proxy.config.catalogue import Catalogue
from wfs_proxy.errors import ConfigurationError, UpstreamUnreachable

FEATURES = "/layers/masten/features"


def test_the_layers_are_listed_in_brief(proxy):
    proxy.get(FEATURES)
    assert proxy.get("/layers").json() == {
        "layers": [
            {
                "id": "masten",
                "title": "Title of masten",
                "organisation": "",
                "count": 3,
                "bbox": [4.3, 52.0, 4.3002, 52.0],
                "freshness": "fresh",
                "links": [
                    {"rel": "self", "href": "/layers/masten", "type": "application/json", "title": "About this layer"},
                    {"rel": "items", "href": FEATURES, "type": "application/geo+json", "title": "The objects"},
                ],
            }
        ]
    }


def test_a_layer_tells_its_state(proxy):
    proxy.get(FEATURES)
    told = proxy.get("/layers/masten").json()
    assert told["held"]["report"]["skipped"] == {}
    assert told["held"]["fetched_at"] == "2027-01-15T08:00:00Z"
    assert told["held"]["fresh_until"] == "2027-01-15T09:00:00Z"
    assert told["held"]["served_until"] == "2027-01-16T09:00:00Z"


def test_the_endpoint_for_a_question_works_once_its_braces_are_filled_in(proxy):
    template = proxy.get("/layers/masten").json()["question"]["endpoint"]
    filled_in = template.format(west=4.29, south=51.9, east=4.31, north=52.1, srsName="EPSG:4326")
    assert proxy.get(filled_in).json()["numberMatched"] == 3


@pytest.mark.parametrize(
    ("path", "layer", "says"),
    [
        ("/layers/mast", "mast", "did you mean 'masten'?"),
        ("/layers/zzz", "zzz", "/layers lists"),
        ("/nothing", None, "/nothing"),
        ("/layers/", None, "/layers/"),
        ("/problems/none", None, "none"),
        ("/docs/static/none.js", None, "/docs"),
    ],
)
def test_what_does_not_exist_is_a_404_problem(proxy, path, layer, says):
    response = proxy.get(path)
    assert (response.status_code, response.json()["layer"]) == (404, layer)
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["access-control-allow-origin"] == "*"
    assert says in response.json()["detail"]


def test_a_mistake_of_ours_is_a_500_problem_and_stands_in_the_log(proxy, monkeypatch, caplog):
    def mistake() -> None:
        raise RuntimeError("geheim")

    monkeypatch.setattr(proxy.services.status, "summaries", mistake)
    response = proxy.get("/layers")
    assert (response.status_code, response.json()["title"]) == (500, "Internal Server Error")
    assert "geheim" not in response.text
    assert "geheim" in caplog.text


def test_liveness_asks_no_vendor(proxy):
    assert proxy.get("/healthz").json()["status"] == "UP"
    assert not proxy.get("/readyz").json()["layers"]["masten"]["tried"]


def test_readiness_waits_until_every_layer_was_tried_but_not_for_an_absent_vendor(start):
    layers = (points.layer("a"), points.layer("b"))
    proxy = start({"a": points.fetched(points.grid(1), "a"), "b": UpstreamUnreachable("away")}, layers)
    assert proxy.get("/readyz").status_code == 503
    proxy.get("/layers/a/features")
    assert proxy.get("/readyz").status_code == 503
    proxy.get("/layers/b/features")
    response = proxy.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {
        "ready": True,
        "catalogue": "current",
        "cache": "usable",
        "layers": {"a": {"tried": True, "freshness": "fresh"}, "b": {"tried": True, "freshness": "absent"}},
    }


def test_a_new_layer_does_not_take_a_ready_service_out_of_service(start):
    proxy = start()
    proxy.get(FEATURES)
    assert proxy.get("/readyz").status_code == 200
    proxy.services.catalogue.current = Catalogue((points.layer(), points.layer("new")))
    response = proxy.get("/readyz")
    assert response.status_code == 200
    assert response.json()["layers"]["new"] == {"tried": False, "freshness": "absent"}


def test_a_refused_reload_is_told(proxy):
    proxy.services.reload(ConfigurationError("masten.yaml: line 3"))
    assert proxy.get("/readyz").json()["catalogue"] == "reload refused"
    assert "wfs_proxy_catalogue_current 0.0" in proxy.get("/metrics").text


def test_the_docs_page_needs_nothing_of_another_host(proxy):
    page = proxy.get("/docs")
    assert "http" not in page.text
    assert "script-src 'self';" in page.headers["content-security-policy"]
    for path in ("docs/static/swagger-ui-bundle.js", "docs/static/swagger-ui.css", "docs/start.js"):
        assert path in page.text
        assert proxy.get(f"/{path}").status_code == 200


def test_metrics_count_by_route_and_never_by_path(proxy):
    for path in (f"{FEATURES}?bbox=4,51,5,53", f"{FEATURES}/0001", "/layers/zzz", "/wp-admin", "/.env", "/healthz"):
        proxy.get(path)
    text = proxy.get("/metrics").text
    for line in (
        'wfs_proxy_http_requests_total{method="GET",route="/layers/{layer_id}/features",status="200"} 1.0',
        'wfs_proxy_http_requests_total{method="GET",route="/layers/{layer_id}/features/{feature_id}",status="200"} 1.0',
        'wfs_proxy_http_requests_total{method="GET",route="/layers/{layer_id}",status="404"} 1.0',
        'wfs_proxy_http_requests_total{method="GET",route="other",status="404"} 2.0',
        'wfs_proxy_cache_requests_total{layer="masten",result="absent"} 1.0',
        'wfs_proxy_cache_requests_total{layer="masten",result="fresh"} 1.0',
        'wfs_proxy_fills_total{layer="masten",outcome="stored"} 1.0',
        'wfs_proxy_layer_objects{layer="masten"} 3.0',
        'wfs_proxy_layer_complete{layer="masten"} 1.0',
    ):
        assert line in text
    assert "zzz" not in text
    assert "healthz" not in text


def test_the_access_log_tells_the_route_but_neither_the_query_nor_the_client(proxy, caplog):
    with caplog.at_level(logging.INFO, "wfs_proxy"):
        proxy.get(f"{FEATURES}?bbox=4.123,51,5,53")
        proxy.get(f"{FEATURES}/geheim")
        proxy.get("/layers/zzz?q=4.123")
        proxy.get("/healthz")
    lines = [record.getMessage() for record in caplog.records if record.name == "wfs_proxy.access"]
    assert [line.rsplit(" ", 2)[0] for line in lines] == [
        "GET /layers/{layer_id}/features masten 200",
        "GET /layers/{layer_id}/features/{feature_id} masten 404",
        "GET /layers/{layer_id} - 404",
    ]
    assert not any(told in caplog.text for told in ("4.123", "127.0.0.1", "geheim", "zzz"))


def test_the_access_log_can_be_off(start, caplog):
    proxy = start(access_log=False)
    with caplog.at_level(logging.INFO, "wfs_proxy"):
        proxy.get(FEATURES)
    assert not [record for record in caplog.records if record.name == "wfs_proxy.access"]
