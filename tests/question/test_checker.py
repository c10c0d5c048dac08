"""Every fault that both forms are known to react to is found, with what to do; our own question has none."""

from __future__ import annotations

import copy
import string

import points
import pytest

from wfs_proxy.question.checker import check_question
from wfs_proxy.question.finding_texts import TEXTS
from wfs_proxy.question.findings import finding_line
from wfs_proxy.question.layer_question import FORMS, layer_question
from wfs_proxy.question.sample_features import sample_features

LAYER = points.layer(
    title="Putten",
    properties={
        "id": "uri",
        "fields": {"uri": "string", "naam": "string", "soort": {"map": {"K": "kolk", "I": "inspectieput"}}},
    },
    reports={"signalen": "default", "match": {"fields": ["uri", "naam"]}, "question_keys": ["extra_put"]},
)
PUBLIC_URL = "https://wfs-proxy.example.org"
ASSETS = "/assets/images"


def question(form="signalen"):
    return copy.deepcopy(dict(layer_question(LAYER, form, PUBLIC_URL).members))


def changed(path, value, form="signalen"):
    """The question with another value at a path such as meta.featureTypes.0.typeValue; Ellipsis removes the member."""
    asked = question(form)
    *parents, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    holder = asked
    for part in parents:
        holder = holder[part]
    if value is ...:
        del holder[last]
    else:
        holder[last] = value
    return asked


def codes(asked, form="signalen", **options):
    return {finding.code for finding in check_question(asked, LAYER, form, **options)}


@pytest.mark.parametrize("form", FORMS)
def test_our_own_question_has_no_fault(form):
    assert check_question(question(form), LAYER, form) == ()


@pytest.mark.parametrize(
    ("form", "path", "value", "code"),
    [
        ("signalen", "field_type", "text_input", "field_type"),
        ("wcag", "field_type", "streetlight_select", "field_type"),
        ("signalen", "key", "extra_ander", "key_not_read"),
        ("signalen", "meta", "{}", "meta_type"),
        ("signalen", "meta", None, "meta_type"),
        ("signalen", "meta.endpoint", ..., "endpoint_missing"),
        ("signalen", "meta.endpoint", 1, "endpoint_missing"),
        ("wcag", "meta.endpoint", "/layers/masten/features?bbox={west},{south},{east},{north}", "endpoint_relative"),
        ("signalen", "meta.endpoint", "http://[::1/layers/masten/features", "endpoint_relative"),
        ("signalen", "meta.endpoint", "http://localhost:8000/layers/masten/features", "endpoint_this_machine"),
        ("signalen", "meta.endpoint", "http://proxy.nl/layers/masten/features", "endpoint_insecure"),
        ("signalen", "meta.endpoint", "https://proxy/layers/masten/features", "endpoint_internal"),
        ("signalen", "meta.endpoint", "https://proxy.nl/layers/palen/features", "endpoint_elsewhere"),
        ("signalen", "meta.endpoint", "https://proxy.nl/layers/masten/features?bbox={west}", "endpoint_no_box"),
        ("signalen", "meta.endpoint", "https://a.nl/layers/masten/features?{{bboxLatLng}}", "endpoint_old_placeholder"),
        (
            "wcag",
            "meta.endpoint",
            "https://a.nl/layers/masten/features?bbox={west},{south},{east},{north}&w={west}",
            "endpoint_repeated",
        ),
        ("wcag", "meta.language", ..., "language_missing"),
        ("signalen", "meta.language", ..., "language_default"),
        ("signalen", "meta.featureTypes", ..., "no_feature_types"),
        ("wcag", "meta.featureTypes", [], "no_feature_types"),
        ("wcag", "meta.featureTypes", [1], "no_feature_types"),
        ("signalen", "meta.featureTypes.1.idField", ..., "id_field_missing"),
        ("signalen", "meta.featureTypes.1.idField", "URI", "id_field_not_served"),
        ("signalen", "meta.featureTypes.1.typeValue", ..., "type_value_missing"),
        ("signalen", "meta.featureTypes.1.typeField", ..., "type_field_missing"),
        ("signalen", "meta.featureTypes.1.typeField", "Soort", "type_field_not_served"),
        ("signalen", "meta.featureTypes.1.typeValue", "Kolk", "type_value_differs"),
        ("signalen", "meta.featureTypes.0.typeValue", 1, "type_value_differs"),
        ("wcag", "meta.featureTypes.0.typeValue", 1, "mark_not_shown"),
        ("signalen", "meta.featureTypes.0.typeValue", "0", "looks_reported"),
        ("signalen", "meta.featureTypes.1.typeValue", "reported", "choice_blocked"),
        ("signalen", "meta.featureTypes.1.typeValue", "nearby", "type_value_reserved"),
        ("signalen", "meta.featureTypes.1.typeValue", "1", "icon_shared"),
        ("signalen", "meta.featureTypes.1.label", "", "label_missing"),
        ("wcag", "meta.featureTypes.1.icon", ..., "icon_missing"),
        ("signalen", "meta.featureTypes.1.icon", ..., "icon_default"),
        ("wcag", "meta.featureTypes.0.icon.iconUrl", f"{ASSETS}/icon-reported-marker.svg", "icon_not_shipped"),
        ("wcag", "meta.featureTypes.0.icon.iconUrl", "icon.svg", "icon_relative"),
        ("wcag", "meta.featureTypes.0.icon.iconUrl", "http://127.0.0.1:8000/icons/lamp.svg", "icon_this_machine"),
        ("signalen", "meta.featureTypes.1.description", "Kolk - {{naam}}", "template_no_space"),
        ("signalen", "meta.featureTypes.1.description", "Kolk - {{ naam}}", "template_no_space"),
        ("signalen", "meta.featureTypes.1.description", "Kolk - {{ a.naam }}", "template_dot"),
        ("signalen", "meta.featureTypes.1.description", "Kolk - {{ Naam }}", "template_not_served"),
        ("wcag", "meta.featureTypes.1.description", "Kolk {{ naam }}", "description_no_dash"),
        ("wcag", "meta.featureTypes.1.description", "{{ naam }} - kolk", "description_no_dash"),
        ("wcag", "meta.featureTypes.1.description", "Straat-kolk - {{ naam }}", "description_no_dash"),
        ("wcag", "meta.featureTypes.1.description", "Kolk - {{ soort }}", "id_not_matched"),
        ("wcag", "meta.featureStatusTypes", [{"typeValue": "reported"}], "status_ignored"),
        ("signalen", "meta.featureStatusTypes.0.typeValue", ..., "status_type_value"),
        ("signalen", "meta.featureStatusTypes.0.icon", ..., "status_icon_missing"),
        ("signalen", "meta.featureStatusTypes.0.statusValues", ..., "status_values_missing"),
        ("signalen", "meta.featureStatusTypes.0.statusValues", [1, 0], "status_values_falsy"),
        ("signalen", "meta.featureStatusTypes.0.statusValues", ["1"], "type_value_differs"),
        ("signalen", "meta.featureStatusTypes.0.statusField", ..., "status_field_missing"),
        ("signalen", "meta.featureStatusTypes.0.statusField", "status", "type_field_not_served"),
    ],
)  # fmt: skip
def test_fault_is_found(form, path, value, code):
    assert code in codes(changed(path, value, form), form)


