"""Signalen's questions against the layer that they are for: every mistake that makes objects or marks vanish."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Sequence
from typing import Any

import needs
import pytest
from live_checks import codes, only

from wfs_proxy.cli.live.findings import LiveFinding
from wfs_proxy.cli.live.question_check import Municipality, check_questions
from wfs_proxy.config.layer import Layer
from wfs_proxy.question.layer_question import layer_question

PUBLIC_URL = "https://wfs-proxy.example.org"
CATEGORY = "lantaarnpaal-straatverlichting"
LAYER = Layer(
    id="lampen",
    title="Lampen",
    source={"type": "wfs", "url": "http://vendor.test/wfs", "type_names": ["app:lamp"]},
    properties={
        "id": "mastnummer",
        "fields": {
            "mastnummer": "string",
            "soort": {"from": "type", "map": {"L": "Lichtmast", "G": "Gevelarmatuur"}},
        },
    },
    reports={"signalen": "default", "categories": [CATEGORY], "match": {"fields": ["mastnummer"]}},
)
FEATURES = [
    {
        "type": "Feature",
        "id": f"lampen.{number}",
        "geometry": {"type": "Point", "coordinates": [4.3, 52.1 + number / 1000]},
        "properties": {"mastnummer": f"00{number}", "soort": kind, "IS_GEMELD": "0", "meldingstatus": 0},
    }
    for number, kind in enumerate(["Lichtmast", "Gevelarmatuur", "Lichtmast"], start=1)
]
MUNICIPALITY = Municipality(public_url=PUBLIC_URL, layer_ids=("lampen", "putten"))


def generated() -> dict[str, Any]:
    return copy.deepcopy(dict(layer_question(LAYER, "signalen", PUBLIC_URL).members))


def found(*questions: Any, municipality: Municipality = MUNICIPALITY, category: str = CATEGORY) -> list[LiveFinding]:
    return list(check_questions(LAYER, {category: questions}, FEATURES, municipality))


def serious(findings: Sequence[LiveFinding]) -> list[str]:
    return [each.code for each in findings if each.severity != "notice"]


def test_generated_question_has_no_findings():
    assert serious(found(generated())) == []
    # the newer form ignores the status types of the older one
    assert {each.forms for each in found(generated())} <= {("wcag",)}


@pytest.mark.parametrize("form", ["signalen", "wcag"])
def test_generated_question_of_a_form_has_no_findings_there(form: Any):
    question = dict(layer_question(LAYER, form, PUBLIC_URL).members)

    assert found(question, municipality=Municipality(forms=(form,), public_url=PUBLIC_URL)) == []


Change = Callable[[dict[str, Any]], object]


def every(meta: dict[str, Any], **members: Any) -> None:
    for entry in meta["featureTypes"]:
        if entry.get("typeValue") != "not-on-map":
            entry.update(members)


def in_endpoint(meta: dict[str, Any], old: str, new: str) -> None:
    meta["endpoint"] = meta["endpoint"].replace(old, new)


TEXT_QUESTION = {"key": "extra_tekst", "field_type": "text_input", "meta": {"label": "Wat?"}}

CHANGES: list[tuple[Change, str]] = [
    (lambda q: in_endpoint(q["meta"], "example.org", "example.nl"), "endpoint_other_address"),
    (lambda q: in_endpoint(q["meta"], "/features", "/wfs"), "endpoint_path"),
    (lambda q: in_endpoint(q["meta"], PUBLIC_URL, ""), "endpoint_relative"),
    (lambda q: in_endpoint(q["meta"], "{west}", "4"), "endpoint_no_box"),
    (lambda q: q["meta"].pop("endpoint"), "endpoint_missing"),
    (lambda q: every(q["meta"], idField="MASTNUMMER"), "id_field_not_served"),
    (lambda q: every(q["meta"], typeField="sort"), "type_field_not_served"),
    (lambda q: every(q["meta"], typeValue="lichtmast"), "type_value_differs"),
    (lambda q: every(q["meta"], description="Lamp - {{ mastnummer}}"), "template_no_space"),
    (lambda q: q["meta"].pop("featureTypes"), "no_feature_types"),
    (lambda q: q["meta"]["featureStatusTypes"][0].update(statusValues=["1"]), "type_value_differs"),
    (lambda q: q.update(field_type="text_input"), "field_type"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "code"), CHANGES, ids=[code for _, code in CHANGES])
def test_each_mistake_is_named(change: Change, code: str):
    question = generated()
    change(question)

    findings = found(question)
    assert code in serious(findings), [each.code for each in findings]
    for each in findings:
        assert each.question == question["key"]
        assert "{west" not in each.where
        for text in (*each.reason, *each.remedy):
            assert text


def test_nearest_served_name_is_in_the_remedy():
    question = generated()
    every(question["meta"], idField="MASTNUMMER")

    first = next(each for each in found(question) if each.code == "id_field_not_served")
    assert "mastnummer" in first.remedy.nl
    assert "mastnummer" in first.remedy.en


def test_what_only_the_newer_form_minds_is_a_notice():
    """streetlight_select works in the older form and not in the newer one; which is used is not known."""
    question = {**generated(), "field_type": "streetlight_select"}
    of_wcag = Municipality(forms=("wcag",), public_url=PUBLIC_URL)
    of_classic = Municipality(forms=("signalen",), public_url=PUBLIC_URL)

    both = only(found(question), "field_type")
    assert (both.severity, both.forms) == ("notice", ("wcag",))
    assert (only(found(question, municipality=of_wcag), "field_type")).severity == "error"
    assert "field_type" not in [each.code for each in found(question, municipality=of_classic)]


def at(endpoint: str) -> dict[str, Any]:
    question = generated()
    question["meta"]["endpoint"] = endpoint
    return question


@pytest.mark.parametrize(
    ("questions", "expected"),
    [
        ([], ("warning", "question_missing")),
        ([TEXT_QUESTION], ("warning", "question_missing")),
        ([at("https://data.example.org/wfs?bbox={west},{south},{east},{north}")], ("warning", "question_elsewhere")),
        ([at(f"{PUBLIC_URL}/layers/putten/features?bbox={{west}}")], ("notice", "question_of_other_layer")),
        ([at(f"{PUBLIC_URL}/layers/lantaarns/features?bbox={{west}}")], ("error", "question_of_other_layer")),
        ([at("http://[")], ("warning", "question_elsewhere")),
    ],
    ids=["none", "without a map", "elsewhere", "of another layer", "of a renamed layer", "malformed"],
)  # fmt: skip
def test_category_without_the_layer_says_what_it_has(questions: list[Any], expected: tuple[str, str]):
    assert codes(found(*questions)) == [expected]


def test_command_for_the_question_is_the_one_that_was_typed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sys.argv", ["/srv/proxy/bin/wfs-proxy", "check", "--live"])

    (missing,) = found()
    assert "/srv/proxy/bin/wfs-proxy question " in missing.remedy.nl
    assert "/srv/proxy/bin/wfs-proxy question " in missing.remedy.en


def test_one_category_with_the_question_is_enough():
    asked = {"andere": (), CATEGORY: (generated(),)}
    findings = list(check_questions(LAYER, asked, FEATURES, MUNICIPALITY))

    assert serious(findings) == []
    assert only(findings, "question_missing").severity == "notice"


def test_question_of_two_categories_is_checked_once():
    question = generated()
    every(question["meta"], idField="MASTNUMMER")
    asked = {"andere": (question,), CATEGORY: (copy.deepcopy(question),)}
    once = found(question)

    assert codes(check_questions(LAYER, asked, FEATURES, MUNICIPALITY)) == codes(once)


@pytest.mark.parametrize("meta", [None, [], "tekst", {}, {"endpoint": 1}, {"featureTypes": "x"}, {"endpoint": None}])
def test_any_json_as_meta(meta: object):
    findings = found({"key": None, "field_type": None, "meta": meta}, generated())

    assert "question_missing" not in [each.code for each in findings]


def test_recorded_question_is_for_another_address():
    """What a real Signalen returned: it fetches from the WFS face of another address."""
    recorded = json.loads((needs.corpus() / "signalen" / "65_public_questions.json").read_text())
    findings = found(*recorded["response"]["body"]["results"])

    (one,) = findings
    assert (one.code, one.question) == ("question_elsewhere", "extra_straatverlichting_nummer")
    assert "wfs-proxy.example.org" in one.reason.en
    assert one.remedy.en.endswith("wfs-proxy question lampen --for signalen")


def test_recorded_question_at_our_address_differs_in_what_is_not_served():
    recorded = json.loads((needs.corpus() / "signalen" / "65_public_questions.json").read_text())
    (question,) = recorded["response"]["body"]["results"]
    question["meta"]["endpoint"] = generated()["meta"]["endpoint"]

    findings = found(question, municipality=Municipality(forms=("signalen",), public_url=PUBLIC_URL))
    first = next(each for each in findings if each.code == "type_field_not_served")
    assert (first.severity, first.where) == ("error", "meta.featureTypes[0].typeField")
    assert "objecttype" in first.reason.nl
