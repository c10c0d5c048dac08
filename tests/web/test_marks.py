"""Marks in the answers: in features, ETags, freshness and the description of a layer."""

from __future__ import annotations

import json

import points
import pytest
from services import REPORTS

from wfs_proxy.config.signalen_file import SignalenInstance

FEATURES = "/layers/masten/features"
WITH_WORDS = {**REPORTS, "word": "status", "age": "gemeld_sinds"}


def instances(**periods: str) -> dict[str, SignalenInstance]:
    return {"default": SignalenInstance(url="http://127.0.0.1:9", **periods)}


@pytest.fixture
def proxy(start):
    return start(layers=(points.layer(reports=WITH_WORDS),), instances=instances(poll="45s"))


def marks_in(response) -> list[dict[str, object]]:
    assert response.status_code == 200, response.text
    return [feature["properties"] for feature in response.json()["features"]]


def test_a_reported_object_is_marked_and_the_next_poll_unmarks_it(proxy):
    unmarked = {"IS_GEMELD": "0", "meldingstatus": 0, "status": None, "gemeld_sinds": None}
    marked = {"IS_GEMELD": "1", "meldingstatus": 1, "status": "gemeld", "gemeld_sinds": "vandaag"}
    proxy.report()
    before = proxy.get(FEATURES)
    proxy.report("0001")
    known = {"If-None-Match": before.headers["etag"], "If-Modified-Since": before.headers["last-modified"]}
    during = proxy.get(FEATURES, headers=known)
    proxy.report()
    after = proxy.get(FEATURES, headers={"If-None-Match": during.headers["etag"]})
    assert marks_in(before) == marks_in(after) == [unmarked] * 3
    assert marks_in(during) == [unmarked, marked, unmarked]
    assert before.headers["etag"] == after.headers["etag"] != during.headers["etag"]
    assert proxy.get(FEATURES, headers=known).status_code == 304
    assert before.headers["last-modified"] == during.headers["last-modified"]


def test_a_single_object_has_its_marks(proxy):
    proxy.report("0001")
    for row in range(3):
        response = proxy.get(f"{FEATURES}/000{row}")
        assert response.json()["properties"]["meldingstatus"] == int(row == 1)
        assert response.headers["cache-control"] == "public, max-age=45"


@pytest.mark.parametrize(
    ("poll", "later", "max_age"),
    [("45s", 0, 45), ("45s", 30, 15), ("45s", 44.5, 0), ("45s", 46, 10), ("1h", 0, 60), ("1h", 3500, 60)],
    ids=["just polled", "between", "before the next", "overdue", "rare polls", "rare polls, objects soon stale"],
)
def test_an_answer_is_fresh_until_the_next_poll(start, poll, later, max_age):
    proxy = start(layers=(points.layer(reports=WITH_WORDS),), instances=instances(poll=poll))
    proxy.report("0001")
    proxy.get(FEATURES)
    proxy.clock.now += later
    response = proxy.get(FEATURES)
    assert response.headers["cache-control"] == f"public, max-age={max_age}"
    assert response.headers["cache-status"] == f"wfs-proxy; hit; ttl={int(3600 - later)}"
    assert "age" not in response.headers


def test_marks_of_the_vendor_only_are_as_fresh_as_the_objects(start):
    answers = {"masten": points.fetched(points.batch({"a": (4.3, 52), "b": (4.4, 52)}, vendor=["J", None]))}
    proxy = start(answers, (points.layer(reports={"vendor": {"field": "gemeld", "values": ["J"]}}),))
    response = proxy.get(FEATURES)
    assert [properties["IS_GEMELD"] for properties in marks_in(response)] == ["1", "0"]
    assert response.headers["cache-control"] == "public, max-age=3600"
    state = proxy.get("/layers/masten").json()["reported"]
    assert (state["sources"], state["count"], state["by_vendor"], state["signalen"]) == (
        ["vendor"],
        1,
        1,
        None,
    )


def test_a_layer_is_described_with_the_sources_and_the_age_of_its_marks(proxy):
    proxy.get(FEATURES)
    assert proxy.get("/layers/masten").json()["reported"]["sources"] == []
    proxy.report("0001", "0001", "nowhere")
    proxy.clock.now += 20
    state = proxy.get("/layers/masten").json()["reported"]
    assert (state["sources"], state["signalen"], state["age"], state["weak"]) == (
        ["signalen"],
        "default",
        20,
        False,
    )
    assert (state["count"], state["signals"], state["unmatched"], state["note"]) == (1, 3, 1, None)
    assert state["as_of"] == "2027-01-15T08:00:00Z"
    proxy.clock.now += 86400
    state = proxy.get("/layers/masten").json()["reported"]
    assert (state["sources"], state["count"]) == ([], 0)
    assert "not answered for too long" in state["note"]