def test_the_entry_for_all_objects_comes_last():
    asked = question()
    entries = asked["meta"]["featureTypes"]
    entries.insert(0, entries.pop())

    assert {"all_not_last", "reported_not_first"} <= codes(asked)


def test_an_entry_for_all_objects_before_that_of_objects_not_on_the_map_is_fine():
    """It is the order of Amsterdam's own questions."""
    asked = question()
    entries = asked["meta"]["featureTypes"]
    entries.append(entries.pop(-2))

    assert codes(asked) == set()


def test_the_entry_for_reported_objects_comes_first():
    asked = question()
    entries = asked["meta"]["featureTypes"]
    entries[0], entries[1] = entries[1], entries[0]

    assert codes(asked) == {"reported_not_first"}


def test_a_municipality_may_block_the_choice_of_reported_objects():
    mark = {"property": "gemeld", "reported": "reported", "otherwise": ""}
    layer = points.layer(properties={"id": "nr", "fields": {"nr": "string"}}, reports={"mark": [mark]})

    assert check_question(layer_question(layer, "signalen", PUBLIC_URL).members, layer, "signalen") == ()


def test_no_entry_for_all_objects_hides_some():
    asked = question()
    del asked["meta"]["featureTypes"][1:]

    assert codes(asked) == {"objects_hidden"}


@pytest.mark.parametrize(("form", "expected"), [("signalen", set()), ("wcag", {"mark_not_shown"})])
def test_status_types_alone_suffice_for_the_first_form_only(form, expected):
    asked = question("signalen")
    del asked["meta"]["featureTypes"][0]

    assert codes(asked, form) - {"status_ignored"} == expected


def test_a_second_status_field_is_never_looked_at():
    asked = question()
    first = asked["meta"]["featureStatusTypes"][0]
    asked["meta"]["featureStatusTypes"].append({**first, "statusField": "IS_GEMELD", "statusValues": ["1"]})

    assert codes(asked) == {"status_field_other"}


def served(**changes):
    """Served objects, of which the first differs."""
    features = sample_features(LAYER)
    first = features[0]
    return (
        [{**first, **{k: v for k, v in changes.items() if k != "properties"}}, *features[1:]]
        if ("properties" not in changes)
        else [{**first, "properties": {**first["properties"], **changes["properties"]}}, *features[1:]]
    )


