from __future__ import annotations

import points
import pytest

from wfs_proxy.config.catalogue import Catalogue
from wfs_proxy.errors import ConfigurationError, UpstreamUnreachable
from wfs_proxy.faces.downloads import FORMATS
from wfs_proxy.sources import UnknownFeatureType

FEATURES = "/layers/masten/features"


def test_all_layers_are_listed_in_brief(proxy):
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
                "links": proxy.get("/layers/masten").json()["links"],
            }
        ]
    }


def test_the_links_of_a_layer_lead_to_everything_that_it_is_served_as(proxy):
    (summary,) = proxy.get("/layers").json()["layers"]
    links = proxy.get("/layers/masten").json()["links"]

    assert links == summary["links"]
    assert {link["href"].replace("/layers/masten", "") for link in links} >= {
        "",
        "/features",
        "/tiles",
        "/wfs?SERVICE=WFS&REQUEST=GetCapabilities",
        "/ogc/v1/collections/masten",
        *(f"/download?f={kind}" for kind in FORMATS),
    }
    for link in links:
        answer = proxy.get(link["href"])
        assert answer.status_code == 200, link
        assert answer.headers["content-type"].startswith((link["type"], "text/xml")), link


def test_a_layer_in_cells_has_no_links_to_downloads_of_the_whole(start):
    source = {"type": "wfs", "url": "http://127.0.0.1:9/wfs", "type_names": ["a"], "extent": [4.2, 51.9, 4.4, 52.1]}
    layer = points.layer("masten", fetch={"mode": "cells"}, source=source)
    links = start({}, (layer,)).get("/layers/masten").json()["links"]

    assert {link["rel"] for link in links} == {"self", "items", "alternate", "service-desc"}


def test_a_layer_is_described_with_its_times(proxy):
    proxy.get(FEATURES)
    served = proxy.get("/layers/masten").json()["held"]
    assert served["report"]["skipped"] == {}
    assert served["fetched_at"] == "2027-01-15T08:00:00Z"
    assert served["fresh_until"] == "2027-01-15T09:00:00Z"
    assert served["served_until"] == "2027-01-16T09:00:00Z"


def test_the_endpoint_for_a_question_works_when_its_braces_are_filled_in(proxy):
    template = proxy.get("/layers/masten").json()["question"]["endpoint"]
    filled_in = template.format(west=4.29, south=51.9, east=4.31, north=52.1, srsName="EPSG:4326")
    assert proxy.get(filled_in).json()["numberMatched"] == 3


def test_a_layers_problems_are_shown_in_both_languages_and_in_a_metric(proxy):
    (problem,) = proxy.get("/layers/masten").json()["problems"]
    assert (problem["code"], problem["key"]) == ("no_key", "properties")
    assert set(problem["message"]) == {"nl", "en"}
    assert 'wfs_proxy_layer_problems{code="no_key",layer="masten"} 1.0' in proxy.get("/metrics").text


def test_a_type_that_the_service_does_not_have_is_a_problem_of_the_layer(start):
    error = UnknownFeatureType("refused", name="ms:lampen", nearest=("ms:lamp",))
    source = {"type": "wfs", "url": "http://127.0.0.1:9/wfs", "type_names": ["ms:lampen"]}
    proxy = start({"masten": error}, (points.layer(source=source),))
    assert proxy.get(FEATURES).status_code == 503
    problem = next(each for each in proxy.get("/layers/masten").json()["problems"] if each["code"] == "type_unknown")
    page = proxy.get("/layers/masten", headers={"Accept": "text/html", "Accept-Language": "nl"}).text

    assert problem["key"] == "source.type_names[0]"
    assert problem["message"]["en"].endswith('did you mean "ms:lamp"?')
    assert "bedoelt u &#34;ms:lamp&#34;?" in page
    assert "weigert de vraag" not in page
    assert 'code="type_unknown",layer="masten"} 1.0' in proxy.get("/metrics").text


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
def test_an_unknown_path_is_a_404_problem(proxy, path, layer, says):
    response = proxy.get(path)
    assert (response.status_code, response.json()["layer"]) == (404, layer)
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["access-control-allow-origin"] == "*"
    assert says in response.json()["detail"]


