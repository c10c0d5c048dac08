"""The question for Signalen's forms, against their rules and against the recorded vendors of the shipped layers."""

from __future__ import annotations

import json

import needs
import points
import pytest
import shipped

from wfs_proxy.question.checker import check_question
from wfs_proxy.question.javascript import chosen_entry
from wfs_proxy.question.signalen import signalen_question

LAYERS = shipped.catalogue()
PUBLIC_URL = "https://wfs-proxy.example.org"
REPORTS = {"signalen": "default", "match": {"fields": ["nummer"]}}
PROPERTIES = {"id": "nummer", "fields": {"nummer": "string"}}


def question(layer, form="signalen"):
    return signalen_question(layer, public_url=PUBLIC_URL, status_types=form == "signalen")


def features_of(layer_id):
    return json.loads((needs.ROOT / "fixtures" / layer_id / "expected.geojson").read_text())["features"]


def reported(features, layer):
    """The same objects, each with the marks of a reported one."""
    marks = {rule.property: rule.reported for rule in layer.reports.mark}
    return [{**each, "properties": {**each["properties"], **marks}} for each in features]


@pytest.mark.parametrize("form", ["signalen", "wcag"])
@pytest.mark.parametrize("layer", LAYERS.values(), ids=str)
def test_question_of_a_shipped_layer_has_no_fault_with_its_recorded_objects(layer, form):
    features = features_of(layer.id)

    assert check_question(question(layer, form), layer, form, features=features) == ()


@pytest.mark.parametrize("layer", LAYERS.values(), ids=str)
def test_every_reported_object_gets_the_first_entry_and_no_other_does(layer):
    entries = question(layer)["meta"]["featureTypes"]
    features = features_of(layer.id)

    assert {chosen_entry(each["properties"], entries) for each in reported(features, layer)} == {0}
    assert 0 not in {chosen_entry(each["properties"], entries) for each in features if not is_reported(each)}


def is_reported(feature):
    return feature["properties"]["IS_GEMELD"] == "1"


def test_the_entries_are_reported_kinds_not_on_map_and_all_others():
    entries = question(LAYERS["rioned-putten"])["meta"]["featureTypes"]

    assert [(each.get("typeField"), each.get("typeValue")) for each in entries] == [
        ("IS_GEMELD", "1"),
        ("soort", "inspectieput"),
        ("soort", "kolk"),
        ("soort", "overstort"),
        ("soort", "gemaal"),
        ("soort", "put"),
        ("type", "not-on-map"),
        (None, None),
    ]
    assert entries[1]["description"] == "Inspectieput - {{ naam }}"
    assert {each["idField"] for each in entries} == {"uri"}
    assert {each["icon"]["iconUrl"].rpartition("/")[0] for each in entries} == {f"{PUBLIC_URL}/icons"}


def test_marks_in_both_ways():
    meta = question(points.layer(properties=PROPERTIES, reports=REPORTS))["meta"]

    assert (meta["featureTypes"][0]["typeField"], meta["featureTypes"][0]["typeValue"]) == ("IS_GEMELD", "1")
    (status,) = meta["featureStatusTypes"]
    assert (status["statusField"], status["statusValues"], status["typeValue"]) == ("meldingstatus", [1], "reported")


def test_the_newer_form_gets_no_status_types():
    assert "featureStatusTypes" not in question(points.layer(properties=PROPERTIES, reports=REPORTS), "wcag")["meta"]


@pytest.mark.parametrize(
    ("mark", "type_value", "status_values"),
    [
        ([{"property": "gemeld", "reported": 1, "otherwise": 0}], 1, [1]),
        ([{"property": "gemeld", "reported": True, "otherwise": False}], True, [True]),
        ([{"property": "gemeld", "reported": "J", "otherwise": "N"}], "J", ["J"]),
        ([{"property": "vrij", "reported": 0, "otherwise": 1}], 0, None),
        ([{"property": "vrij", "reported": False, "otherwise": True}], False, None),
    ],
)
def test_marks_of_any_type_keep_it(mark, type_value, status_values):
    layer = points.layer(properties=PROPERTIES, reports={**REPORTS, "mark": mark})
    asked = question(layer)
    first = asked["meta"]["featureTypes"][0]

    assert first["typeField"] == mark[0]["property"]
    assert first["typeValue"] is type_value or first["typeValue"] == type_value
    assert type(first["typeValue"]) is type(type_value)
    status = asked["meta"].get("featureStatusTypes")
    assert (status and status[0]["statusValues"]) == status_values
    assert check_question(asked, layer, "signalen") == ()
    assert check_question(question(layer, "wcag"), layer, "wcag") == ()


