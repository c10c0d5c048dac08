from __future__ import annotations

import points
import pytest

from wfs_proxy.question.layer_question import FORMS, layer_question

PUBLIC_URL = "https://wfs-proxy.example.org"
LAYER = points.layer(properties={"id": "nummer", "fields": {"nummer": "string"}}, reports={"signalen": "default"})


@pytest.mark.parametrize("form", FORMS)
def test_answer_is_what_the_command_prints(start, form):
    answer = start(layers=(LAYER,), public_url=PUBLIC_URL).get(f"/layers/masten/question?for={form}")

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == layer_question(LAYER, form, PUBLIC_URL).pasted


def test_public_address_can_be_a_parameter(start):
    answer = start(layers=(LAYER,)).get("/layers/masten/question", params={"for": "wcag", "publicUrl": PUBLIC_URL})

    assert answer.json()["endpoint"].startswith(f"{PUBLIC_URL}/layers/masten/")


@pytest.mark.parametrize("public_url", ["", "http://127.0.0.1:8000", "http://localhost"])
def test_without_a_public_address_the_answer_says_what_to_set(start, public_url):
    """A relative address, or one of this machine, would be useless in Signalen."""
    answer = start(layers=(LAYER,), public_url=public_url).get("/layers/masten/question?for=signalen")

    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["type"].endswith("/problems/question-unavailable")
    assert problem["layer"] == "masten"
    assert "WFS_PROXY_PUBLIC_URL" in problem["detail"]


def test_a_layer_without_a_key_says_which_line_to_add(start):
    layer = points.layer(properties={"id": "nummer", "fields": {"straat": "string"}})
    answer = start(layers=(layer,), public_url=PUBLIC_URL).get("/layers/masten/question?for=wcag")

    assert answer.status_code == 409
    assert "nummer: string" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("path", "status", "word"),
    [
        ("/layers/masten/question", 400, "signalen, wcag, meldingen"),
        ("/layers/masten/question?for=classic", 400, "classic"),
        ("/layers/mast/question?for=wcag", 404, "masten"),
        ("/icons/house.svg", 404, "lamp"),
        ("/icons/..%2Flabels.svg", 404, ""),
    ],
)
def test_other_requests_are_refused(start, path, status, word):
    answer = start(layers=(LAYER,), public_url=PUBLIC_URL).get(path)

    assert answer.status_code == status
    assert word in answer.json()["detail"]


@pytest.mark.parametrize(
    ("public_url", "words"),
    [
        ("http://wfs-proxy.example.org", ["load anything from http://"]),
        ("http://10.0.0.5:8000", ["load anything from http://", "10.0.0.5 exists in the internal network only"]),
        ("https://intern", ["intern exists in the internal network only"]),
    ],
)
def test_an_address_that_the_form_cannot_use_is_said_beside_the_text_to_paste(start, public_url, words):
    path = f"/layers/masten/question?for=wcag&publicUrl={public_url}"
    answer = start(layers=(LAYER,)).get(path, headers={"Origin": "https://beheer.example.org"})

    assert all(word in answer.headers["question-findings"] for word in words)
    assert "Question-Findings" in answer.headers["access-control-expose-headers"]
    assert answer.json() == layer_question(LAYER, "wcag", public_url).pasted


def test_the_findings_are_ascii_whatever_the_address(start):
    path = "/layers/masten/question?for=wcag&publicUrl=https://gemeente-zuri%C4%87h"

    assert "exists in the internal network only" in start(layers=(LAYER,)).get(path).headers["question-findings"]


def test_a_question_that_works_has_no_findings(start):
    answer = start(layers=(LAYER,), public_url=PUBLIC_URL).get("/layers/masten/question?for=wcag")

    assert "question-findings" not in answer.headers


def test_every_picture_of_a_question_is_served(start):
    proxy = start(layers=(LAYER,), public_url=PUBLIC_URL)
    meta = proxy.get("/layers/masten/question?for=signalen").json()
    addresses = {entry["icon"]["iconUrl"] for entry in meta["featureTypes"] + meta["featureStatusTypes"]}

    assert len(addresses) > 1
    for address in addresses:
        answer = proxy.get(address.removeprefix(PUBLIC_URL), headers={"Origin": "https://meldingen.example.org"})
        assert answer.headers["content-type"] == "image/svg+xml"
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "max-age=" in answer.headers["cache-control"]
        assert answer.content.startswith(b"<svg ")
