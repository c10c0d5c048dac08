from __future__ import annotations

import json
from email.utils import formatdate

import geojson
import httpx
import points
import pytest

from wfs_proxy.errors import UpstreamUnreachable
from wfs_proxy.serve.query import DEFAULT_LIMIT

FEATURES = "/layers/masten/features"


def collection(response: httpx.Response) -> dict:
    """Return the body, which must be valid GeoJSON."""
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/geo+json"
    body = geojson.loads(response.content)
    assert body.is_valid, body.errors()
    return json.loads(response.content)


def test_a_box_returns_the_points_in_it(proxy):
    body = collection(proxy.get(f"{FEATURES}?bbox=4.3,51.9,4.30015,52.1,EPSG:4326"))
    assert [feature["id"] for feature in body["features"]] == ["masten.0000", "masten.0001"]
    assert (body["numberMatched"], body["numberReturned"]) == (2, 2)


def test_a_box_without_objects_returns_an_empty_list(proxy):
    body = collection(proxy.get(f"{FEATURES}?bbox=5,51,6,52"))
    assert (body["features"], body["numberMatched"], body["numberReturned"]) == ([], 0, 0)


def test_a_layer_without_objects_returns_an_empty_list(start):
    proxy = start({"masten": points.fetched(points.batch({}, {"nummer": []}))})
    assert collection(proxy.get(f"{FEATURES}?bbox=4,51,6,53"))["features"] == []


def test_every_answer_has_header_fields_about_its_freshness(proxy):
    response = proxy.get(FEATURES)
    assert response.headers["cache-status"] == "wfs-proxy; fwd=miss; stored; ttl=3600"
    proxy.clock.now += 600
    response = proxy.get(FEATURES)
    assert response.headers["cache-status"] == "wfs-proxy; hit; ttl=3000"
    assert response.headers["cache-control"] == "public, max-age=3000"
    assert response.headers["last-modified"] == formatdate(proxy.clock.now - 600, usegmt=True)
    assert response.headers["vary"] == "Accept-Encoding"
    assert response.headers["etag"].startswith('"')
    assert "age" not in response.headers


def test_an_answer_with_stale_data_is_fresh_for_ten_seconds(proxy):
    proxy.get(FEATURES)
    proxy.answers["masten"] = UpstreamUnreachable("no connection")
    proxy.clock.now += 3700
    response = proxy.get(FEATURES)
    assert response.status_code == 200
    assert response.headers["cache-status"] == "wfs-proxy; hit; ttl=-100"
    assert response.headers["cache-control"] == "public, max-age=10"


@pytest.mark.parametrize("path", [FEATURES, f"{FEATURES}/masten.0001"])
def test_a_client_with_a_current_copy_gets_304(proxy, path):
    first = proxy.get(path)
    for known in (
        {"If-None-Match": first.headers["etag"]},
        {"If-Modified-Since": first.headers["last-modified"]},
    ):
        again = proxy.get(path, headers=known)
        assert (again.status_code, again.content) == (304, b"")
        for field in ("etag", "cache-control", "last-modified", "vary", "access-control-allow-origin"):
            assert again.headers[field]


@pytest.mark.parametrize("date", ["yesterday", "Mon, 99 Foo 9999999999 99:99:99 GMT", ""])
def test_an_invalid_date_is_ignored(proxy, date):
    assert proxy.get(FEATURES, headers={"If-Modified-Since": date}).status_code == 200


@pytest.mark.parametrize("path", [FEATURES, f"{FEATURES}/masten.0001", f"{FEATURES}?bbox=x", "/layers", "/nothing"])
def test_head_is_get_without_the_body(proxy, path):
    proxy.get(FEATURES)
    got, head = proxy.get(path), proxy.client.head(path)
    assert (head.status_code, head.content) == (got.status_code, b"")
    assert {**head.headers, "date": ""} == {**got.headers, "date": ""}


def test_a_truncated_answer_has_a_header_field_and_is_counted(start):
    proxy = start({"masten": points.fetched(points.grid(DEFAULT_LIMIT + 1))})
    response = proxy.get(f"{FEATURES}?bbox=4,51,6,53")
    assert response.headers["features-truncated"] == f"returned={DEFAULT_LIMIT}, matched={DEFAULT_LIMIT + 1}"
    assert collection(response)["numberMatched"] == DEFAULT_LIMIT + 1
    assert "features-truncated" not in proxy.get(f"{FEATURES}?bbox=4,51,6,53&limit=10").headers
    assert 'wfs_proxy_truncated_answers_total{layer="masten"} 1.0' in proxy.get("/metrics").text