def test_a_layer_without_reports_has_no_entry_for_them():
    asked = question(points.layer(properties=PROPERTIES))

    assert [each.get("typeValue") for each in asked["meta"]["featureTypes"]] == ["not-on-map", None]
    assert "featureStatusTypes" not in asked["meta"]


@pytest.mark.parametrize(
    ("fields", "match", "suffix"),
    [
        ({"oid": "integer", "nummer": "string"}, ["oid", "nummer"], " - {{ nummer }}"),
        ({"oid": "integer", "nummer": "string"}, ["oid"], " - {{ oid }}"),
        ({"oid": "integer", "mast.nr": "string"}, ["oid", "mast.nr"], ""),
        ({"oid": "integer", "mast nr": "string"}, ["mast nr"], " - {{ mast nr }}"),
    ],
)
def test_descriptions_name_the_number_that_reports_are_matched_with(fields, match, suffix):
    """Both forms split a name in a template at dots, so a description without a template shows idField instead."""
    layer = points.layer(
        title="Masten", properties={"id": "oid", "fields": fields}, reports={**REPORTS, "match": {"fields": match}}
    )
    asked = question(layer)

    assert asked["meta"]["featureTypes"][-1]["description"] == f"Mast{suffix}"
    assert check_question(question(layer, "wcag"), layer, "wcag") == ()


def test_a_hyphen_in_a_name_does_not_cut_the_description():
    """The newer form stores what is before the first hyphen."""
    layer = points.layer(properties=PROPERTIES, reports=REPORTS, question={"singular": "e-laadpaal", "plural": "x"})
    entry = question(layer, "wcag")["meta"]["featureTypes"][-1]

    assert entry["label"] == "E-laadpaal"
    assert entry["description"].partition("-")[0].strip() == "E\N{NON-BREAKING HYPHEN}laadpaal"


def test_a_long_list_of_kinds_becomes_one_entry():
    kinds = {str(number): f"soort {number}" for number in range(40)}
    fields = {"nummer": "string", "soort": {"map": kinds}}
    asked = question(points.layer(properties={"id": "nummer", "fields": fields}))

    assert len(asked["meta"]["featureTypes"]) == 2


def test_kinds_that_the_first_form_confuses_with_reported_objects_get_no_entry():
    """Its list takes the picture of the first entry with the same typeValue, and it never selects "reported"."""
    for kind in ("1", "reported", "nearby", "unknown", "not-on-map"):
        fields = {"nummer": "string", "soort": {"map": {"K": "kolk", "X": kind}}}
        layer = points.layer(properties={"id": "nummer", "fields": fields}, reports=REPORTS)
        asked = question(layer)
        assert [each.get("typeValue") for each in asked["meta"]["featureTypes"]] == ["1", "kolk", "not-on-map", None]
        assert check_question(asked, layer, "signalen") == ()


def test_braces_in_a_name_are_no_template():
    layer = points.layer(properties=PROPERTIES, question={"singular": "put {{ x }}", "plural": "putten"})

    assert question(layer)["meta"]["featureTypes"][-1]["description"] == "Put x - {{ nummer }}"


def test_kinds_are_written_as_they_are_served():
    fields = {"nummer": "string", "soort": {"map": {"K": 4, "I": " put "}, "default": None}}
    entries = question(points.layer(properties={"id": "nummer", "fields": fields}))["meta"]["featureTypes"]

    assert [each.get("typeValue") for each in entries] == ["4", "put", "not-on-map", None]