@pytest.mark.parametrize(
    ("form", "features", "code"),
    [
        ("signalen", served(geometry=None), "feature_not_point"),
        ("wcag", served(geometry={"type": "Polygon", "coordinates": []}), "feature_not_point"),
        ("wcag", served(geometry={"type": "Point", "coordinates": [None, 52]}), "feature_not_point"),
        ("wcag", served(properties={"created_at": "2026"}), "feature_created_at"),
        ("signalen", served(id=12), "feature_number_id"),
        ("signalen", [{"type": "Feature", "properties": None, "geometry": None}], "feature_without_properties"),
        ("signalen", served(properties={"uri": ""}), "id_field_empty"),
        ("signalen", served(properties={"uri": "000002"}), "id_field_shared"),
        ("signalen", served(properties={"naam": None}), "template_empty"),
        ("signalen", served(properties={"IS_GEMELD": 1}), "type_value_differs"),
    ],
)
def test_fault_of_served_objects_is_found(form, features, code):
    only_reported = code == "type_value_differs"
    given = features[:1] if only_reported else features

    assert code in codes(question(form), form, features=given)


def test_objects_without_a_kind_are_shown_by_the_last_entry():
    assert codes(question(), features=served(properties={"soort": None})) == set()


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("arguments", None, "argument_missing"),
        ("arguments.srs_name", "", "argument_missing"),
        ("arguments.base_url", "/layers/masten/wfs", "endpoint_relative"),
        ("arguments.base_url", "http://localhost/layers/masten/wfs", "endpoint_this_machine"),
        ("arguments.base_url", "https://proxy.nl/layers/masten/wfs?token=1", "base_url_query"),
        ("arguments.base_url", "https://proxy.nl/layers/masten/features", "endpoint_elsewhere"),
        ("arguments.type_names", "app:container", "type_names_other"),
        ("arguments.filter", "<Filter>{west} {south} {east} {north}</Filter>", "filter_placeholder"),
        ("arguments.filter", "<Filter>{west} {south} {east} {north} {srsName} {west}</Filter>", "filter_placeholder"),
        ("arguments.filter", "<Filter>{west} {south} {east} {north} {srsName}", "filter_xml"),
        ("arguments.icon_entry", "Soort", "property_not_served"),
        ("arguments.icon_entry", "meldingstatus", "icon_entry_not_text"),
        ("arguments.label", "{{ naam }}", "label_spaces"),
        ("arguments.label", "{{nummer}}", "property_not_served"),
    ],
)
def test_fault_of_an_asset_type_is_found(path, value, code):
    assert code in codes(changed(path, value, "meldingen"), "meldingen")


def test_a_bare_filter_with_an_undeclared_prefix_is_fine():
    """It is what the tests of Meldingen contain; servers add the namespaces."""
    text = (
        '<Filter><And><BBOX><gml:Envelope srsName="{srsName}"><gml:lowerCorner>{west} {south}</gml:lowerCorner>'
        "<gml:upperCorner>{east} {north}</gml:upperCorner></gml:Envelope></BBOX></And></Filter>"
    )

    assert codes(changed("arguments.filter", text, "meldingen"), "meldingen") == set()


@pytest.mark.parametrize("value", [None, [], "x", 1, {}, {"featureTypes": [{"icon": 1, "description": 1}]}])
@pytest.mark.parametrize("form", FORMS)
def test_anything_in_a_question_is_read_without_an_error(form, value):
    entry = dict.fromkeys(("idField", "typeField", "typeValue", "icon", "description", "label", "statusField"), value)
    for asked in (
        {"key": value, "field_type": value, "meta": value},
        {"arguments": value},
        {"arguments": {"base_url": value, "filter": value, "label": value, "icon_entry": value}},
        {"meta": {"endpoint": value, "featureTypes": [value, {}], "featureStatusTypes": [{}]}},
        {"meta": {"featureTypes": [entry], "featureStatusTypes": [{**entry, "statusValues": [value]}, value]}},
    ):
        for finding in check_question(asked, LAYER, form):
            assert finding_line(finding, "nl")


def test_every_finding_has_a_reason_and_a_remedy_in_both_languages_with_the_same_details():
    for texts in TEXTS.values():
        for text in texts:
            assert text.nl != text.en or "wfs-proxy" in text.nl
            assert _braces(text.nl) == _braces(text.en)


def _braces(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_a_finding_is_one_line_with_its_place():
    (finding,) = check_question(changed("meta.featureTypes.0.typeValue", 1, "signalen"), LAYER, "signalen")

    assert finding_line(finding, "nl") == (
        'fout: meta.featureTypes[0].typeValue: De objecten hebben "1", en dat is voor het formulier iets anders dan 1. '
        'Schrijf "1", met of zonder aanhalingstekens zoals hier.'
    )
    assert finding_line(finding, "en").startswith("error: meta.featureTypes[0].typeValue: ")
