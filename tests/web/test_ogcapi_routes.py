"""The documents of OGC API Features, and its pages, over HTTP."""

from __future__ import annotations

import html
import re
from urllib.parse import unquote, urljoin, urlsplit

import points
import pytest

from wfs_proxy.errors import UpstreamUnreachable

API = "/ogc/v1"
COLLECTION = f"{API}/collections/masten"
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "Accept-Language": "en"}

JSON_TYPES = {
    API: "application/json",
    f"{API}/": "application/json",
    f"{API}/conformance": "application/json",
    f"{API}/collections": "application/json",
    COLLECTION: "application/json",
    f"{COLLECTION}/queryables": "application/schema+json",
    f"{COLLECTION}/schema": "application/schema+json",
    f"{API}/api": "application/vnd.oai.openapi+json;version=3.0",
}
PAGES = [*JSON_TYPES, f"{COLLECTION}/items", f"{COLLECTION}/items/0001"]


def hrefs(document: dict) -> dict[str, str]:
    return {each["rel"]: each["href"] for each in reversed(document["links"])}


@pytest.mark.parametrize(("path", "media_type"), JSON_TYPES.items())
def test_every_document_has_its_media_type_and_is_kept_by_the_client(proxy, path, media_type):
    response = proxy.get(path)
    assert (response.status_code, response.headers["content-type"]) == (200, media_type)
    assert response.headers["access-control-allow-origin"] == "*"

    again = proxy.get(path, headers={"If-None-Match": response.headers["etag"]})
    assert again.status_code == 304


def test_all_links_of_all_documents_lead_somewhere(proxy):
    proxy.get(f"{COLLECTION}/items")
    to_visit, seen = [API], set()
    while to_visit:
        path = to_visit.pop()
        response = proxy.get(path)
        assert response.status_code == 200, path
        seen.add(path)
        if "json" in response.headers["content-type"]:
            document = response.json()
            documents = [document, *document.get("collections", [])]
            found = {each["href"] for one in documents for each in one.get("links", [])}
            to_visit += found - seen - set(to_visit)

    assert {f"{API}/conformance", f"{COLLECTION}/schema", f"{COLLECTION}/items?f=html"} <= seen


def test_the_landing_page_has_what_the_standard_demands(proxy):
    rels = hrefs(proxy.get(API).json())

    assert {"self", "alternate", "service-desc", "service-doc", "conformance", "data"} <= rels.keys()


def test_collections_have_extent_and_systems(proxy):
    proxy.get(f"{COLLECTION}/items")
    document = proxy.get(f"{API}/collections").json()
    (collection,) = document["collections"]

    assert collection == proxy.get(COLLECTION).json()
    assert collection["extent"]["spatial"]["bbox"] == [[4.3, 52.0, 4.3002, 52.0]]
    assert collection["crs"] == document["crs"]
    assert document["crs"][0] == collection["storageCrs"] == "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
    assert "http://www.opengis.net/def/crs/EPSG/0/28992" in document["crs"]
    assert collection["itemType"] == "feature"


def test_a_broken_layer_hides_no_other(start):
    layers = (points.layer(), points.layer("kapot"))
    proxy = start({"masten": points.fetched(points.grid(3)), "kapot": UpstreamUnreachable("no connection")}, layers)
    proxy.get(f"{COLLECTION}/items")
    collections = proxy.get(f"{API}/collections").json()["collections"]

    assert {each["id"]: "extent" in each for each in collections} == {"masten": True, "kapot": False}
    assert proxy.get(f"{API}/collections/kapot").status_code == 200
    assert proxy.get(f"{API}/collections/kapot/items").status_code == 503
    assert proxy.get(f"{API}/collections/kapot/items", headers=BROWSER).status_code == 503