def test_a_box_with_latitude_first_is_answered_as_the_swapped_one_and_counted(proxy):
    right = proxy.get(f"{FEATURES}?bbox=4.3,51.9,4.30015,52.1")
    metric = 'wfs_proxy_swapped_boxes_total{layer="masten"}'
    assert metric not in proxy.get("/metrics").text
    swapped = proxy.get(f"{FEATURES}?bbox=51.9,4.3,52.1,4.30015")
    assert (swapped.content, swapped.headers["etag"]) == (right.content, right.headers["etag"])
    again = proxy.get(f"{FEATURES}?bbox=51.9,4.3,52.1,4.30015", headers={"If-None-Match": right.headers["etag"]})
    assert again.status_code == 304
    assert f"{metric} 2.0" in proxy.get("/metrics").text


def test_a_box_that_names_its_sides_is_never_swapped(proxy):
    body = collection(proxy.get(f"{FEATURES}?west=51.9&south=4.3&east=52.1&north=4.30015"))
    assert body["features"] == []


def test_the_pages_of_a_swapped_box_continue_it(proxy):
    first = collection(proxy.get(f"{FEATURES}?bbox=51.9,4.3,52.1,4.30015&limit=1"))
    second = collection(proxy.get(first["links"][0]["href"]))
    assert [feature["id"] for page in (first, second) for feature in page["features"]] == ["masten.0000", "masten.0001"]


def test_page_links_do_not_contain_the_host_of_the_request(proxy):
    response = proxy.get(f"{FEATURES}?limit=2", headers={"Host": "evil.example"})
    (link,) = collection(response)["links"]
    assert link["rel"] == "next"
    assert link["href"].startswith("/layers/masten/features?limit=2&cursor=")
    assert [feature["id"] for feature in collection(proxy.get(link["href"]))["features"]] == ["masten.0002"]


def test_page_links_start_with_the_public_url(start):
    proxy = start(public_url="https://example.org/kaart")
    (link,) = collection(proxy.get(f"{FEATURES}?limit=2"))["links"]
    assert link["href"].startswith("https://example.org/kaart/layers/masten/features?limit=2&cursor=")


@pytest.mark.parametrize(
    ("feature_id", "paths"),
    [
        ("034575", ["034575", "masten.034575"]),
        ("a/b", ["a/b", "a%2Fb", "masten.a%2fb"]),
        ("http://data.example/put|1", ["http://data.example/put|1", "http%3A%2F%2Fdata.example%2Fput%7C1"]),
        ("Ålesund", ["Ålesund", "%C3%85lesund"]),
        ("50%", ["50%25"]),
        ("a?b#c d", ["a%3Fb%23c%20d"]),
    ],
)
def test_an_object_is_found_by_its_id_in_any_encoding(start, feature_id, paths):
    proxy = start({"masten": points.fetched(points.batch({feature_id: (4.3, 52.0), "other": (4.4, 52.0)}))})
    for path in paths:
        response = proxy.get(f"{FEATURES}/{path}")
        assert response.status_code == 200, response.text
        assert geojson.loads(response.content).is_valid
        assert response.json()["id"] == f"masten.{feature_id}"


@pytest.mark.parametrize("path", ["masten.9999", "", "0001/"])
def test_an_unknown_object_is_404(proxy, path):
    response = proxy.get(f"{FEATURES}/{path}")
    assert (response.status_code, response.json()["layer"]) == (404, "masten")


@pytest.mark.parametrize(
    ("path", "status", "kind", "says"),
    [
        ("/layers/mast/features", 404, "not-found", "did you mean 'masten'?"),
        ("/layers/mast/features/1", 404, "not-found", "did you mean 'masten'?"),
        (f"{FEATURES}?bbox=1,2,3", 400, "bad-request", "four numbers"),
        (f"{FEATURES}?filter=%3CFilter%3E", 400, "bad-request", "not well-formed XML"),
        (f"{FEATURES}?filter=nummer%3D'1'", 400, "bad-request", "The layer has no property"),
        (f"{FEATURES}?bbox=1,2,3,4,EPSG:28992", 400, "bad-request", "EPSG:28992"),
        (f"{FEATURES}?cursor=abc.1", 410, "gone", "first page"),
    ],
)
def test_a_wrong_request_gets_a_problem_that_maps_can_read(proxy, path, status, kind, says):
    response = proxy.get(path, headers={"Origin": "https://meldingen.example"})
    problem = response.json()
    assert response.status_code == problem["status"] == status
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["access-control-allow-origin"] == "*"
    assert response.headers["cache-control"] == "no-store"
    assert problem["type"] == f"/problems/{kind}"
    assert says in problem["detail"]
    assert problem["title"]
    assert proxy.get(problem["type"]).json()["title"] == problem["title"]


def test_a_layer_without_data_is_503_with_retry_after_and_without_credentials(start):
    secret = "http://user:geheim@vendor.example/wfs?key=geheim#geheim"
    proxy = start({"masten": UpstreamUnreachable(f"no answer from {secret} within 20 s")})
    response = proxy.get(FEATURES)
    assert (response.status_code, response.headers["retry-after"]) == (503, "5")
    assert "http://vendor.example/wfs within 20 s" in response.json()["detail"]
    assert response.json()["layer"] == "masten"
    for path in (FEATURES, "/layers", "/layers/masten", "/readyz", "/metrics"):
        assert "geheim" not in proxy.get(path).text


