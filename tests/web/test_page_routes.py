"""The map page and its files, as a client without JavaScript gets them."""

from __future__ import annotations

import gzip
import re

import httpx
import points
import pytest
from lxml import html

from wfs_proxy.errors import UpstreamUnreachable

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
DUTCH = {**BROWSER, "Accept-Language": "nl"}
HOSTILE = "<script>alert('x')</script>"


def page(proxy, path: str = "/", **headers: str) -> html.HtmlElement:
    return html.fromstring(proxy.get(path, headers={**DUTCH, **headers}).text)


def text_of(element: html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def rows(document: html.HtmlElement) -> list[str]:
    return [text_of(item) for item in document.xpath("//*[@id='list']//li")]


def test_browsers_get_the_page_and_other_clients_links(proxy):
    answer = proxy.get("/")

    assert proxy.get("/", headers=BROWSER).headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-type"] == "application/json"
    assert {link["rel"]: link["href"] for link in answer.json()["links"]} == {
        "self": "/", "alternate": "/", "data": "/layers", "service-desc": "/openapi.json", "service-doc": "/docs",
        "status": "/readyz",
    }  # fmt: skip
    assert all(proxy.get(link["href"]).status_code != 404 for link in answer.json()["links"])


def test_links_have_the_public_url(start):
    proxy = start(public_url="https://proxy.example/kaart")

    assert proxy.get("/").json()["links"][2]["href"] == "https://proxy.example/kaart/layers"


@pytest.mark.parametrize("headers", [BROWSER, {"Accept": "application/json"}])
def test_the_answer_varies_and_can_be_revalidated(proxy, headers):
    first = proxy.get("/", headers=headers)
    again = proxy.get("/", headers={**headers, "If-None-Match": first.headers["etag"]})

    assert {"accept", "accept-language", "accept-encoding"} <= {
        name.strip().lower() for name in first.headers["vary"].split(",")
    }
    assert first.headers["cache-control"] == "no-cache"
    assert (again.status_code, again.content) == (304, b"")


def test_head_has_the_fields_of_get_and_no_body(proxy):
    got = proxy.get("/", headers=BROWSER)
    head = proxy.client.head("/", headers=BROWSER)

    assert (head.status_code, head.content) == (200, b"")
    assert {name: head.headers[name] for name in ("etag", "content-length", "content-type")} == {
        name: got.headers[name] for name in ("etag", "content-length", "content-type")
    }


def test_the_security_fields_are_strict(proxy):
    fields = proxy.get("/", headers=BROWSER).headers

    assert (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self';"
        in (fields["content-security-policy"])
    )
    assert (fields["x-content-type-options"], fields["referrer-policy"]) == ("nosniff", "no-referrer")


def test_the_policy_names_the_host_of_tiles_that_are_configured(start):
    proxy = start(map_tiles="https://tiles.example/{z}/{x}/{y}.png")
    answer = proxy.get("/", headers=BROWSER)

    assert "img-src 'self' https://tiles.example data:;" in answer.headers["content-security-policy"]
    assert "tiles.example" in text_of(html.fromstring(answer.text).xpath("//*[@id='background']")[0])
    assert html.fromstring(start().get("/", headers=BROWSER).text).xpath("//*[@id='background']") == []


@pytest.mark.parametrize(
    ("path", "accept_language", "language"),
    [("/", "nl", "nl"), ("/", "en-GB", "en"), ("/?lang=en", "nl", "en"), ("/?lang=nl", "en", "nl"), ("/", "fr", "nl")],
)
def test_the_language_is_the_chosen_or_the_browsers(proxy, path, accept_language, language):
    answer = proxy.get(path, headers={**BROWSER, "Accept-Language": accept_language})
    document = html.fromstring(answer.text)

    assert document.get("lang") == answer.headers["content-language"] == language
    assert text_of(document.xpath("//*[@id='layers-title']")[0]) == {"nl": "Kaartlagen", "en": "Layers"}[language]
    (switch,) = document.xpath("//nav[@class='languages']/a")
    assert switch.get("href") == f"?lang={({'nl': 'en', 'en': 'nl'})[language]}"


def test_layers_are_listed_with_count_and_freshness(start):
    layers = (points.layer("masten", organisation="Gemeente"), points.layer("putten"))
    proxy = start({"masten": points.fetched(points.grid(1200)), "putten": UpstreamUnreachable("no")}, layers)
    proxy.get("/layers/masten/features")
    masten, putten = (text_of(item) for item in page(proxy).xpath("//*[@id='layers']/li"))

    assert "Title of masten Gemeente" in masten
    assert "1.200 objecten" in masten
    assert "Actueel, opgehaald" in masten
    assert "Aantal onbekend" in putten
    assert "Nog geen gegevens" in putten


def test_marked_objects_are_counted_and_named(start):
    blocks = {
        "properties": {"id": "nummer", "fields": {"nummer": "string", "soort": "string"}},
        "reports": {"signalen": "default", "categories": ["lamp"], "match": {"fields": ["nummer"]}},
    }
    batch = points.batch({"1": (4.3, 52.0), "2": (4.31, 52.0)}, {"nummer": ["1", "2"], "soort": ["kolk", None]})
    proxy = start({"masten": points.fetched(batch)}, (points.layer(**blocks),), instances=None)
    proxy.get("/layers/masten/features")
    proxy.report("1")
    document = page(proxy, "/?layer=masten")

    assert rows(document) == ["Kolk - 1 Gemeld", "Title of masten - 2"]
    assert "1 gemeld" in text_of(document.xpath("//*[@id='layers']/li")[0])


def test_the_list_has_every_object_once_over_its_pages(start):
    proxy = start({"masten": points.fetched(points.grid(250))})
    path, links, seen = "/?layer=masten&lang=en", [], []
    while path:
        document = page(proxy, path)
        links.append(path)
        seen += [item.get("href") for item in document.xpath("//*[@id='list']//a[@class='item']")]
        (path,) = [f"/{link.get('href')}".partition("#")[0] for link in document.xpath("//a[@rel='next']")] or [""]

    assert len(links) == 3
    assert len(seen) == len(set(seen)) == 250
    assert all("lang=en" in link for link in links)
    assert proxy.get(f"/{seen[0].removeprefix('./')}").json()["id"] == "masten.0000"


def test_what_a_list_cannot_show_is_said_with_a_fitting_status(start):
    proxy = start({"masten": points.fetched(points.grid(250))})
    old = "/?layer=masten&cursor=abc.100"
    answers = {path: proxy.get(path, headers=DUTCH) for path in ("/?layer=kolken", old, "/?layer=masten&cursor=%00")}

    assert [answer.status_code for answer in answers.values()] == [404, 410, 400]
    assert "Er is geen kaartlaag met de naam kolken" in answers["/?layer=kolken"].text
    assert "Begin weer bij de eerste pagina" in answers[old].text
    assert html.fromstring(answers[old].text).xpath("//nav[@class='paging']/a")[0].get("href") == "?layer=masten#list"


def test_a_layer_without_data_is_said_to_have_none(start):
    proxy = start({"masten": UpstreamUnreachable("no answer")})
    answer = proxy.get("/?layer=masten", headers=DUTCH)

    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    assert "Deze laag heeft nog geen gegevens" in answer.text


def test_a_layer_in_cells_is_for_the_map(start):
    proxy = start({"masten": points.fetched(points.grid(3))}, (points.layer(fetch={"mode": "cells"}),))

    assert "Deze laag is te groot voor een lijst" in proxy.get("/?layer=masten", headers=DUTCH).text


def test_text_of_vendors_and_administrators_is_escaped(start):
    hostile = points.layer(
        title=HOSTILE, organisation=HOSTILE, properties={"id": "nummer", "fields": {"nummer": "string"}}
    )
    batch = points.batch({HOSTILE: (4.3, 52.0)}, {"nummer": [HOSTILE]})
    proxy = start({"masten": points.fetched(batch)}, (hostile,))

    for path in ("/?layer=masten", f"/?layer={HOSTILE}", f"/?layer=masten&cursor={HOSTILE}"):
        text = proxy.get(path, headers=DUTCH).text
        assert "<script>alert" not in text
        assert {script.get("src", "data") for script in html.fromstring(text).xpath("//script")} <= {
            "data", *re.findall(r'src="(\./assets[^"]+)"', text),
        }  # fmt: skip


def assets_of(proxy) -> list[str]:
    document = page(proxy)
    links = [*document.xpath("//link/@href"), *document.xpath("//script/@src")]
    return sorted({f"/{link.removeprefix('./')}" for link in links})


def test_files_are_kept_for_ever_and_compressed(proxy):
    for path in assets_of(proxy):
        answer = proxy.get(path, headers={"Accept-Encoding": "gzip"})
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["content-encoding"] == "gzip"
        assert answer.headers["x-content-type-options"] == "nosniff"
        plain = proxy.get(path, headers={"Accept-Encoding": "identity"})
        assert (plain.content, "content-encoding" in plain.headers) == (answer.content, False)
        assert proxy.client.head(path, headers={"Accept-Encoding": "identity"}).headers["content-length"] == str(
            len(plain.content)
        )
        assert (
            proxy.get(path, headers={"Accept-Encoding": "identity", "If-None-Match": plain.headers["etag"]}).status_code
            == 304
        )


def test_a_file_of_another_version_is_sent_but_not_kept(proxy):
    """During an update a page can come from one process and its files from another."""
    answer = proxy.get("/assets/0123/page.css")

    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-cache")


@pytest.mark.parametrize(
    "path", ["/assets/0123/nothing.js", "/assets/0123/../page_routes.py", "/assets/x/%2e%2e/texts.py"]
)
def test_only_the_files_of_the_pages_are_sent(proxy, path):
    assert proxy.client.get(httpx.URL(path)).status_code == 404


def test_the_page_and_its_files_weigh_less_than_250_kilobytes(proxy):
    bodies = [proxy.get("/", headers=DUTCH), *map(proxy.get, assets_of(proxy))]
    weight = sum(len(gzip.compress(body.content, 6)) for body in bodies)

    assert weight < 250_000
