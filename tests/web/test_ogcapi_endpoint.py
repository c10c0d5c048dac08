"""Objects of OGC API Features over HTTP."""

from __future__ import annotations

import json

import httpx
import points
import pytest
from waiting import wait_until

from wfs_proxy.errors import UpstreamUnreachable

ITEMS = "/ogc/v1/collections/masten/items"
RD = "http://www.opengis.net/def/crs/EPSG/0/28992"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"


def ids_in(response: httpx.Response) -> list[str]:
    assert response.status_code == 200, response.text
    return [feature["id"] for feature in response.json()["features"]]


def link(document: dict, rel: str) -> str:
    (found,) = [each["href"] for each in document["links"] if each["rel"] == rel]
    return found


def test_objects_are_those_of_the_map_endpoint(proxy):
    ours, maps = proxy.get(ITEMS), proxy.get("/layers/masten/features")

    assert ours.headers["content-type"] == "application/geo+json"
    assert ours.json()["features"] == maps.json()["features"]
    assert (ours.json()["numberMatched"], ours.json()["numberReturned"]) == (3, 3)


def test_links_lead_to_the_answer_itself_its_page_and_the_collection(proxy):
    document = proxy.get(f"{ITEMS}?limit=2").json()

    assert proxy.get(link(document, "self")).json() == document
    assert proxy.get(link(document, "alternate")).headers["content-type"].startswith("text/html")
    assert proxy.get(link(document, "collection")).json()["id"] == "masten"
    assert all(each["type"] and each["title"] for each in document["links"])


def test_links_begin_with_the_public_url_and_never_with_the_host(start):
    proxy = start(public_url="https://proxy.example/objecten")
    document = proxy.get(f"{ITEMS}?limit=1", headers={"Host": "attacker.example"}).json()

    assert {each["href"].split("/ogc/")[0] for each in document["links"]} == {"https://proxy.example/objecten"}


def test_pages_are_followed_to_the_end(proxy):
    found, url = [], f"{ITEMS}?limit=2"
    while url:
        document = proxy.get(url).json()
        found += [feature["id"] for feature in document["features"]]
        url = next((each["href"] for each in document["links"] if each["rel"] == "next"), None)

    assert found == ["masten.0000", "masten.0001", "masten.0002"]


def test_a_page_of_replaced_data_is_gone(start):
    proxy = start({"masten": points.fetched(points.grid(3))})
    following = link(proxy.get(f"{ITEMS}?limit=2").json(), "next")
    proxy.answers["masten"] = points.fetched(points.grid(4))
    proxy.clock.now += 7200
    proxy.get(ITEMS)

    def refreshed() -> bool:
        return proxy.get(ITEMS).json()["numberMatched"] == 4

    wait_until(refreshed)
    response = proxy.get(following)
    assert (response.status_code, response.headers["content-type"]) == (410, "application/problem+json")


@pytest.mark.parametrize(("limit", "returned"), [("1", 1), ("2", 2), ("3", 3), ("50000", 3), ("999999999999999", 3)])
def test_limit_above_the_maximum_is_lowered(proxy, limit, returned):
    assert len(ids_in(proxy.get(f"{ITEMS}?limit={limit}"))) == returned


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("limit=0", "limit=0"),
        ("limit=unlimited", "unlimited"),
        ("limit=", "limit="),
        ("limit=1&limit=2", "twice"),
        ("ooga=booga", "'ooga'"),
        ("Limit=1", "Did you mean limit?"),
        ("bbox=1,2,3", "four numbers"),
        ("bbox=a,2,3,4", "numbers"),
        ("bbox=4,53,5,52", "lower left"),
        ("bbox=80000,450000,90000,460000", "bbox-crs"),
        ("bbox=nan,1,2,3", "numbers"),
        ("bbox=1,2,3,1e999", "numbers"),
        ("crs=EPSG:31370", RD),
        ("crs=http://www.opengis.net/def/crs/EPSG/0/1", CRS84),
        ("crs=", "crs="),
        (f"bbox=4,52,5,53&bbox-crs={RD}", "outside"),
        ("bbox=1,2,3,4&bbox-crs=EPSG:1", "bbox-crs"),
        ("datetime=yesterday", "datetime"),
        ("datetime=2026-13-01", "datetime"),
        ("datetime=2026-01-02/2026-01-01", "before"),
        ("datetime=../..", "datetime"),
        ("datetime=/", "datetime"),
        ("cursor=x", "cursor"),
        ("f=xml", "json or html"),
        ("lang=de", "nl or en"),
        ("filter=", "filter"),
    ],
)
def test_a_wrong_parameter_is_a_problem_that_says_what_is_possible(proxy, query, says):
    response = proxy.get(f"{ITEMS}?{query}")

    assert (response.status_code, response.headers["content-type"]) == (400, "application/problem+json")
    assert says in response.json()["detail"]