def test_an_unexpected_error_is_500_without_a_traceback(proxy, monkeypatch, caplog):
    def fail(*_: object) -> None:
        raise RuntimeError("geheim")

    monkeypatch.setattr(proxy.services.features, "features", fail)
    response = proxy.get(FEATURES)
    assert response.json() == {
        "type": "about:blank",
        "title": "Internal Server Error",
        "status": 500,
        "detail": "Internal error; see the proxy log.",
        "layer": "masten",
    }
    assert "geheim" in caplog.text


@pytest.mark.parametrize("path", [FEATURES, f"{FEATURES}/1", "/layers"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_other_methods_are_405(proxy, method, path):
    response = proxy.client.request(method, path)
    assert (response.status_code, response.headers["allow"]) == (405, "GET, HEAD, OPTIONS")
    assert response.headers["content-type"] == "application/problem+json"


def test_a_filter_selects_by_served_properties_marks_and_the_names_of_the_vendor(start):
    fields = {"soort": {"from": "soort_put", "type": "string"}, "hoogte": "number"}
    layer = points.layer(properties={"fields": fields}, reports={"signalen": "default", "categories": ["lamp"]})
    places = {f"{i}": (4.3 + i * 1e-3, 52.0) for i in range(4)}
    columns = {"soort": ["kolk", "kolk", "put", None], "hoogte": [1.0, 2.5, None, 4.0]}
    proxy = start({"masten": points.fetched(points.batch(places, columns))}, (layer,))

    def ids(**parameters: str) -> list[str]:
        answer = proxy.get(FEATURES, params=parameters)
        assert answer.status_code == 200, answer.text
        assert answer.json()["numberMatched"] == len(answer.json()["features"])
        return sorted(feature["id"].removeprefix("masten.") for feature in answer.json()["features"])

    assert (
        ids(filter="soort = 'kolk'") == ids(filter="soort_put = 'kolk'") == ids(cql_filter="soort='kolk'") == ["0", "1"]
    )
    assert ids(filter="hoogte > 2") == ["1", "3"]
    assert ids(filter="NOT soort = 'kolk'") == ["2"]
    assert ids(filter="hoogte > 2", bbox="4.3,51.9,4.3015,52.1") == ["1"]
    assert ids(filter=CLASSIC) == ["1"]
    in_rd = {"filter": "S_INTERSECTS(geometry, BBOX(80340, 446290, 80345, 446300))", "filter-crs": "EPSG:28992"}
    assert ids(**in_rd) == ["0"]
    assert ids(filter="IS_GEMELD = '1'") == []
    proxy.report("2")
    assert ids(filter="IS_GEMELD = '1'") == ids(filter="meldingstatus = 1") == ["2"]


def test_the_next_page_of_an_area_in_rd_has_the_area(start):
    proxy = start({"masten": points.fetched(points.grid(9))})
    area = {"filter": "S_INTERSECTS(geometry, BBOX(80340, 446290, 80363, 446300))", "filter-crs": "EPSG:28992"}

    first = proxy.get(FEATURES, params={**area, "limit": 2}).json()
    second = proxy.get(first["links"][0]["href"]).json()

    assert [feature["id"] for feature in second["features"]] == ["masten.0002", "masten.0003"]


@pytest.mark.parametrize(
    ("filter_", "crs", "says"),
    [
        ("S_INTERSECTS(geometry, BBOX(4, 51, 5, 53))", "EPSG:1", "'EPSG:1'"),
        ("<Filter><FeatureId fid='1'/></Filter>", "EPSG:28992", "srsName"),
    ],
)
def test_a_wrong_system_of_a_filter_is_refused(proxy, filter_, crs, says):
    response = proxy.get(FEATURES, params={"filter": filter_, "filter-crs": crs})

    assert (response.status_code, says in response.json()["detail"]) == (400, True)


CLASSIC = (
    "<Filter><And><PropertyIsEqualTo><PropertyName>soort_put</PropertyName><Literal>kolk</Literal></PropertyIsEqualTo>"
    '<BBOX><gml:Envelope srsName="EPSG:4326"><lowerCorner>4.3005 51.9</lowerCorner><upperCorner>4.31 52.1</upperCorner>'
    "</gml:Envelope></BBOX></And></Filter>"
)


def test_the_next_page_of_a_filter_has_the_filter(start):
    proxy = start({"masten": points.fetched(points.grid(9))})
    wanted = "HASID('0001', '0003', '0005')"

    first = proxy.get(FEATURES, params={"filter": wanted, "limit": 2}).json()
    second = proxy.get(first["links"][0]["href"]).json()

    assert (first["numberMatched"], second["numberMatched"]) == (3, 3)
    assert [feature["id"] for feature in second["features"]] == ["masten.0005"]