def test_a_layer_in_cells_has_the_extent_of_its_file(start):
    source = {"type": "wfs", "url": "http://127.0.0.1:9/wfs", "type_names": ["a"], "extent": [4, 51, 5, 52]}
    layer = points.layer(source=source, fetch={"mode": "cells"})
    proxy = start({"masten": points.fetched(points.grid(3))}, (layer,))

    assert proxy.get(COLLECTION).json()["extent"]["spatial"]["bbox"] == [[4.0, 51.0, 5.0, 52.0]]


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("query", ["ooga=booga", "f=xml", "f=json&f=json", "lang=de", "lang="])
def test_unknown_parameters_and_formats_are_refused_everywhere(proxy, path, query):
    response = proxy.get(f"{path}?{query}")

    assert (response.status_code, response.headers["content-type"]) == (400, "application/problem+json")


@pytest.mark.parametrize("path", PAGES)
def test_what_cannot_be_accepted_is_406(proxy, path):
    assert proxy.get(path, headers={"Accept": "image/png"}).status_code == 406


@pytest.mark.parametrize("path", [f"{API}/nothing", f"{API}/collections/", f"{COLLECTION}/", f"{COLLECTION}/tiles"])
def test_unknown_paths_are_problems(proxy, path):
    response = proxy.get(path)

    assert (response.status_code, response.headers["content-type"]) == (404, "application/problem+json")


def test_an_unknown_collection_names_the_nearest(proxy):
    for path in ("", "/queryables", "/schema", "/items"):
        response = proxy.get(f"{API}/collections/mast{path}", headers={"Accept": "application/*"})
        assert (response.status_code, "masten" in response.json()["detail"]) == (404, True)


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", ["en", "nl"])
def test_browsers_get_a_page_in_their_language_without_anything_foreign(proxy, path, language):
    response = proxy.get(path, headers={**BROWSER, "Accept-Language": language})

    assert response.status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    if path != f"{API}/api":
        assert response.headers["content-language"] == language
        assert f'<html lang="{language}">' in response.text
        assert "default-src 'none'" in response.headers["content-security-policy"]


@pytest.mark.parametrize("path", PAGES)
def test_relative_links_of_pages_lead_somewhere(proxy, path):
    page = proxy.get(path, headers=BROWSER)
    links = [html.unescape(target) for target in re.findall(r'(?:href|src)="([^#"][^"]*)"', page.text)]

    assert links
    for target in links:
        found = proxy.get(urljoin(f"http://proxy{path}", target).removeprefix("http://proxy"), headers=BROWSER)
        assert found.status_code == 200, target


def test_a_page_of_objects_goes_on(start):
    proxy = start({"masten": points.fetched(points.grid(60))})
    page = proxy.get(f"{COLLECTION}/items?lang=nl", headers=BROWSER).text

    assert "50 van 60 objecten" in page
    assert 'rel="next"' in page
    assert "lang=nl" in page.partition('rel="next"')[2].partition(">")[0]


def test_a_page_of_objects_escapes_what_vendors_write(start):
    batch = points.batch({"1": (4.3, 52.0)}, {"naam": ["<script>alert(1)</script>"]})
    proxy = start({"masten": points.fetched(batch)})

    for path in (f"{COLLECTION}/items", f"{COLLECTION}/items/1"):
        page = proxy.get(path, headers=BROWSER).text
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page


ERRORS = {
    f"{COLLECTION}/items?soor=kolk": (400, "Deze vraag klopt niet"),
    f"{COLLECTION}/items?limit=0&f=html": (400, "Deze vraag klopt niet"),
    f"{COLLECTION}/items?limit=1&cursor=abc.1": (410, "De kaartlaag is intussen vernieuwd"),
    f"{COLLECTION}/items/nothing": (404, "Deze pagina bestaat niet"),
    f"{COLLECTION}/nothing": (404, "Deze pagina bestaat niet"),
    f"{API}/collections/<b>": (404, "Deze pagina bestaat niet"),
    f"{API}/collections/%3Cb%3E/items": (404, "Deze pagina bestaat niet"),
    f"{API}/nothing": (404, "Deze pagina bestaat niet"),
    f"{API}/conformance?x=<b>": (400, "Deze vraag klopt niet"),
    f"{API}/collections/broken/items": (503, "De objecten zijn er nog niet"),
}


