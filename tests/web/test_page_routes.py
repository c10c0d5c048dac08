"""The map page and its files, as a client without JavaScript gets them."""

from __future__ import annotations

import gzip
import re

import httpx
import orjson
import points
import pytest
from arrays import column
from lxml import html

from wfs_proxy.cache.entry import FetchedSnapshot
from wfs_proxy.errors import UpstreamUnreachable
from wfs_proxy.features import PipelineReport
from wfs_proxy.pipeline import field_summaries

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
    title = text_of(document.xpath("//*[@id='layers-title']")[0])
    assert title == {"nl": "Kaartlagen (1)", "en": "Layers (1)"}[language]
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
    assert all("lang=en" in href for href in seen)
    answer = proxy.get(f"/{seen[0].removeprefix('./')}")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "masten.0000" in answer.text


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


# -- the page of a layer

LAMPS = {
    "properties": {"id": "nummer", "fields": {"nummer": "string", "soort": "string"}},
    "reports": {"signalen": "default", "categories": ["lamp"], "match": {"fields": ["nummer"]}},
}


def lamps(**report: object) -> FetchedSnapshot:
    """Two lamps, one without a kind."""
    summaries = field_summaries({"nummer": column(["1", "2"]), "soort": column(["kolk", None])})
    return points.fetched(points.batch(
        {"1": (4.3, 52.0), "2": (4.31, 52.0)}, {"nummer": ["1", "2"], "soort": ["kolk", None]},
        PipelineReport(received=2, fields=summaries, **report),
    ))  # fmt: skip


@pytest.mark.parametrize("accept", [None, "*/*", "application/json", "application/json, text/html;q=0.5"])
def test_other_clients_get_the_layer_in_json_as_before(proxy, accept):
    answer = proxy.get("/layers/masten", headers={} if accept is None else {"Accept": accept})

    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["id"] == "masten"
    assert {"accept", "accept-language"} <= {name.strip().lower() for name in answer.headers["vary"].split(",")}


def test_a_browser_gets_the_page_and_json_by_a_link(proxy):
    proxy.get("/layers/masten/features")
    answer = proxy.get("/layers/masten", headers=DUTCH)
    document = html.fromstring(answer.text)
    links = document.xpath("//*[@aria-labelledby='links-title']//a/@href")

    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert [link.partition("?")[0] for link in links] == [
        "../", "../layers/masten/features", "../ogc/v1/collections/masten", "../layers/masten/wfs",
        "../layers/masten/tiles", "../layers/masten", "../docs",
    ]  # fmt: skip
    for link in links:
        assert proxy.get(f"/layers/{link}", headers=BROWSER).status_code == 200
    assert proxy.get("/layers/masten?f=json", headers=BROWSER).json()["id"] == "masten"
    again = proxy.get("/layers/masten", headers={**DUTCH, "If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


def test_the_page_has_the_count_the_fields_and_the_marks(start):
    proxy = start({"masten": lamps()}, (points.layer(**LAMPS),), instances=None)
    proxy.get("/layers/masten/features")
    proxy.report("1")
    document = page(proxy, "/layers/masten")
    cells = [[text_of(cell) for cell in row] for row in document.xpath("//table[@class='fields']/tbody/tr")]

    assert text_of(document.xpath("//h1")[0]) == "Title of masten"
    assert "Objecten2" in text_of(document.xpath("//*[@aria-labelledby='state-title']")[0])
    assert cells[:2] == [
        ["nummer nummer voor formulieren", "tekst", "100 %", "1 2"], ["soort", "tekst", "50 %", "kolk"],
    ]  # fmt: skip
    assert ["IS_GEMELD", "tekst", "\u2013", '"1" als het object gemeld is, anders "0"'] in cells
    assert "Gemelde objecten1" in text_of(document.xpath("//*[@aria-labelledby='marks-title']")[0])


def test_problems_have_their_remedy_in_the_readers_language(start):
    report = {"absent_fields": ("soort",), "nearest_attributes": {"soort": "soort_object"}}
    proxy = start({"masten": lamps(**report)}, (points.layer(**LAMPS),), instances=None)
    proxy.get("/layers/masten/features")

    for language, words in (("nl", 'bedoelt u "soort_object"?'), ("en", 'did you mean "soort_object"?')):
        (problem,) = page(proxy, f"/layers/masten?lang={language}").xpath("//ul[@class='problems']/li")
        assert words in text_of(problem)
        assert "properties.fields.soort" in text_of(problem)


def test_a_failed_fetch_is_explained_and_its_message_is_english(start):
    proxy = start({"masten": UpstreamUnreachable("no answer from https://vendor.example/wfs")})
    proxy.get("/layers/masten/features")
    document = page(proxy, "/layers/masten")
    (failed,) = document.xpath("//*[@aria-labelledby='failed-title']")

    assert "De dienst van de leverancier is niet bereikbaar" in text_of(failed)
    assert "no answer from https://vendor.example/wfs" in text_of(failed.xpath(".//*[@lang='en']")[0])
    assert "Nog geen gegevens" in document.text_content()


def test_the_question_is_complete_once_the_public_address_is_known(start):
    proxy = start({"masten": lamps()}, (points.layer(**LAMPS),), instances=None)
    asked = page(proxy, "/layers/masten")
    (box,) = asked.xpath("//form//input[@name='publicUrl']")
    given = page(proxy, "/layers/masten?publicUrl=https://proxy.gemeente.example")
    question = orjson.loads(given.xpath("//pre[@id='question-signalen']")[0].text_content())

    assert box.get("required") is not None
    assert asked.xpath("//pre") == asked.xpath("//details[@class='question']") == []
    assert question["endpoint"].startswith("https://proxy.gemeente.example/layers/masten/features?bbox=")
    assert len(given.xpath("//pre")) == 3


def test_the_page_says_why_there_is_no_question(proxy, start):
    """The layer has no key, and an address of this machine is of no use to a form."""
    (without_key, *_) = page(proxy, "/layers/masten").xpath("//details[@class='question']")
    (local, *_) = page(
        start({"masten": lamps()}, (points.layer(**LAMPS),), instances=None),
        "/layers/masten?publicUrl=http://127.0.0.1",
    ).xpath("//details[@class='question']")

    assert "idField" in text_of(without_key)
    assert "werkt alleen op deze machine" in text_of(local)


def test_an_unknown_layer_is_a_page_for_browsers_only(proxy):
    answer = proxy.get("/layers/mastn", headers=DUTCH)

    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert html.fromstring(answer.text).xpath("//main//a/@href")[0] == "../layers/masten"
    assert proxy.get("/layers/mastn").headers["content-type"] == "application/problem+json"


def test_text_on_the_page_of_a_layer_is_escaped(start):
    batch = points.batch({"1": (4.3, 52.0)}, {"nummer": [HOSTILE]}, PipelineReport(
        received=1, fields=field_summaries({"nummer": column([HOSTILE])}), absent_fields=(HOSTILE,),
    ))  # fmt: skip
    fields = {"id": HOSTILE, "fields": {"nummer": {"from": HOSTILE}}}
    proxy = start({"masten": points.fetched(batch)}, (points.layer(title=HOSTILE, properties=fields),))
    proxy.get("/layers/masten/features")

    for path in ("/layers/masten", "/layers/<script>alert(1)", f"/layers/masten?publicUrl={HOSTILE}"):
        assert "<script>alert" not in proxy.get(path, headers=DUTCH).text