@pytest.mark.parametrize(
    "value",
    [
        "2026-01-01",
        "2026-01-01T00:00:00Z",
        "2026-01-01T00:00:00.5%2B01:00",
        "2026-01-01/2026-02-01",
        "../2026-02-01",
        "2026-01-01T/..",
        "2026-01-01/",
    ],
)
def test_datetime_selects_all_objects_because_none_has_a_time(proxy, value):
    assert len(ids_in(proxy.get(f"{ITEMS}?datetime={value}"))) == 3


BOX = "4.29,51.99,4.30005,52.01"
"""Around the first of three objects."""


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        (f"bbox={BOX}", ["0000"]),
        ("bbox=4.3,52,4.3,52", ["0000"]),
        ("bbox=4.29,51.99,-5,4.30005,52.01,100", ["0000"]),
        ("bbox=51.99,4.29,52.01,4.30005", []),
        ("bbox=51.99,4.29,52.01,4.30005&bbox-crs=http://www.opengis.net/def/crs/EPSG/0/4326", ["0000"]),
        ("bbox=51.99,4.29,52.01,4.30005&bbox-crs=http://www.opengis.net/def/crs/EPSG/0/4258", ["0000"]),
        (f"bbox={BOX}&bbox-crs={CRS84}", ["0000"]),
        ("bbox=4.29,51.99,4.3003,52.01&limit=2", ["0000", "0001"]),
        ("bbox=170,-10,-170,10", []),
        ("bbox=4.3001,51,-170,53", ["0001", "0002"]),
        ("bbox=477000,6800000,478681,6900000&bbox-crs=EPSG:3857", ["0000"]),
        ("bbox=0,0,1000000,1000000&bbox-crs=EPSG:28992", ["0000", "0001", "0002"]),
    ],
)
def test_a_box_is_read_as_the_standard_says(proxy, query, numbers):
    assert ids_in(proxy.get(f"{ITEMS}?{query}")) == [f"masten.{number}" for number in numbers]


def test_an_answer_names_the_system_of_its_coordinates(proxy):
    assert proxy.get(ITEMS).headers["content-crs"] == f"<{CRS84}>"
    response = proxy.get(f"{ITEMS}?crs={RD}&limit=1")
    assert response.headers["content-crs"] == f"<{RD}>"
    (feature,) = response.json()["features"]
    assert feature["geometry"]["coordinates"] == pytest.approx([80341.535, 446294.305], abs=0.001)
    one = proxy.get(f"{ITEMS}/0000?crs={RD}")
    assert one.headers["content-crs"] == f"<{RD}>"
    assert one.json()["geometry"] == feature["geometry"]


def test_the_queryables_are_linked_in_the_header(proxy):
    assert 'queryables>; rel="http://www.opengis.net/def/rel/ogc/1.0/queryables"' in proxy.get(ITEMS).headers["link"]


@pytest.mark.parametrize("identifier", ["0001", "masten.0001"])
def test_one_object_has_the_links_of_the_standard(proxy, identifier):
    response = proxy.get(f"{ITEMS}/{identifier}")
    feature = response.json()

    assert response.headers["content-type"] == "application/geo+json"
    assert (feature["id"], feature["geometry"]["coordinates"]) == ("masten.0001", [4.3001, 52.0])
    assert proxy.get(link(feature, "self")).json() == feature
    assert link(feature, "collection").endswith("/collections/masten")
    assert "text/html" in proxy.get(link(feature, "alternate")).headers["content-type"]


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        ("/ogc/v1/collections/mast/items", 404, "masten"),
        ("/ogc/v1/collections/mast/items/1", 404, "masten"),
        (f"{ITEMS}/nothing", 404, "nothing"),
        (f"{ITEMS}/", 404, ""),
        (f"{ITEMS}/0001?limit=1", 400, "limit"),
    ],
)
def test_what_does_not_exist_is_a_problem(proxy, path, status, says):
    response = proxy.get(path)

    assert (response.status_code, response.headers["content-type"]) == (status, "application/problem+json")
    assert says in response.json()["detail"]