def test_a_layer_without_reports_has_no_marks(start):
    proxy = start()
    assert marks_in(proxy.get(FEATURES)) == [{}, {}, {}]
    assert proxy.get("/layers/masten").json()["reported"] is None


def test_no_answer_contains_more_of_a_signal_than_the_mark(proxy):
    proxy.report("0001", "canary-38551")
    for path in (FEATURES, f"{FEATURES}/0001", "/layers", "/layers/masten", "/metrics", "/readyz"):
        assert "canary" not in json.dumps([proxy.get(path).text, dict(proxy.get(path).headers)])


ITEMS = "/ogc/v1/collections/masten/items"
MARKED = "filter=IS_GEMELD%3D'1'"
QUERIES = {
    "a filter": (ITEMS, MARKED),
    "a queryable": (ITEMS, "IS_GEMELD=1"),
    "the word": (ITEMS, "status=gemeld"),
    "in a part of the filter": (ITEMS, "filter=NOT%20(IS_GEMELD%3D'0')%20OR%20status%20IS%20NOT%20NULL"),
    "in the order of a property": (ITEMS, f"{MARKED}&sortby=-nummer"),
    "the map endpoint": (FEATURES, MARKED),
    "the page": (ITEMS, f"{MARKED}&f=json"),
}
NUMBERED = {"fields": {"nummer": "integer"}}


@pytest.fixture
def numbered(start):
    """A layer of twelve objects, whose numbers are in the order of their ids."""
    batch = points.batch({f"{i:04d}": (4.3 + i * 1e-3, 52.0) for i in range(12)}, {"nummer": list(range(12))})
    layer = points.layer(reports=WITH_WORDS, properties=NUMBERED)
    return start({"masten": points.fetched(batch)}, (layer,), instances=instances(poll="45s"))


def pages(proxy, path: str, query: str, between: list[tuple[str, ...]]) -> list[list[str]]:
    """Return the ids on each page of two objects. Before the next page is read, other objects are reported."""
    found, url = [], f"{path}?{query}&limit=2"
    while url:
        response = proxy.get(url)
        assert response.status_code == 200, response.text
        document = response.json()
        found.append([feature["id"].partition(".")[2] for feature in document["features"]])
        url = next((link["href"] for link in document.get("links", []) if link["rel"] == "next"), None)
        if between:
            proxy.report(*between.pop(0))
    return found


@pytest.mark.parametrize(("path", "query"), QUERIES.values(), ids=QUERIES)
def test_pages_of_marked_objects_go_on_after_the_last_object_when_marks_change(numbered, path, query):
    backwards = "sortby" in query
    before, after = ("0010", "0001") if backwards else ("0001", "0010")
    numbered.report("0002", "0003", "0005", "0007", "0009")

    first = pages(numbered, path, query, [("0003", "0005", "0007", "0009", before, after)])

    # the closed report 0002 moves nothing; of the new ones, that behind the last object is on a later page
    expected = [["0009", "0007"], ["0005", "0003"]] if backwards else [["0002", "0003"], ["0005", "0007"]]
    expected.append([after] if backwards else ["0009", after])
    assert first == expected


@pytest.mark.parametrize(("path", "query"), QUERIES.values(), ids=QUERIES)
def test_the_last_object_of_a_page_may_lose_its_mark(numbered, path, query):
    last = "0007" if "sortby" in query else "0003"
    every = ["0002", "0003", "0005", "0007", "0009"]
    numbered.report(*every)

    found = pages(numbered, path, query, [tuple(name for name in every if name != last)])

    flat = [name for page in found for name in page]
    assert sorted(flat) == every


@pytest.mark.parametrize("sort", ["IS_GEMELD", "-IS_GEMELD", "nummer,-status"])
def test_a_page_in_the_order_of_marks_is_gone_when_marks_change(numbered, sort):
    numbered.report("0003")
    following = numbered.get(f"{ITEMS}?sortby={sort}&limit=5").json()["links"][-1]["href"]
    assert numbered.get(following).status_code == 200
    numbered.report("0003", "0008")

    response = numbered.get(following)

    assert (response.status_code, response.headers["content-type"]) == (410, "application/problem+json")
    assert "mark" in response.json()["detail"]


def test_pages_that_marks_do_not_change_survive_a_poll(numbered):
    numbered.report("0003")

    found = pages(numbered, ITEMS, "sortby=-nummer&filter=nummer%3E3", [("0003", "0009")])

    assert [name for page in found for name in page] == [f"{i:04d}" for i in range(11, 3, -1)]