def test_an_unexpected_error_is_a_500_problem_and_is_logged(proxy, monkeypatch, caplog):
    def fail() -> None:
        raise RuntimeError("geheim")

    monkeypatch.setattr(proxy.services.status, "summaries", fail)
    response = proxy.get("/layers")
    assert (response.status_code, response.json()["title"]) == (500, "Internal Server Error")
    assert "geheim" not in response.text
    assert "geheim" in caplog.text


def test_liveness_does_not_fetch(proxy):
    assert proxy.get("/healthz").json()["status"] == "UP"
    assert not proxy.get("/readyz").json()["layers"]["masten"]["tried"]


def test_readiness_needs_one_attempt_per_layer_but_no_success(start):
    layers = (points.layer("a"), points.layer("b"))
    proxy = start({"a": points.fetched(points.grid(1), "a"), "b": UpstreamUnreachable("no connection")}, layers)
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


def test_a_new_layer_does_not_end_readiness(start):
    proxy = start()
    proxy.get(FEATURES)
    assert proxy.get("/readyz").status_code == 200
    proxy.services.catalogue.current = Catalogue((points.layer(), points.layer("new")))
    response = proxy.get("/readyz")
    assert response.status_code == 200
    assert response.json()["layers"]["new"] == {"tried": False, "freshness": "absent"}


def test_a_refused_reload_is_shown(proxy):
    proxy.services.reload(ConfigurationError("masten.yaml: line 3"))
    assert proxy.get("/readyz").json()["catalogue"] == "reload refused"
    assert "wfs_proxy_catalogue_current 0.0" in proxy.get("/metrics").text


LONG = "x" * 50_000


@pytest.mark.parametrize(
    "path",
    [
        f"/layers/{LONG}/features",
        f"/layers/masten/features/{LONG}",
        f"/layers/masten/features?bbox={LONG}",
        f"/layers/masten/features?limit={LONG}",
        f"/layers/masten/features?srsName={LONG}&bbox=1,2,3,4",
        f"/layers/masten/features?cursor={LONG}",
        f"/layers/masten/features?west={LONG}&south=1&east=1&north=1",
        f"/layers/masten/features?filter={LONG}=1",
        f"/layers/masten/tiles/{LONG}/1/1",
        f"/layers/masten/tiles/1/1/1?f={LONG}",
        f"/layers/masten/download?f={LONG}",
        f"/layers/masten/question?for={LONG}",
        f"/ogc/v1/collections/masten/items?limit={LONG}",
        f"/ogc/v1/collections/masten/items?bbox={'1,' * 20_000}",
        f"/ogc/v1/collections/masten/items?datetime={LONG}",
        f"/ogc/v1/collections/masten/items?crs={LONG}",
        f"/ogc/v1/collections/masten/items?f={LONG}",
        f"/ogc/v1/collections/masten/items?{LONG}=1",
        f"/ogc/v1/collections/masten/items?filter-lang={LONG}",
        f"/ogc/v1/collections/{LONG}",
        f"/wfs?request={LONG}",
        f"/wfs?request=GetFeature&typeNames={LONG}",
        f"/wfs?request=GetFeature&typeNames=masten&outputFormat={LONG}",
        f"/wfs?request=GetFeature&typeNames=masten&srsName={LONG}",
        f"/problems/{LONG}",
        f"/{LONG}",
    ],
    ids=lambda path: path[:70],
)
def test_an_error_repeats_only_the_beginning_of_a_long_value(start, path):
    response = start().get(path)

    assert 400 <= response.status_code < 500
    assert len(response.content) < 4_000