@pytest.mark.parametrize(
    ("accept", "status", "media_type"),
    [
        (None, 200, "application/geo+json"),
        ("*/*", 200, "application/geo+json"),
        ("application/geo+json", 200, "application/geo+json"),
        ("application/json", 200, "application/geo+json"),
        ("application/*;q=0.5, text/csv", 200, "application/geo+json"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", 200, "text/html; charset=utf-8"),
        ("text/*", 200, "text/html; charset=utf-8"),
        ("text/html;q=0.5, application/geo+json", 200, "application/geo+json"),
        ("application/gml+xml", 406, "application/problem+json"),
        ("application/json;q=0, text/csv", 406, "application/problem+json"),
    ],
)
def test_the_format_is_what_the_client_accepts(proxy, accept, status, media_type):
    headers = {} if accept is None else {"Accept": accept}
    response = proxy.get(ITEMS, headers=headers)

    assert (response.status_code, response.headers["content-type"]) == (status, media_type)


def test_the_parameter_f_wins_over_accept(proxy):
    assert proxy.get(f"{ITEMS}?f=html", headers={"Accept": "*/*"}).headers["content-type"].startswith("text/html")
    assert proxy.get(f"{ITEMS}?f=json", headers={"Accept": "text/html"}).json()["type"] == "FeatureCollection"


def test_equal_answers_have_equal_bytes_and_the_client_keeps_them(proxy):
    first, second = proxy.get(ITEMS), proxy.get(ITEMS)
    assert first.content == second.content
    assert "timeStamp" not in first.json()

    again = proxy.get(ITEMS, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert "Accept" in again.headers.get_list("vary")


def test_every_variant_has_an_etag_of_its_own(proxy):
    paths = [ITEMS, f"{ITEMS}?limit=2", f"{ITEMS}?crs={RD}", f"{ITEMS}?bbox={BOX}", "/layers/masten/features"]
    etags = {proxy.get(path).headers["etag"] for path in paths}

    assert len(etags) == len(paths)


def test_freshness_and_coding_are_those_of_the_map_endpoint(start):
    proxy = start({"masten": points.fetched(points.grid(100))})
    proxy.get(ITEMS)
    ours = proxy.get(ITEMS, headers={"Accept-Encoding": "gzip"})
    maps = proxy.get("/layers/masten/features", headers={"Accept-Encoding": "gzip"})

    same = ("cache-control", "last-modified", "cache-status", "content-encoding", "x-content-type-options")
    assert [ours.headers[name] for name in same] == [maps.headers[name] for name in same]


def test_head_and_options_and_other_methods(proxy):
    head = proxy.client.head(ITEMS)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(proxy.get(ITEMS).content))
    assert proxy.client.options(ITEMS).headers["allow"] == "GET, HEAD, OPTIONS"
    assert proxy.client.post(ITEMS).status_code == 405


def test_a_layer_without_data_is_a_problem_with_retry_after(start):
    proxy = start({"masten": UpstreamUnreachable("no connection")})
    response = proxy.get(ITEMS)

    assert (response.status_code, response.headers["content-type"]) == (503, "application/problem+json")
    assert int(response.headers["retry-after"]) > 0


def test_a_layer_in_cells_needs_a_box(start):
    layer = points.layer(fetch={"mode": "cells", "fresh_for": "1h", "stale_for": "1d"})
    proxy = start({"masten": points.fetched(points.grid(3))}, (layer,))
    response = proxy.get(ITEMS)

    assert response.status_code == 400
    assert "bbox" in response.json()["detail"]


@pytest.mark.parametrize(
    "query",
    [
        f"bbox={BOX.replace('4.29', '4.29995').replace('51.99', '51.9999').replace('52.01', '52.0001')}",
        "bbox=80340,446293,80343,446296&bbox-crs=EPSG:28992",
        "filter=S_INTERSECTS(geometry,POINT(4.3 52.0))",
    ],
)
def test_a_layer_in_cells_answers_for_a_box_in_any_system(start, query):
    layer = points.layer(fetch={"mode": "cells", "fresh_for": "1h", "stale_for": "1d"})
    proxy = start({"masten": points.fetched(points.grid(3))}, (layer,))

    assert ids_in(proxy.get(f"{ITEMS}?{query}")) == ["masten.0000"]


def test_an_unexpected_error_is_a_500_problem_and_is_logged(proxy, monkeypatch, caplog):
    async def fail(*_: object, **_options: object) -> None:
        raise RuntimeError("geheim")

    monkeypatch.setattr(proxy.services.features, "answer", fail)
    response = proxy.get(ITEMS)

    assert (response.status_code, response.json()["layer"]) == (500, "masten")
    assert "geheim" not in response.text
    assert "geheim" in caplog.text


def test_requests_are_counted_by_route(proxy):
    proxy.get(ITEMS)
    proxy.get(f"{ITEMS}/0001")
    text = proxy.get("/metrics").text

    assert 'route="/ogc/v1/collections/{layer_id}/items",status="200"' in text
    assert 'route="/ogc/v1/collections/{layer_id}/items/{feature_id}",status="200"' in text


def test_an_identifier_with_slashes_works_encoded_or_not(start):
    name = "http://data.example/put/1?a=b"
    batch = points.batch({name: (4.3, 52.0)})
    proxy = start({"masten": points.fetched(batch)})
    feature = proxy.get(f"{ITEMS}/http%3A%2F%2Fdata.example%2Fput%2F1%3Fa%3Db").json()

    assert feature["id"] == f"masten.{name}"
    assert proxy.get(f"{ITEMS}/http://data.example/put/1%3Fa=b").json() == feature | {"links": feature["links"]}
    assert json.loads(proxy.get(link(feature, "self")).content) == feature


SOORTEN = points.layer(
    properties={
        "id": "nummer",
        "fields": {"nummer": "string", "soort": "string", "aantal": "integer", "limit": "string", "geplaatst": "date"},
    },
    reports={"vendor": {"field": "storing", "values": ["1"]}},
)


@pytest.fixture
def drains(start):
    """Three drains on a line from 80341.5, 446294.3 in RD, seven metres apart."""
    columns = {
        "nummer": ["0000", "0001", "0002"],
        "soort": ["kolk", "put", None],
        "aantal": [1, 2, 3],
        "limit": ["a", "b", "c"],
        "geplaatst": ["2020-05-01", None, "2024-05-01"],
    }
    places = {f"{number:04d}": (4.3 + number * 1e-4, 52.0) for number in range(3)}
    batch = points.batch(places, columns, vendor=["1", None, None])
    return start({"masten": points.fetched(batch)}, (SOORTEN,))


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("soort=kolk", ["0000"]),
        ("soort=", []),
        ("aantal=2", ["0001"]),
        ("geplaatst=2024-05-01", ["0002"]),
        ("IS_GEMELD=1", ["0000"]),
        ("meldingstatus=0&aantal=3", ["0002"]),
        ("soort=kolk&aantal=2", []),
        ("filter=soort='kolk'", ["0000"]),
        ("filter=soort='kolk'&filter-lang=cql2-text", ["0000"]),
        ("filter=soort%3C%3E'kolk'", ["0001"]),
        ("filter=soort%20IS%20NULL%20OR%20aantal%20%3C%202", ["0000", "0002"]),
        ("filter=CASEI(soort)=CASEI('KOLK')", ["0000"]),
        ("filter=soort+LIKE+'%25u%25'", ["0001"]),
        ("filter=geplaatst%3EDATE('2021-01-01')", ["0002"]),
        ("filter=\"limit\"='b'", ["0001"]),
        ("filter=IS_GEMELD='1'&bbox=4,51,5,53", ["0000"]),
        ("filter=soort='put'&bbox=4,51,4.30005,53", []),
        ("filter=S_INTERSECTS(geometry,BBOX(4.30005,51,4.30015,53))", ["0001"]),
        (
            "filter=S_INTERSECTS(geometry,POINT(52.0 4.3))&filter-crs=http://www.opengis.net/def/crs/EPSG/0/4326",
            ["0000"],
        ),
        ("filter=S_INTERSECTS(geometry,BBOX(80000,446000,80345,446400))&filter-crs=EPSG:28992", ["0000"]),
        ("filter=S_INTERSECTS(geom,BBOX(4.30015,51,4.3,53))", ["0000", "0002"]),
        ("filter=S_DISJOINT(geometry,BBOX(4.30015,51,4.30005,53))", ["0001"]),
        ("bbox=4.30015,51,4.30005,53", ["0000", "0002"]),
        ("bbox=51,4,53,5", []),
        ("filter=HASID('0002','masten.0000')", ["0000", "0002"]),
        ("bbox=80000,446000,80345,446400&bbox-crs=EPSG:28992", ["0000"]),
        ("bbox=80000,446000,80345,446400&bbox-crs=EPSG:28992&soort=put", []),
        ("sortby=-aantal", ["0002", "0001", "0000"]),
        ("sortby=%2Bsoort", ["0000", "0001", "0002"]),
        ("sortby=+soort,-aantal&limit=2", ["0000", "0001"]),
    ],
)
def test_objects_are_filtered_and_sorted(drains, query, numbers):
    assert ids_in(drains.get(f"{ITEMS}?{query}")) == [f"masten.{number}" for number in numbers]


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("soor=kolk", "Did you mean soort?"),
        ("soor=kolk&limit=1&lmit=2", "'soor', 'lmit'"),
        ("filter=S_INTERSECTS(nonsense,BBOX(4,51,5,53))", "'geometry'"),
        ("filter=S_WITHIN(soort,BBOX(4,51,5,53))", "'soort' is not the location"),
        ("filter=NOT S_DISJOINT(BBOX(4,51,5,53), footprint)", "'footprint' is not the location"),
        ("filter=S_INTERSECTS(geometri,POINT(4 52))", "Did you mean 'geometry'?"),
        ("filter=S_INTERSECTS(soort,POLYGON((4 51,5 51,5 53,4 51)))", "not the location"),
        ("filter=S_INTERSECTS(geometry,BBOX(4,53,5,51))", "wrong order"),
        ("filter=S_INTERSECTS(geometry,BBOX(80345,446000,80000,446400))&filter-crs=EPSG:28992", "wrong order"),
        ("sortby=soor", "The layer has no property 'soor'. Did you mean 'soort'?"),
        ("soort=kolk&aantal=veel", "The property 'aantal' has whole numbers, not 'veel'."),
        ("filter=soort=5", "The property 'soort' has texts, not 5."),
        ("aantal=twee", "whole numbers"),
        ("geplaatst=gisteren", "dates"),
        ("filter=soor='kolk'", "Did you mean 'soort'?"),
        ("filter=soort=1", "texts"),
        ("filter=soort='kolk", "without an end"),
        ("filter=soort", "condition"),
        ("filter=" + "(" * 1000, "parentheses"),
        ("filter=soort='kolk'&filter-lang=cql2-json", "cql2-text"),
        ("filter-lang=xyz", "cql2-text"),
        ("filter=soort='kolk'&filter-crs=EPSG:1", "filter-crs"),
        ("sortby=soor", "soort"),
        ("geometry=1", "geometry"),
    ],
)
def test_a_wrong_filter_is_a_problem_that_says_what_is_possible(drains, query, says):
    response = drains.get(f"{ITEMS}?{query}")

    assert (response.status_code, response.headers["content-type"]) == (400, "application/problem+json")
    assert says in response.json()["detail"]


def test_pages_keep_the_filter_the_order_and_the_system(drains):
    found, url = [], f"{ITEMS}?filter=aantal%3E1%20OR%20soort%3D'kolk'&sortby=-aantal&limit=1&crs={RD}&IS_GEMELD=0"
    while url:
        response = drains.get(url)
        assert response.headers["content-crs"] == f"<{RD}>"
        assert response.json()["numberMatched"] == 2
        found += [feature["properties"]["nummer"] for feature in response.json()["features"]]
        url = next((each["href"] for each in response.json()["links"] if each["rel"] == "next"), None)

    assert found == ["0002", "0001"]


def test_a_property_named_as_a_parameter_is_no_parameter(drains):
    assert len(ids_in(drains.get(f"{ITEMS}?limit=2"))) == 2
    document = drains.get("/ogc/v1/openapi.json").json()
    parameters = document["paths"]["/collections/masten/items"]["get"]["parameters"]
    names = [each.get("name") for each in parameters]
    assert ("soort" in names, "limit" in names) == (True, False)
