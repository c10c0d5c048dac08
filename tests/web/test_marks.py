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