@pytest.fixture
def half_broken(start):
    answers = {"masten": points.fetched(points.grid(3)), "broken": UpstreamUnreachable("no answer")}
    return start(answers, (points.layer(), points.layer("broken")))


@pytest.mark.parametrize(("path", "status", "heading"), [(path, *rest) for path, rest in ERRORS.items()])
def test_browsers_get_errors_as_pages_with_the_way_back(half_broken, path, status, heading):
    response = half_broken.get(path, headers={**BROWSER, "Accept-Language": "nl"})
    page = response.text

    assert (response.status_code, response.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert f"<h1>{heading}</h1>" in page
    assert (response.headers["content-language"], response.headers["cache-control"]) == ("nl", "no-store")
    assert "default-src 'none'" in response.headers["content-security-policy"]
    assert ("retry-after" in response.headers) == (status == 503)
    assert "<b>" not in page
    links = [html.unescape(target) for target in re.findall(r'(?:href|src)="([^#"][^"]*)"', page)]
    found = {urljoin(f"http://proxy{path}", target).removeprefix("http://proxy") for target in links}
    assert f"{API}/collections" in found
    assert (COLLECTION in found) == path.startswith(f"{COLLECTION}/")
    assert (f"{COLLECTION}/items?limit=1" in found) == (status == 410)
    for target in found:
        status_of_link = half_broken.get(target, headers=BROWSER).status_code
        assert status_of_link == 200 or unquote(urlsplit(target).path) == unquote(urlsplit(path).path), target


@pytest.mark.parametrize("path", ERRORS)
def test_programs_get_the_same_errors_as_problem_documents(half_broken, path):
    for accept in ("*/*", "application/json", "application/geo+json, text/html;q=0.5"):
        response = half_broken.get(path.replace("&f=html", ""), headers={"Accept": accept})

        assert response.status_code == ERRORS[path][0]
        assert response.headers["content-type"] == "application/problem+json"


def test_only_pages_of_the_api_have_errors_as_pages(half_broken):
    for path in ("/v1/nothing", "/nothing", "/layers/masten/features?bbox=1", f"{API}/collections?f=xml"):
        response = half_broken.get(path, headers=BROWSER)
        assert response.headers["content-type"] == "application/problem+json", path


def test_the_openapi_document_is_at_two_paths(proxy):
    assert proxy.get(f"{API}/openapi.json").json() == proxy.get(f"{API}/api?f=json").json()
    assert "openapi.json" in proxy.get(f"{API}/api?f=html").text


def test_the_face_is_not_in_the_document_of_our_own_api(proxy):
    assert not [path for path in proxy.get("/openapi.json").json()["paths"] if path.startswith(API)]


def test_layers_of_several_vendors_with_one_title_can_be_told_apart(start):
    layers = (points.layer(title="Lichtmasten", organisation="Den Haag"), points.layer("b", title="Lichtmasten"))
    proxy = start({"masten": points.fetched(points.grid(1)), "b": points.fetched(points.grid(1), "b")}, layers)

    titles = {each["id"]: each["title"] for each in proxy.get(f"{API}/collections").json()["collections"]}

    assert titles == {"masten": "Lichtmasten (Den Haag)", "b": "Lichtmasten"}


@pytest.mark.parametrize("path", [path for path in PAGES if path != f"{API}/api"])
def test_pages_lead_to_the_documentation_of_this_api(proxy, path):
    page = proxy.get(path, headers=BROWSER).text
    (target,) = re.findall(r'<nav class="page-links"[^>]*>\s*<a href="([^"]+)"', page)

    assert urljoin(f"http://proxy{path}", html.unescape(target)) == f"http://proxy{API}/api?f=html"
